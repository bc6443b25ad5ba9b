use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Something a plugin may ask or do: wished for in its manifest, granted in `plugins.toml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Capability {
    /// Answer the customer, or deliberately not.
    Reply,
    /// Write to a person or team of the store.
    Notify,
    Tag,
    Remark,
    Timer,
    Assign,
    Transfer,
    Ticket,
    AskSatisfaction,
    /// Look orders up.
    Orders,
    /// Look products up.
    Catalogue,
    /// A key-value space of its own.
    Kv,
    /// Call this host: `api.example.com`, or with a port where it is not the scheme's own.
    Http(String),
}

/// The word of every capability but `Http`.
const WORDS: [(&str, Capability); 12] = [
    ("reply", Capability::Reply),
    ("notify", Capability::Notify),
    ("tag", Capability::Tag),
    ("remark", Capability::Remark),
    ("timer", Capability::Timer),
    ("assign", Capability::Assign),
    ("transfer", Capability::Transfer),
    ("ticket", Capability::Ticket),
    ("ask-satisfaction", Capability::AskSatisfaction),
    ("orders", Capability::Orders),
    ("catalogue", Capability::Catalogue),
    ("kv", Capability::Kv),
];

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(host) => write!(f, "http:{host}"),
            plain => {
                let word = WORDS.iter().find(|(_, capability)| capability == plain).map_or("", |(word, _)| word);
                f.write_str(word)
            }
        }
    }
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, capability)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(capability.clone());
        }
        match text.strip_prefix("http:") {
            Some(host) if is_host(host) => Ok(Self::Http(host.to_owned())),
            Some(host) => Err(format!(
                "`{host}` is not a host: write it in lower case, without scheme or path, as in `http:api.example.com`"
            )),
            None => {
                let words: Vec<_> = WORDS.iter().map(|(word, _)| *word).collect();
                Err(format!("`{text}` is not a capability; there are {} and `http:<host>`", words.join(", ")))
            }
        }
    }
}

impl TryFrom<String> for Capability {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> Self {
        capability.to_string()
    }
}

/// A host name or IPv4 address in lower case, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_reads_as_it_prints() {
        for text in WORDS.iter().map(|(word, _)| *word).chain(["http:api.example.com", "http:127.0.0.1:8080"]) {
            assert_eq!(text.parse::<Capability>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_capability_is_refused() {
        for text in [
            "",
            "Reply",
            "everything",
            "http:",
            "http:*",
            "http:*.example.com",
            "http:https://example.com",
            "http:example.com/path",
            "http:user@example.com",
            "http:Example.com",
            "http:example.com:99999",
            "http:example.com:",
            "http:a..b",
        ] {
            assert!(text.parse::<Capability>().is_err(), "{text}");
        }
    }
}
