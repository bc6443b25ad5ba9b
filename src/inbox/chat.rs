//! What a lane keeps of a conversation that has something under way.

use std::{collections::VecDeque, sync::Arc};

use super::job::Job;
use crate::model::{Conversation, Versioned};

/// The order of a conversation's events is kept here.
///
/// Normally each event is decided as it comes, on the state that the decision before it left, while that one's commit is
/// still under way. If a commit comes back unwritten (a row had moved), those after it were made on a state that never
/// was and come back too; until the last of them is back, what arrives is held, and then all are decided in the order in
/// which they first came. Where a decision waits for an answer from outside, what arrives is written down undecided,
/// acknowledged, and held in the same way.
#[derive(Default)]
pub struct Chat {
    /// As the last decision left it; `None` where it has to be read from the store.
    pub latest: Option<Versioned<Arc<Conversation>>>,
    /// Numbers of the commits under way, ascending.
    under_way: VecDeque<u64>,
    /// A commit came back, and others may.
    disturbed: bool,
    /// The event that waits for an answer from outside.
    asking: bool,
    /// Events being written down undecided, whose ids are not known yet.
    receiving: usize,
    /// Events to decide next, in order: those that came back, then those that arrived since.
    again: VecDeque<Job>,
    held: VecDeque<Job>,
}

/// What to do with an event that arrives.
pub enum Arrival {
    /// Decide it now.
    Decide(Job),
    /// It is held.
    Held,
    /// Write it down undecided; `received` hears of that.
    Receive(Job),
}

impl Chat {
    pub fn arrive(&mut self, job: Job) -> Arrival {
        let behind_an_answer = self.asking || self.receiving > 0;
        match () {
            () if behind_an_answer && job.received.is_none() => {
                self.receiving += 1;
                Arrival::Receive(job)
            }
            () if behind_an_answer || self.disturbed || !self.again.is_empty() || !self.held.is_empty() => {
                self.held.push_back(job);
                Arrival::Held
            }
            () => Arrival::Decide(job),
        }
    }

    /// A decision goes to the store, or an undecided event that will ask outside.
    pub fn commit(&mut self, number: u64) {
        self.under_way.push_back(number);
    }

    /// The commits up to this one are written, or will come back.
    pub fn completed(&mut self, number: u64) {
        while self.under_way.front().is_some_and(|first| *first <= number) {
            self.under_way.pop_front();
        }
    }

    /// A commit was not written; its event is to be decided again unless it is given up.
    pub fn came_back(&mut self, number: u64, job: Option<Job>) {
        self.latest = None;
        self.completed(number);
        self.disturbed = true;
        self.again.extend(job);
    }

    /// The decision of an event waits for an answer.
    pub fn ask(&mut self) {
        self.asking = true;
    }

    /// The answer is there, or will never be: the event is the next to decide.
    pub fn answered(&mut self, job: Option<Job>) {
        self.asking = false;
        if let Some(job) = job {
            self.again.push_front(job);
        }
    }

    /// An event was written down undecided, or could not be.
    pub fn received(&mut self, job: Option<Job>) {
        self.receiving -= 1;
        self.held.extend(job);
    }

    /// The next event that may be decided of those that had to wait.
    pub fn next(&mut self) -> Option<Job> {
        if self.asking || (self.disturbed && !self.under_way.is_empty()) {
            return None;
        }
        self.disturbed = false;
        self.again.pop_front().or_else(|| self.held.pop_front())
    }

    /// Whether nothing is under way or waits, so that only the latest state is worth keeping.
    pub fn is_at_rest(&self) -> bool {
        self.under_way.is_empty()
            && !self.disturbed
            && !self.asking
            && self.receiving == 0
            && self.again.is_empty()
            && self.held.is_empty()
    }

    /// Whether a commit of this conversation may not be written yet.
    pub fn is_unsettled(&self) -> bool {
        !self.under_way.is_empty()
    }
}
