//! What a plugin may ask or do: wished for in its manifest, granted in `plugins.toml`, each with an argument where
//! that narrows it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::web_place::WebPlace;
use crate::setting::written_as_text;

/// Something a plugin may ask or do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Capability {
    /// Answer the customer, or deliberately not.
    Reply,
    /// Write to a person or team of the store: to this one, or to any.
    Notify(Option<String>),
    Tag,
    Remark,
    Timer,
    Assign,
    Transfer,
    Ticket,
    AskSatisfaction,
    /// Look up the orders of the customer at hand.
    Orders,
    /// Look up anybody's orders.
    AnyOrders,
    /// Look products up.
    Catalogue,
    /// A key-value space of its own.
    Kv,
    /// Call this host, or only below this path of it.
    Http(WebPlace),
}

written_as_text!(Capability, "capability");

/// The word of every capability that takes no argument.
const WORDS: [(&str, Capability); 13] = [
    ("reply", Capability::Reply),
    ("notify", Capability::Notify(None)),
    ("tag", Capability::Tag),
    ("remark", Capability::Remark),
    ("timer", Capability::Timer),
    ("assign", Capability::Assign),
    ("transfer", Capability::Transfer),
    ("ticket", Capability::Ticket),
    ("ask-satisfaction", Capability::AskSatisfaction),
    ("orders", Capability::Orders),
    ("orders:any", Capability::AnyOrders),
    ("catalogue", Capability::Catalogue),
    ("kv", Capability::Kv),
];
/// Bytes of the name in `notify:<name>`.
const MAX_NAME: usize = 256;

impl Capability {
    /// Whether who has this has `other` too.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Notify(None), Self::Notify(_)) | (Self::AnyOrders, Self::Orders) => true,
            (Self::Http(place), Self::Http(other)) => place.covers(other),
            (one, other) => one == other,
        }
    }

    /// Whom it lets a plugin tell of things, where that is one person or team.
    pub fn told(&self) -> Option<&str> {
        match self {
            Self::Notify(to) => to.as_deref(),
            _ => None,
        }
    }

    /// What is both wished for and granted: the narrower of the two, where one covers the other.
    pub fn meet(wish: &Self, grant: &Self) -> Option<Self> {
        if grant.covers(wish) {
            Some(wish.clone())
        } else if wish.covers(grant) {
            Some(grant.clone())
        } else {
            None
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notify(Some(to)) => write!(f, "notify:{to}"),
            Self::Http(place) => write!(f, "http:{place}"),
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
        match text.split_once(':') {
            Some(("http", place)) => place.parse().map(Self::Http),
            Some(("notify", to)) if is_recipient(to) => Ok(Self::Notify(Some(to.to_owned()))),
            Some(("notify", to)) => {
                Err(format!("`{to}` is no name of a person or team: write it as in `notify:warehouse`"))
            }
            _ => {
                let words: Vec<_> = WORDS.iter().map(|(word, _)| *word).collect();
                Err(format!(
                    "`{text}` is not a capability; there are {}, `notify:<person or team>` and `http:<host>`",
                    words.join(", ")
                ))
            }
        }
    }
}

fn is_recipient(text: &str) -> bool {
    text == text.trim() && (1..=MAX_NAME).contains(&text.len()) && !text.chars().any(char::is_control)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn capability(text: &str) -> Capability {
        text.parse().unwrap()
    }

    #[test]
    fn every_capability_reads_as_it_prints() {
        let with_arguments =
            ["http:api.example.com", "http:127.0.0.1:8080/v1/rates", "notify:warehouse", "notify:仓库"];
        for text in WORDS.iter().map(|(word, _)| *word).chain(with_arguments) {
            assert_eq!(capability(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_capability_is_refused() {
        for text in ["", "Reply", "everything", "http:", "notify:", "notify: x", "notify:a\nb", "orders:all", "kv:mine"]
        {
            assert!(text.parse::<Capability>().is_err(), "{text}");
        }
    }

    #[test]
    fn of_wish_and_grant_the_narrower_holds() {
        for (wish, grant, both) in [
            ("notify", "notify:warehouse", Some("notify:warehouse")),
            ("notify:warehouse", "notify", Some("notify:warehouse")),
            ("notify:warehouse", "notify:sales", None),
            ("orders", "orders:any", Some("orders")),
            ("orders:any", "orders", Some("orders")),
            ("orders:any", "orders:any", Some("orders:any")),
            ("http:a.example", "http:a.example/v1", Some("http:a.example/v1")),
            ("http:a.example/v1", "http:a.example", Some("http:a.example/v1")),
            ("http:a.example/v1", "http:a.example/v2", None),
            ("reply", "tag", None),
        ] {
            let met = Capability::meet(&capability(wish), &capability(grant)).map(|it| it.to_string());
            assert_eq!(met.as_deref(), both, "{wish} and {grant}");
        }
    }
}
