//! Tells the owner the figures of each week.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};

use super::store_clock::ByTheClock;
use crate::{
    clock,
    engine::DigestDue,
    http::figures,
    in_force::InForce,
    inbox::Inbox,
    model::{Address, Event, EventKind},
    report::{Period, Tongue, digest},
    store::{Store, StoreError},
};

const CHANNEL: &str = "clerk";

/// Has each week's figures told once. They go out as an event of the log, whose id follows from the moment: whatever is killed
/// when, there is one of it.
pub struct Digests {
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    /// The last one that is told.
    pub done: Option<i64>,
}

impl ByTheClock for Digests {
    fn name(&self) -> &'static str {
        "the week's figures"
    }

    fn look<'a>(&'a mut self, in_force: &'a Arc<InForce>, now_ms: i64) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let due = in_force.playbook.digest_due(now_ms).filter(|due| self.done != Some(due.until_ms));
            if let Some(DigestDue { to, from_ms, until_ms }) = due {
                self.tell(in_force.clone(), to.to_owned(), Period { from_ms, until_ms }).await?;
                self.done = Some(until_ms);
            }
            Ok(())
        }
        .boxed()
    }

    fn next_ms(&self, in_force: &InForce, now_ms: i64) -> Option<i64> {
        in_force.playbook.next_digest_ms(now_ms)
    }
}

impl Digests {
    async fn tell(&self, in_force: Arc<InForce>, to: String, week: Period) -> Result<(), StoreError> {
        let dedupe = format!("digest:{}", week.until_ms);
        let (store, id) = (self.store.clone(), dedupe.clone());
        let counted = tokio::task::spawn_blocking(move || {
            if store.find_event(CHANNEL, &id)?.is_some() {
                return Ok(None);
            }
            let playbook = &in_force.playbook;
            let report = figures(&*store.records()?, playbook, week, false, &mut |_, _| {})?;
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
