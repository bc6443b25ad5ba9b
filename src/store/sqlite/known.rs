//! The dedupe ids of the last days in memory, as hashes.
//!
//! Nearly every delivery is new, and to learn that from the file costs a read transaction. A hash that is not here says
//! it for certain; one that is here may be another id's, and the file is asked. The writer adds what it appends, before
//! the commit: an id too many costs a look. What the log held at the start is
//! read by a thread of its own, and until it is done the file is asked every time.

use std::{
    collections::HashSet,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use rusqlite::Connection;

/// Ids that are kept, about 18 bytes each: beyond, the file is asked as if none were.
const MOST: usize = 4_000_000;
/// Ids read between two looks at whether the store closes.
const BATCH: usize = 10_000;

pub struct KnownIds {
    /// Drawn anew at each start, so that nobody can choose ids that fall together.
    keys: RandomState,
    hashes: Mutex<HashSet<u64, BuildHasherDefault<AsItIs>>>,
    /// Whether all ids of the log are here.
    complete: AtomicBool,
    closing: AtomicBool,
}

impl KnownIds {
    /// Begins empty, and reads what the log holds.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(connection: Connection) -> io::Result<(Arc<Self>, JoinHandle<()>)> {
        let known = Arc::new(Self {
            keys: RandomState::new(),
            hashes: Mutex::default(),
            complete: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        });
        let reading = known.clone();
        let thread = std::thread::Builder::new().name("store-ids".to_owned()).spawn(move || {
            match reading.read(&connection) {
                Ok(complete) => reading.complete.store(complete, Ordering::Release),
                Err(error) => tracing::warn!(%error, "the ids of earlier deliveries cannot be read ahead"),
            }
        })?;
        Ok((known, thread))
    }

    /// `false`: no event of this id is in the log.
    pub fn may_hold(&self, channel: &str, dedupe: &str) -> bool {
        !self.complete.load(Ordering::Acquire) || self.hashes().contains(&self.hash(channel, dedupe))
    }

    pub fn add(&self, channel: &str, dedupe: &str) {
        let hash = self.hash(channel, dedupe);
        let mut hashes = self.hashes();
        if hashes.len() < MOST {
            hashes.insert(hash);
        } else if self.complete.swap(false, Ordering::AcqRel) {
            hashes.clear();
            hashes.shrink_to_fit();
            tracing::info!("more ids than are kept in memory: deliveries are looked up in the file");
        }
    }

    /// The log gives the id up. If that is rolled back, it is given up again with the next round; a delivery that comes
    /// between the two is refused by the table's own key.
    pub fn remove(&self, channel: &str, dedupe: &str) {
        let hash = self.hash(channel, dedupe);
        self.hashes().remove(&hash);
    }

    /// Ends the reading ahead.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether all could be taken in.
    fn read(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let mut statement = connection.prepare("SELECT channel, dedupe FROM dedupe")?;
        let mut rows = statement.query(())?;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let row = rows.next()?;
            if let Some(row) = row {
                batch.push(self.hash(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?));
            }
            let done = row.is_none();
            if done || batch.len() == BATCH {
                let mut hashes = self.hashes();
                hashes.extend(batch.drain(..));
                if hashes.len() >= MOST || self.closing.load(Ordering::Relaxed) {
                    return Ok(false);
                }
            }
            if done {
                return Ok(true);
            }
        }
    }

    fn hash(&self, channel: &str, dedupe: &str) -> u64 {
        self.keys.hash_one((channel, dedupe))
    }

    fn hashes(&self) -> MutexGuard<'_, HashSet<u64, BuildHasherDefault<AsItIs>>> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes in is a hash already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(ids: &[&str]) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE dedupe (channel TEXT, dedupe TEXT, event_id INTEGER)").unwrap();
        for id in ids {
            connection.execute("INSERT INTO dedupe VALUES ('shop', ?1, 1)", (id,)).unwrap();
        }
        connection
    }

    #[test]
    fn what_the_log_holds_and_what_is_added_may_be_known_and_nothing_else_is() {
        let (known, reading) = KnownIds::start(log_of(&["a", "b"])).unwrap();
        reading.join().unwrap();
        known.add("shop", "c");
        assert!(["a", "b", "c"].iter().all(|id| known.may_hold("shop", id)));
        assert!(!known.may_hold("shop", "d") && !known.may_hold("other", "a"));
        known.remove("shop", "b");
        assert!(!known.may_hold("shop", "b"));
    }

    #[test]
    fn as_long_as_the_log_was_not_read_anything_may_be_known() {
        let (known, reading) = KnownIds::start(Connection::open_in_memory().unwrap()).unwrap();
        reading.join().unwrap();
        assert!(known.may_hold("shop", "anything"), "there was no table to read");
    }
}
