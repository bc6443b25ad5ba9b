//! The log, read forward: what happened, what was done about it, and when it left.

use std::path::Path;

use super::{Logged, StoreError};
use crate::model::Address;

/// An event of the log that was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Without its messages, whose words are nobody's business here.
    pub logged: Logged,
    /// Messages to the event's own conversation that have left.
    pub sent: u32,
    /// When the first of them left.
    pub first_sent_ms: Option<i64>,
}

/// What a contact is known by.
#[derive(Clone, Copy, Debug)]
pub enum OfContact<'a> {
    Address(&'a Address),
    Order { shop: &'a str, id: &'a str },
}

/// Reads the log in the order of its ids, a few at a time: between them nothing is held open, so that a daemon that
/// writes meanwhile waits for nothing, and its file does not grow.
pub trait Records: Send {
    /// The id of the first event that was received at `since_ms` or later; one past the newest where there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    fn first_since(&self, since_ms: i64) -> Result<i64, StoreError>;
    /// Decided events from an id on.
    ///
    /// # Errors
    /// The store cannot be read.
    fn from(&self, id: i64, limit: usize) -> Result<Vec<Record>, StoreError>;
    /// The contact who is spoken to at an address, or who placed an order, where the store knows one: the one that stands
    /// for the person, whatever it was made of.
    ///
    /// # Errors
    /// The store cannot be read.
    fn contact(&self, of: OfContact<'_>) -> Result<Option<String>, StoreError>;
}

/// The log of a data folder's store, or of a backup, whether a daemon has it open or not.
///
/// # Errors
/// It is no store, of another version, or cannot be read.
pub fn records(path: &Path) -> Result<Box<dyn Records>, StoreError> {
    Ok(Box::new(super::sqlite::SqliteRecords::open(path)?))
}
