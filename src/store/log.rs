//! What the log is handed and what it hands back.

use std::sync::Arc;

use serde::Serialize;

use super::{NewMessage, Queued};
use crate::model::{Action, Address, Basis, Conversation, Decision, Event, Recorded, TraceStep, Version};

/// One event with what was decided about it: durable as a whole, or not at all.
#[derive(Clone, Debug)]
pub struct Decided {
    pub event: Arc<Event>,
    pub decision: Decision,
    /// The messages its replies became, in order.
    pub messages: Vec<NewMessage>,
    pub received_ms: i64,
    /// The rows it was made on, as they were then.
    pub basis: Vec<Basis>,
    /// The version of the rows that it changes.
    pub version: Version,
    /// The event's id in the log, where it was received before.
    pub received: Option<i64>,
}

/// An event whose decision waits for an answer from outside.
#[derive(Clone, Debug)]
pub struct Received {
    pub event: Arc<Event>,
    pub received_ms: i64,
}

/// An event that was received and not decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    pub id: i64,
    pub received_ms: i64,
    pub event: Event,
    /// Answers that came, by number.
    pub recorded: Vec<Recorded>,
}

/// A customer's message, as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Its event's id in the log; ascending within one conversation.
    pub id: i64,
    pub received_ms: i64,
    pub event: Event,
}

/// A conversation as people see it in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub address: Address,
    pub conversation: Conversation,
    /// When something last happened.
    pub last_ms: i64,
    /// What the customer said last, as far as it is among the newest events.
    pub words: Option<String>,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// The event's id in the log, and its messages as queued.
    New { event_id: i64, queued: Vec<Queued> },
    /// The event was in the log already; nothing was written. Its messages as they are now.
    Duplicate { event_id: i64, queued: Vec<Queued> },
}

/// One logged event with its decision, for `explain`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Logged {
    pub id: i64,
    pub received_ms: i64,
    pub event: Event,
    /// What was done; what was said stands in `queued`, and a ticket's words in its row.
    pub actions: Vec<Action>,
    pub trace: Vec<TraceStep>,
    /// Whether it was decided.
    pub decided: bool,
    pub queued: Vec<Queued>,
}
