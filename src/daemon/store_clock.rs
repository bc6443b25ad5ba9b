//! Watches the store's clock: one sleep for all that comes by it, until the first of them is due.

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};

use crate::{
    bell::Listener,
    clock,
    http::admin::Edits,
    in_force::{self, InForce},
    plugin::host::PluginHost,
    store::StoreError,
};

/// The longest sleep: a clock that was set, and a machine that was suspended, are noticed within this time.
const LONGEST_SLEEP_MS: i64 = 60_000;
/// Between two tries to write down what is due.
const AGAIN_MS: i64 = 1000;

/// Something that comes by the store's clock.
pub trait ByTheClock: Send {
    /// What it is called in the log.
    fn name(&self) -> &'static str;

    /// Does what is due, each thing once.
    fn look<'a>(&'a mut self, in_force: &'a Arc<InForce>, now_ms: i64) -> BoxFuture<'a, Result<(), StoreError>>;

    /// When there is something to do next, after what is due now; `None`: not within a year.
    fn next_ms(&self, in_force: &InForce, now_ms: i64) -> Option<i64>;
}

/// The watch.
#[derive(Clone)]
pub struct StoreClock {
    pub in_force: in_force::Current,
    /// What comes into force changes what is due.
    pub edits: Arc<Edits>,
    /// Some of it is done by plugins, which are loaded behind the start.
    pub plugins: Arc<PluginHost>,
}

impl StoreClock {
    /// Runs until it is aborted. They are looked at beside each other, so that none waits for another's figures.
    pub async fn run(self, mut all: Vec<Box<dyn ByTheClock>>) {
        let (mut edits, mut plugins) = (self.edits.came.listen(), self.plugins.changes());
        loop {
            let in_force = self.in_force.load_full();
            let wake_ms = look_at(&mut all, &in_force, clock::now_ms()).await;
            tokio::select! {
                () = clock::sleep_until_ms(wake_ms) => {}
                () = edits.rung() => {}
                () = self.first_load(&mut plugins) => {}
            }
        }
    }

    /// Waits until the plugins are there that were there at the start; for ever once they are.
    async fn first_load(&self, plugins: &mut Listener) {
        if self.plugins.is_loaded() {
            std::future::pending::<()>().await;
        }
        while !self.plugins.is_loaded() {
            plugins.rung().await;
        }
    }
}

/// Does all that is due, and says when to look again.
async fn look_at(all: &mut [Box<dyn ByTheClock>], in_force: &Arc<InForce>, now_ms: i64) -> i64 {
    let looks = all.iter_mut().map(|it| async move {
        match it.look(in_force, now_ms).await {
            Ok(()) => it.next_ms(in_force, now_ms),
            Err(error) => {
                tracing::error!(what = it.name(), %error, "it is due and waits: the store does not answer");
                Some(now_ms + AGAIN_MS)
            }
        }
    });
    let next_ms = join_all(looks).await.into_iter().flatten().min();
    next_ms.unwrap_or(i64::MAX).clamp(now_ms + 1, now_ms + LONGEST_SLEEP_MS)
}
