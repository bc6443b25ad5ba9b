//! The durable store: one log of events and decisions, and the views the clerk works from.
//!
//! Writes go through one writer that commits everything waiting as one group; a caller learns that its
//! write is durable when the receiver it got resolves. Reads happen apart and see committed state only.

mod sqlite;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::model::{Address, Content, Conversation, Decision, Event, Order, ReplyContext};

pub use sqlite::SqliteStore;

/// One event with what was decided about it: durable as a whole, or not at all.
#[derive(Clone, Debug)]
pub struct Decided {
    pub event: Event,
    pub decision: Decision,
    /// The messages its replies became, in order.
    pub messages: Vec<NewMessage>,
    pub received_ms: i64,
    /// The store's `epoch` when the decision began; a stale one is refused with `StoreError::Stale`.
    pub epoch: u64,
}

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
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// Ascending in commit order.
    pub id: i64,
    pub message: NewMessage,
    pub attempts: u32,
    pub state: MessageState,
    pub last_error: Option<String>,
    pub created_ms: i64,
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

/// What became of a commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// The event's id in the log, and its messages as queued.
    New { event_id: i64, queued: Vec<Queued> },
    /// The event was in the log already; nothing was written. Its messages as they are now.
    Duplicate { event_id: i64, queued: Vec<Queued> },
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

/// A timer that is due or will be.
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

/// One logged event with its decision, for `explain`.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub id: i64,
    pub received_ms: i64,
    pub event: Event,
    pub decision: Decision,
    pub queued: Vec<Queued>,
}

#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
pub enum StoreError {
    /// Another process has it, it is damaged, of a newer version, or the system refuses.
    #[error("the store cannot be opened: {0}")]
    Open(String),
    #[error("the store could not write: {0}")]
    Write(String),
    #[error("the store could not read: {0}")]
    Read(String),
    /// An earlier commit failed after this decision had begun; decide again.
    #[error("the decision was made on state that was never committed")]
    Stale,
    #[error("the store is closed")]
    Closed,
}

pub type Pending<T> = oneshot::Receiver<Result<T, StoreError>>;

/// What the rest of the daemon asks of a store. All methods may block on disk for a moment, except that
/// the writing ones return at once and resolve when durable.
pub trait Store: Send + Sync {
    /// Counts failed commits; read it before deciding.
    fn epoch(&self) -> u64;
    /// Appends an event with its decision. A `Timer` event also removes its timer.
    fn commit(&self, decided: Decided) -> Pending<Committed>;
    /// Resolves when everything handed in before is durable (or failed).
    fn barrier(&self) -> Pending<()>;
    /// Records what became of a message; grouped with other writes. Only a pending message is postponed or dies,
    /// only a dead one is retried, neither a sent one is dropped: such is refused with `StoreError::Write`.
    fn settle(&self, id: i64, settlement: Settlement) -> Pending<()>;
    /// Forgets the dedupe ids of events received before `before_ms`, and the details of their messages that are
    /// sent or dropped: those then have an empty text and are no longer in the transcript. Works in bounded
    /// batches, with other writes between them; resolves when all is forgotten.
    fn prune(&self, before_ms: i64) -> Pending<()>;

    /// The log id of an event that is committed, if it is.
    fn find_event(&self, channel: &str, dedupe: &str) -> Result<Option<i64>, StoreError>;
    fn conversation(&self, address: &Address) -> Result<Option<Conversation>, StoreError>;
    fn order(&self, shop: &str, id: &str) -> Result<Option<Order>, StoreError>;
    /// Newest first, by when the clerk first heard of them.
    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Order>, StoreError>;
    fn kv(&self, plugin: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Bytes of keys and values a plugin holds.
    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError>;
    /// Due at or before `now_ms`: by due time, then highest priority first, then id.
    fn due_timers(&self, now_ms: i64, limit: usize) -> Result<Vec<Timer>, StoreError>;
    fn next_due_ms(&self) -> Result<Option<i64>, StoreError>;
    /// All pending messages with an id above `after`, in id order.
    fn pending(&self, after: i64, limit: usize) -> Result<Vec<Queued>, StoreError>;
    /// Dead letters, newest first.
    fn dead(&self, limit: usize) -> Result<Vec<Queued>, StoreError>;
    fn message(&self, id: i64) -> Result<Option<Queued>, StoreError>;
    /// The messages one event led to, in order, as they are now.
    fn messages_of(&self, event_id: i64) -> Result<Vec<Queued>, StoreError>;
    /// Messages to one address with an id above `after`, in order, whatever their state; without those whose
    /// details are forgotten.
    fn transcript(&self, address: &Address, after: i64, limit: usize) -> Result<Vec<Queued>, StoreError>;
    /// The event that a log id, an outbox id (`out:12`), an idempotency key, a platform message id or a
    /// dedupe id names; the newest where several match.
    fn explain(&self, reference: &str) -> Result<Option<Logged>, StoreError>;
    /// Finishes what is queued and closes.
    fn close(&self);
}
