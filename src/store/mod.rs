//! The durable store: one log of events and decisions, and the views the clerk works from.
//!
//! Writes are handed in and return at once; what they give resolves when the write is durable. They are grouped, so
//! that many share one sync to disk. Reads come in two kinds. Those of the `Views` answer a lane, which is a thread of
//! its own and may block; they are the snapshot a decision is made on, and each value comes with its version. All
//! other reads are asked at the edges, by tasks that must not block, and are waited for.
//!
//! Each trait is for one reader. Several daemons may share a store: no order of ids or rows means anything that a
//! second daemon could not see, a decision that was made on a row which has moved since is refused, and what only one
//! may take up (a message, a due timer) is claimed.

mod access;
mod audit;
mod error;
mod log;
mod mail;
mod past;
#[cfg(test)]
mod promises;
mod records;
mod sqlite;

use serde::Serialize;
use tokio::sync::oneshot;

use crate::model::{Address, Contact, ContactKey, Conversation, Order, Recorded, Ticket, Versioned};

pub use access::{Invitation, Session, TokenHash};
pub use audit::Deed;
pub use error::StoreError;
pub use log::{Committed, Decided, Heard, Logged, Received, Seen, Undecided};
pub use mail::{Delivery, MessageState, Move, NewMessage, Queued, Report, Settlement, Timer};
pub use past::{Past, PastEvent, Story, look_back, look_up};
pub use records::{OfContact, Record, Records, records};
pub use sqlite::{RowText, SqlitePast, SqliteStore, backup, is_empty, look_at, restore, undo};

/// What resolves when a write is durable, or a read is done.
pub type Pending<T> = oneshot::Receiver<Result<T, StoreError>>;

/// Waits for it.
///
/// # Errors
/// What the store says, or that it is closed.
pub async fn wait<T>(pending: Pending<T>) -> Result<T, StoreError> {
    pending.await.unwrap_or(Err(StoreError::Closed))
}

/// The log: what happened, and what was decided about it. For the lanes.
pub trait Journal: Send + Sync {
    /// Appends an event with its decision, or decides one that was received. A `Timer` event also removes its timer.
    /// Refused with `StoreError::Stale` where a row of its basis has moved; nothing is written then.
    fn commit(&self, decided: Decided) -> Pending<Committed>;
    /// Appends an event that is decided later, because an answer from outside is awaited.
    fn receive(&self, received: Received) -> Pending<Committed>;
    /// Writes down what the outside answered to a question that deciding the event asks.
    fn record(&self, event_id: i64, recorded: Recorded) -> Pending<()>;
    /// Resolves when everything handed in before is durable (or failed).
    fn barrier(&self) -> Pending<()>;
    /// Writes something that changes nothing, durably: whether events could be kept now.
    fn probe(&self) -> Pending<()>;
    /// The log id of an event that is durable, if it is.
    fn find_event(&self, channel: &str, dedupe: &str) -> Result<Option<i64>, StoreError>;
    /// Events with an id above `after` that were received and not decided, in order.
    fn undecided(&self, after: i64, limit: usize) -> Pending<Vec<Undecided>>;
    /// The event that a log id, an outbox id (`out:12`), an idempotency key, a platform message id or a
    /// dedupe id names; the newest where several match.
    fn explain(&self, reference: &str) -> Pending<Option<Logged>>;
}

/// The rows as they are now. For decisions; a read may block for a moment.
pub trait Views: Send + Sync {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError>;
    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError>;
    /// Newest first, by when the clerk first heard of them.
    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError>;
    /// Orders, whosever they are, whose numbers are alike: the same digits and letters, whatever stands between them and
    /// whatever letters go before.
    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError>;
    fn ticket(&self, id: &str) -> Result<Versioned<Ticket>, StoreError>;
    fn contact(&self, id: &str) -> Result<Versioned<Contact>, StoreError>;
    /// The contact that is found by a key.
    fn contact_by(&self, key: &ContactKey) -> Result<Option<String>, StoreError>;
    /// As `orders_of`, of a contact's other addresses too, and of what shops know of them.
    fn orders_of_contact(
        &self,
        contact: &str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<Versioned<Order>>, StoreError>;
    /// An entry that has not expired by `now_ms`.
    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError>;
    /// A plugin's keys that begin with `prefix` and come after `after`, in order, without those that have expired.
    fn kv_keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;
    /// Bytes of keys and values a plugin holds.
    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError>;
    /// How many timers of `owner` wait in a conversation.
    fn waiting_timers(&self, address: &Address, owner: &str) -> Result<usize, StoreError>;
}

/// Messages on their way out. For the outbox, the web chat and the operator.
pub trait Mailbox: Send + Sync {
    /// Records what became of a message; grouped with other writes. Only a pending message is postponed or dies,
    /// only a dead one is retried, neither a sent one is dropped: such is refused with `StoreError::Conflict`.
    fn settle(&self, id: i64, settlement: Settlement) -> Pending<()>;
    /// Notes what the platform says became of a message that was sent. One that failed after all is a dead letter.
    /// What is said of a message before its own settlement is durable is kept for it. Whether it is news.
    fn report(&self, report: Report) -> Pending<bool>;
    /// Keeps this daemon's claims until then, and claims the pending messages of daemons whose time is over: how many
    /// those were.
    fn hold_claims(&self, now_ms: i64, until_ms: i64) -> Pending<u64>;
    /// Pending messages that this daemon has claimed, with an id above `after`, in id order.
    fn pending(&self, after: i64, limit: usize) -> Pending<Vec<Queued>>;
    /// Dead letters, newest first.
    fn dead(&self, limit: usize) -> Pending<Vec<Queued>>;
    fn message(&self, id: i64) -> Pending<Option<Queued>>;
    /// The messages one event led to, in order, as they are now.
    fn messages_of(&self, event_id: i64) -> Pending<Vec<Queued>>;
    /// Whether something that was said to an address, as the platform tells of it, is one of the last messages there:
    /// by its id, or by its words where that is not known yet.
    fn was_said(&self, address: &Address, platform_id: &str, text: Option<&str>) -> Pending<bool>;
    /// The conversation about which something was said in a room: by the platform's id of what was said there, or by the
    /// key of a message of the event that led to it.
    fn subject_of(&self, room: &Address, reference: &str) -> Pending<Option<Address>>;
    /// Remembers that a chat has another id.
    fn move_chat(&self, moved: Move) -> Pending<()>;
    /// All chats that have; asked once, at the start.
    fn moves(&self) -> Result<Vec<Move>, StoreError>;
    /// The newest messages to one address, at most `limit` and with an id above `after`, in order, whatever their
    /// state; without those whose words are forgotten.
    fn transcript(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Queued>>;
    /// The customer's side: their messages among the newest `limit` events with an id above `after`, in order.
    fn heard(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Heard>>;
}

/// Timers. For the scheduler.
pub trait Agenda: Send + Sync {
    /// Claims timers that are due at `now_ms` and that nobody else has claimed: those without a priority by due time,
    /// then the others, of all that are due the highest priority first; then id. A claim ends with the timer's firing, or at `until_ms`.
    fn claim_due(&self, now_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Timer>>;
    /// When the next timer is due, or its claim ends.
    fn next_due_ms(&self) -> Pending<Option<i64>>;
}

/// Tickets. For people.
pub trait Tickets: Send + Sync {
    /// Open tickets, most urgent first, then oldest.
    fn open_tickets(&self, limit: usize) -> Pending<Vec<Ticket>>;
    fn find_ticket(&self, id: &str) -> Pending<Option<Ticket>>;
    /// Those that were opened from one moment up to before another, oldest first.
    fn tickets_opened(&self, from_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Ticket>>;
    /// Orders of customers of whom it is not known where they are spoken to, newest first.
    fn unreachable_orders(&self, limit: usize) -> Pending<Vec<Order>>;
    /// Events with an id above `after` that were received at `since_ms` or later and decided, in order.
    fn decided_since(&self, since_ms: i64, after: i64, limit: usize) -> Pending<Vec<Record>>;
    /// Whether a customer has been heard of at this address.
    fn knows(&self, address: &Address) -> Pending<bool>;
}

/// Contacts. For people.
pub trait Contacts: Send + Sync {
    /// Those that stand for themselves, the last changed first; those that come `after` one.
    fn contacts(&self, after: Option<ContactMark>, limit: usize) -> Pending<Vec<(ContactMark, Contact)>>;
    /// The contact of an id, or the one that it was made a part of.
    fn find_contact(&self, id: &str) -> Pending<Option<Contact>>;
    /// The id of the contact that is found by the first of these keys by which one is.
    fn contact_found_by(&self, keys: &[ContactKey]) -> Pending<Option<String>>;
    /// The orders of a contact, newest first.
    fn orders_of_person(&self, id: &str, limit: usize) -> Pending<Vec<Order>>;
}

/// The place of a contact in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactMark {
    pub changed_ms: i64,
    pub id: String,
}

/// Conversations, as people look at them. For the console.
pub trait Overview: Send + Sync {
    /// The conversations that something happened in last, newest first.
    fn recent(&self, limit: usize) -> Pending<Vec<Seen>>;
    /// Several conversations, in this order, without those where nobody was heard of.
    fn many(&self, addresses: Vec<Address>) -> Pending<Vec<Seen>>;
    /// One conversation; `None` where nobody was heard of there.
    fn seen(&self, address: &Address) -> Pending<Option<Seen>>;
    /// The newest events of a conversation, oldest first, each with what was decided and said.
    fn story(&self, address: &Address, limit: usize) -> Pending<Vec<Logged>>;
    /// Orders, whosever they are, the one that was heard of last first; those that come `after` one, by its place.
    fn orders_listed(&self, after: Option<i64>, limit: usize) -> Pending<Vec<(i64, Order)>>;
    /// Its orders, newest first, and its tickets, closed ones as well.
    fn concerns(&self, address: &Address, limit: usize) -> Pending<(Vec<Order>, Vec<Ticket>)>;
}

/// Who of the store comes in. For the console.
pub trait Access: Send + Sync {
    /// The hash of a person's password.
    fn password(&self, person: &str) -> Pending<Option<String>>;
    /// Who has a password.
    fn signed_up(&self) -> Pending<Vec<String>>;
    /// Makes a link good, and an earlier one of the same person void.
    fn invite(&self, invitation: Invitation) -> Pending<()>;
    /// Whom a link is for, while it is good.
    fn invited(&self, hash: &TokenHash, now_ms: i64) -> Pending<Option<String>>;
    /// Uses a link up: its person has this password from now on, and is nowhere signed in. Who that is, where it was good.
    fn redeem(&self, hash: &TokenHash, password: String, now_ms: i64) -> Pending<Option<String>>;
    /// Takes a person's password, links and sessions away; whether they could come in.
    fn revoke(&self, person: &str) -> Pending<bool>;
    fn begin_session(&self, session: Session) -> Pending<()>;
    fn session(&self, hash: &TokenHash) -> Pending<Option<Session>>;
    fn prolong_session(&self, hash: &TokenHash, expires_ms: i64) -> Pending<()>;
    fn end_session(&self, hash: &TokenHash) -> Pending<()>;
    /// Ends all of a person, or of the owner.
    fn end_sessions(&self, person: Option<&str>) -> Pending<()>;
}

/// What the store forgets, hands over and stands back. For the owner.
pub trait Archive: Send + Sync {
    /// Deletes what has expired by `now_ms`, in bounded batches with other writes between them.
    fn expire(&self, now_ms: i64) -> Pending<()>;
    /// Writes down what an operator did, durably.
    fn note_deed(&self, deed: Deed) -> Pending<()>;
    /// What operators did from `since_ms` up to before `until_ms`, newest first.
    fn deeds(&self, since_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Deed>>;
    /// Another reader of the log, that disturbs nobody.
    ///
    /// # Errors
    /// The store cannot be opened once more.
    fn records(&self) -> Result<Box<dyn Records>, StoreError>;
    /// When the newest event of the log was received.
    fn newest_ms(&self) -> Pending<Option<i64>>;
    /// Who is spoken to at an address, or is the contact of this id: as `forget` and `export` want it.
    fn person(&self, of: PersonAt) -> Pending<Person>;
    /// Deletes all of one customer: conversations, words, orders, tickets, timers, the contact, and the plugin keys that
    /// hold an id which `customer_id` makes of an address; overwritten on disk, write-ahead log included.
    fn forget(&self, person: &Person, customer_id: fn(&Address) -> String) -> Pending<Forgotten>;
    /// Deletes all keys of a plugin; how many there were.
    fn forget_keys(&self, plugin: &str) -> Pending<u64>;
    /// All that is kept of one customer.
    fn export(&self, address: &Address) -> Pending<Option<Export>>;
    /// A row as it was before the event `event_id` and all after it.
    fn conversation_before(&self, address: &Address, event_id: i64) -> Pending<Option<Conversation>>;
    fn order_before(&self, shop: &str, id: &str, event_id: i64) -> Pending<Option<Order>>;
    fn ticket_before(&self, id: &str, event_id: i64) -> Pending<Option<Ticket>>;
    fn contact_before(&self, id: &str, event_id: i64) -> Pending<Option<Contact>>;
    fn kv_before(&self, plugin: &str, key: &str, event_id: i64) -> Pending<Option<Vec<u8>>>;
}

/// A store, whole.
pub trait Store: Journal + Views + Mailbox + Agenda + Tickets + Contacts + Overview + Access + Archive {
    /// Finishes what is queued and closes.
    fn close(&self);
}

/// By what a person is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonAt {
    Address(Address),
    Contact(String),
}

/// A customer with all that is theirs: the contact, where there is one, and each address at which something of them may
/// stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub contact: Option<String>,
    pub addresses: Vec<Address>,
}

/// How long rows are kept, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events, decisions and messages.
    pub log_ms: i64,
    /// Conversations after their last event.
    pub conversations_ms: i64,
    /// Orders after their last change.
    pub orders_ms: i64,
    /// Tickets after they were closed.
    pub tickets_ms: i64,
    /// Contacts after their last change, once nothing of theirs is kept.
    pub contacts_ms: i64,
    /// What operators did and looked up.
    pub audit_ms: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Default for Retention {
    fn default() -> Self {
        let year = 400 * DAY_MS;
        Self {
            log_ms: 90 * DAY_MS,
            conversations_ms: year,
            orders_ms: year,
            tickets_ms: year,
            contacts_ms: year,
            audit_ms: year,
        }
    }
}

/// What was forgotten of one customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Forgotten {
    pub events: u64,
    pub messages: u64,
    pub orders: u64,
    pub tickets: u64,
    #[serde(default)]
    pub contacts: u64,
    pub timers: u64,
    pub keys: u64,
}

/// All that is kept of one customer, for handing over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Export {
    pub address: Address,
    pub conversation: Option<Conversation>,
    pub contact: Option<Contact>,
    pub orders: Vec<Order>,
    pub tickets: Vec<Ticket>,
    /// Who looked at the conversation.
    pub audit: Vec<Deed>,
    /// The events of the conversation, oldest first, each with what was decided and said.
    pub events: Vec<Logged>,
}
