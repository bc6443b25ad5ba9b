//! One lane: a thread that decides the events of its conversations one after the other.

use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use lru::LruCache;
use tokio::sync::{Notify, mpsc, oneshot};
use tracing::Span;

use super::{
    Accepted, Workbench,
    compose::compose,
    facts::{Facts, KvOverlay},
};
use crate::{
    engine::View,
    model::{Action, Address, Conversation, Event, EventKind, Order, TraceId},
    store::{Committed, Decided, Pending, StoreError},
};

/// Conversations a lane remembers, so that a busy one is not read from disk at each message.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(8192).unwrap();

/// An event to decide.
pub struct Job {
    pub event: Event,
    pub now_ms: i64,
    pub hold_ms: Option<i64>,
    pub done: oneshot::Sender<Result<Accepted, StoreError>>,
    /// All that is logged about the event is said in here, on whatever thread.
    pub span: Span,
}

impl Job {
    pub fn new(
        event: Event,
        now_ms: i64,
        hold_ms: Option<i64>,
        done: oneshot::Sender<Result<Accepted, StoreError>>,
    ) -> Self {
        let span = tracing::info_span!("event", event = %TraceId::from(&event), channel = event.channel);
        Self { event, now_ms, hold_ms, done, span }
    }
}

/// A commit under way; its outcome is handed on in the order of the commits.
struct UnderWay {
    commit: Commit,
    number: u64,
    kv: Vec<(String, String)>,
    sets_timer: bool,
    done: oneshot::Sender<Result<Accepted, StoreError>>,
    span: Span,
}

enum Commit {
    New(Pending<Committed>),
    /// The event is in the log, or in a commit ahead of this barrier.
    Duplicate {
        barrier: Pending<()>,
        channel: String,
        dedupe: String,
    },
}

/// A conversation as of the lane's last decision about it.
struct Remembered {
    conversation: Conversation,
    /// The commit that carries it.
    commit: u64,
}

struct Lane {
    bench: Workbench,
    kv: KvOverlay,
    conversations: LruCache<Address, Remembered>,
    /// Dedupe keys of commits under way, and the same in commit order.
    deduped: HashSet<(String, String)>,
    deduping: VecDeque<(u64, (String, String))>,
    epoch: u64,
    commits: u64,
    completed: Arc<AtomicU64>,
    under_way: mpsc::UnboundedSender<UnderWay>,
}

/// Starts the lane's thread, and the task that hands on the outcome of its commits.
pub fn start(
    number: usize,
    bench: Workbench,
    kv: KvOverlay,
    timer_set: Arc<Notify>,
    mut jobs: mpsc::Receiver<Job>,
) -> std::io::Result<()> {
    let (under_way, outcomes) = mpsc::unbounded_channel();
    let completed = Arc::new(AtomicU64::new(0));
    tokio::spawn(hand_on(bench.clone(), kv.clone(), timer_set, completed.clone(), outcomes));
    let epoch = bench.store.epoch();
    let mut lane = Lane {
        bench,
        kv,
        conversations: LruCache::new(REMEMBERED),
        deduped: HashSet::new(),
        deduping: VecDeque::new(),
        epoch,
        commits: 0,
        completed,
        under_way,
    };
    std::thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
        while let Some(job) = jobs.blocking_recv() {
            lane.take(job);
        }
    })?;
    Ok(())
}

impl Lane {
    fn take(&mut self, job: Job) {
        let span = job.span.clone();
        let _in_span = span.enter();
        self.catch_up();
        let key = (job.event.channel.clone(), job.event.dedupe.clone());
        let known = self.deduped.contains(&key)
            || match self.bench.store.find_event(&key.0, &key.1) {
                Ok(found) => found.is_some(),
                Err(error) => {
                    let _ = job.done.send(Err(error));
                    return;
                }
            };
        let under_way = if known {
            let commit = Commit::Duplicate { barrier: self.bench.store.barrier(), channel: key.0, dedupe: key.1 };
            UnderWay { commit, number: self.commits, kv: Vec::new(), sets_timer: false, done: job.done, span: job.span }
        } else {
            match self.decide(&job) {
                Ok(decided) => {
                    self.commits += 1;
                    self.deduped.insert(key.clone());
                    self.deduping.push_back((self.commits, key));
                    self.remember(&decided);
                    let kv =
                        decided.decision.kv.iter().map(|write| (write.plugin.clone(), write.key.clone())).collect();
                    let sets_timer =
                        decided.decision.actions.iter().any(|action| matches!(action, Action::SetTimer { .. }));
                    let commit = Commit::New(self.bench.store.commit(decided));
                    UnderWay { commit, number: self.commits, kv, sets_timer, done: job.done, span: job.span }
                }
                Err(error) => {
                    let _ = job.done.send(Err(error));
                    return;
                }
            }
        };
        // The receiver lives as long as this sender does.
        let _ = self.under_way.send(under_way);
    }

    /// Forgets what is durable by now; forgets everything after a failed commit.
    fn catch_up(&mut self) {
        let epoch = self.bench.store.epoch();
        if epoch != self.epoch {
            self.epoch = epoch;
            self.conversations.clear();
            self.deduped.clear();
            self.deduping.clear();
        }
        let completed = self.completed.load(Ordering::Acquire);
        while let Some((number, _)) = self.deduping.front()
            && *number <= completed
        {
            if let Some((_, key)) = self.deduping.pop_front() {
                self.deduped.remove(&key);
            }
        }
    }

    fn decide(&mut self, job: &Job) -> Result<Decided, StoreError> {
        let began = Instant::now();
        let Job { event, now_ms, .. } = job;
        let store = &*self.bench.store;
        let completed = self.completed.load(Ordering::Acquire);
        let remembered = self.conversations.get(&event.address);
        let unsettled = remembered.is_some_and(|it| it.commit > completed);
        let stored;
        let conversation = match remembered {
            Some(it) => &it.conversation,
            None => {
                stored = store.conversation(&event.address)?.unwrap_or_default();
                &stored
            }
        };
        let playbook = self.bench.playbook.load();
        let facts = Facts {
            store,
            kv: &self.kv,
            playbook: &playbook,
            address: &event.address,
            unsettled: AtomicBool::new(unsettled),
        };
        let order = order_of(event, &facts);
        let view = View { conversation, order: order.as_ref(), lookups: &facts, now_ms: *now_ms };
        let mut decision = playbook.decide(event, &view, &*self.bench.plugins);
        self.kv.stage(&decision.kv);
        let channels = self.bench.channels.load();
        let not_before_ms = job.hold_ms.map_or(0, |hold| now_ms + hold);
        let messages = compose(event, &mut decision, &channels, |to| playbook.address_of(to), not_before_ms);
        metrics::histogram!("nightclerk_decision_seconds").record(began.elapsed());
        tracing::debug!(actions = decision.actions.len(), messages = messages.len(), "decided");
        Ok(Decided { event: event.clone(), decision, messages, received_ms: *now_ms, epoch: self.epoch })
    }

    fn remember(&mut self, decided: &Decided) {
        let remembered = Remembered { conversation: decided.decision.conversation.clone(), commit: self.commits };
        self.conversations.put(decided.event.address.clone(), remembered);
    }
}

/// The order an event is about, as it is before the event.
fn order_of(event: &Event, facts: &Facts<'_>) -> Option<Order> {
    use crate::model::Lookups;
    match &event.kind {
        EventKind::Order(order_event) => facts.order(&event.channel, &order_event.order_id),
        EventKind::Timer(timer) => {
            let text = |key| timer.payload.get(key).and_then(serde_json::Value::as_str);
            facts.order(text("shop")?, text("order_id")?)
        }
        _ => None,
    }
}

/// Waits for the lane's commits in their order; queues their messages and tells whoever waits.
async fn hand_on(
    bench: Workbench,
    kv: KvOverlay,
    timer_set: Arc<Notify>,
    completed: Arc<AtomicU64>,
    mut outcomes: mpsc::UnboundedReceiver<UnderWay>,
) {
    while let Some(UnderWay { commit, number, kv: staged, sets_timer, done, span }) = outcomes.recv().await {
        let result = match commit {
            Commit::New(pending) => pending.await.unwrap_or(Err(StoreError::Closed)).map(accepted),
            Commit::Duplicate { barrier, channel, dedupe } => match barrier.await.unwrap_or(Err(StoreError::Closed)) {
                Ok(()) => find(&bench, &channel, &dedupe),
                Err(error) => Err(error),
            },
        };
        completed.fetch_max(number, Ordering::Release);
        kv.release(&staged);
        span.in_scope(|| tell(&result));
        match &result {
            Ok(accepted) if accepted.duplicate => metrics::counter!("nightclerk_duplicates_total").increment(1),
            Ok(accepted) => {
                if !accepted.queued.is_empty() {
                    bench.outbox.enqueue(accepted.queued.clone());
                }
                if sets_timer {
                    timer_set.notify_one();
                }
            }
            Err(_) => {}
        }
        let _ = done.send(result);
    }
}

/// Logs what became of an event.
fn tell(result: &Result<Accepted, StoreError>) {
    match result {
        Ok(Accepted { event_id, duplicate: true, .. }) => tracing::debug!(log = event_id, "came before"),
        Ok(Accepted { event_id, .. }) => tracing::debug!(log = event_id, "kept"),
        Err(error) => tracing::error!(%error, "an event could not be kept; its sender is told to try again"),
    }
}

fn accepted(committed: Committed) -> Accepted {
    match committed {
        Committed::New { event_id, queued } => Accepted { event_id, queued, duplicate: false },
        Committed::Duplicate { event_id, queued } => Accepted { event_id, queued, duplicate: true },
    }
}

/// What was accepted earlier under this dedupe id.
fn find(bench: &Workbench, channel: &str, dedupe: &str) -> Result<Accepted, StoreError> {
    let event_id = bench.store.find_event(channel, dedupe)?.ok_or(StoreError::Stale)?;
    Ok(Accepted { event_id, queued: bench.store.messages_of(event_id)?, duplicate: true })
}
