//! What lanes are given to do.

use std::sync::Arc;

use tokio::sync::oneshot;
use tracing::Span;

use super::Accepted;
use crate::{
    model::{Address, Event, Recorded, TraceId},
    store::StoreError,
};

/// An event to decide.
pub struct Job {
    pub event: Arc<Event>,
    pub now_ms: i64,
    pub hold_ms: Option<i64>,
    /// Its id in the log, where it was written down undecided.
    pub received: Option<i64>,
    /// What the outside answered so far.
    pub recorded: Vec<Recorded>,
    /// How often it was decided in vain, or moved to another lane.
    pub tries: u32,
    /// Who is told once it is durable; `None` where they were.
    pub done: Option<oneshot::Sender<Result<Accepted, StoreError>>>,
    /// All that is logged about the event is said in here, on whatever thread.
    pub span: Span,
}

impl Job {
    pub fn new(event: Event, now_ms: i64) -> Self {
        let span = tracing::info_span!("event", event = %TraceId::from(&event), channel = event.channel);
        let event = Arc::new(event);
        Self { event, now_ms, hold_ms: None, received: None, recorded: Vec::new(), tries: 0, done: None, span }
    }

    /// Whoever brought it need not wait for the answer.
    pub fn tell(&mut self, result: Result<Accepted, StoreError>) {
        if let Some(done) = self.done.take() {
            let _ = done.send(result);
        }
    }
}

/// What a lane is told.
pub enum Work {
    New(Job),
    /// A commit of this conversation was not written; the event is to be decided again unless it is given up.
    CameBack {
        address: Address,
        number: u64,
        job: Option<Job>,
    },
    /// The answer that an event waited for is written down, or the event is given up.
    Answered {
        address: Address,
        job: Option<Job>,
    },
    /// An event was written down undecided, or could not be.
    Received {
        address: Address,
        job: Option<Job>,
    },
}
