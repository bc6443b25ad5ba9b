//! The wall clock, read at the edges only: the machine's, or one that is moved by hand.
//!
//! Whatever waits for a time of day, or until something is due, sleeps here. What waits for a peer (a request's time
//! limit, a plugin's) goes by the machine's clock alone.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

use crate::bell::Bell;

/// No command, setting or variable puts one here: only a program that is built around the clerk can, such as a test in
/// which a store's day passes in a minute.
static BY_HAND: OnceLock<HandClock> = OnceLock::new();

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    match BY_HAND.get() {
        None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as i64),
        Some(clock) => clock.now_ms(),
    }
}

/// The same as a moment that can be waited for.
pub fn instant() -> Instant {
    BY_HAND.get().map_or_else(Instant::now, |clock| clock.instant_of(clock.now_ms()))
}

/// One moment by both.
pub fn now() -> (Instant, i64) {
    match BY_HAND.get() {
        None => (Instant::now(), now_ms()),
        Some(clock) => {
            let now_ms = clock.now_ms();
            (clock.instant_of(now_ms), now_ms)
        }
    }
}

/// Waits for a moment.
pub async fn sleep_until(at: Instant) {
    match BY_HAND.get() {
        None => tokio::time::sleep_until(at).await,
        Some(clock) => clock.until(|now_ms| clock.instant_of(now_ms) >= at).await,
    }
}

/// Waits until the clock shows this, if nobody sets it meanwhile.
pub async fn sleep_until_ms(at_ms: i64) {
    match BY_HAND.get() {
        None => tokio::time::sleep(Duration::from_millis(at_ms.saturating_sub(now_ms()).max(0).unsigned_abs())).await,
        Some(clock) => clock.until(|now_ms| now_ms >= at_ms).await,
    }
}

/// Has the whole process go by a clock that shows this and stands still until it is moved. To be called before anything
/// asks for the time; `None`: there is one already.
pub fn by_hand(now_ms: i64) -> Option<&'static HandClock> {
    BY_HAND.set(HandClock::at(now_ms)).is_ok().then(|| BY_HAND.get()).flatten()
}

/// A clock that is moved by hand.
#[derive(Debug)]
pub struct HandClock {
    now_ms: AtomicI64,
    began: Instant,
    began_ms: i64,
    moved: Bell,
}

impl HandClock {
    fn at(now_ms: i64) -> Self {
        Self { now_ms: AtomicI64::new(now_ms), began: Instant::now(), began_ms: now_ms, moved: Bell::default() }
    }

    /// Moves it on, and wakes whoever waited for that; it never goes back.
    pub fn move_to(&self, now_ms: i64) {
        self.now_ms.fetch_max(now_ms, Ordering::SeqCst);
        self.moved.ring();
    }

    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn instant_of(&self, now_ms: i64) -> Instant {
        self.began + Duration::from_millis(now_ms.saturating_sub(self.began_ms).max(0).unsigned_abs())
    }

    async fn until(&self, shows: impl Fn(i64) -> bool) {
        let mut moved = self.moved.listen();
        while !shows(self.now_ms()) {
            moved.rung().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, poll};

    use super::*;

    #[tokio::test]
    async fn a_clock_moved_by_hand_stands_still_and_wakes_who_waited_for_it() {
        let clock = HandClock::at(1000);
        let mut waits = Box::pin(clock.until(|now_ms| now_ms >= 1500));
        assert!(poll!(&mut waits).is_pending());
        clock.move_to(1499);
        assert!(poll!(&mut waits).is_pending(), "not yet");
        clock.move_to(1500);
        assert!(poll!(&mut waits).is_ready());
        assert_eq!(clock.instant_of(clock.now_ms()) - clock.began, Duration::from_millis(500));
        clock.move_to(1200);
        assert_eq!(clock.now_ms(), 1500, "it never goes back");
        assert!(clock.until(|now_ms| now_ms >= 1000).now_or_never().is_some(), "what is past is not waited for");
    }

    #[test]
    fn by_itself_it_is_the_machines_clock() {
        let real = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        let before = real();
        assert!((before..=real()).contains(&now_ms()));
    }
}
