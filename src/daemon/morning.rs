//! Sends the list of what waits to those who come in soon.

use std::{collections::HashSet, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::store_clock::ByTheClock;
use crate::{
    http::admin::what_waits,
    in_force::InForce,
    inbox::Inbox,
    model::{Address, Event, EventKind, Item, MorningCall},
    store::{Store, StoreError},
};

const CHANNEL: &str = "clerk";

/// Sends each list once. The list goes out as an event of the log, whose id follows from the shift: whatever is killed when,
/// there is one of it.
pub struct MorningCalls {
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    /// Where the console is in a browser, where nightclerk.toml says so.
    pub console: Option<String>,
    /// Those of the present shifts that are sent.
    pub done: HashSet<String>,
}

impl ByTheClock for MorningCalls {
    fn name(&self) -> &'static str {
        "the morning list"
    }

    fn look<'a>(&'a mut self, in_force: &'a Arc<InForce>, now_ms: i64) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let calls = in_force.playbook.morning_calls(now_ms);
            self.done.retain(|id| calls.iter().any(|(to, opens_ms)| *id == dedupe(to, *opens_ms)));
            for (to, opens_ms) in calls {
                let id = dedupe(&to, opens_ms);
                if !self.done.contains(&id) {
                    self.call(in_force, to, opens_ms, now_ms).await?;
                    self.done.insert(id);
                }
            }
            Ok(())
        }
        .boxed()
    }

    fn next_ms(&self, in_force: &InForce, now_ms: i64) -> Option<i64> {
        in_force.playbook.next_morning_call_ms(now_ms)
    }
}

impl MorningCalls {
    async fn call(&self, in_force: &InForce, to: String, opens_ms: i64, now_ms: i64) -> Result<(), StoreError> {
        let dedupe = dedupe(&to, opens_ms);
        let (store, id) = (self.store.clone(), dedupe.clone());
        let known = tokio::task::spawn_blocking(move || store.find_event(CHANNEL, &id)).await;
        if known.unwrap_or(Err(StoreError::Closed))?.is_some() {
            return Ok(());
        }
        let list = what_waits(&self.store, &in_force.playbook, Some(&to), now_ms).await?;
        let items = list.items.iter().map(Item::without_people).collect();
        let event = Event {
            channel: CHANNEL.to_owned(),
            dedupe,
            address: Address::new(CHANNEL, "store"),
            at_ms: now_ms,
            kind: EventKind::Morning(MorningCall {
                to,
                opens_ms,
                items,
                alone: list.alone,
                console: self.console.clone(),
            }),
        };
        self.inbox.accept(event, now_ms, None).await.map(drop)
    }
}

fn dedupe(to: &str, opens_ms: i64) -> String {
    format!("morning:{to}:{opens_ms}")
}
