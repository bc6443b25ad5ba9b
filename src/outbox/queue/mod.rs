//! Which message may leave next. Pure: the time comes in with each call, and nothing goes out.
//!
//! Messages of one conversation wait in line, by id; the first one holds back all behind it. Conversations
//! that may send wait in their channel's line, and channels take turns. What does not fit in memory stays in
//! the store and is read back page by page (`backlog`).

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    model::{Address, Content},
    store::{MessageState, Queued},
};

mod backlog;
mod chat;
mod line;
mod pace;
#[cfg(test)]
mod tests;

use backlog::{Read, Source};
pub use chat::Job;
use chat::{ChatQueue, State, Waiting};
use line::ChannelLine;

/// A message given out in a webhook's response is settled at once by whoever took it; after this long no page
/// read can still show it as pending.
const CLAIM_MEMORY: Duration = Duration::from_secs(60);

/// The time by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    pub instant: Instant,
    /// Milliseconds since the Unix epoch.
    pub wall_ms: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Messages under way at once, over all channels.
    pub in_flight: usize,
    /// Messages of one channel kept in memory.
    pub in_memory: usize,
}

impl Bounds {
    /// One slow platform must not take all the room there is.
    fn in_flight_per_channel(&self) -> usize {
        (self.in_flight - self.in_flight / 4).max(1)
    }
}

pub struct Queue {
    bounds: Bounds,
    conversations: HashMap<Arc<Address>, ChatQueue>,
    /// As few as the store has channels.
    lines: Vec<ChannelLine>,
    /// Whose turn it is.
    turn: usize,
    under_way: usize,
    /// When to look at a conversation again; entries may be stale.
    wakes: BinaryHeap<Reverse<(Instant, Arc<Address>)>>,
    /// Messages that wait for their webhook's response to be written.
    held: BTreeMap<i64, Arc<Address>>,
    /// Messages given out by `claim`, and when.
    claimed: BTreeMap<i64, Instant>,
    /// Messages that are done, but in the store perhaps not yet.
    settling: BTreeSet<i64>,
    /// The source of channels that have no line yet.
    elsewhere: Source,
    read: Option<Read>,
    /// The highest id that was left in the store.
    left: i64,
}

impl Queue {
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            conversations: HashMap::new(),
            lines: Vec::new(),
            turn: 0,
            under_way: 0,
            wakes: BinaryHeap::new(),
            held: BTreeMap::new(),
            claimed: BTreeMap::new(),
            settling: BTreeSet::new(),
            elsewhere: Source::Stored { from: 0 },
            read: None,
            left: 0,
        }
    }

    /// Takes messages that were committed just now, or that a person or a webhook gives back. Returns the ids of the
    /// few that may have been read from the store before: `take` those that it still has as pending.
    #[must_use]
    pub fn enqueue(&mut self, messages: Vec<Queued>, now: Now) -> Vec<i64> {
        let mut doubtful = Vec::new();
        for queued in messages {
            let id = queued.id;
            if queued.state != MessageState::Pending || self.is_known(&queued) {
                continue;
            }
            let line = self.line(&queued.message.address.channel);
            if self.claimed.remove(&id).is_some() || !self.leave_in_store(line, id) {
                self.admit(line, queued, false, now);
            } else if self.lines[line].source.is_behind(id) {
                doubtful.push(id);
            }
        }
        doubtful
    }

    /// Takes a message that is pending in the store, unless it is here.
    pub fn take(&mut self, queued: Queued, now: Now) {
        if !self.is_known(&queued) {
            let line = self.line(&queued.message.address.channel);
            self.admit(line, queued, false, now);
        }
    }

    /// Takes out a message that waits for its webhook's response; false if it does not, or not any more.
    pub fn claim(&mut self, id: i64, now: Now) -> bool {
        let Some(address) = self.held.remove(&id) else { return false };
        let Some(conversation) = self.conversations.get_mut(&address) else { return false };
        let Ok(position) = conversation.position(id) else { return false };
        conversation.waiting.remove(position);
        let line = self.line(&address.channel);
        self.lines[line].in_memory -= 1;
        self.claimed.retain(|_, since| now.instant.saturating_duration_since(*since) < CLAIM_MEMORY);
        self.claimed.insert(id, now.instant);
        self.reschedule(&address, now.instant);
        true
    }

    /// Drops what waits for an address, and what it sent that waits for people of the store; what is under way is not called
    /// back.
    pub fn forget(&mut self, address: &Address) {
        let is_of = |content: &Content| matches!(content, Content::Carried(it) if it.customer == *address);
        let mut dropped = Vec::new();
        for (to, chat) in &mut self.conversations {
            chat.waiting.retain(|it| {
                let goes = **to == *address || is_of(&it.job.queued.message.content);
                if goes {
                    dropped.push((to.channel.clone(), it.job.queued.id));
                }
                !goes
            });
        }
        for (channel, id) in dropped {
            self.held.remove(&id);
            let line = self.line(&channel);
            self.lines[line].in_memory -= 1;
        }
    }

    /// Lets messages go that were held back for their webhook's response.
    pub fn release(&mut self, ids: impl IntoIterator<Item = i64>, now: Now) {
        for id in ids {
            let Some(address) = self.held.remove(&id) else { continue };
            if let Some(conversation) = self.conversations.get_mut(&address)
                && let Ok(position) = conversation.position(id)
                && let Some(waiting) = conversation.waiting.get_mut(position)
            {
                waiting.not_before = now.instant;
            }
            self.reschedule(&address, now.instant);
        }
    }

    /// The next message that may leave now, and is then under way until `finish` or `put_back`.
    ///
    /// `per_second` is a channel's limit; 0 for none.
    pub fn next(&mut self, now: Now, per_second: impl Fn(&str) -> u32) -> Option<Job> {
        self.wake(now.instant);
        if self.under_way >= self.bounds.in_flight {
            return None;
        }
        for offset in 0..self.lines.len() {
            let line = (self.turn + offset) % self.lines.len();
            if let Some(job) = self.next_of(line, now, &per_second) {
                self.turn = line + 1;
                return Some(job);
            }
        }
        None
    }

    fn next_of(&mut self, index: usize, now: Now, per_second: impl Fn(&str) -> u32) -> Option<Job> {
        let per_channel = self.bounds.in_flight_per_channel();
        loop {
            let line = &mut self.lines[index];
            if line.under_way >= per_channel || !line.is_open(now.instant) {
                return None;
            }
            let address = line.ready.front()?.clone();
            let conversation = self.conversations.get_mut(&address);
            let Some(conversation) = conversation.filter(|it| it.opens_at().is_some_and(|at| at <= now.instant)) else {
                // Its first message was claimed, or another came before it.
                line.ready.pop_front();
                self.doze(&address, now.instant);
                continue;
            };
            if !line.admits_one_more(per_second(&line.channel), now.instant) {
                return None;
            }
            line.ready.pop_front();
            let job = conversation.waiting.pop_front()?.job;
            conversation.state = State::UnderWay(job.queued.id);
            line.under_way += 1;
            self.under_way += 1;
            self.held.remove(&job.queued.id);
            return Some(job);
        }
    }

    /// The message under way is done with: its settlement is on its way to the store. The chat takes the next
    /// one after `gap`.
    pub fn finish(&mut self, address: &Address, id: i64, gap: Duration, now: Now) {
        self.settling.insert(id);
        let line = self.line(&address.channel);
        self.lines[line].in_memory -= 1;
        self.land(address, line, gap, now);
    }

    /// The attempt is over: its place is free again, and its chat waits out the platform's gap.
    fn land(&mut self, address: &Address, line: usize, gap: Duration, now: Now) {
        self.lines[line].under_way -= 1;
        self.under_way -= 1;
        let Some((address, _)) = self.conversations.get_key_value(address) else { return };
        let address = address.clone();
        if let Some(conversation) = self.conversations.get_mut(&address) {
            conversation.open_at = now.instant + gap;
        }
        self.doze(&address, now.instant);
    }

    /// These settlements are durable.
    pub fn settled(&mut self, ids: &[i64]) {
        for id in ids {
            self.settling.remove(id);
            // A page that is being read may be older than the settlement.
            if let Some(read) = &mut self.read {
                read.settled_meanwhile.insert(*id);
            }
        }
    }

    /// Whether it may be that a message to this address has arrived, and the store does not know it yet.
    pub fn is_unsettled(&self, address: &Address) -> bool {
        let is_under_way = |it: &ChatQueue| matches!(it.state, State::UnderWay(_));
        !self.settling.is_empty() || self.conversations.get(address).is_some_and(is_under_way)
    }

    /// When `next` may give something that it does not give now, and nobody will tell.
    pub fn next_wake(&self) -> Option<Instant> {
        // Where there is no room, the next message to land makes some.
        let per_channel = if self.under_way < self.bounds.in_flight { self.bounds.in_flight_per_channel() } else { 0 };
        let line =
            self.lines.iter().filter(|line| line.under_way < per_channel).filter_map(ChannelLine::opens_at).min();
        let conversation = self.wakes.peek().map(|Reverse((at, _))| *at);
        line.into_iter().chain(conversation).min()
    }

    /// Whether nothing is under way, nor could be soon: what waits is held, asleep or stopped.
    pub fn is_quiet(&self) -> bool {
        self.under_way == 0 && self.read.is_none() && self.lines.iter().all(ChannelLine::is_quiet)
    }

    /// Messages in memory, those under way among them.
    pub fn len(&self) -> usize {
        self.lines.iter().map(|line| line.in_memory).sum()
    }

    /// When the oldest message that waits was committed.
    pub fn oldest_ms(&self) -> Option<i64> {
        self.conversations.values().filter_map(|it| it.waiting.front()).map(|it| it.job.queued.created_ms).min()
    }

    fn line(&mut self, channel: &str) -> usize {
        self.lines.iter().position(|it| it.channel == channel).unwrap_or_else(|| {
            self.lines.push(ChannelLine::new(channel, self.elsewhere));
            self.lines.len() - 1
        })
    }

    /// Whether the message is in memory already, or was sent from there just now.
    fn is_known(&self, queued: &Queued) -> bool {
        self.settling.contains(&queued.id)
            || self.conversations.get(&queued.message.address).is_some_and(|conversation| {
                conversation.state == State::UnderWay(queued.id) || conversation.position(queued.id).is_ok()
            })
    }

    fn admit(&mut self, line: usize, queued: Queued, restored: bool, now: Now) {
        let wait_ms = queued.message.not_before_ms.saturating_sub(now.wall_ms).max(0);
        let not_before = now.instant + Duration::from_millis(wait_ms.unsigned_abs()).min(FAR);
        let address = match self.conversations.get_key_value(&queued.message.address) {
            Some((address, _)) => address.clone(),
            None => {
                let address = Arc::new(queued.message.address.clone());
                let conversation =
                    ChatQueue { waiting: VecDeque::new(), state: State::Asleep(now.instant), open_at: now.instant };
                self.conversations.insert(address.clone(), conversation);
                address
            }
        };
        if not_before > now.instant && queued.attempts == 0 {
            self.held.insert(queued.id, address.clone());
        }
        if let Some(conversation) = self.conversations.get_mut(&address) {
            let job = Job::new(queued, restored, now.wall_ms);
            conversation.insert(Waiting { job, not_before, for_the_platform: false });
        }
        self.lines[line].in_memory += 1;
        self.reschedule(&address, now.instant);
    }

    /// Looks at a conversation again whose line of messages changed.
    fn reschedule(&mut self, address: &Arc<Address>, now: Instant) {
        // One under way is looked at when it lands, one that is ready when its turn comes.
        if let Some(State::Asleep(_)) = self.conversations.get(address).map(|conversation| conversation.state) {
            self.doze(address, now);
        }
    }

    /// Puts a conversation that is in no line where it belongs now: in line, to sleep, or away.
    fn doze(&mut self, address: &Arc<Address>, now: Instant) {
        let Some(conversation) = self.conversations.get_mut(address) else { return };
        let at = match conversation.opens_at() {
            Some(at) => at,
            // The gap is kept for a message that may come.
            None if conversation.open_at > now => conversation.open_at,
            None => {
                self.conversations.remove(address);
                return;
            }
        };
        if at > now {
            if conversation.state != State::Asleep(at) {
                self.wakes.push(Reverse((at, address.clone())));
            }
            conversation.state = State::Asleep(at);
        } else {
            conversation.state = State::Ready;
            let line = self.line(&address.channel);
            self.lines[line].ready.push_back(address.clone());
        }
    }

    fn wake(&mut self, now: Instant) {
        while let Some(Reverse((at, _))) = self.wakes.peek()
            && *at <= now
            && let Some(Reverse((at, address))) = self.wakes.pop()
        {
            if self.conversations.get(&address).is_some_and(|conversation| conversation.state == State::Asleep(at)) {
                self.doze(&address, now);
            }
        }
    }
}

/// Far enough for a wait, near enough to add to any time.
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
