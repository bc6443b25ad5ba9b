use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A call to somebody outside that a plugin makes while it decides. It is made off the lane: the event waits, the
/// answer is written down, and the event is decided again with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideQuestion {
    /// The plugin that asks.
    pub plugin: String,
    pub method: String,
    /// `http` or `https`, checked against the plugin's grants.
    pub url: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Bytes,
    /// SHA-256 of all of the above, by which its answer is found again.
    pub digest: [u8; 32],
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        #[serde(serialize_with = "write_body", deserialize_with = "read_body")]
        body: Bytes,
    },
    /// Nothing did, and why.
    Failed(String),
}

/// A question with its answer, as the log keeps it. The question is there by its digest alone, for a request may carry
/// a secret; deciding again makes it anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Counts the questions of one event, from 0.
    pub number: u32,
    pub plugin: String,
    pub digest: [u8; 32],
    pub reply: Reply,
}

/// As text where it is text, which most answers are; else in hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Hex(String),
}

fn write_body<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(body) {
        Ok(text) => Body::Text(text.to_owned()),
        Err(_) => Body::Hex(hex::encode(body)),
    }
    .serialize(serializer)
}

fn read_body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    Ok(match Body::deserialize(deserializer)? {
        Body::Text(text) => text.into(),
        Body::Hex(text) => hex::decode(text).map_err(serde::de::Error::custom)?.into(),
    })
}
