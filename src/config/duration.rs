//! Durations as people write them: `500ms`, `10s`, `2m 30s`.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

/// Reads a duration; for `#[serde(deserialize_with)]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed: SignedDuration = text.parse().map_err(|_| {
        de::Error::custom(format!("`{text}` is not a duration; write it like \"500ms\", \"10s\" or \"5m\""))
    })?;
    Duration::try_from(parsed).map_err(|_| de::Error::custom(format!("`{text}` is negative; a duration goes forward")))
}
