//! Says a notice at another of the customer's addresses where one of them does not take it: the time that the platform gives
//! for it is over, or the customer left.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    clock,
    engine::{PassedOn, Playbook},
    in_force::{self, InForce},
    inbox::Inbox,
    model::{Address, Contact, Stage},
    outbox::Outbox,
    store::{Queued, Settlement, Store, StoreError, wait},
};

/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(1);
/// Dead letters looked at; those before these were looked at when they were new.
const NEWEST: usize = 256;
/// What is older is no news at another address.
const OLDEST_MS: i64 = 24 * 3_600_000;
/// How often one contact may have been made a part of another.
const MOST_STEPS: usize = 8;

/// Looks for notices that were given up.
#[derive(Clone)]
pub struct NextRung {
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub in_force: in_force::Current,
}

impl NextRung {
    /// Has each said once, whatever is killed when: first it is committed where it goes, then the dead letter is put away,
    /// and the log knows of which it was. Runs until it is aborted.
    pub async fn run(self) {
        let mut seen = HashSet::new();
        let mut troubles = self.outbox.troubles();
        loop {
            match self.look(&seen).await {
                Ok(dead) => {
                    seen = dead;
                    troubles.rung().await;
                }
                Err(error) => {
                    tracing::error!(%error, "undelivered notices wait: the store does not answer");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// The dead letters that were seen to.
    async fn look(&self, seen: &HashSet<(i64, u32)>) -> Result<HashSet<(i64, u32)>, StoreError> {
        let mut dead = wait(self.store.dead(NEWEST)).await?;
        // What was said first goes first.
        dead.sort_by_key(|it| it.id);
        for letter in dead.iter().filter(|it| !seen.contains(&(it.id, it.attempts))) {
            match self.pass_on(letter).await {
                // Somebody tried it again, or put it away, meanwhile.
                Err(StoreError::Conflict(_)) => {}
                other => other?,
            }
        }
        Ok(dead.iter().map(|it| (it.id, it.attempts)).collect())
    }

    async fn pass_on(&self, letter: &Queued) -> Result<(), StoreError> {
        let now_ms = clock::now_ms();
        // What may have arrived is not said again.
        let surely_not_there = letter.doubts == 0 && letter.delivery.delivered_ms.is_none();
        if !letter.message.notice || !surely_not_there || letter.created_ms < now_ms - OLDEST_MS {
            return Ok(());
        }
        let Some(logged) = wait(self.store.explain(&format!("out:{}", letter.id))).await? else { return Ok(()) };
        let is_customers = letter.message.address == logged.event.address;
        if !is_customers || !Playbook::may_be_passed_on(&logged.event) {
            return Ok(());
        }
        let mut tried = PassedOn::of(&logged.event).map(|it| it.tried).unwrap_or_default();
        tried.push(letter.message.address.clone());
        let Some(to) = self.another(&tried, now_ms)? else { return Ok(()) };
        let passed_on = PassedOn { content: letter.message.content.clone(), message: letter.id, tried };
        let Ok(event) = passed_on.event(to.clone(), letter.attempts, now_ms) else { return Ok(()) };
        self.inbox.accept(event, now_ms, None).await?;
        tracing::info!(
            from = letter.message.address.channel,
            to = to.channel,
            "a notice is said at another of the customer's addresses"
        );
        wait(self.store.settle(letter.id, Settlement::Dropped)).await
    }

    /// Where else the customer of the last of these addresses can be told something: of several places the one where they
    /// wrote last.
    fn another(&self, tried: &[Address], now_ms: i64) -> Result<Option<Address>, StoreError> {
        let in_force = self.in_force.load_full();
        let Some(contact) = tried.last().map(|it| self.contact_at(it)).transpose()?.flatten() else { return Ok(None) };
        let mut best = None;
        for address in contact.addresses.iter().filter(|it| !tried.contains(it)) {
            let Some(conversation) = self.store.conversation(address)?.value else { continue };
            let allowed = conversation.answering(now_ms);
            let is_open = allowed.deadline_ms.is_none_or(|until| now_ms < until) && allowed.budget != Some(0);
            let is_the_clerks = conversation.stage == Stage::Clerk && !conversation.has_opted_out();
            let Some(heard_ms) = conversation.last_received_ms.or(conversation.first_seen_ms) else { continue };
            if is_open && is_the_clerks && in_force.channels.contains_key(&address.channel) {
                best = best.max(Some((brings(&in_force, address), heard_ms, address)));
            }
        }
        Ok(best.map(|(.., address)| address.clone()))
    }

    /// The whole that the person at an address is.
    fn contact_at(&self, address: &Address) -> Result<Option<Contact>, StoreError> {
        let conversation = self.store.conversation(address)?.value;
        let mut id = conversation.and_then(|it| it.contact).map(|it| it.id);
        let mut been = BTreeSet::new();
        while let Some(next) = id.take().filter(|it| been.len() < MOST_STEPS && been.insert(it.clone())) {
            let Some(contact) = self.store.contact(&next)?.value else { return Ok(None) };
            if contact.is_whole() {
                return Ok(Some(contact));
            }
            id = contact.merged_into;
        }
        Ok(None)
    }
}

/// Whether what is said there comes to the customer: a page is read when they come back to it.
fn brings(in_force: &InForce, address: &Address) -> bool {
    in_force.web_chat.as_ref().is_none_or(|page| page.id() != address.channel)
}
