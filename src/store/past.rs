//! The log, looked back at: what was decided before, and the rows as they were then.

use std::path::Path;

use super::{Logged, SqlitePast, StoreError, Views};
use crate::model::{Address, Conversation, Recorded};

/// An event that was decided once.
#[derive(Clone, Debug, PartialEq)]
pub struct PastEvent {
    pub logged: Logged,
    /// What the outside answered then.
    pub recorded: Vec<Recorded>,
    /// The log does not lead back to the rows it was decided on.
    pub is_lost: bool,
}

/// A part of the log, from which rows are read as they were just before the event that came last. It changes nothing, and
/// shows the one moment at which it was opened, whatever a daemon writes meanwhile.
pub trait Past: Views {
    /// The next event, in the order in which they were decided.
    ///
    /// # Errors
    /// The store cannot be read.
    fn next_event(&mut self) -> Result<Option<PastEvent>, StoreError>;
}

/// Opens the log of a data folder's store, or of a backup, from `since_ms` up to before `until_ms`, and says how many events
/// are in it. `progress` hears how far the way back is.
///
/// # Errors
/// It is no store, of another version, or cannot be read.
pub fn look_back(
    path: &Path,
    since_ms: i64,
    until_ms: i64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Box<dyn Past>, usize), StoreError> {
    let past = SqlitePast::open(path, since_ms, until_ms, progress)?;
    let count = past.len();
    Ok((Box::new(past), count))
}

/// What the log holds of one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    pub address: Address,
    /// The conversation before the first of these events.
    pub before: Option<Conversation>,
    /// Oldest first.
    pub events: Vec<Logged>,
}

/// One conversation, by its address or by anything that `explain` understands, whether a daemon has the store open or
/// not; `None` where there is no such.
///
/// # Errors
/// As for [`look_back`].
pub fn look_up(path: &Path, reference: &str) -> Result<Option<Story>, StoreError> {
    super::sqlite::look_up(path, reference)
}
