//! The body: `{"type": …, "timestamp": …, "data": {…}}`.

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// A body whose `data` is not read yet.
#[derive(Deserialize)]
pub struct Envelope<'a> {
    /// `message.received`, `order.paid`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// As the sender wrote it.
    #[serde(default)]
    pub timestamp: Option<Value>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// # Errors
    /// What is wrong with the body, for the developer at the other end.
    pub fn read(body: &'a [u8]) -> Result<Self, String> {
        // Some senders' tools put a byte order mark before it (RFC 8259, section 8.1).
        serde_json::from_slice(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).map_err(|error| error.to_string())
    }

    /// When it was sent, by the sender's clock, and by Greenwich where it names no zone; `None` where it says nothing that
    /// can be read.
    pub fn at_ms(&self) -> Option<i64> {
        let text = self.timestamp.as_ref()?.as_str()?;
        let without_zone = || text.parse::<civil::DateTime>().and_then(|time| Offset::UTC.to_timestamp(time));
        text.parse().or_else(|_| without_zone()).ok().map(Timestamp::as_millisecond)
    }

    /// Reads `data` as what the type says it holds.
    ///
    /// # Errors
    /// As for `read`.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, String> {
        let data = self.data.map_or("{}", RawValue::get);
        serde_json::from_str(data).map_err(|error| format!("data: {error}"))
    }
}

/// An id or amount: shop systems write them as texts or as numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a number")]
pub enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

/// The value as text, unless it is absent or empty.
pub fn text_of(value: Option<Scalar>) -> Option<String> {
    match value? {
        Scalar::Text(text) => Some(text).filter(|text| !text.is_empty()),
        Scalar::Number(number) => Some(number.to_string()),
    }
}
