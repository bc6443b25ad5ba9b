//! Sends the list of what waits to those who come in soon.

use std::{collections::HashSet, sync::Arc, time::Duration};

use crate::{
    clock,
    http::admin::what_waits,
    in_force,
    inbox::Inbox,
    model::{Address, Event, EventKind, Item, MorningCall},
    store::{Store, StoreError},
};

/// How late a shift may be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const CHANNEL: &str = "clerk";

/// Looks at the store's clock.
#[derive(Clone)]
pub struct MorningCalls {
    pub in_force: in_force::Current,
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    /// Where the console is in a browser, where nightclerk.toml says so.
    pub console: Option<String>,
}

impl MorningCalls {
    /// Has each list sent once; runs until it is aborted. The list goes out as an event of the log, whose id follows from the
    /// shift: whatever is killed when, there is one of it.
    pub async fn run(self) {
        let mut done = HashSet::new();
        loop {
            let now_ms = clock::now_ms();
            let in_force = self.in_force.load_full();
            let calls = in_force.playbook.morning_calls(now_ms);
            done.retain(|id: &String| calls.iter().any(|(to, opens_ms)| *id == dedupe(to, *opens_ms)));
            for (to, opens_ms) in calls {
                let id = dedupe(&to, opens_ms);
                if done.contains(&id) {
                    continue;
                }
                match self.call(&in_force, to, opens_ms, now_ms).await {
                    Ok(()) => drop(done.insert(id)),
                    Err(error) => tracing::error!(%error, "the morning list waits: the store does not answer"),
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn call(
        &self,
        in_force: &in_force::InForce,
        to: String,
        opens_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
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
