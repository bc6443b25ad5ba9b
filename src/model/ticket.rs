use serde::{Deserialize, Serialize};

use super::Address;

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
    /// What a person needs to know.
    pub text: String,
    /// The team or person it waits for, where somebody was named.
    pub owner: Option<String>,
    pub opened_ms: i64,
    /// `None` while it is open.
    pub closed_ms: Option<i64>,
}

impl Ticket {
    pub fn is_open(&self) -> bool {
        self.closed_ms.is_none()
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
