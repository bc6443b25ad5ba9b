//! A channel's line: the conversations that may send, and what the platform allows the channel as a whole.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

use super::backlog::Source;
use crate::model::Address;

/// The part of a second's messages that may go at once.
const AT_ONCE: u32 = 10;

/// The chats of one channel that may send, in turn.
pub struct ChannelLine {
    pub channel: String,
    pub ready: VecDeque<Arc<Address>>,
    /// The chats whose first message waits for the platform to come back, the longest first; some may be stale.
    pub away: VecDeque<Arc<Address>>,
    pub under_way: usize,
    /// Messages in memory, those under way among them.
    pub in_memory: usize,
    pub source: Source,
    /// The highest id of this channel that was left in the store.
    pub left: i64,
    halt: Option<Halt>,
    /// The platform's limit is used up until then.
    open_at: Option<Instant>,
    /// The conversation that was last told to send less, and until when.
    throttled: Option<(Address, Instant)>,
    rate: Option<Rate>,
}

struct Halt {
    reason: String,
    /// `None`: until a person resumes it.
    until: Option<Instant>,
}

impl ChannelLine {
    pub fn new(channel: &str, source: Source) -> Self {
        Self {
            channel: channel.to_owned(),
            ready: VecDeque::new(),
            away: VecDeque::new(),
            under_way: 0,
            in_memory: 0,
            source,
            left: 0,
            halt: None,
            open_at: None,
            throttled: None,
            rate: None,
        }
    }

    pub fn is_open(&self, now: Instant) -> bool {
        self.open_at.is_none_or(|at| at <= now) && self.halt.as_ref().is_none_or(|halt| halt.has_ended(now))
    }

    /// When the line opens by itself, if conversations wait for that.
    pub fn opens_at(&self) -> Option<Instant> {
        if self.ready.is_empty() {
            return None;
        }
        match &self.halt {
            Some(Halt { until: None, .. }) => None,
            Some(Halt { until, .. }) => (*until).max(self.open_at),
            None => self.open_at,
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.ready.is_empty() || self.halt.is_some()
    }

    /// Takes one from the rate limit if there is one left, and else closes the line until there is.
    pub fn admits_one_more(&mut self, per_second: u32, now: Instant) -> bool {
        let Some(per_second) = NonZeroU32::new(per_second) else { return true };
        let rate = match &mut self.rate {
            Some(rate) if rate.per_second == per_second => rate,
            other => other.insert(Rate::new(per_second, now)),
        };
        match rate.take(now) {
            Ok(()) => {
                self.open_at = None;
                true
            }
            Err(wait) => {
                self.open_at = Some(now + wait);
                false
            }
        }
    }

    pub fn halt(&mut self, reason: String, until: Option<Instant>) {
        // Only a person ends a stop.
        if until.is_none() || self.halt.as_ref().is_none_or(|halt| halt.until.is_some()) {
            self.halt = Some(Halt { reason, until });
        }
    }

    pub fn resume(&mut self) {
        self.halt = None;
        self.open_at = None;
    }

    pub fn halted(&self, now: Instant) -> Option<(String, String)> {
        let halt = self.halt.as_ref().filter(|halt| !halt.has_ended(now))?;
        Some((self.channel.clone(), halt.reason.clone()))
    }

    pub fn close_until(&mut self, until: Instant) {
        self.open_at = self.open_at.max(Some(until));
    }

    pub fn throttled(&mut self, address: &Address, now: Instant, until: Instant) {
        if self.throttled.as_ref().is_some_and(|(other, until)| other != address && *until > now) {
            self.close_until(until);
        }
        self.throttled = Some((address.clone(), until));
    }
}

impl Halt {
    fn has_ended(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// At most so many messages within any second, told the time by its caller.
struct Rate {
    per_second: NonZeroU32,
    began: Instant,
    clock: ToldClock,
    limiter: RateLimiter<NotKeyed, InMemoryState, ToldClock, NoOpMiddleware<Duration>>,
}

impl Rate {
    fn new(per_second: NonZeroU32, now: Instant) -> Self {
        let clock = ToldClock::default();
        let limiter = RateLimiter::direct_with_clock(quota(per_second), clock.clone());
        Self { per_second, began: now, clock, limiter }
    }

    /// Takes one, or says how long until there is one.
    fn take(&self, now: Instant) -> Result<(), Duration> {
        let elapsed = now.saturating_duration_since(self.began);
        self.clock.0.store(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.limiter.check().map_err(|not_yet| not_yet.wait_time_from(elapsed))
    }
}

/// What may go at once comes on top of what comes back within the second: the two together are all that a platform allows,
/// whose seconds begin whenever it likes.
fn quota(per_second: NonZeroU32) -> Quota {
    let at_once = per_second.get() / AT_ONCE;
    match NonZeroU32::new(at_once).zip(NonZeroU32::new(per_second.get() - at_once)) {
        Some((at_once, steady)) => Quota::per_second(steady).allow_burst(at_once),
        None => Quota::per_second(per_second).allow_burst(NonZeroU32::MIN),
    }
}

/// Nanoseconds, as last told.
#[derive(Clone, Debug, Default)]
struct ToldClock(Arc<AtomicU64>);

impl Clock for ToldClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}
