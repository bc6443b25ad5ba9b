use std::fmt;

use serde::{Deserialize, Serialize};

/// What a plugin asked the host: a function of the contract, and what it was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The function's name in the contract: `find-order`.
    pub call: String,
    /// In the host's words, without what a customer said: `` `A1` ``, `(12 characters)`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// Why a call of a plugin came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "why", rename_all = "snake_case")]
pub enum Failure {
    /// It answered with an error of its own.
    Said(String),
    /// It ran out of time.
    Overtime,
    /// It ran out of time, and says where.
    OvertimeAt(String),
    /// It broke a limit of the host's: it asked too often, or handed over too much.
    Limit(String),
    /// It trapped.
    Trapped(String),
    /// A hook is of another shape than the contract's.
    Shape(String),
    /// Its answer may not be carried out.
    Refused(String),
}

impl From<&str> for Question {
    /// The first word is the function, the rest what it was about.
    fn from(text: &str) -> Self {
        let (call, about) = text.split_once(' ').unwrap_or((text, ""));
        Self { call: call.to_owned(), about: about.to_owned() }
    }
}

impl From<String> for Question {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.about.as_str() {
            "" => f.write_str(&self.call),
            about => write!(f, "{} {about}", self.call),
        }
    }
}

impl fmt::Display for Failure {
    /// What it did, to stand behind "it": `trapped: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(why) => write!(f, "failed: {why}"),
            Self::Overtime => f.write_str("ran out of time"),
            Self::OvertimeAt(place) => write!(f, "ran out of time {place}"),
            Self::Limit(why) => write!(f, "was stopped: {why}"),
            Self::Trapped(why) => write!(f, "trapped: {why}"),
            Self::Shape(why) => write!(f, "has a hook of another shape than the contract's: {why}"),
            Self::Refused(why) => write!(f, "gave an answer that is refused: {why}"),
        }
    }
}
