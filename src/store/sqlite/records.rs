//! Reading the log forward.

use std::path::Path;

use rusqlite::{Connection, Row};

use super::{
    past,
    queries::{CONTACT_AT, CONTACT_OF_ORDER, RECORDS, all, first},
    rows, schema, unreadable,
};
use crate::{
    model::Address,
    store::{OfContact, Record, Records, StoreError},
};

/// A connection of its own, that changes nothing.
pub struct SqliteRecords {
    connection: Connection,
}

impl SqliteRecords {
    /// # Errors
    /// It is no store, of another version, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: schema::open_past(path)? })
    }
}

impl Records for SqliteRecords {
    fn first_since(&self, since_ms: i64) -> Result<i64, StoreError> {
        past::first_since(&self.connection, since_ms).map_err(unreadable)
    }

    fn from(&self, id: i64, limit: usize) -> Result<Vec<Record>, StoreError> {
        from(&self.connection, id, limit).map_err(unreadable)
    }

    fn contact(&self, of: OfContact<'_>) -> Result<Option<String>, StoreError> {
        let id = |row: &Row<'_>| row.get(0);
        let found = match of {
            OfContact::Address(Address { channel, chat }) => first(&self.connection, CONTACT_AT, (channel, chat), id),
            OfContact::Order { shop, id: order } => first(&self.connection, CONTACT_OF_ORDER, (shop, order), id),
        };
        found.map_err(unreadable)
    }
}

/// Decided events from an id on.
pub(super) fn from(connection: &Connection, id: i64, limit: usize) -> rusqlite::Result<Vec<Record>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    all(connection, RECORDS, (id, limit), |row| {
        Ok(Record { logged: rows::logged(row)?, sent: row.get(6)?, first_sent_ms: row.get(7)? })
    })
}
