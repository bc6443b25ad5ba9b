//! `decide(event, view) -> Decision`: pure, without I/O or a clock of its own.

pub mod orders;
pub mod schedule;

use crate::model::{Conversation, Lookups, Order};

/// Everything a decision may look at beside the event.
pub struct View<'a> {
    pub conversation: &'a Conversation,
    /// The order the event is about, as it was before it.
    pub order: Option<&'a Order>,
    pub lookups: &'a dyn Lookups,
    /// When the daemon received the event (or the timer fired).
    pub now_ms: i64,
}
