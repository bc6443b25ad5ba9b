//! From event to durable decision.
//!
//! Conversations are dealt out to a few lanes by hash. A lane is one thread that decides its events one
//! after the other, so the events of one conversation are decided in arrival order while others go on
//! beside it. Event, decision and messages are handed to the store as one commit; whoever brought the event
//! hears of it when that commit is durable.

mod compose;
mod facts;
mod lane;
mod timers;

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use arc_swap::ArcSwap;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    engine::Playbook,
    model::{Address, Event, EventKind, Plugins},
    outbox::{Channels, Outbox},
    store::{Queued, Store, StoreError},
};

pub use timers::Timers;

/// Events a lane may have waiting before senders are made to wait too.
const LANE_QUEUE: usize = 1024;

/// What the lanes work with.
#[derive(Clone)]
pub struct Workbench {
    pub store: Arc<dyn Store>,
    pub playbook: Arc<ArcSwap<Playbook>>,
    pub plugins: Arc<dyn Plugins>,
    pub channels: Channels,
    pub outbox: Outbox,
}

/// The way in for events; cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    lanes: Arc<[mpsc::Sender<lane::Job>]>,
    hasher: RandomState,
    store: Arc<dyn Store>,
}

/// An event that is durable, with the messages it led to.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub event_id: i64,
    pub queued: Vec<Queued>,
    /// The event had been accepted before; nothing new was decided.
    pub duplicate: bool,
}

impl Inbox {
    /// Starts `lanes` threads. They end when the last clone of the inbox is dropped.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(bench: Workbench, lanes: usize) -> std::io::Result<(Self, Arc<Notify>)> {
        let timer_set = Arc::new(Notify::new());
        let kv = facts::KvOverlay::default();
        let senders = (0..lanes.max(1))
            .map(|number| {
                let (sender, receiver) = mpsc::channel(LANE_QUEUE);
                lane::start(number, bench.clone(), kv.clone(), timer_set.clone(), receiver)?;
                Ok(sender)
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        let inbox = Self { lanes: senders.into(), hasher: RandomState::new(), store: bench.store };
        Ok((inbox, timer_set))
    }

    /// Decides an event and waits until it is durable.
    ///
    /// `hold_ms`: keep the messages back so long, for a reply in the webhook's own response.
    ///
    /// # Errors
    /// The store could not write: nothing was kept, and the sender should try again.
    pub async fn accept(&self, event: Event, now_ms: i64, hold_ms: Option<i64>) -> Result<Accepted, StoreError> {
        self.submit(event, now_ms, hold_ms).await?.await.map_err(|_| StoreError::Closed)?
    }

    /// Decides events that came together, in their order, and waits until all are durable.
    ///
    /// # Errors
    /// The first that failed; the sender should deliver all of them again.
    pub async fn accept_all(&self, events: Vec<Event>, now_ms: i64) -> Result<Vec<Accepted>, StoreError> {
        let mut waiting = Vec::with_capacity(events.len());
        for event in events {
            waiting.push(self.submit(event, now_ms, None).await?);
        }
        let mut accepted = Vec::with_capacity(waiting.len());
        for receiver in waiting {
            accepted.push(receiver.await.map_err(|_| StoreError::Closed)??);
        }
        Ok(accepted)
    }

    async fn submit(
        &self,
        mut event: Event,
        now_ms: i64,
        hold_ms: Option<i64>,
    ) -> Result<oneshot::Receiver<Result<Accepted, StoreError>>, StoreError> {
        self.keep_to_the_orders_conversation(&mut event)?;
        let (done, receiver) = oneshot::channel();
        let lane = self.lane_of(&event.address);
        let job = lane::Job::new(event, now_ms, hold_ms, done);
        job.span.in_scope(|| tracing::debug!(kind = job.event.kind.name(), "received"));
        self.lanes[lane].send(job).await.map_err(|_| StoreError::Closed)?;
        Ok(receiver)
    }

    /// An order stays with the conversation its first event named: later events need not repeat it.
    fn keep_to_the_orders_conversation(&self, event: &mut Event) -> Result<(), StoreError> {
        if let EventKind::Order(order_event) = &event.kind
            && let Some(order) = self.store.order(&event.channel, &order_event.order_id)?
            && !order.address.chat.is_empty()
        {
            event.address = order.address;
        }
        Ok(())
    }

    /// Events that wait to be decided.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity() - lane.capacity()).sum()
    }

    fn lane_of(&self, address: &Address) -> usize {
        (self.hasher.hash_one(address) % self.lanes.len() as u64) as usize
    }
}

#[cfg(test)]
mod tests;
