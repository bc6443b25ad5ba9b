//! The store on SQLite: one connection that writes, a few that read.

mod access;
mod archive;
mod audit;
mod backup;
mod checkpoint;
mod command;
mod contacts;
mod edge;
mod errand;
mod fresh;
mod identity;
mod keeping;
mod known;
mod ledger;
mod mail;
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
pub mod undo;
mod views;
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
    Committed, ContactMark, Contacts, Decided, Journal, Logged, Pending, Received, Record, Retention, Store,
    StoreError, Tickets, Undecided,
};
use crate::model::{Address, Contact, ContactKey, Order, Recorded, Ticket, Versioned};
use command::Command;
use edge::EdgeReader;
use fresh::FreshTexts;
use identity::Identity;
use known::KnownIds;
use prepare::{Prepared, PreparedEvent};
use schema::StoreLock;
use undo::{ChangedRow, Walk};
use writer::{Bounds, WriterHandle};

pub use backup::{backup, restore};
pub use past::{SqlitePast, look_up};
pub use records::SqliteRecords;
pub use row_text::RowText;
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
