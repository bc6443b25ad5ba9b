//! From event to durable decision.
//!
//! Conversations are dealt out to a few lanes by hash. A lane is one thread that decides its events one
//! after the other, so the events of one conversation are decided in arrival order while others go on
//! beside it. Event, decision and messages are handed to the store as one commit; whoever brought the event
//! hears of it when that commit is durable.

mod address;
mod case;
mod chat;
mod compose;
mod crash_record;
mod deciding;
mod drafts;
mod job;
mod lane;
mod later;
mod outcomes;
mod room;
mod snapshot;
mod timers;
mod unsaid;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    sync::Arc,
};

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    in_force,
    model::{Address, Colleague, Event, EventKind, OutsideQuestion, Plugins, Reply},
    outbox::Outbox,
    store::{Queued, Report, Store, StoreError, wait},
};
use job::{Job, Work};

pub use case::{Case, Made};
pub use crash_record::{Care, CrashRecord};
pub use deciding::Deciding;
pub use room::translated as room_talk_translated;
pub use timers::Timers;

/// Events a lane may have waiting before senders are made to wait too.
const LANE_QUEUE: usize = 1024;
/// Conversations that the lanes remember together, some three kilobytes each, whatever the number of processors.
const REMEMBERED: usize = 32_768;
/// Undecided events read from the store at once.
const PAGE: usize = 256;

/// What the lanes work with.
#[derive(Clone)]
pub struct Services {
    pub store: Arc<dyn Store>,
    pub in_force: in_force::Current,
    pub plugins: Arc<dyn Plugins>,
    pub outbox: Outbox,
    pub outside: Arc<dyn Outside>,
    pub crash_record: Arc<CrashRecord>,
}

/// The way out for questions that a decision waits for.
pub trait Outside: Send + Sync {
    /// Asks; takes a bounded time, and never fails otherwise than in the reply.
    fn ask(&self, question: OutsideQuestion) -> BoxFuture<'static, Reply>;
}

/// The way in for events; cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    lanes: Arc<[mpsc::Sender<Work>]>,
    store: Arc<dyn Store>,
    outbox: Outbox,
    /// An event came in since somebody asked.
    stirred: Arc<Notify>,
}

/// An event that is durable, with the messages it led to.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub event_id: i64,
    /// Empty where the event is decided later.
    pub queued: Vec<Queued>,
    /// Whether it is decided by now.
    pub decided: bool,
    /// The event had been accepted before; nothing new was decided.
    pub duplicate: bool,
}

impl Inbox {
    /// Starts `lanes` threads. They end when the last clone of the inbox is dropped.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(services: Services, lanes: usize) -> std::io::Result<(Self, Arc<Notify>)> {
        let timer_set = Arc::new(Notify::new());
        let drafts = drafts::Drafts::default();
        let ways_back = outcomes::Lanes::default();
        let (store, outbox) = (services.store.clone(), services.outbox.clone());
        let lanes = lanes.max(1);
        let remembers = NonZeroUsize::new(REMEMBERED / lanes).unwrap_or(NonZeroUsize::MIN);
        let senders = (0..lanes)
            .map(|number| {
                let (sender, receiver) = mpsc::channel(LANE_QUEUE);
                let (services, drafts, timer_set) = (services.clone(), drafts.clone(), timer_set.clone());
                lane::start(number, remembers, services, drafts, timer_set, ways_back.clone(), receiver)?;
                Ok(sender)
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        // Nobody else fills it.
        let _ = ways_back.set(senders.iter().map(mpsc::Sender::downgrade).collect());
        Ok((Self { lanes: senders.into(), store, outbox, stirred: Arc::default() }, timer_set))
    }

    /// Takes up the events that an earlier run wrote down and did not decide, in their order. To be called before new
    /// ones are accepted.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn take_up(&self) -> Result<usize, StoreError> {
        let (mut after, mut count) = (0, 0);
        loop {
            let page = wait(self.store.undecided(after, PAGE)).await?;
            let Some(last) = page.last() else { return Ok(count) };
            after = last.id;
            count += page.len();
            for event in page {
                let mut job = Job::new(event.event, event.received_ms);
                job.received = Some(event.id);
                job.recorded = event.recorded;
                self.send(job).await?;
            }
        }
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
        let mut reports = Vec::new();
        for event in events {
            match event.kind {
                // What became of a message is a fact about the message; there is nothing to decide.
                EventKind::Status(status) => {
                    let report = Report {
                        channel: event.channel,
                        platform_id: status.message_id,
                        status: status.status,
                        error: status.error,
                        at_ms: event.at_ms,
                    };
                    reports.push((self.store.report(report.clone()), report));
                }
                // Some platforms send back what the clerk said just as what a person said.
                EventKind::Colleague(Colleague { message_id: Some(ref id), ref text, .. })
                    if wait(self.store.was_said(&event.address, id, text.as_deref())).await? => {}
                _ => waiting.push(self.submit(event, now_ms, None).await?),
            }
        }
        let mut accepted = Vec::with_capacity(waiting.len());
        for receiver in waiting {
            accepted.push(receiver.await.map_err(|_| StoreError::Closed)??);
        }
        for (pending, report) in reports {
            if wait(pending).await? && report.status == "failed" {
                failed_after_all(&report);
                self.outbox.failed_after_all();
            }
        }
        Ok(accepted)
    }

    async fn submit(
        &self,
        event: Event,
        now_ms: i64,
        hold_ms: Option<i64>,
    ) -> Result<oneshot::Receiver<Result<Accepted, StoreError>>, StoreError> {
        let (done, receiver) = oneshot::channel();
        let mut job = Job::new(event, now_ms);
        job.hold_ms = hold_ms;
        job.done = Some(done);
        job.span.in_scope(|| tracing::debug!(kind = job.event.kind.name(), "received"));
        self.send(job).await?;
        Ok(receiver)
    }

    /// Events that wait to be decided.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity() - lane.capacity()).sum()
    }

    /// Waits until an event comes in, or has since the last time. For one alone.
    pub async fn stirs(&self) {
        self.stirred.notified().await;
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        self.stirred.notify_one();
        let lane = lane_of(&job.event.address, self.lanes.len());
        self.lanes[lane].send(Work::New(job)).await.map_err(|_| StoreError::Closed)
    }
}

/// The platform took a message, and could not deliver it: it is a dead letter now.
fn failed_after_all(report: &Report) {
    let Report { channel, error, .. } = report;
    tracing::warn!(channel, error, "the platform took a message and could not deliver it");
    metrics::counter!("nightclerk_outbox_dead_total", "channel" => channel.clone()).increment(1);
}

/// The lane that decides a conversation's events.
fn lane_of(address: &Address, lanes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    (hasher.finish() % lanes.max(1) as u64) as usize
}

#[cfg(test)]
mod tests;
