//! The store on SQLite: one connection that writes, a few that read.

mod access;
mod archive;
mod audit;
mod backup;
mod checkpoint;
mod contacts;
mod edge;
mod errand;
mod fresh;
mod identity;
mod known;
mod ledger;
mod overview;
mod past;
mod post;
mod prepare;
mod queries;
mod records;
mod row_text;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod undo;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Agenda, Archive, Committed, ContactMark, Contacts, Decided, Deed, Export, Forgotten, Heard, Journal, Logged,
    Mailbox, Move, Pending, Person, PersonAt, Queued, Received, Record, Records, Report, Retention, Settlement, Store,
    StoreError, Tickets, Timer, Undecided, Views,
};
use crate::model::{Address, Contact, ContactKey, Conversation, Order, Recorded, Ticket, Versioned};
use edge::EdgeReader;
use fresh::FreshTexts;
use identity::Identity;
use known::KnownIds;
use prepare::{Prepared, PreparedEvent};
use schema::StoreLock;
use undo::{ChangedRow, Walk};
use writer::{Bounds, Command, WriterHandle};

pub use backup::{backup, restore};
pub use past::{SqlitePast, look_up};
pub use records::SqliteRecords;
pub use schema::{is_empty, look_at};

/// Connections that read for decisions. Reads take microseconds, and the lanes are about as many as the cores.
const READERS: usize = 4;

/// A store in one SQLite file.
///
/// Beside `nightclerk.sqlite` lie its write-ahead log (`-wal`, `-shm`) while it is open, and a lock file
/// (`.lock`) that keeps other processes out.
pub struct SqliteStore {
    /// Who this is, among those that ever had the store open.
    daemon: i64,
    path: PathBuf,
    retention: Retention,
    writer: WriterHandle,
    readers: [Mutex<Connection>; READERS],
    turn: AtomicUsize,
    edge: EdgeReader,
    known: Arc<KnownIds>,
    fresh: FreshTexts,
    /// Reads the known ids ahead.
    reading: Mutex<Option<JoinHandle<()>>>,
    _lock: StoreLock,
}

impl SqliteStore {
    /// Opens the store at `path`, making it and its folder where they are missing.
    ///
    /// # Errors
    /// `StoreError::Open`: another process has it open, it is damaged or no store, a newer version wrote it, or
    /// the system refuses.
    pub fn open(path: &Path, retention: Retention) -> Result<Self, StoreError> {
        Self::open_with(path, retention, Bounds::DEFAULT)
    }

    fn open_with(path: &Path, retention: Retention, bounds: Bounds) -> Result<Self, StoreError> {
        let lock = schema::lock(path)?;
        let connection = schema::open_writer(path)?;
        let daemon = schema::come_in(&connection, path)?;
        let checkpointer = schema::open_checkpointer(path)?;
        let reader = || schema::open_reader(path).map(Mutex::new);
        let readers = [reader()?, reader()?, reader()?, reader()?];
        let no_thread = |error: std::io::Error| StoreError::Open(format!("the system refuses a thread: {error}"));
        let edge = EdgeReader::start(schema::open_reader(path)?).map_err(no_thread)?;
        let (known, reading) = KnownIds::start(schema::open_reader(path)?).map_err(no_thread)?;
        let identity = Identity::of(path)?;
        let writer = WriterHandle::start(connection, checkpointer, identity, daemon, known.clone(), bounds)?;
        let turn = AtomicUsize::new(0);
        let reading = Mutex::new(Some(reading));
        Ok(Self {
            daemon,
            path: path.to_owned(),
            retention,
            writer,
            readers,
            turn,
            edge,
            known,
            fresh: FreshTexts::new(),
            reading,
            _lock: lock,
        })
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        query(&self.reader()).map_err(unreadable)
    }

    /// A connection that nobody uses, or the next in turn.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let free = self.readers.iter().cycle().skip(turn % READERS).take(READERS).find_map(|it| it.try_lock().ok());
        free.unwrap_or_else(|| self.readers[turn % READERS].lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Pending<T> {
        self.edge.ask(|connection| query(connection).map_err(unreadable))
    }

    /// Walks a row back through the log, in one snapshot.
    fn before<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        row: ChangedRow,
        event_id: i64,
        now: impl FnOnce(&Connection) -> rusqlite::Result<Versioned<T>> + Send + 'static,
    ) -> Pending<Option<T>> {
        self.edge.ask(move |connection| {
            let snapshot = connection.unchecked_transaction().map_err(unreadable)?;
            let unfit = |error: undo::WalkError| StoreError::Read(error.to_string());
            let now = now(&snapshot).map_err(unreadable)?.value.map(|it| serde_json::to_value(it)).transpose();
            let mut walk = Walk::new(&row, now.map_err(|error| unfit(error.into()))?);
            for undo in queries::undo_from(&snapshot, event_id).map_err(unreadable)? {
                walk.back(&undo).map_err(unfit)?;
            }
            walk.end().map_err(unfit)
        })
    }
}

fn unreadable(error: rusqlite::Error) -> StoreError {
    StoreError::Read(error.to_string())
}

fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::Write(error.to_string())
}

impl Journal for SqliteStore {
    fn commit(&self, decided: Decided) -> Pending<Committed> {
        // What cannot be prepared goes to the writer all the same, to fail in its turn.
        let prepared = Prepared::new(decided, self.retention, &self.fresh).map(Box::new).map_err(unwritable);
        self.writer.send(|done| Command::Commit { prepared, done })
    }

    fn receive(&self, received: Received) -> Pending<Committed> {
        let prepared = PreparedEvent::new(received, self.retention).map(Box::new).map_err(unwritable);
        self.writer.send(|done| Command::Receive { prepared, done })
    }

    fn record(&self, event_id: i64, recorded: Recorded) -> Pending<()> {
        self.writer.errand(move |ledger| ledger.record(event_id, &recorded))
    }

    fn barrier(&self) -> Pending<()> {
        self.writer.send(|done| Command::Barrier { done })
    }

    fn probe(&self) -> Pending<()> {
        self.writer.send(|done| Command::Probe { done })
    }

    fn find_event(&self, channel: &str, dedupe: &str) -> Result<Option<i64>, StoreError> {
        if !self.known.may_hold(channel, dedupe) {
            return Ok(None);
        }
        self.read(|connection| queries::find_event(connection, channel, dedupe))
    }

    fn undecided(&self, after: i64, limit: usize) -> Pending<Vec<Undecided>> {
        self.ask(move |connection| queries::undecided(connection, after, limit))
    }

    fn explain(&self, reference: &str) -> Pending<Option<Logged>> {
        let reference = reference.to_owned();
        self.ask(move |connection| queries::explain(connection, &reference))
    }
}

impl Views for SqliteStore {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError> {
        self.read(|connection| queries::conversation(connection, address))
    }

    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError> {
        self.read(|connection| queries::order(connection, shop, id))
    }

    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_numbered(connection, number, limit))
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_of(connection, address, limit))
    }

    fn ticket(&self, id: &str) -> Result<Versioned<Ticket>, StoreError> {
        self.read(|connection| queries::ticket(connection, id))
    }

    fn contact(&self, id: &str) -> Result<Versioned<Contact>, StoreError> {
        self.read(|connection| queries::contact(connection, id))
    }

    fn contact_by(&self, key: &ContactKey) -> Result<Option<String>, StoreError> {
        self.read(|connection| queries::contact_by(connection, key))
    }

    fn orders_of_contact(
        &self,
        contact: &str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_of_contact(connection, contact, address, limit))
    }

    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.read(|connection| queries::kv(connection, plugin, key, now_ms))
    }

    fn kv_keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.read(|connection| queries::kv_keys(connection, plugin, prefix, after, now_ms, limit))
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        self.read(|connection| queries::kv_size(connection, plugin))
    }

    fn waiting_timers(&self, address: &Address, owner: &str) -> Result<usize, StoreError> {
        self.read(|connection| queries::waiting_timers(connection, address, owner))
    }
}

impl Mailbox for SqliteStore {
    fn settle(&self, id: i64, settlement: Settlement) -> Pending<()> {
        self.writer.send(|done| Command::Settle { id, settlement, done })
    }

    fn report(&self, report: Report) -> Pending<bool> {
        self.writer.errand(move |ledger| ledger.report(&report))
    }

    fn hold_claims(&self, now_ms: i64, until_ms: i64) -> Pending<u64> {
        self.writer.errand(move |ledger| ledger.hold_claims(now_ms, until_ms))
    }

    fn pending(&self, after: i64, limit: usize) -> Pending<Vec<Queued>> {
        let daemon = self.daemon;
        self.ask(move |connection| queries::pending(connection, daemon, after, limit))
    }

    fn dead(&self, limit: usize) -> Pending<Vec<Queued>> {
        self.ask(move |connection| queries::dead(connection, limit))
    }

    fn message(&self, id: i64) -> Pending<Option<Queued>> {
        self.ask(move |connection| queries::message(connection, id))
    }

    fn messages_of(&self, event_id: i64) -> Pending<Vec<Queued>> {
        self.ask(move |connection| queries::messages_of(connection, event_id))
    }

    fn was_said(&self, address: &Address, platform_id: &str, text: Option<&str>) -> Pending<bool> {
        let (address, platform_id, text) = (address.clone(), platform_id.to_owned(), text.map(str::to_owned));
        self.ask(move |connection| queries::was_said(connection, &address, &platform_id, text.as_deref()))
    }

    fn subject_of(&self, room: &Address, reference: &str) -> Pending<Option<Address>> {
        let (room, reference) = (room.clone(), reference.to_owned());
        self.ask(move |connection| queries::subject_of(connection, &room, &reference))
    }

    fn move_chat(&self, moved: Move) -> Pending<()> {
        self.writer.errand(move |ledger| ledger.move_chat(&moved))
    }

    fn moves(&self) -> Result<Vec<Move>, StoreError> {
        self.read(queries::moves)
    }

    fn transcript(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Queued>> {
        let address = address.clone();
        self.ask(move |connection| queries::transcript(connection, &address, after, limit))
    }

    fn heard(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Heard>> {
        let address = address.clone();
        self.ask(move |connection| queries::heard(connection, &address, after, limit))
    }
}

impl Agenda for SqliteStore {
    fn claim_due(&self, now_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Timer>> {
        self.writer.errand(move |ledger| ledger.claim_due(now_ms, until_ms, limit))
    }

    fn next_due_ms(&self) -> Pending<Option<i64>> {
        self.ask(queries::next_due_ms)
    }
}

impl Tickets for SqliteStore {
    fn open_tickets(&self, limit: usize) -> Pending<Vec<Ticket>> {
        self.ask(move |connection| queries::open_tickets(connection, limit))
    }

    fn find_ticket(&self, id: &str) -> Pending<Option<Ticket>> {
        let id = id.to_owned();
        self.ask(move |connection| Ok(queries::ticket(connection, &id)?.value))
    }

    fn tickets_opened(&self, from_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Ticket>> {
        self.ask(move |connection| queries::tickets_opened(connection, from_ms, until_ms, limit))
    }

    fn unreachable_orders(&self, limit: usize) -> Pending<Vec<Order>> {
        self.ask(move |connection| queries::unreachable_orders(connection, limit))
    }

    fn decided_since(&self, since_ms: i64, after: i64, limit: usize) -> Pending<Vec<Record>> {
        self.ask(move |connection| {
            let first = past::first_since(connection, since_ms)?;
            records::from(connection, first.max(after + 1), limit)
        })
    }

    fn knows(&self, address: &Address) -> Pending<bool> {
        let address = address.clone();
        self.ask(move |connection| Ok(queries::conversation(connection, &address)?.value.is_some()))
    }
}

impl Contacts for SqliteStore {
    fn contacts(&self, after: Option<ContactMark>, limit: usize) -> Pending<Vec<(ContactMark, Contact)>> {
        self.ask(move |connection| queries::contacts(connection, after.as_ref(), limit))
    }

    fn find_contact(&self, id: &str) -> Pending<Option<Contact>> {
        let id = id.to_owned();
        self.ask(move |connection| queries::whole_contact(connection, &id))
    }

    fn contact_found_by(&self, keys: &[ContactKey]) -> Pending<Option<String>> {
        let keys = keys.to_vec();
        self.ask(move |connection| {
            keys.iter().find_map(|key| queries::contact_by(connection, key).transpose()).transpose()
        })
    }

    fn orders_of_person(&self, id: &str, limit: usize) -> Pending<Vec<Order>> {
        let id = id.to_owned();
        self.ask(move |connection| {
            let nowhere = Address::default();
            let found = queries::orders_of_contact(connection, &id, &nowhere, limit)?;
            Ok(found.into_iter().filter_map(|it| it.value).collect())
        })
    }
}

impl Archive for SqliteStore {
    fn expire(&self, now_ms: i64) -> Pending<()> {
        self.writer.send(|done| Command::Expire { now_ms, done })
    }

    fn note_deed(&self, deed: Deed) -> Pending<()> {
        let keep_ms = self.retention.audit_ms;
        self.writer.errand(move |ledger| ledger.note_deed(&deed, keep_ms))
    }

    fn deeds(&self, since_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Deed>> {
        self.ask(move |connection| audit::deeds(connection, since_ms, until_ms, limit))
    }

    fn records(&self) -> Result<Box<dyn Records>, StoreError> {
        Ok(Box::new(SqliteRecords::open(&self.path)?))
    }

    fn newest_ms(&self) -> Pending<Option<i64>> {
        self.ask(queries::newest_ms)
    }

    fn person(&self, of: PersonAt) -> Pending<Person> {
        self.ask(move |connection| queries::person(connection, &of))
    }

    fn forget(&self, person: &Person, customer_id: fn(&Address) -> String) -> Pending<Forgotten> {
        let person = person.clone();
        self.writer.wiping_errand(move |ledger| ledger.forget(&person, customer_id))
    }

    fn forget_keys(&self, plugin: &str) -> Pending<u64> {
        let plugin = plugin.to_owned();
        self.writer.wiping_errand(move |ledger| ledger.forget_keys(&plugin))
    }

    fn export(&self, address: &Address) -> Pending<Option<Export>> {
        let address = address.clone();
        self.ask(move |connection| {
            let snapshot = connection.unchecked_transaction()?;
            let conversation = queries::conversation(&snapshot, &address)?.value;
            let contact = queries::contact_by(&snapshot, &ContactKey::Address(address.clone()))?;
            let all = i64::MAX as usize;
            let orders = match &contact {
                Some(contact) => queries::orders_of_contact(&snapshot, contact, &address, all)?,
                None => queries::orders_of(&snapshot, &address, all)?,
            };
            let orders: Vec<Order> = orders.into_iter().filter_map(|it| it.value).collect();
            let contact = contact.map(|id| queries::contact(&snapshot, &id)).transpose()?.and_then(|it| it.value);
            let tickets = queries::tickets_of(&snapshot, &address)?;
            let events = queries::events_of(&snapshot, &address)?;
            // A contact may have been looked at wherever they write.
            let mut at: Vec<Address> =
                contact.iter().flat_map(|it: &Contact| &it.addresses).filter(|it| **it != address).cloned().collect();
            at.push(address.clone());
            let mut audit = Vec::new();
            for address in &at {
                audit.extend(audit::deeds_of(&snapshot, address)?);
            }
            audit.sort_by_key(|it| std::cmp::Reverse(it.at_ms));
            let nothing = conversation.is_none() && orders.is_empty() && tickets.is_empty() && events.is_empty();
            Ok((!nothing).then_some(Export { address, conversation, contact, orders, tickets, audit, events }))
        })
    }

    fn conversation_before(&self, address: &Address, event_id: i64) -> Pending<Option<Conversation>> {
        let address = address.clone();
        let row = ChangedRow::Conversation { channel: address.channel.clone(), chat: address.chat.clone() };
        self.before(row, event_id, move |connection| queries::conversation(connection, &address))
    }

    fn order_before(&self, shop: &str, id: &str, event_id: i64) -> Pending<Option<Order>> {
        let (shop, id) = (shop.to_owned(), id.to_owned());
        let row = ChangedRow::Order { shop: shop.clone(), id: id.clone() };
        self.before(row, event_id, move |connection| queries::order(connection, &shop, &id))
    }

    fn ticket_before(&self, id: &str, event_id: i64) -> Pending<Option<Ticket>> {
        let id = id.to_owned();
        self.before(ChangedRow::Ticket { id: id.clone() }, event_id, move |connection| queries::ticket(connection, &id))
    }

    fn contact_before(&self, id: &str, event_id: i64) -> Pending<Option<Contact>> {
        let id = id.to_owned();
        self.before(ChangedRow::Contact { id: id.clone() }, event_id, move |connection| {
            queries::contact(connection, &id)
        })
    }

    fn kv_before(&self, plugin: &str, key: &str, event_id: i64) -> Pending<Option<Vec<u8>>> {
        let (plugin, key) = (plugin.to_owned(), key.to_owned());
        self.ask(move |connection| {
            let snapshot = connection.unchecked_transaction()?;
            match queries::former_kv(&snapshot, &plugin, &key, event_id)? {
                Some(former) => Ok(former),
                None => Ok(queries::kv(&snapshot, &plugin, &key, i64::MIN)?.value),
            }
        })
    }
}

impl Store for SqliteStore {
    fn close(&self) {
        self.known.close();
        self.writer.close();
        self.edge.close();
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner).take();
        if reading.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the reading of known ids panicked");
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}
