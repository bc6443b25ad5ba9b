//! How long something takes, as people write it: `500ms`, `10s`, `2m 30s`, `1d 6h`.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::written_as_text;

/// How long to wait. A day is 24 hours, a week seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delay {
    ms: i64,
}

/// The units it is written in, the longest first.
const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Delay {
    pub const fn minutes(minutes: i64) -> Self {
        Self { ms: minutes * 60_000 }
    }

    pub const fn seconds(seconds: i64) -> Self {
        Self { ms: seconds * 1000 }
    }

    /// Of so many milliseconds; the longest there is for more.
    pub fn ms(ms: u64) -> Self {
        Self { ms: i64::try_from(ms).unwrap_or(i64::MAX) }
    }

    /// Never negative.
    pub fn as_ms(self) -> i64 {
        self.ms
    }
}

impl From<Delay> for Duration {
    fn from(delay: Delay) -> Self {
        Self::from_millis(delay.ms.unsigned_abs())
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is not a duration; write it like \"500ms\", \"30m\", \"12h\" or \"3d\"");
        let span: Span = text.parse().map_err(|_| bad())?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
        let ms = i64::try_from(duration.as_millis()).map_err(|_| bad())?;
        if ms < 0 { Err(format!("`{text}` is negative; a duration goes forward")) } else { Ok(Self { ms }) }
    }
}

impl fmt::Display for Delay {
    /// In the longest unit of which there is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, ms) = UNITS.into_iter().find(|(_, ms)| self.ms != 0 && self.ms % ms == 0).unwrap_or(("s", 1));
        write!(f, "{}{unit}", self.ms / ms)
    }
}

impl Serialize for Delay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

written_as_text!(Delay, "duration, such as \"500ms\", \"30m\", \"12h\", \"3d\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["100ms", "1500ms", "10s", "90m", "12h", "400d", "0s"] {
            assert_eq!(text.parse::<Delay>().unwrap().to_string(), text);
        }
        assert_eq!("24h".parse::<Delay>().unwrap().to_string(), "1d");
        assert_eq!("1d 6h".parse::<Delay>().unwrap(), Delay::minutes(30 * 60));
        for wrong in ["soon", "-1s", "10", "1 month"] {
            assert!(wrong.parse::<Delay>().is_err(), "{wrong}");
        }
    }
}
