//! What the store on SQLite promises beyond what every store does, on real files.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{SqliteStore, writer::Bounds};
use crate::{
    model::{Action, Address, Content, EventKind, Versioned},
    store::{
        Agenda, Archive, Committed, Journal, Mailbox, Retention, Settlement, Store, StoreError, Views,
        promises::{self, Place, after, chat, message, sent, set_timer, standing_back::change, wait},
    },
};

mod durability;
mod failures;
mod retention;
mod standing_back;
mod versions;

mod promised {
    crate::store::promises::keep_promises!(crate::store::sqlite::tests::Folder);
}

type Site = promises::Site<Folder>;

/// A folder with a store in it.
pub struct Folder(TempDir);

impl Folder {
    fn path(&self) -> PathBuf {
        self.0.path().join("data/clerk.sqlite")
    }
}

impl Place for Folder {
    type Store = SqliteStore;

    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), Retention::default()).unwrap()
    }
}

impl Site {
    fn with(bounds: Bounds) -> Self {
        Self::keeping(Retention::default(), bounds)
    }

    fn keeping(retention: Retention, bounds: Bounds) -> Self {
        let place = Folder::new();
        let store = SqliteStore::open_with(&place.path(), retention, bounds).unwrap();
        Self { place, store }
    }

    fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// A connection beside the store's own, to look at or spoil what it holds.
    fn beside(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

/// Size of the write-ahead log of the store at `path`.
fn log_size(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(PathBuf::from(name)).map_or(0, |it| it.len())
}
