use serde::{Deserialize, Serialize};

use super::Address;

/// Something on the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub what: ItemOf,
    pub urgent: bool,
    pub overdue: bool,
    pub since_ms: i64,
    /// By what it is called: a ticket's id, a message's `out:7`, an event's number, an order's number.
    pub id: String,
    /// A ticket's kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    pub channel: String,
    /// Where the customer is spoken to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The team or person it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The beginning of what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What somebody types who takes it up.
    pub command: String,
    /// The console's page of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// What kind of thing waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOf {
    Ticket,
    Conversation,
    Undecided,
    DeadLetter,
    Order,
}

/// What the clerk did while nobody was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alone {
    /// From when on, and until when.
    pub since_ms: i64,
    pub until_ms: i64,
    /// Customers' messages that it answered.
    pub answered: u64,
    /// Those that it handed over, or wrote a ticket of.
    pub handed_over: u64,
    pub reminders: u64,
    /// Other notices of orders.
    pub notices: u64,
}

/// A team is sent the list of what waits, as it comes in. What customers said is not in it: it is read where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MorningCall {
    /// The team or person.
    pub to: String,
    /// When their shift begins.
    pub opens_ms: i64,
    pub items: Vec<Item>,
    pub alone: Alone,
    /// Where the console is in a browser, where the store says so: then its pages are named, else commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    pub console: Option<String>,
}

impl Item {
    pub fn new(what: ItemOf, id: String, channel: &str, since_ms: i64, urgent: bool) -> Self {
        Self {
            what,
            urgent,
            overdue: false,
            since_ms,
            id,
            kind: None,
            channel: channel.to_owned(),
            address: None,
            owner: None,
            said: None,
            command: String::new(),
            path: None,
        }
    }

    /// The same without what would tell who waits.
    pub fn without_people(&self) -> Self {
        let anonymous = Self { address: None, said: None, ..self.clone() };
        match self.what {
            ItemOf::Conversation => Self {
                id: String::new(),
                command: "nightclerk today".to_owned(),
                path: Some("/console/".to_owned()),
                ..anonymous
            },
            _ => anonymous,
        }
    }
}
