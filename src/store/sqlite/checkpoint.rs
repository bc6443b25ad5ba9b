//! Moves pages from the write-ahead log into the file, without the writer waiting for the disk.
//!
//! A thread of its own copies and syncs the bulk while commits go on. What was appended meanwhile is little: the
//! writer copies that itself between two groups, after which SQLite begins the log anew. So the log stays bounded
//! under load that never pauses, and no commit waits for more than the small rest, unless the machine is so busy that
//! the thread gets no turn.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, SyncSender, TrySendError},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

/// The writer's end.
pub struct Checkpointer {
    wake: SyncSender<()>,
    /// The bulk is copied; the rest is the writer's.
    bulk_done: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    pages: i64,
    /// Commands written since the log's length was looked at.
    unseen: usize,
}

/// Commands after which it is looked at again: each appends a few pages.
const LOOK_AFTER: usize = 16;

impl Checkpointer {
    /// # Errors
    /// The system refuses a thread.
    pub fn start(connection: Connection, pages: i64) -> std::io::Result<Self> {
        let (wake, woken) = mpsc::sync_channel(1);
        let bulk_done = Arc::new(AtomicBool::new(false));
        let done = bulk_done.clone();
        let thread = std::thread::Builder::new().name("store-checkpoint".to_owned()).spawn(move || {
            while woken.recv().is_ok() {
                checkpoint(&connection, "PRAGMA wal_checkpoint(PASSIVE)");
                done.store(true, Ordering::Release);
            }
        })?;
        Ok(Self { wake, bulk_done, thread, pages, unseen: 0 })
    }

    /// To be called by the writer after a group of so many commands.
    pub fn after_group(&mut self, commands: usize, connection: &Connection) {
        self.unseen += commands;
        if self.bulk_done.swap(false, Ordering::Acquire) {
            checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
            return;
        }
        if self.unseen < LOOK_AFTER {
            return;
        }
        self.unseen = 0;
        let log = checkpoint(connection, "PRAGMA wal_checkpoint(NOOP)");
        let Some(log) = log.filter(|log| log.needs_work(self.pages)) else { return };
        if log.length >= self.pages.saturating_mul(OVERLONG) {
            // The thread gets no turn on a machine that is too busy: then commits wait, sooner than the disk fills.
            checkpoint(connection, "PRAGMA wal_checkpoint(FULL)");
            return;
        }
        match self.wake.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => tracing::error!("the store's checkpoint thread is gone"),
        }
    }

    /// Leaves nothing on the disk but what is in the tables now. SQLite zeroes what it deletes, but a page that was
    /// split keeps a shadow of what moved away; so the file is written anew, and then the log emptied into it. Commits
    /// wait meanwhile, about a second for 100 MB.
    pub fn wipe(&self, connection: &Connection) {
        // The store may be larger than memory.
        let rewritten = connection.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;");
        // A reader in the middle of something holds it up for a moment; the connection waits its time for that.
        let emptied = (0..WIPE_TRIES)
            .any(|_| checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").is_some_and(|log| log.length == 0));
        if let Err(error) = rewritten {
            tracing::error!(%error, "what was forgotten may still stand in the store's file; forget it once more");
        } else if !emptied {
            tracing::error!("what was forgotten may still stand in the store's log; it goes when the daemon stops");
        }
    }

    /// Empties the log, for a store that is closed.
    pub fn finish(self, connection: &Connection) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the store's checkpoint thread panicked");
        }
        checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

/// A log that is so many times longer than one that is moved is moved by the writer itself.
const OVERLONG: i64 = 8;
/// Each of them waits for readers as long as a connection does.
const WIPE_TRIES: usize = 3;

/// The log's state, in pages.
struct Log {
    length: i64,
    copied: i64,
}

impl Log {
    /// A log that is long, but copied already, begins anew with the next commit.
    fn needs_work(&self, pages: i64) -> bool {
        self.length >= pages && self.copied < self.length
    }
}

fn checkpoint(connection: &Connection, pragma: &str) -> Option<Log> {
    let log = connection
        .prepare_cached(pragma)
        .and_then(|mut pragma| pragma.query_row((), |row| Ok(Log { length: row.get(1)?, copied: row.get(2)? })));
    // The log holds everything; it only gets longer until a later attempt succeeds.
    log.inspect_err(|error| tracing::warn!(%error, "the store's log could not be moved into the file")).ok()
}
