//! The store on SQLite: one connection that writes, a few that read.

use std::{
    fs::File,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use rusqlite::Connection;

mod checkpoint;
mod ledger;
mod prepare;
mod queries;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use super::{Committed, Decided, Logged, Pending, Queued, Settlement, Store, StoreError, Timer};
use crate::model::{Address, Conversation, Order};
use prepare::Prepared;
use writer::{Command, Limits, WriterHandle};

/// Connections that read. Reads take microseconds, and the lanes are about as many as the cores.
const READERS: usize = 4;

/// A store in one SQLite file.
///
/// Beside `nightclerk.sqlite` lie its write-ahead log (`-wal`, `-shm`) while it is open, and a lock file
/// (`.lock`) that keeps other processes out.
pub struct SqliteStore {
    writer: WriterHandle,
    epoch: Arc<AtomicU64>,
    readers: [Mutex<Connection>; READERS],
    turn: AtomicUsize,
    _lock: File,
}

impl SqliteStore {
    /// Opens the store at `path`, making it and its folder where they are missing.
    ///
    /// # Errors
    /// `StoreError::Open`: another process has it open, it is damaged or no store, a newer version wrote it, or
    /// the system refuses.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Limits::DEFAULT)
    }

    pub(super) fn open_with(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        let lock = schema::lock(path)?;
        let connection = schema::open_writer(path)?;
        let checkpointer = schema::open_checkpointer(path)?;
        let reader = || schema::open_reader(path).map(Mutex::new);
        let readers = [reader()?, reader()?, reader()?, reader()?];
        let epoch = Arc::new(AtomicU64::new(0));
        let writer = WriterHandle::start(connection, checkpointer, epoch.clone(), limits)?;
        Ok(Self { writer, epoch, readers, turn: AtomicUsize::new(0), _lock: lock })
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        query(&self.reader()).map_err(|error| StoreError::Read(error.to_string()))
    }

    /// A connection that nobody uses, or the next in turn.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let free = self.readers.iter().cycle().skip(turn % READERS).take(READERS).find_map(|it| it.try_lock().ok());
        free.unwrap_or_else(|| self.readers[turn % READERS].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for SqliteStore {
    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    fn commit(&self, decided: Decided) -> Pending<Committed> {
        // What cannot be prepared goes to the writer all the same, to fail in its turn.
        let prepared = Prepared::new(decided).map(Box::new).map_err(|error| StoreError::Write(error.to_string()));
        self.writer.send(|done| Command::Commit { prepared, done })
    }

    fn barrier(&self) -> Pending<()> {
        self.writer.send(|done| Command::Barrier { done })
    }

    fn settle(&self, id: i64, settlement: Settlement) -> Pending<()> {
        self.writer.send(|done| Command::Settle { id, settlement, done })
    }

    fn prune(&self, before_ms: i64) -> Pending<()> {
        self.writer.send(|done| Command::Forget { before_ms, done })
    }

    fn find_event(&self, channel: &str, dedupe: &str) -> Result<Option<i64>, StoreError> {
        self.read(|connection| queries::find_event(connection, channel, dedupe))
    }

    fn conversation(&self, address: &Address) -> Result<Option<Conversation>, StoreError> {
        self.read(|connection| queries::conversation(connection, address))
    }

    fn order(&self, shop: &str, id: &str) -> Result<Option<Order>, StoreError> {
        self.read(|connection| queries::order(connection, shop, id))
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Order>, StoreError> {
        self.read(|connection| queries::orders_of(connection, address, limit))
    }

    fn kv(&self, plugin: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| queries::kv(connection, plugin, key))
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        self.read(|connection| queries::kv_size(connection, plugin))
    }

    fn due_timers(&self, now_ms: i64, limit: usize) -> Result<Vec<Timer>, StoreError> {
        self.read(|connection| queries::due_timers(connection, now_ms, limit))
    }

    fn next_due_ms(&self) -> Result<Option<i64>, StoreError> {
        self.read(queries::next_due_ms)
    }

    fn pending(&self, after: i64, limit: usize) -> Result<Vec<Queued>, StoreError> {
        self.read(|connection| queries::pending(connection, after, limit))
    }

    fn dead(&self, limit: usize) -> Result<Vec<Queued>, StoreError> {
        self.read(|connection| queries::dead(connection, limit))
    }

    fn message(&self, id: i64) -> Result<Option<Queued>, StoreError> {
        self.read(|connection| queries::message(connection, id))
    }

    fn messages_of(&self, event_id: i64) -> Result<Vec<Queued>, StoreError> {
        self.read(|connection| queries::messages_of(connection, event_id))
    }

    fn transcript(&self, address: &Address, after: i64, limit: usize) -> Result<Vec<Queued>, StoreError> {
        self.read(|connection| queries::transcript(connection, address, after, limit))
    }

    fn explain(&self, reference: &str) -> Result<Option<Logged>, StoreError> {
        self.read(|connection| queries::explain(connection, reference))
    }

    fn close(&self) {
        self.writer.close();
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.writer.close();
    }
}
