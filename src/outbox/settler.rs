//! Waits for settlements to become durable, apart from the sending, and tries again those that fail.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::store::{MessageState, Pending, Settlement, Store, StoreError, wait};

/// Results looked at together.
const BATCH: usize = 256;
/// Between two tries to write what failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Hands settlements to the store in the order in which they come.
pub struct Settler {
    store: Arc<dyn Store>,
    watch: mpsc::UnboundedSender<Watched>,
}

enum Watched {
    Settlement(Handed),
    Flush(oneshot::Sender<()>),
}

/// A settlement in the store's hands.
struct Handed {
    id: i64,
    settlement: Settlement,
    pending: Pending<()>,
}

impl Settler {
    /// `settled` hears of the ids that are done with, in the store too.
    pub fn start(store: Arc<dyn Store>, settled: impl Fn(&[i64]) + Send + 'static) -> Self {
        let (watch, receiver) = mpsc::unbounded_channel();
        tokio::spawn(Watch { store: store.clone(), settled, failed: Vec::new() }.run(receiver));
        Self { store, watch }
    }

    pub fn settle(&self, id: i64, settlement: Settlement) {
        let handed = hand(&*self.store, id, settlement);
        // The receiver is gone only when the runtime is; the store has the settlement then.
        let _ = self.watch.send(Watched::Settlement(handed));
    }

    /// Returns when every settlement so far is durable, or has failed once more.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        let _ = self.watch.send(Watched::Flush(done));
        let _ = flushed.await;
    }
}

struct Watch<F> {
    store: Arc<dyn Store>,
    settled: F,
    /// Sent or dead, but the store could not write it down. Until it is, the message must not be sent again.
    failed: Vec<(i64, Settlement)>,
}

impl<F: Fn(&[i64])> Watch<F> {
    async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Watched>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let received = if self.failed.is_empty() {
                receiver.recv_many(&mut batch, BATCH).await
            } else {
                match timeout(PAUSE, receiver.recv_many(&mut batch, BATCH)).await {
                    Ok(received) => received,
                    Err(_) => {
                        self.try_again().await;
                        continue;
                    }
                }
            };
            if received == 0 {
                return;
            }
            let mut settled = Vec::with_capacity(received);
            for watched in batch.drain(..) {
                match watched {
                    Watched::Settlement(handed) => settled.extend(self.outcome(handed).await),
                    Watched::Flush(done) => {
                        self.try_again().await;
                        let _ = done.send(());
                    }
                }
            }
            (self.settled)(&settled);
        }
    }

    async fn try_again(&mut self) {
        let mut settled = Vec::with_capacity(self.failed.len());
        for (id, settlement) in std::mem::take(&mut self.failed) {
            match wait(self.store.message(id)).await {
                // Someone else settled it, or it is gone.
                Ok(message) if message.as_ref().is_none_or(|it| it.state != MessageState::Pending) => settled.push(id),
                _ => settled.extend(self.outcome(hand(&*self.store, id, settlement)).await),
            }
        }
        (self.settled)(&settled);
    }

    /// The message's id, if it is done with.
    async fn outcome(&mut self, handed: Handed) -> Option<i64> {
        let Handed { id, settlement, pending } = handed;
        let last = matches!(settlement, Settlement::Sent { .. } | Settlement::Dead { .. });
        match wait(pending).await {
            Ok(()) => last.then_some(id),
            Err(error) => {
                tracing::error!(message = id, %error, "what became of a message could not be written down");
                // A postponed message is still in memory, and its next attempt is written down anew.
                if last && !matches!(error, StoreError::Closed) {
                    self.failed.push((id, settlement));
                }
                None
            }
        }
    }
}

fn hand(store: &dyn Store, id: i64, settlement: Settlement) -> Handed {
    let pending = store.settle(id, settlement.clone());
    Handed { id, settlement, pending }
}
