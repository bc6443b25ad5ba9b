//! Brings timers back as events when they are due.

use std::sync::Arc;

use tokio::sync::Notify;

use super::Inbox;
use crate::{
    clock,
    store::{Store, StoreError, Timer, wait},
};

/// Timers fired between two looks at the clock.
const BATCH: usize = 256;
/// The longest sleep: a machine that was suspended, or whose clock was set, notices within this time.
const LONGEST_SLEEP_MS: i64 = 60_000;
/// After a look that failed.
const AGAIN_MS: i64 = 1000;
/// How long a due timer is this daemon's. If it has not fired by then, it is taken up again.
const CLAIM_MS: i64 = 60_000;

/// The scheduler of a store's timers.
#[derive(Clone)]
pub struct Timers {
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    /// Wakes the scheduler when a timer was set.
    pub timer_set: Arc<Notify>,
}

impl Timers {
    /// Fires what is due, and waits for what is next; runs until it is aborted. A timer missed while the
    /// daemon was down is due at once, and fires once: firing it and forgetting it is one commit.
    pub async fn run(self) {
        loop {
            let wake_ms = match self.fire_due().await {
                Ok(wake_ms) => wake_ms,
                Err(error) => {
                    tracing::error!(%error, "timers wait: the store does not answer");
                    clock::now_ms() + AGAIN_MS
                }
            };
            tokio::select! {
                () = clock::sleep_until_ms(wake_ms) => {}
                () = self.timer_set.notified() => {}
            }
        }
    }

    /// Fires all that are due and says when to look again.
    async fn fire_due(&self) -> Result<i64, StoreError> {
        loop {
            // To look costs the store no write.
            let next = wait(self.store.next_due_ms()).await?;
            let now_ms = clock::now_ms();
            if next.is_none_or(|due| due > now_ms) {
                return Ok(next.unwrap_or(i64::MAX).min(now_ms + LONGEST_SLEEP_MS));
            }
            let due = wait(self.store.claim_due(now_ms, now_ms + CLAIM_MS, BATCH)).await?;
            if due.is_empty() {
                return Ok(now_ms + AGAIN_MS);
            }
            // Of those due together the large orders come first, whenever they were due; what is alike goes together, each in its lane.
            for alike in due.chunk_by(|a, b| a.priority == b.priority) {
                self.fire(alike).await?;
            }
        }
    }

    /// Fires these. One that fails is put off until its claim ends, and holds up no other.
    async fn fire(&self, timers: &[Timer]) -> Result<(), StoreError> {
        let mut under_way = Vec::with_capacity(timers.len());
        for timer in timers {
            under_way.push(self.inbox.submit(timer.clone().into_event(), clock::now_ms(), None).await?);
        }
        let mut failed = Vec::new();
        for (timer, outcome) in timers.iter().zip(under_way) {
            match outcome.await.unwrap_or(Err(StoreError::Closed)) {
                Ok(_) => metrics::counter!("nightclerk_timers_fired_total").increment(1),
                Err(StoreError::Closed) => return Err(StoreError::Closed),
                Err(error) => failed.push((timer.id, error)),
            }
        }
        if let Some((timer, error)) = failed.first() {
            tracing::error!(%error, timer, failed = failed.len(), "timers could not fire; they are put off for a minute");
        }
        Ok(())
    }
}
