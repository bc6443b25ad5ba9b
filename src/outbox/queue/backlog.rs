//! What stays in the store until there is room in memory.
//!
//! Each channel has its own share of memory, so that one whose platform is down or slow does not keep the
//! others' messages out. A channel is *live* while its messages come from memory alone. When its share is
//! full, what comes next is left in the store; from then on its messages are read back from there, in id order,
//! until nothing is left. At the start every channel begins so.
//!
//! Two facts make this exact. The store commits in id order, so a read that shows an id shows every pending
//! one below it. And a message is enqueued after its commit, so a read that begins after it was left sees it.

use std::collections::HashSet;

use super::{Now, Queue};
use crate::store::Queued;

/// Where a channel's next messages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From memory. Ids up to the frontier were read from the store.
    Live { frontier: i64 },
    /// From the store: everything above `from` is to be read there.
    Stored { from: i64 },
}

impl Source {
    /// Whether a read may have passed this id already.
    pub fn is_behind(&self, id: i64) -> bool {
        match self {
            Self::Live { frontier } => id <= *frontier,
            Self::Stored { from } => id <= *from,
        }
    }
}

/// A read of the store that is under way.
pub struct Read {
    after: i64,
    /// What had been left in the store before the read began.
    covered: i64,
    pub settled_meanwhile: HashSet<i64>,
}

impl Queue {
    /// Whether the message is not for memory now: there is no room, or others before it are in the store, or
    /// it may have been read from there. Notes what a later read has to find.
    pub(super) fn leave_in_store(&mut self, line: usize, id: i64) -> bool {
        let full = self.bounds.in_memory;
        let line = &mut self.lines[line];
        match line.source {
            _ if line.source.is_behind(id) => return true,
            Source::Live { .. } if line.in_memory < full => return false,
            // Not from this id on: lanes hand over in their own time, and one below may be committed and still to come.
            // A read that began above it would bring in what its conversation says after it.
            Source::Live { frontier } => line.source = Source::Stored { from: frontier },
            Source::Stored { .. } => {}
        }
        line.left = line.left.max(id);
        self.left = self.left.max(id);
        true
    }

    /// Begins a read if a channel has room: the id to read after. End it with `admit` or `give_up_read`.
    pub fn begin_read(&mut self) -> Option<i64> {
        let after = self.read_after()?;
        self.read = Some(Read { after, covered: self.left, settled_meanwhile: HashSet::new() });
        Some(after)
    }

    pub fn wants_read(&self) -> bool {
        self.read_after().is_some()
    }

    fn read_after(&self) -> Option<i64> {
        if self.read.is_some() {
            return None;
        }
        let refill = self.bounds.in_memory / 2;
        let lines = self.lines.iter().filter(|line| line.in_memory <= refill).map(|line| line.source);
        lines.chain([self.elsewhere]).filter_map(|source| source.stored_from()).min()
    }

    /// There are messages in the store that no read can have passed, because they were another daemon's until now.
    pub fn read_again(&mut self) {
        self.elsewhere = Source::Stored { from: 0 };
        self.lines.iter_mut().for_each(|line| line.source = Source::Stored { from: 0 });
    }

    pub fn give_up_read(&mut self) {
        self.read = None;
    }

    /// Takes in the page that was read, by id; `last` if the store had no more.
    pub fn admit_page(&mut self, page: Vec<Queued>, last: bool, now: Now) {
        let Some(Read { after, covered, settled_meanwhile }) = self.read.take() else { return };
        let end = page.last().map_or(after, |queued| queued.id);
        let end = if last { end.max(covered) } else { end };
        // The channels of which this page misses nothing; a channel leaves when its share is full.
        let mut following: HashSet<usize> =
            (0..self.lines.len()).filter(|&line| self.lines[line].source.is_stored_from(after)).collect();
        for queued in page {
            let lines = self.lines.len();
            let index = self.line(&queued.message.address.channel);
            if index == lines && self.elsewhere.is_stored_from(after) {
                following.insert(index);
            }
            let line = &mut self.lines[index];
            if !following.contains(&index) || line.source.is_behind(queued.id) {
                continue;
            }
            if line.in_memory >= self.bounds.in_memory {
                following.remove(&index);
                continue;
            }
            line.source = Source::Stored { from: queued.id };
            let known = self.claimed.contains_key(&queued.id)
                || settled_meanwhile.contains(&queued.id)
                || self.is_known(&queued);
            if !known {
                self.admit(index, queued, true, now);
            }
        }
        for index in following {
            let line = &mut self.lines[index];
            line.source.advance(end, last, line.left);
        }
        if self.elsewhere.is_stored_from(after) {
            self.elsewhere.advance(end, last, 0);
        }
    }
}

impl Source {
    fn stored_from(self) -> Option<i64> {
        match self {
            Self::Stored { from } => Some(from),
            Self::Live { .. } => None,
        }
    }

    /// Whether a page of the ids above `after` misses nothing that is to be read.
    fn is_stored_from(self, after: i64) -> bool {
        self.stored_from().is_some_and(|from| from >= after)
    }

    /// All up to `end` is read, and nothing came after it if `last` and nothing was `left` meanwhile.
    fn advance(&mut self, end: i64, last: bool, left: i64) {
        let Some(from) = self.stored_from() else { return };
        let from = from.max(end);
        *self = if last && left <= from { Self::Live { frontier: from } } else { Self::Stored { from } };
    }
}
