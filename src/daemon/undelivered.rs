//! Tells people of the store when an answer of theirs could not be delivered: they believe that the customer has read it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use crate::{
    clock,
    inbox::Inbox,
    model::{Content, Event, EventKind, Staff, StaffDeed},
    outbox::Outbox,
    store::{Queued, Store, StoreError, wait},
};

/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(1);
/// Dead letters looked at; of what died before these, people were told.
const NEWEST: usize = 256;
/// Of older ones nothing is said any more.
const OLDEST_MS: i64 = 7 * 24 * 3_600_000;

/// Looks for answers of people that were given up.
#[derive(Clone)]
pub struct Undelivered {
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    pub outbox: Outbox,
}

impl Undelivered {
    /// Has each told once, whatever is killed when: the log knows of which it was. Runs until it is aborted.
    pub async fn run(self) {
        let mut told = HashSet::new();
        let mut troubles = self.outbox.troubles();
        loop {
            match self.look(&told).await {
                Ok(dead) => {
                    told = dead;
                    troubles.rung().await;
                }
                Err(error) => {
                    tracing::error!(%error, "undelivered answers wait to be told: the store does not answer");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// The dead letters that are told of, or need not be.
    async fn look(&self, told: &HashSet<(i64, u32)>) -> Result<HashSet<(i64, u32)>, StoreError> {
        let dead = wait(self.store.dead(NEWEST)).await?;
        for letter in dead.iter().filter(|it| !told.contains(&(it.id, it.attempts))) {
            self.tell(letter).await?;
        }
        Ok(dead.iter().map(|it| (it.id, it.attempts)).collect())
    }

    async fn tell(&self, letter: &Queued) -> Result<(), StoreError> {
        let now_ms = clock::now_ms();
        let Some(logged) = wait(self.store.explain(&format!("out:{}", letter.id))).await? else { return Ok(()) };
        let EventKind::Staff(Staff { by, room, deed: StaffDeed::Say { .. } | StaffDeed::Phrase { .. }, .. }) =
            logged.event.kind
        else {
            return Ok(());
        };
        if letter.message.address != logged.event.address || letter.created_ms < now_ms - OLDEST_MS {
            return Ok(());
        }
        let event = Event {
            channel: "clerk".to_owned(),
            dedupe: format!("undelivered:{}:{}", letter.id, letter.attempts),
            address: logged.event.address,
            at_ms: now_ms,
            kind: EventKind::Staff(Staff {
                by,
                room,
                yields: false,
                left_out: false,
                deed: StaffDeed::Undelivered {
                    message: letter.id,
                    is_picture: matches!(letter.message.content, Content::Carried(_)),
                },
            }),
        };
        self.inbox.accept(event, now_ms, None).await.map(drop)
    }
}
