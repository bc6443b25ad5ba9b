//! Has an event decided on what the lane knows. Whatever an event makes go wrong stays with it.

use std::{
    hash::BuildHasher,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use super::Lane;
use crate::{
    inbox::{
        Services,
        case::{Case, Made},
        chat::Chat,
        crash_record::Care,
        deciding::{Deciding, Kept},
        job::Job,
    },
    model::{Address, Conversation, Version, Versioned},
    store::{Decided, Journal, StoreError},
};

/// A decision that meets another one at the same row this often is given up, and its sender told to try again.
const MOST_TRIES: u32 = 64;

impl Lane {
    /// As `make`, with as much care as the event wants: where the process died over it twice, and where deciding it
    /// panics, plugins are left out, and if that does not help, it is put on the list for a person.
    pub fn make_whatever_comes(&mut self, job: &Job) -> Result<Made, StoreError> {
        let record = self.services.crash_record.clone();
        let mut care = record.care_for(&job.event);
        if care != Care::Usual {
            tracing::error!(?care, "the clerk died over this event before: it is decided with care");
        }
        record.begin(self.number, &job.event);
        let made = loop {
            match catch_unwind(AssertUnwindSafe(|| self.make(job, care))) {
                Ok(made) => break made,
                Err(_) => {
                    metrics::counter!("nightclerk_decisions_failed_total").increment(1);
                    tracing::error!(?care, "deciding this event failed: a fault in the clerk, please report it");
                    match care.next() {
                        Some(next) => care = next,
                        None => break Err(StoreError::Write("the event cannot be decided".to_owned())),
                    }
                }
            }
        };
        record.end(self.number);
        made
    }

    fn make(&mut self, job: &Job, care: Care) -> Result<Made, StoreError> {
        if job.tries >= MOST_TRIES && job.received.is_none() {
            return Err(StoreError::Stale);
        }
        let began = Instant::now();
        let version = self.draw();
        let store = self.services.store.clone();
        let address = &job.event.address;
        let conversation = self.conversation(address)?;
        let unsettled = self.chats.get(address).is_some_and(Chat::is_unsettled);
        let in_force = self.services.in_force.load_full();
        let deciding = Deciding {
            in_force: &in_force,
            plugins: &*self.services.plugins,
            views: &*store,
            drafts: Some(&self.drafts),
            kept: Some(Kept { store: &store, in_force: &in_force }),
            unsettled: unsettled.then_some(&*store as &dyn Journal),
        };
        let case = Case {
            event: &job.event,
            conversation: &conversation,
            recorded: &job.recorded,
            now_ms: job.now_ms,
            hold_ms: job.hold_ms,
            received: job.received,
            version,
        };
        let made = deciding.make(&case, care)?;
        if let Made::Decision(decided) = &made {
            self.decisions.record(began.elapsed());
            let (actions, messages) = (decided.decision.actions.len(), decided.messages.len());
            tracing::debug!(actions, messages, "decided");
            self.unsaid.tell(&decided.decision.trace, job.now_ms);
        }
        Ok(made)
    }

    /// Whether the customer speaks against what a plugin said of late, of which it is told once the decision is kept.
    pub fn contradicts(&self, decided: &Decided) -> bool {
        let Services { plugins, in_force, .. } = &self.services;
        plugins.awaits_word_of(&decided.event.address)
            && in_force.load().playbook.contradicts(&decided.event, &decided.decision)
    }

    /// The conversation as of the last decision about it.
    fn conversation(&mut self, address: &Address) -> Result<Versioned<Arc<Conversation>>, StoreError> {
        if let Some(latest) = self.chats.get(address).and_then(|chat| chat.latest.as_ref()) {
            return Ok(latest.clone());
        }
        if let Some(remembered) = self.remembered.get(address) {
            return Ok(remembered.clone());
        }
        let stored = self.services.store.conversation(address)?;
        Ok(Versioned { value: stored.value.map(Arc::new), version: stored.version })
    }

    /// A version that nobody has drawn: the keys of the hash are random, and different in every lane and daemon.
    fn draw(&mut self) -> Version {
        self.drawn += 1;
        Version((self.random.hash_one(self.drawn) >> 1) as i64 | 1)
    }
}
