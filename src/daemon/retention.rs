//! Removes what was kept long enough.
//!
//! What is removed is gone, and by whose clock? One that jumps to next year for a minute would take all that the store
//! keeps with it. So nothing is removed unless the clock has gone evenly for a while.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    clock,
    pictures::Pictures,
    store::{Retention, Store, wait},
};

const EXPIRE_EVERY: Duration = Duration::from_secs(600);
/// A clock that differs by more from what it should show was set.
const JUMP_MS: i64 = 3_600_000;
/// How long a clock that was set must go evenly until it is believed.
const PROBATION: Duration = Duration::from_secs(24 * 3600);
/// A shop that heard nothing for longer than this at a start has been closed, or the clock is wrong.
const QUIET_MS: i64 = 7 * 24 * 3_600_000;

/// Lets what has expired go, now and then.
#[derive(Clone)]
pub struct Expiry {
    pub store: Arc<dyn Store>,
    pub pictures: Arc<Pictures>,
    pub retention: Retention,
}

impl Expiry {
    /// Runs until it is aborted.
    pub async fn run(self) {
        let began = Instant::now();
        let newest_ms = wait(self.store.newest_ms()).await.ok().flatten();
        let mut trust = Trust::at_start(clock::now_ms(), newest_ms);
        loop {
            tokio::time::sleep(EXPIRE_EVERY).await;
            if trust.look(began.elapsed(), clock::now_ms()) {
                self.expire().await;
            } else {
                tracing::warn!(
                    "the clock was set, or nothing was heard for long: old records stay until it has gone evenly for a day"
                );
            }
        }
    }

    async fn expire(&self) {
        if let Err(error) = wait(self.store.expire(clock::now_ms())).await {
            tracing::warn!(%error, "old records could not be removed");
        }
        // A picture goes with the message that brought it.
        let kept = Duration::from_millis(self.retention.log_ms.unsigned_abs());
        let pictures = self.pictures.clone();
        let _ = tokio::task::spawn_blocking(move || pictures.expire(kept)).await;
    }
}

/// Whether the clock is believed.
struct Trust {
    /// The last look: how long the daemon had run, and what the clock showed.
    last: (Duration, i64),
    /// From when on it is believed, by the time the daemon has run.
    from: Duration,
}

impl Trust {
    /// `newest_ms`: when the store last heard anything.
    fn at_start(now_ms: i64, newest_ms: Option<i64>) -> Self {
        let plausible = newest_ms.is_none_or(|newest| (newest - JUMP_MS..newest + QUIET_MS).contains(&now_ms));
        Self { last: (Duration::ZERO, now_ms), from: if plausible { Duration::ZERO } else { PROBATION } }
    }

    fn look(&mut self, ran: Duration, now_ms: i64) -> bool {
        let (ran_before, showed) = self.last;
        let passed = i64::try_from(ran.saturating_sub(ran_before).as_millis()).unwrap_or(i64::MAX);
        if now_ms.abs_diff(showed.saturating_add(passed)) > JUMP_MS.unsigned_abs() {
            self.from = ran + PROBATION;
        }
        self.last = (ran, now_ms);
        ran >= self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;
    const DAY: i64 = 24 * 3_600_000;

    fn after(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn a_clock_that_jumps_takes_no_records_with_it() {
        let mut trust = Trust::at_start(NOW, Some(NOW - DAY));
        assert!(trust.look(after(10), NOW + 600_000));
        assert!(!trust.look(after(20), NOW + 400 * DAY), "it jumped ahead");
        assert!(!trust.look(after(30), NOW + 1_800_000), "and back");
        assert!(!trust.look(after(24 * 60), NOW + DAY), "half an hour of the day is missing");
        assert!(trust.look(after(24 * 60 + 31), NOW + DAY + 31 * 60_000));
    }

    #[test]
    fn a_clock_that_is_wrong_at_the_start_is_not_believed_for_a_day() {
        for (now, newest, believed) in [
            (NOW, None, true),
            (NOW, Some(NOW - DAY), true),
            (NOW, Some(NOW - 8 * DAY), false),
            (NOW, Some(NOW + 2 * 3_600_000), false),
        ] {
            assert_eq!(Trust::at_start(now, newest).look(after(10), now + 600_000), believed, "{newest:?}");
        }
    }
}
