//! The queue against a store that is a plain map, and a clock that is moved by hand.

use std::collections::BTreeMap;

use super::*;
use crate::{
    model::{Content, ReplyContext},
    store::{Delivery, NewMessage},
};

mod model;
mod turns;

const ROOMY: Bounds = Bounds { in_flight: 64, in_memory: 1000 };

struct World {
    queue: Queue,
    now: Now,
    /// What is pending in the store.
    pending: BTreeMap<i64, Queued>,
    next_id: i64,
}

impl World {
    fn new(bounds: Bounds) -> Self {
        let now = Now { instant: Instant::now(), wall_ms: 1_000_000 };
        Self { queue: Queue::new(bounds), now, pending: BTreeMap::new(), next_id: 1 }
    }

    /// One that has read its empty backlog.
    fn live(bounds: Bounds) -> Self {
        let mut world = Self::new(bounds);
        world.read_all();
        world
    }

    fn commit(&mut self, chat: &str, hold_ms: i64) -> Queued {
        let (channel, chat) = chat.split_once('/').unwrap();
        let message = NewMessage {
            address: Address::new(channel, chat),
            content: Content::text("hello"),
            context: ReplyContext::default(),
            key: String::new(),
            not_before_ms: if hold_ms > 0 { self.now.wall_ms + hold_ms } else { 0 },
            notice: false,
        };
        let id = self.next_id;
        self.next_id += 1;
        let queued = Queued {
            id,
            message,
            attempts: 0,
            doubts: 0,
            state: MessageState::Pending,
            last_error: None,
            created_ms: 0,
            delivery: Delivery::default(),
        };
        self.pending.insert(id, queued.clone());
        queued
    }

    fn enqueue(&mut self, queued: Queued) {
        for id in self.queue.enqueue(vec![queued], self.now) {
            if let Some(pending) = self.pending.get(&id) {
                self.queue.take(pending.clone(), self.now);
            }
        }
    }

    fn add(&mut self, chat: &str) -> i64 {
        let queued = self.commit(chat, 0);
        let id = queued.id;
        self.enqueue(queued);
        id
    }

    fn page(&self, after: i64, limit: usize) -> Vec<Queued> {
        self.pending.range(after + 1..).take(limit).map(|(_, queued)| queued.clone()).collect()
    }

    fn read_page(&mut self, limit: usize) -> bool {
        let Some(after) = self.queue.begin_read() else { return false };
        let page = self.page(after, limit);
        let last = page.len() < limit;
        self.queue.admit_page(page, last, self.now);
        true
    }

    fn read_all(&mut self) {
        for _ in 0..10_000 {
            if !self.read_page(7) {
                return;
            }
        }
        panic!("reading never ends");
    }

    fn next(&mut self) -> Option<Job> {
        self.queue.next(self.now, |_| 0)
    }

    fn next_id(&mut self) -> Option<i64> {
        self.next().map(|job| job.queued.id)
    }

    fn sent(&mut self, job: &Job) {
        self.queue.finish(&job.queued.message.address, job.queued.id, Duration::ZERO, self.now);
        self.pending.remove(&job.queued.id);
        self.queue.settled(&[job.queued.id]);
    }

    fn advance(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.wall_ms += time.as_millis() as i64;
    }
}

const SECOND: Duration = Duration::from_secs(1);
