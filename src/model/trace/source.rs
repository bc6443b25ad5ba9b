use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

const RULE: &str = "rule:";
const PLUGIN: &str = "plugin:";

/// Who took a step: a rule of the store's, a plugin, or a part of the engine.
///
/// Written `rule:returns`, `plugin:greeting`, `schedule`, in print as in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Source {
    /// By its id in rules.toml.
    Rule(String),
    /// By its name.
    Plugin(String),
    Engine(Part),
}

/// A part of the engine that answers, or decides whether anything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Catalogue,
    Contacts,
    Entities,
    Fallback,
    Intents,
    Limits,
    Lines,
    Media,
    Menu,
    Notices,
    Orders,
    Phrases,
    Routing,
    Schedule,
    Status,
    Tickets,
    Timers,
    Welcome,
}

/// A text that names no source.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names no source of a step: write `rule:` with an id, `plugin:` with a name, or a part of the engine")]
pub struct UnknownSource(String);

impl Part {
    const ALL: [Self; 18] = [
        Self::Catalogue,
        Self::Contacts,
        Self::Entities,
        Self::Fallback,
        Self::Intents,
        Self::Limits,
        Self::Lines,
        Self::Media,
        Self::Menu,
        Self::Notices,
        Self::Orders,
        Self::Phrases,
        Self::Routing,
        Self::Schedule,
        Self::Status,
        Self::Tickets,
        Self::Timers,
        Self::Welcome,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Contacts => "contacts",
            Self::Entities => "entities",
            Self::Fallback => "fallback",
            Self::Intents => "intents",
            Self::Limits => "limits",
            Self::Lines => "lines",
            Self::Media => "media",
            Self::Menu => "menu",
            Self::Notices => "notices",
            Self::Orders => "orders",
            Self::Phrases => "phrases",
            Self::Routing => "routing",
            Self::Schedule => "schedule",
            Self::Status => "status",
            Self::Tickets => "tickets",
            Self::Timers => "timers",
            Self::Welcome => "welcome",
        }
    }
}

impl Source {
    pub fn rule(id: impl Into<String>) -> Self {
        Self::Rule(id.into())
    }
}

impl From<Part> for Source {
    fn from(part: Part) -> Self {
        Self::Engine(part)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Padded as a whole: steps are printed in columns.
        match self {
            Self::Rule(id) => f.pad(&format!("{RULE}{id}")),
            Self::Plugin(name) => f.pad(&format!("{PLUGIN}{name}")),
            Self::Engine(part) => f.pad(part.name()),
        }
    }
}

impl FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        if let Some(id) = text.strip_prefix(RULE) {
            return Ok(Self::Rule(id.to_owned()));
        }
        if let Some(name) = text.strip_prefix(PLUGIN) {
            return Ok(Self::Plugin(name.to_owned()));
        }
        let part = Part::ALL.into_iter().find(|part| part.name() == text);
        part.map(Self::Engine).ok_or_else(|| UnknownSource(text.to_owned()))
    }
}

impl TryFrom<String> for Source {
    type Error = UnknownSource;

    fn try_from(text: String) -> Result<Self, UnknownSource> {
        text.parse()
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
