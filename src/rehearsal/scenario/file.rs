//! A file of scenarios, as an owner writes it.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::when::{Day, When};
use crate::{
    language::Tag,
    model::{OrderChange, OrderItem},
    setting::{Delay, nearest},
};

/// `tests/*.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// The day on which scenarios begin that name none.
    pub date: Option<Day>,
    #[serde(default)]
    pub scenario: Vec<Spanned<Scenario>>,
    /// What answers for the outside in all of them.
    #[serde(default)]
    pub outside: Vec<Outside>,
}

/// One story.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    /// When it begins; at ten in the morning where it does not say.
    pub at: Option<When>,
    /// The id of a channel of channels.toml; the first one there unless given.
    pub channel: Option<Spanned<String>>,
    /// The customer's name; none unless given.
    pub customer: Option<String>,
    /// What the platform says they read.
    pub language: Option<Tag>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// They wrote before, and have been welcomed.
    #[serde(default)]
    pub known: bool,
    #[serde(default)]
    pub outside: Vec<Outside>,
    #[serde(default)]
    pub step: Vec<Spanned<Step>>,
}

/// Something that happens, and what is expected of the clerk then.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// So long after the step before.
    pub after: Option<Delay>,
    /// At the next time of this kind.
    pub at: Option<Spanned<When>>,
    /// Somebody else than the customer of the scenario, by a name of any kind.
    pub who: Option<String>,
    pub says: Option<String>,
    /// A picture, voice, sticker, with or without words.
    pub sends: Option<Sent>,
    #[serde(default)]
    pub opens: bool,
    pub order: Option<Spanned<OrderReport>>,
    pub staff: Option<StaffDoes>,

    /// Words that occur in what the customer is told.
    pub contains: Option<Spanned<Texts>>,
    /// Words that do not.
    pub lacks: Option<Spanned<Texts>>,
    /// What the customer is told, word for word.
    pub answer: Option<Spanned<String>>,
    /// What the customer meant.
    pub intent: Option<Spanned<String>>,
    /// Who answered: `rule:late`, `plugin:greeting`, `orders`.
    pub by: Option<Spanned<String>>,
    #[serde(default)]
    pub actions: Vec<Spanned<ActionWords>>,
    /// The kind of a ticket that is opened.
    pub ticket: Option<Spanned<String>>,
    /// The customer is told nothing.
    pub silent: Option<Spanned<bool>>,
}

impl Step {
    /// How many things happen in it.
    pub fn deeds(&self) -> usize {
        let said = self.says.is_some() || self.sends.is_some();
        [said, self.opens, self.order.is_some(), self.staff.is_some()].into_iter().filter(|it| *it).count()
    }
}

/// One text, or a list of them.
#[derive(Clone, Debug)]
pub struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes, or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// What can be sent beside words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sent {
    Image,
    Audio,
    Video,
    File,
    Sticker,
    Location,
    Contact,
}

impl Sent {
    /// The word that channels have for it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Contact => "contact",
        }
    }
}

/// What a person of the store does with the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaffDoes {
    Takes,
    Returns,
}

/// What a shop reports of an order; what it leaves out stays as it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderReport {
    pub id: String,
    /// `placed`, `paid`, `shipped`, …
    pub is: OrderWord,
    /// The id of the channel that reports it; the first shop of channels.toml unless given.
    pub shop: Option<Spanned<String>>,
    pub total: Option<Spanned<String>>,
    pub currency: Option<String>,
    pub name: Option<String>,
    /// The last digits of the telephone number.
    pub phone_tail: Option<String>,
    #[serde(default)]
    pub items: Vec<OrderItem>,
    pub payment_url: Option<String>,
    pub on_delivery: Option<bool>,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub tracking_url: Option<String>,
    /// How much went back.
    pub refund: Option<Spanned<String>>,
    pub rating: Option<u8>,
    pub text: Option<String>,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderWord(pub OrderChange);

const ORDER_WORDS: [(&str, OrderChange); 10] = [
    ("placed", OrderChange::Placed),
    ("paid", OrderChange::Paid),
    ("shipped", OrderChange::Shipped),
    ("delivered", OrderChange::Delivered),
    ("cancelled", OrderChange::Cancelled),
    ("refund-requested", OrderChange::RefundRequested),
    ("refund-withdrawn", OrderChange::RefundWithdrawn),
    ("refund-refused", OrderChange::RefundRefused),
    ("refunded", OrderChange::RefundSettled),
    ("reviewed", OrderChange::ReviewPosted),
];

impl OrderWord {
    /// As it is written.
    pub fn word(change: OrderChange) -> &'static str {
        ORDER_WORDS.iter().find(|(_, it)| *it == change).map_or("placed", |(word, _)| word)
    }
}

impl FromStr for OrderWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.replace([' ', '_'], "-");
        match ORDER_WORDS.iter().find(|(known, _)| *known == word) {
            Some((_, change)) => Ok(Self(*change)),
            None => Err(unknown("nothing that becomes of an order", text, &ORDER_WORDS.map(|(word, _)| word))),
        }
    }
}

impl<'de> Deserialize<'de> for OrderWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An action in words: `tag vip`, `notify warehouse`, `assign presales`, or its first word alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionWords(pub String);

/// The first words of actions.
pub const ACTIONS: [&str; 12] = [
    "reply",
    "notify",
    "tag",
    "untag",
    "remark",
    "set-timer",
    "cancel-timer",
    "assign",
    "transfer",
    "open-ticket",
    "close-ticket",
    "ask-satisfaction",
];

impl<'de> Deserialize<'de> for ActionWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = words.split(' ').next().unwrap_or_default();
        if ACTIONS.contains(&first) {
            Ok(Self(words))
        } else {
            Err(de::Error::custom(unknown("no action", first, &ACTIONS)))
        }
    }
}

fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let advice = match nearest(text, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    crate::setting::advised(&format!("`{text}` is {what}"), &advice)
}

/// What somebody outside answers to plugins.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Where: a URL, or its beginning.
    pub url: String,
    /// Of requests with this method alone.
    pub method: Option<String>,
    /// Of requests with these words in their body alone.
    pub asked: Option<String>,
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub body: String,
    /// It answers nothing, for this reason.
    pub fails: Option<String>,
}

fn ok() -> u16 {
    200
}
