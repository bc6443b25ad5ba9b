use serde::{Deserialize, Serialize};

use super::{Address, Media};

/// Something that waits for a person: a row of the list that the morning shift works through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ticket {
    /// Short and sayable; unique in the store, and the same however often its event is decided.
    pub id: String,
    /// What it is about: `complaint`, `refund`, `question`.
    pub kind: String,
    pub urgency: Urgency,
    /// The conversation it came from.
    pub address: Address,
    /// Other conversations of the same contact in which it was said as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The order it is about, where a shop's report or the customer names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderName>,
    /// What a person needs to know.
    pub text: String,
    /// Where it was said and shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The team or person it waits for, where somebody was named.
    pub owner: Option<String>,
    pub state: TicketState,
    pub opened_ms: i64,
    /// By when the store wants it done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_ms: Option<i64>,
    /// When whoever it waits for was told that it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalated_ms: Option<i64>,
    /// When the customer was told that it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_ms: Option<i64>,
    /// `None` while it is open.
    pub closed_ms: Option<i64>,
}

/// How far a ticket has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// Nobody has taken it yet.
    #[default]
    Open,
    /// Somebody works on it.
    Taken,
    /// It waits for somebody else: the customer, the courier, the maker.
    Waiting,
    Done,
    /// Closed, for there was nothing to do.
    Dropped,
}

/// An order by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderName {
    pub shop: String,
    pub id: String,
}

/// An event that a ticket came from, by what `nightclerk explain` finds it by. Its words stand there; pictures and files by
/// reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    pub channel: String,
    /// The event's own id.
    pub event: String,
    pub at_ms: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
}

impl Ticket {
    pub fn is_open(&self) -> bool {
        self.closed_ms.is_none()
    }

    /// Whether it should have been done by now, and waits for nobody else.
    pub fn is_overdue(&self, now_ms: i64) -> bool {
        self.is_open() && self.state != TicketState::Waiting && self.due_ms.is_some_and(|due| due <= now_ms)
    }

    /// All conversations in which it was said.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.address).chain(&self.also)
    }
}

/// How soon somebody must look. The highest goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    #[default]
    Normal,
    /// A complaint, a parcel that did not arrive, money that hangs.
    Urgent,
}
