//! Messages on their way out, and timers.

use serde::{Deserialize, Serialize};

use crate::model::{Address, Content, Event, EventKind, ReplyContext, TimerFired};

/// A message on its way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewMessage {
    pub address: Address,
    pub content: Content,
    pub context: ReplyContext,
    /// A UUID derived from the event, so that deciding again gives the same.
    pub key: String,
    /// Do not send before; 0 for at once.
    pub not_before_ms: i64,
    /// A notice the clerk sends on its own (a reminder), not an answer: never sent twice on a doubt.
    pub notice: bool,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Queued {
    /// Ascending within one conversation.
    pub id: i64,
    pub message: NewMessage,
    pub attempts: u32,
    /// Attempts after which nobody knows whether the platform took it.
    pub doubts: u32,
    pub state: MessageState,
    pub last_error: Option<String>,
    pub created_ms: i64,
    pub delivery: Delivery,
}

/// What the platform said of a message after it took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub delivered_ms: Option<i64>,
    pub read_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    Pending,
    Sent,
    /// Given up; waits for a person to retry or drop it.
    Dead,
    Dropped,
}

/// What the outbox learned about a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Settlement {
    Sent {
        platform_id: Option<String>,
        at_ms: i64,
    },
    /// Tried and to be tried again.
    Postponed {
        attempts: u32,
        doubts: u32,
        not_before_ms: i64,
        error: String,
    },
    Dead {
        attempts: u32,
        error: String,
    },
    /// A person asked for another try, or gave it up.
    Retry,
    Dropped,
}

/// What a platform says, later, of a message it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub channel: String,
    /// The platform's id of the message, as its send call returned it.
    pub platform_id: String,
    /// The platform's word, lower case: `sent`, `delivered`, `read`, `failed`.
    pub status: String,
    pub error: Option<String>,
    pub at_ms: i64,
}

/// A chat that the platform gave another id; the address stays the conversation's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub address: Address,
    /// Where it is now.
    pub chat: String,
}

/// A timer that is due.
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    pub id: i64,
    pub address: Address,
    pub owner: String,
    pub key: String,
    pub due_ms: i64,
    pub priority: i64,
    pub payload: serde_json::Value,
}

impl Timer {
    /// The event that it becomes when it is due; the same timer always gives the same.
    pub fn into_event(self) -> Event {
        Event {
            channel: "clerk".to_owned(),
            dedupe: format!("timer:{}:{}", self.id, self.due_ms),
            address: self.address,
            at_ms: self.due_ms,
            kind: EventKind::Timer(TimerFired {
                key: self.key,
                due_ms: self.due_ms,
                owner: self.owner,
                payload: self.payload,
            }),
        }
    }
}
