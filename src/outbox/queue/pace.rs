//! What comes back to be tried again, and what the platform says of how much may be sent.

use std::time::Duration;

use tokio::time::Instant;

use super::{Job, Now, Queue, chat::Waiting};
use crate::model::Address;

/// How many that wait for the platform may go for each message that got through.
const WOKEN_BY_ONE: usize = 2;

impl Queue {
    /// The message under way goes back to its place, to be tried again after `delay`.
    pub fn put_back(&mut self, job: Job, delay: Duration, gap: Duration, now: Now) {
        self.wait_again(job, delay, false, gap, now);
    }

    /// The same because the platform is away; `came_back` may let it go sooner.
    pub fn wait_for_platform(&mut self, job: Job, delay: Duration, gap: Duration, now: Now) {
        self.wait_again(job, delay, true, gap, now);
    }

    fn wait_again(&mut self, job: Job, delay: Duration, for_the_platform: bool, gap: Duration, now: Now) {
        let address = job.queued.message.address.clone();
        let line = self.line(&address.channel);
        if let Some((address, _)) = self.conversations.get_key_value(&address)
            && for_the_platform
        {
            self.lines[line].away.push_back(address.clone());
        }
        if let Some(conversation) = self.conversations.get_mut(&address) {
            conversation.insert(Waiting { job, not_before: now.instant + delay, for_the_platform });
        }
        self.land(&address, line, gap, now);
    }

    /// A message got through. Those that wait for the platform need not sleep on: two follow each, so that a platform
    /// that is well hears all of them soon, and one that only stammers is not run down.
    pub fn came_back(&mut self, channel: &str, now: Now) {
        let line = self.line(channel);
        for _ in 0..WOKEN_BY_ONE {
            while let Some(address) = self.lines[line].away.pop_front() {
                let first = self.conversations.get_mut(&address).and_then(|it| it.waiting.front_mut());
                // Another message may stand there by now.
                let Some(first) = first.filter(|first| first.for_the_platform) else { continue };
                first.for_the_platform = false;
                first.not_before = now.instant;
                self.reschedule(&address, now.instant);
                break;
            }
        }
    }

    /// The platform wants nothing of the whole channel for so long.
    pub fn slow_down(&mut self, channel: &str, delay: Duration, now: Now) {
        let line = self.line(channel);
        self.lines[line].close_until(now.instant + delay);
    }

    /// Nothing of this channel leaves any more until `resume`, or until the given time.
    pub fn halt(&mut self, channel: &str, reason: String, until: Option<Instant>) {
        let line = self.line(channel);
        self.lines[line].halt(reason, until);
    }

    pub fn resume(&mut self, channel: &str) {
        let line = self.line(channel);
        self.lines[line].resume();
    }

    /// The platform told this conversation to send less for so long. One may be alone in that; when two hear
    /// it at once, the whole channel waits.
    pub fn throttled(&mut self, address: &Address, delay: Duration, now: Now) {
        let line = self.line(&address.channel);
        self.lines[line].throttled(address, now.instant, now.instant + delay);
    }

    /// Channels from which nothing leaves, with the reason, by name.
    pub fn halted(&self, now: Now) -> Vec<(String, String)> {
        let mut halted: Vec<_> = self.lines.iter().filter_map(|line| line.halted(now.instant)).collect();
        halted.sort();
        halted
    }
}
