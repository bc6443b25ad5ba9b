//! Runs the queue: tasks that attempt messages, and one that wakes what sleeps and reads the backlog.
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
    clock::{self, now_ms},
    model::{Address, Carried, Content, ReplyContext, TraceId, topic},
    pictures::Kind,
    store::{Delivery, MessageState, NewMessage, Queued, Settlement, Store, StoreError, wait},
};

/// Messages of one channel in memory; beyond, they stay in the store.
const IN_MEMORY: usize = 8192;
/// Messages read from the store at once.
pub const PAGE: usize = 512;
/// After a read that failed.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// How long a message is this daemon's before another may take it; far longer than between two renewals.
const CLAIM_MS: i64 = 300_000;
const CLAIM_RENEWAL: Duration = Duration::from_secs(60);
/// At the end no more than this many waiting messages are counted.
const COUNTED: usize = 100 * PAGE;

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

    /// Takes those of the messages that are pending still.
    async fn look_up(self: Arc<Self>, ids: Vec<i64>) {
        for id in ids {
            match wait(self.store.message(id)).await {
                Ok(Some(message)) if message.state == MessageState::Pending => {
                    self.change(|queue| queue.take(message, now()));
                }
                Ok(_) => {}
                // If it is pending, the next start sends it.
                Err(error) => tracing::error!(message = id, %error, "a message cannot be looked up"),
            }
        }
    }

    /// Keeps this daemon's claims, and takes up the messages of daemons that are gone.
    async fn keep_claims(self: Arc<Self>) {
        loop {
            let now_ms = now_ms();
            match wait(self.store.hold_claims(now_ms, now_ms + CLAIM_MS)).await {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!(count, "messages of a daemon that is gone are taken over");
                    self.change(Queue::read_again);
                }
                Err(StoreError::Closed) => return,
                Err(error) => tracing::error!(%error, "the claims on messages cannot be kept"),
            }
            tokio::time::sleep(CLAIM_RENEWAL).await;
            if lock(&self.shared).leaving {
                return;
            }
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
        count_pending(&*self.store).await
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

    /// Does what the verdict says: with the queue, and in the store.
    fn land(&self, queue: &mut Queue, mut job: Job, verdict: Verdict, gap: Duration) {
        let now = now();
        let Address { channel, .. } = &job.queued.message.address;
        let (id, channel) = (job.queued.id, channel.clone());
        let attempts = job.queued.attempts.saturating_add(1);
        match verdict {
            Verdict::Sent { platform_id } => {
                queue.finish(&job.queued.message.address, id, gap, now);
                queue.came_back(&channel, now);
                self.settler.settle(id, Settlement::Sent { platform_id, at_ms: now.wall_ms });
                let waited = Duration::from_millis(now.wall_ms.saturating_sub(job.queued.created_ms).max(0) as u64);
                tracing::debug!(attempts, "sent");
                self.courier.meters.of(&channel).sent(waited);
            }
            Verdict::Retry { after, pace, why, error } if self.is_worth_it(&mut job, why, now) => {
                let delay = self.backoff.after_or(attempts, after);
                tracing::info!(attempts, error, delay_ms = delay.as_millis() as u64, "postponed");
                metrics::counter!("nightclerk_outbox_retried_total", "channel" => channel.clone()).increment(1);
                match pace {
                    Pace::Message => {}
                    Pace::Conversation => queue.throttled(&job.queued.message.address, delay, now),
                    Pace::Channel => queue.slow_down(&channel, delay, now),
                    Pace::ChannelHeld => {
                        tracing::warn!(error, delay_ms = delay.as_millis() as u64, "the whole channel waits");
                        self.halt(queue, &channel, error.clone(), Some(now.instant + delay));
                    }
                }
                job.queued.attempts = attempts;
                let doubts = job.queued.doubts;
                if why == Why::Outage && after.is_none() {
                    queue.wait_for_platform(job, delay, gap, now);
                } else {
                    queue.put_back(job, delay, gap, now);
                }
                let not_before_ms = now.wall_ms.saturating_add(delay.as_millis() as i64);
                self.settler.settle(id, Settlement::Postponed { attempts, doubts, not_before_ms, error });
            }
            Verdict::Retry { error, .. } | Verdict::Dead { error } => {
                tracing::warn!(attempts, error, "given up");
                metrics::counter!("nightclerk_outbox_dead_total", "channel" => channel).increment(1);
                queue.finish(&job.queued.message.address, id, gap, now);
                self.settler.settle(id, Settlement::Dead { attempts, error });
            }
            Verdict::Stop { reason } => {
                tracing::error!(reason, "the channel is stopped until it is resumed");
                self.halt(queue, &channel, reason, None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::Absent => {
                tracing::warn!("the channel is not configured any more; what is for it waits");
                self.halt(queue, &channel, "it is not in channels.toml; what is for it waits".to_owned(), None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::NoToken(failed) => {
                self.halt(queue, &channel, format!("no access token: {}", failed.reason), Some(failed.until));
                queue.put_back(job, Duration::ZERO, gap, now);
            }
            Verdict::TokenRefused { reason } => {
                tracing::error!(reason, "the channel is stopped until it is resumed");
                self.halt(queue, &channel, format!("no access token: {reason}"), None);
                queue.put_back(job, Duration::ZERO, gap, now);
            }
        }
    }

    fn halt(&self, queue: &mut Queue, channel: &str, reason: String, until: Option<Instant>) {
        queue.halt(channel, reason, until);
        self.bells.troubled.ring();
    }

    /// Whether one more attempt may help. A platform that is away, or was not reached, says nothing of the message.
    fn is_worth_it(&self, job: &mut Job, why: Why, now: Now) -> bool {
        match why {
            Why::Outage | Why::Source => now.wall_ms.saturating_sub(job.since_ms) < self.keep_trying_ms,
            Why::Message => {
                job.refusals += 1;
                job.refusals < self.max_attempts
            }
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

    /// Reads a page of the backlog into the queue.
    async fn read(&self, after: i64) {
        match wait(self.store.pending(after, PAGE)).await {
            Ok(page) => {
                let last = page.len() < PAGE;
                lock(&self.shared).queue.admit_page(page, last, now());
            }
            Err(error) => {
                tracing::error!(%error, "the waiting messages cannot be read");
                tokio::time::sleep(READ_AGAIN).await;
                lock(&self.shared).queue.give_up_read();
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

async fn count_pending(store: &dyn Store) -> usize {
    let (mut count, mut after) = (0, 0);
    while count < COUNTED
        && let Ok(page) = wait(store.pending(after, PAGE)).await
        && let Some(last) = page.last()
    {
        after = last.id;
        count += page.len();
    }
    count
}
