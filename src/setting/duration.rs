//! Durations as people write them: `500ms`, `10s`, `2m 30s`; and delays, which may be days.

use std::{str::FromStr, time::Duration};

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de};

/// Reads a duration; for `#[serde(deserialize_with)]`.
///
/// # Errors
/// It is none, or goes backward.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: SignedDuration = text.parse().map_err(|_| {
        de::Error::custom(format!("`{text}` is not a duration; write it like \"500ms\", \"10s\" or \"5m\""))
    })?;
    Duration::try_from(parsed).map_err(|_| de::Error::custom(format!("`{text}` is negative; a duration goes forward")))
}

/// How long to wait, as people write it: `30m`, `12h`, `1d 6h`. A day is 24 hours, a week seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    ms: i64,
}

impl Delay {
    pub const fn minutes(minutes: i64) -> Self {
        Self { ms: minutes * 60_000 }
    }

    /// Never negative.
    pub fn as_ms(self) -> i64 {
        self.ms
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is not a duration; write it like \"30m\", \"12h\" or \"3d\"");
        let span: Span = text.parse().map_err(|_| bad())?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
        let ms = i64::try_from(duration.as_millis()).map_err(|_| bad())?;
        if ms < 0 { Err(format!("`{text}` is negative; a duration goes forward")) } else { Ok(Self { ms }) }
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
