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

/// Messages that are done with.
#[derive(Default)]
pub struct Settled {
    pub ids: Vec<i64>,
    /// Whether one of them was given up.
    pub is_one_dead: bool,
}

impl Settled {
    fn add(&mut self, id: i64, settlement: &Settlement) {
        self.ids.push(id);
        self.is_one_dead |= matches!(settlement, Settlement::Dead { .. });
    }
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
    /// `settled` hears of the messages that are done with, in the store too.
    pub fn start(store: Arc<dyn Store>, settled: impl Fn(&Settled) + Send + 'static) -> Self {
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

impl<F: Fn(&Settled)> Watch<F> {
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
            let mut settled = Settled { ids: Vec::with_capacity(received), ..Settled::default() };
            for watched in batch.drain(..) {
                match watched {
                    Watched::Settlement(handed) => self.conclude(handed, &mut settled).await,
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
        let mut settled = Settled::default();
        for (id, settlement) in std::mem::take(&mut self.failed) {
            match wait(self.store.message(id)).await {
                // Someone else settled it, or it is gone.
                Ok(message) if message.as_ref().is_none_or(|it| it.state != MessageState::Pending) => {
                    settled.add(id, &settlement);
                }
                _ => self.conclude(hand(&*self.store, id, settlement), &mut settled).await,
            }
        }
        (self.settled)(&settled);
    }

    /// Notes the message, if it is done with.
    async fn conclude(&mut self, handed: Handed, settled: &mut Settled) {
        let Handed { id, settlement, pending } = handed;
        let last = matches!(settlement, Settlement::Sent { .. } | Settlement::Dead { .. });
        match wait(pending).await {
            Ok(()) if last => settled.add(id, &settlement),
            Ok(()) => {}
            Err(error) => {
                tracing::error!(message = id, %error, "what became of a message could not be written down");
                // A postponed message is still in memory, and its next attempt is written down anew.
                if last && !matches!(error, StoreError::Closed) {
                    self.failed.push((id, settlement));
                }
            }
        }
    }
}

fn hand(store: &dyn Store, id: i64, settlement: Settlement) -> Handed {
    let pending = store.settle(id, settlement.clone());
    Handed { id, settlement, pending }
}
