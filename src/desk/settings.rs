//! `[[team]]` and `[[person]]` of store.toml.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    language::ByLanguage,
    setting::{Delay, OneOrMore},
};

/// `[[team]]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamSettings {
    /// What it is called in this folder.
    pub name: String,
    /// What customers hear it called; its name where absent.
    #[serde(default)]
    pub title: ByLanguage<String>,
    /// The channel of its staff room, by its `id` in channels.toml; `console`, without a `chat`, for a team that has none
    /// and answers on the console's pages, which hears of a customer while one of its people looks at them.
    #[serde(default)]
    pub channel: Option<String>,
    /// Its staff room: the chat on that channel in which it is told of things, and answers. A number, a name, a group's
    /// id.
    #[serde(default)]
    pub chat: Option<String>,
    /// In its staff room, each customer is spoken of in a topic of their own. For a Telegram group with topics, in which the
    /// bot may manage them; elsewhere cards stand in the room itself.
    #[serde(default)]
    pub topics: bool,
    /// The team that this one is a part of, which may be a part of none itself.
    #[serde(default)]
    pub parent: Option<String>,
    /// What its people may do: a role, built in or of `[[role]]`. The one of its own name where absent, else `service`.
    #[serde(default)]
    pub role: Option<String>,
    /// Who of its people gets a new conversation: what is preferred, the first first. Where absent, whoever takes it.
    #[serde(default)]
    pub policy: Vec<Policy>,
    /// Open conversations that each of its people may hold at once, where it is not said of them.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// How soon a person should have answered: `first`, the customer's first words; else a kind of ticket, until it is
    /// closed. Who is named by `escalate` hears when it is not so.
    #[serde(default)]
    pub targets: BTreeMap<String, Delay>,
    /// The team or person who hears of missed targets; `parent` where absent, else the team itself.
    #[serde(default)]
    pub escalate: Option<String>,
}

/// `[[person]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PersonSettings {
    /// What it is called in this folder.
    pub name: String,
    /// The team that this person is of, or several.
    pub team: OneOrMore,
    /// What customers hear it called; its name where absent.
    pub title: ByLanguage<String>,
    /// The channel on which it can be told of things, by its `id` in channels.toml; `console`, without a `chat`, for
    /// somebody who answers on the console's pages.
    pub channel: Option<String>,
    /// Its own chat on that channel: a number, a name.
    pub chat: Option<String>,
    /// The platform's id of this person, by which they are known in staff rooms; `chat` where absent.
    pub account: Option<String>,
    /// What they may do, in place of their teams' role.
    pub role: Option<String>,
    /// Whether they are given conversations by their team's `policy`.
    pub assigned: bool,
    /// Open conversations that they may hold at once; their team's where absent.
    pub capacity: Option<u32>,
    /// What they know best: kinds of tickets, such as `refund`.
    pub skills: Vec<String>,
    /// Customers' tags and tiers that they are for.
    pub tags: Vec<String>,
    /// Channels that they are for.
    pub channels: Vec<String>,
    /// Languages that they speak.
    pub languages: Vec<String>,
}

impl Default for PersonSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            team: OneOrMore::default(),
            title: ByLanguage::default(),
            channel: None,
            chat: None,
            account: None,
            role: None,
            assigned: true,
            capacity: None,
            skills: Vec::new(),
            tags: Vec::new(),
            channels: Vec::new(),
            languages: Vec::new(),
        }
    }
}

/// Whom to prefer. Where nobody fits, the next decides; in the end whoever has least to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Who holds the fewest conversations.
    LeastLoaded,
    /// Who was given none for longest.
    RoundRobin,
    /// Who had this customer last.
    LastKnown,
    /// Who knows best what it is about: the kind of its ticket.
    Skill,
    /// Who is for one of the customer's tags or tiers.
    Tag,
    /// Who is for the customer's channel.
    Channel,
    /// Who speaks the customer's language.
    Language,
}
