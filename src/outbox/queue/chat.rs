//! The messages that wait for one chat.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::store::Queued;

/// A message on its way, with what earlier attempts in this run of the daemon taught.
#[derive(Clone, Debug)]
pub struct Job {
    pub queued: Queued,
    /// The platform wants the other way of sending.
    pub fallback: bool,
    /// Attempts that count against it.
    pub refusals: u32,
    /// Since when it is tried, or waits to be.
    pub since_ms: i64,
    /// It was read from the store: a daemon that was killed may have sent it.
    pub restored: bool,
}

impl Job {
    pub fn new(queued: Queued, restored: bool, now_ms: i64) -> Self {
        // What a person retries is begun anew.
        let since_ms = if queued.attempts == 0 { now_ms } else { queued.created_ms };
        Self { queued, fallback: false, refusals: 0, since_ms, restored }
    }

    /// Whether an earlier attempt may have been taken.
    pub fn is_in_doubt(&self) -> bool {
        self.queued.doubts > 0 || self.restored
    }
}

pub struct Waiting {
    pub job: Job,
    pub not_before: Instant,
    /// It waits because the platform is away, not because somebody said for how long.
    pub for_the_platform: bool,
}

/// The messages that wait for one chat, and when it takes the next.
pub struct ChatQueue {
    /// By id.
    pub waiting: VecDeque<Waiting>,
    pub state: State,
    /// When the platform takes the next message to this chat.
    pub open_at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In its channel's line, exactly once.
    Ready,
    /// The message with this id is under way.
    UnderWay(i64),
    /// Until then nothing can be sent.
    Asleep(Instant),
}

impl ChatQueue {
    /// When the first message may leave; `None` without one.
    pub fn opens_at(&self) -> Option<Instant> {
        self.waiting.front().map(|first| first.not_before.max(self.open_at))
    }

    /// Where the message is, or else where it belongs.
    pub fn position(&self, id: i64) -> Result<usize, usize> {
        match self.waiting.back() {
            // Almost always it is the newest.
            Some(last) if last.job.queued.id < id => Err(self.waiting.len()),
            _ => self.waiting.binary_search_by_key(&id, |waiting| waiting.job.queued.id),
        }
    }

    pub fn insert(&mut self, waiting: Waiting) {
        if let Err(position) = self.position(waiting.job.queued.id) {
            self.waiting.insert(position, waiting);
        }
    }
}
