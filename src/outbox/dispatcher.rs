//! Runs the queue: tasks that attempt messages, and one that wakes what sleeps and has the backlog read.
//!
//! A task sends one message after the other as long as the queue gives it any, so at saturation there are no
//! more tasks than messages under way, and none is started per message.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use metrics::Gauge;
use tokio::{runtime::Handle, sync::Notify, time::Instant};
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

use super::{
    Channels, OutboxSettings,
    backoff::Backoff,
    courier::{Courier, Pace, Verdict, Why},
    queue::{Bounds, Job, Now, Queue},
    settler::Settler,
};
use crate::{
    bell::Bell,
    clock,
    model::{Address, Carried, Content, ReplyContext, TraceId, topic},
    pictures::Kind,
    store::{Delivery, MessageState, NewMessage, Queued, Store},
};

pub mod backlog;
mod landing;

/// Messages of one channel in memory; beyond, they stay in the store.
const IN_MEMORY: usize = 8192;

pub struct Dispatcher {
    store: Arc<dyn Store>,
    channels: Arc<dyn Channels>,
    courier: Courier,
    settler: Settler,
    max_attempts: u32,
    keep_trying_ms: i64,
    backoff: Backoff,
    shared: Arc<Mutex<Shared>>,
    /// Something changed that the waking task may have to act on.
    changed: Notify,
    /// A task found nothing more to send.
    rested: Notify,
    runtime: Handle,
    tasks: TaskTracker,
    /// How many messages wait.
    waiting: Gauge,
    bells: Arc<Bells>,
}

/// What the outbox tells of itself.
#[derive(Default)]
pub struct Bells {
    /// Messages are done with, in the store too.
    pub settled: Bell,
    /// A message was given up, or a channel stopped.
    pub troubled: Bell,
}

struct Shared {
    queue: Queue,
    /// No new attempt is begun any more.
    leaving: bool,
    /// When the waking task looks again by itself.
    asleep_until: Option<Instant>,
}

impl Dispatcher {
    pub fn start(
        store: Arc<dyn Store>,
        channels: Arc<dyn Channels>,
        courier: Courier,
        settings: &OutboxSettings,
    ) -> Arc<Self> {
        let bounds = Bounds { in_flight: settings.max_in_flight.max(1), in_memory: IN_MEMORY };
        let shared = Arc::new(Mutex::new(Shared { queue: Queue::new(bounds), leaving: false, asleep_until: None }));
        let bells = Arc::new(Bells::default());
        let (settled, rung) = (shared.clone(), bells.clone());
        let settler = Settler::start(store.clone(), move |done| {
            lock(&settled).queue.settled(&done.ids);
            rung.settled.ring();
            if done.is_one_dead {
                rung.troubled.ring();
            }
        });
        let dispatcher = Arc::new(Self {
            store,
            channels,
            courier,
            settler,
            max_attempts: settings.max_attempts.max(1),
            keep_trying_ms: settings.keep_trying_ms,
            backoff: settings.backoff(),
            shared,
            changed: Notify::new(),
            rested: Notify::new(),
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
            waiting: metrics::gauge!("nightclerk_outbox_waiting"),
            bells,
        });
        tokio::spawn(dispatcher.clone().keep_awake());
        tokio::spawn(dispatcher.clone().keep_claims());
        dispatcher
    }

    pub fn enqueue(self: &Arc<Self>, messages: Vec<Queued>) {
        let doubtful = self.change(|queue| queue.enqueue(messages, now()));
        if !doubtful.is_empty() {
            self.runtime.spawn(self.clone().look_up(doubtful));
        }
    }

    pub fn claim(self: &Arc<Self>, id: i64) -> bool {
        self.change(|queue| queue.claim(id, now()))
    }

    pub fn release(self: &Arc<Self>, ids: impl IntoIterator<Item = i64>) {
        self.change(|queue| queue.release(ids, now()));
    }

    pub fn home_of(&self, address: &Address) -> Option<Address> {
        self.courier.moves.home_of(address)
    }

    pub fn forget(self: &Arc<Self>, address: &Address) {
        self.change(|queue| queue.forget(address));
    }

    pub fn bells(&self) -> &Bells {
        &self.bells
    }

    pub fn is_unsettled(&self, address: &Address) -> bool {
        lock(&self.shared).queue.is_unsettled(address)
    }

    pub fn halted(&self) -> Vec<(String, String)> {
        lock(&self.shared).queue.halted(now())
    }

    pub fn hold(self: &Arc<Self>, channel: &str, reason: String, time: Option<Duration>) {
        match time {
            Some(time) => {
                tracing::warn!(channel, reason, delay_ms = time.as_millis() as u64, "the whole channel waits")
            }
            None => tracing::error!(channel, reason, "the channel is stopped until it is resumed"),
        }
        self.change(|queue| queue.halt(channel, reason, time.map(|time| now().instant + time)));
        self.bells.troubled.ring();
    }

    pub fn now_at(&self, address: &Address) -> Option<String> {
        self.courier.moves.now_at(address)
    }

    pub fn found_at(&self, address: &Address, chat: &str) {
        self.courier.moves.learn(address, chat);
    }

    pub fn oldest_ms(&self) -> Option<i64> {
        lock(&self.shared).queue.oldest_ms()
    }

    pub fn resume(self: &Arc<Self>, channel: &str) -> bool {
        if self.channels.channel(channel).is_none() {
            return false;
        }
        self.courier.tokens.forget(channel);
        self.change(|queue| queue.resume(channel));
        true
    }

    pub async fn fetch(&self, carried: &Carried) -> Result<(Kind, Bytes), String> {
        self.courier.porter.look(carried, &self.courier.tokens).await
    }

    pub async fn tell(&self, address: &Address, text: &str, key: &str) -> Result<(), String> {
        let handle = self.channels.channel(&address.channel).ok_or("its channel is not configured")?;
        let now = now();
        let message = NewMessage {
            address: address.clone(),
            content: Content::text(text),
            context: ReplyContext::default(),
            key: key.to_owned(),
            not_before_ms: 0,
            notice: true,
        };
        let queued = Queued {
            id: 0,
            message,
            attempts: 0,
            doubts: 0,
            state: MessageState::Pending,
            last_error: None,
            created_ms: now.wall_ms,
            delivery: Delivery::default(),
        };
        match self.courier.attempt(&handle, &mut Job::new(queued, false, now.wall_ms)).await {
            Verdict::Sent { .. } => Ok(()),
            Verdict::Retry { error, .. } | Verdict::Dead { error } => Err(error),
            Verdict::Stop { reason } | Verdict::TokenRefused { reason } => Err(reason),
            Verdict::NoToken(failed) => Err(format!("no access token: {}", failed.reason)),
            Verdict::Absent => Err("its channel is not configured".to_owned()),
        }
    }

    pub async fn drain(self: &Arc<Self>, grace: Duration) -> usize {
        let _ = tokio::time::timeout(grace, self.until_quiet()).await;
        lock(&self.shared).leaving = true;
        self.changed.notify_one();
        self.tasks.close();
        self.tasks.wait().await;
        self.settler.flush().await;
        backlog::count_pending(&*self.store).await
    }

    async fn until_quiet(&self) {
        loop {
            let rested = self.rested.notified();
            if lock(&self.shared).queue.is_quiet() {
                return;
            }
            rested.await;
        }
    }

    /// Changes the queue, then starts what may leave now.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Queue) -> T) -> T {
        let mut shared = lock(&self.shared);
        let result = change(&mut shared.queue);
        self.start_tasks(&mut shared);
        result
    }

    fn start_tasks(self: &Arc<Self>, shared: &mut Shared) {
        while let Some(job) = self.next(shared) {
            self.tasks.spawn_on(self.clone().work(job), &self.runtime);
        }
        self.wake_if_needed(shared);
        self.waiting.set(shared.queue.len() as f64);
    }

    fn next(&self, shared: &mut Shared) -> Option<Job> {
        if shared.leaving {
            return None;
        }
        shared.queue.next(now(), |channel| self.channels.channel(channel).map_or(0, |handle| handle.rate()))
    }

    fn wake_if_needed(&self, shared: &Shared) {
        let sooner = match (shared.queue.next_wake(), shared.asleep_until) {
            (Some(wake), Some(asleep_until)) => wake < asleep_until,
            (wake, None) => wake.is_some(),
            (None, Some(_)) => false,
        };
        if sooner || shared.queue.wants_read() {
            self.changed.notify_one();
        }
    }

    async fn work(self: Arc<Self>, mut job: Job) {
        loop {
            let span = span_of(&job);
            let channel = self.channels.channel(&job.queued.message.address.channel);
            let (verdict, gap_ms) = match channel {
                Some(handle) => {
                    let attempt = self.courier.attempt(&handle, &mut job).instrument(span.clone());
                    let attempt = AssertUnwindSafe(attempt);
                    let verdict = attempt.catch_unwind().await.unwrap_or_else(|_| Verdict::Retry {
                        after: None,
                        pace: Pace::Message,
                        why: Why::Message,
                        error: "the channel failed inside; this is a bug".to_owned(),
                    });
                    let NewMessage { address, context, .. } = &job.queued.message;
                    // A sign is nothing that is said.
                    let is_sign = topic::sign(context).is_some();
                    (verdict, if is_sign { 0 } else { handle.channel.chat_gap_ms(&address.chat) })
                }
                // It may come back: what waits for it keeps.
                None => (Verdict::Absent, 0),
            };
            let mut shared = lock(&self.shared);
            span.in_scope(|| self.land(&mut shared.queue, job, verdict, Duration::from_millis(gap_ms)));
            let Some(next) = self.next(&mut shared) else {
                self.wake_if_needed(&shared);
                self.rested.notify_waiters();
                self.waiting.set(shared.queue.len() as f64);
                return;
            };
            self.wake_if_needed(&shared);
            drop(shared);
            job = next;
        }
    }

    async fn keep_awake(self: Arc<Self>) {
        loop {
            let (wake, read) = {
                let mut shared = lock(&self.shared);
                if shared.leaving {
                    return;
                }
                self.start_tasks(&mut shared);
                shared.asleep_until = shared.queue.next_wake();
                (shared.asleep_until, shared.queue.begin_read())
            };
            if let Some(after) = read {
                self.read(after).await;
                continue;
            }
            // Whoever waits for quiet is to look again: what was in line may have fallen asleep.
            self.rested.notify_waiters();
            match wake {
                Some(wake) => tokio::select! {
                    () = clock::sleep_until(wake) => {}
                    () = self.changed.notified() => {}
                },
                None => self.changed.notified().await,
            }
        }
    }
}

/// All that is logged about a delivery is said in here: `event` is the one of the event that the message answers.
fn span_of(job: &Job) -> Span {
    let message = &job.queued.message;
    tracing::info_span!(
        "deliver",
        event = TraceId::of_key(&message.key),
        message = job.queued.id,
        channel = message.address.channel
    )
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Now {
    let (instant, wall_ms) = clock::now();
    Now { instant, wall_ms }
}
