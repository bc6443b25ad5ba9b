//! What waits in the store: read into the queue, claimed for this daemon, looked up where it is in doubt.

use std::{sync::Arc, time::Duration};

use super::{Dispatcher, lock, now};
use crate::{
    clock::now_ms,
    outbox::queue::Queue,
    store::{MessageState, Store, StoreError, wait},
};

/// Messages read from the store at once.
pub const PAGE: usize = 512;
/// After a read that failed.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// How long a message is this daemon's before another may take it; far longer than between two renewals.
const CLAIM_MS: i64 = 300_000;
const CLAIM_RENEWAL: Duration = Duration::from_secs(60);
/// At the end no more than this many waiting messages are counted.
const COUNTED: usize = 100 * PAGE;

impl Dispatcher {
    /// Takes those of the messages that are pending still.
    pub(super) async fn look_up(self: Arc<Self>, ids: Vec<i64>) {
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
    pub(super) async fn keep_claims(self: Arc<Self>) {
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

    /// Reads a page of the backlog into the queue.
    pub(super) async fn read(&self, after: i64) {
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

/// How many messages wait in the store, as far as they are counted.
pub(super) async fn count_pending(store: &dyn Store) -> usize {
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
