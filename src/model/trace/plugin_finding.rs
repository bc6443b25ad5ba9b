use std::{fmt, sync::LazyLock};

use regex::Regex;
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

/// Where a script failed, with which the engine begins what it says, and the kind of error.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^([A-Za-z0-9_.-]{1,80}\.m?[jt]s:\d{1,7}(?::\d{1,7})?): (?:([A-Za-z]{0,40}Error): )?").ok()
});
/// The same where it ran out of time.
static SPENT_AT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^at ([A-Za-z0-9_.-]{1,80}\.m?[jt]s:\d{1,7}(?::\d{1,7})?)").ok());

impl Failure {
    /// The same without what the plugin says in words of its own, which may be a customer's: for logs, metrics and alerts.
    /// What kind of failure it is stays, and where in its author's source.
    pub fn without_words(&self) -> Self {
        let found = |pattern: &Option<Regex>, text: &str| -> (Option<String>, Option<String>) {
            let found = pattern.as_ref().and_then(|it| it.captures(text));
            let part = |at| found.as_ref().and_then(|it| it.get(at)).map(|it| it.as_str().to_owned());
            (part(1), part(2))
        };
        match self {
            Self::Said(why) => Self::Said(match found(&PLACE, why) {
                (Some(place), Some(kind)) => format!("{place}: {kind}"),
                (Some(place), None) => place,
                _ => UNTOLD.to_owned(),
            }),
            Self::OvertimeAt(place) => match found(&SPENT_AT, place) {
                (Some(place), _) => Self::OvertimeAt(format!("at {place}")),
                _ => Self::Overtime,
            },
            // The host's own words.
            other => other.clone(),
        }
    }
}

/// In place of a plugin's own words.
const UNTOLD: &str = "`nightclerk plugin logs` shows its own words";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_by_its_kind_and_place_without_what_the_plugin_says() {
        for (said, told) in [
            (
                "hello.js:4:11: TypeError: cannot read 王小明 (called at hello.js:9:2)",
                "failed: hello.js:4:11: TypeError",
            ),
            ("hello.ts:4: Error: 13800138000", "failed: hello.ts:4: Error"),
            ("hello.js:4:11: the text \"13800138000\" was thrown", "failed: hello.js:4:11"),
            ("no order of 王小明 in hello.js:4:11: it", "failed: `nightclerk plugin logs` shows its own words"),
            ("", "failed: `nightclerk plugin logs` shows its own words"),
        ] {
            assert_eq!(Failure::Said(said.to_owned()).without_words().to_string(), told, "{said}");
        }
        let at = |place: &str| Failure::OvertimeAt(place.to_owned()).without_words().to_string();
        assert_eq!(at("at hello.js:3:5 or a little after 王小明"), "ran out of time at hello.js:3:5");
        assert_eq!(at("王小明"), "ran out of time");
        let refused = Failure::Refused("add \"tag\" to the grants of [hello] in plugins.toml".to_owned());
        assert_eq!(refused.without_words(), refused, "the host's own words stay");
    }
}
