use crate::model::{Action, Event, TraceStep};

/// One event of the log with what was decided about it, as the figures read it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its id in the log, for whoever asks `nightclerk explain` about it.
    pub id: i64,
    pub received_ms: i64,
    pub event: &'a Event,
    /// The contact who this is about, by what is known today, where the store knows one: a person with several addresses is
    /// one contact.
    pub contact: Option<&'a str>,
    pub actions: &'a [Action],
    pub trace: &'a [TraceStep],
    pub said: Said,
}

/// What an event led to in its own conversation, as far as it has left: what still waits, or never arrived, was not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub messages: u32,
    /// When the first of them left; `None` where there is none.
    pub first_ms: Option<i64>,
}
