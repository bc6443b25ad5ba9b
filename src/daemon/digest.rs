//! Tells the owner the figures of each week.

use std::{sync::Arc, time::Duration};

use crate::{
    clock,
    http::figures,
    in_force::{self, InForce},
    inbox::Inbox,
    model::{Address, Event, EventKind},
    report::{Period, Tongue, digest},
    store::{Store, StoreError},
};

/// How late the moment may be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const CHANNEL: &str = "clerk";
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Looks at the store's clock.
#[derive(Clone)]
pub struct Digests {
    pub in_force: in_force::Current,
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
}

impl Digests {
    /// Has each week's figures told once; runs until it is aborted. They go out as an event of the log, whose id follows from
    /// the moment: whatever is killed when, there is one of it.
    pub async fn run(self) {
        let mut done = None;
        loop {
            let in_force = self.in_force.load_full();
            let due = in_force.playbook.digest_due(clock::now_ms()).map(|(to, at_ms)| (to.to_owned(), at_ms));
            if let Some((to, at_ms)) = due.filter(|(_, at_ms)| done != Some(*at_ms)) {
                match self.tell(in_force.clone(), to, at_ms).await {
                    Ok(()) => done = Some(at_ms),
                    Err(error) => tracing::error!(%error, "the week's figures wait: the store does not answer"),
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn tell(&self, in_force: Arc<InForce>, to: String, until_ms: i64) -> Result<(), StoreError> {
        let dedupe = format!("digest:{until_ms}");
        let (store, id) = (self.store.clone(), dedupe.clone());
        let counted = tokio::task::spawn_blocking(move || {
            if store.find_event(CHANNEL, &id)?.is_some() {
                return Ok(None);
            }
            let period = Period { from_ms: until_ms - WEEK_MS, until_ms };
            let playbook = &in_force.playbook;
            let report = figures(&*store.records()?, playbook, period, false, &mut |_, _| {})?;
            Ok(Some(digest(&report, Tongue::for_readers_of(playbook.own_language()))))
        });
        let Some(text) = counted.await.unwrap_or(Err(StoreError::Closed))? else { return Ok(()) };
        let now_ms = clock::now_ms();
        let event = Event {
            channel: CHANNEL.to_owned(),
            dedupe,
            address: Address::new(CHANNEL, "store"),
            at_ms: now_ms,
            kind: EventKind::Digest { to, text },
        };
        self.inbox.accept(event, now_ms, None).await.map(drop)
    }
}
