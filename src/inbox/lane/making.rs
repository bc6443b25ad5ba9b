//! Makes an event's decision: reads what it rests on, and asks the engine. Whatever an event makes go wrong stays with it.

use std::{
    hash::BuildHasher,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use super::{Job, Lane};
use crate::{
    engine::View,
    inbox::{
        address::{home_elsewhere, order_of},
        chat::Chat,
        compose::compose,
        crash_record::Care,
        snapshot::Snapshot,
    },
    model::{Address, Basis, Conversation, NoPlugins, OutsideQuestion, Version, Versioned},
    store::{Decided, StoreError},
};

/// A decision that meets another one at the same row this often is given up, and its sender told to try again.
const MOST_TRIES: u32 = 64;

/// What an event came to.
pub enum Made {
    Decision(Box<Decided>),
    /// It belongs to a conversation that another lane may have.
    Elsewhere(Address),
    /// The outside has to be asked first.
    Question(OutsideQuestion),
}

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
        let address = job.event.address.clone();
        let conversation = self.conversation(&address)?;
        let unsettled = self.chats.get(&address).is_some_and(Chat::is_unsettled);
        let in_force = self.services.in_force.load_full();
        let playbook = &in_force.playbook;
        let nobody = Arc::default();
        let was = conversation.value.as_ref().unwrap_or(&nobody);
        let snapshot = Snapshot::new(&*store, &self.drafts, playbook, &address, was, job.now_ms, unsettled)
            .on(&in_force.channels)
            .also_later(store.clone(), in_force.clone(), was.clone());
        let order = order_of(&job.event, &snapshot);
        if let Some(address) = home_elsewhere(&job.event, order.as_ref()) {
            return Ok(Made::Elsewhere(address));
        }
        let view = View {
            conversation: was,
            order: order.as_ref(),
            lookups: &snapshot,
            recorded: &job.recorded,
            may_wait: job.hold_ms.is_none(),
            now_ms: job.now_ms,
        };
        let mut decision = match care {
            Care::Usual => playbook.decide(&job.event, &view, &*self.services.plugins),
            Care::WithoutPlugins => playbook.decide(&job.event, &view, &NoPlugins),
            Care::SetAside => playbook.set_aside(&job.event, &view),
        };
        if let Some(question) = decision.question.take() {
            return Ok(Made::Question(question));
        }
        if self.services.plugins.awaits_word_of(&address) && playbook.contradicts(&job.event, &decision) {
            self.services.plugins.contradicted(&address, job.now_ms);
        }
        let mut basis = snapshot.into_basis()?;
        basis.push(Basis::Conversation { address: address.clone(), was: conversation });
        let not_before_ms = job.hold_ms.map_or(0, |hold| job.now_ms + hold);
        let notify = |to: &str| playbook.address_of(to);
        let messages = compose(&job.event, &mut decision, &in_force.channels, notify, job.now_ms, not_before_ms);
        metrics::histogram!("nightclerk_decision_seconds").record(began.elapsed());
        tracing::debug!(actions = decision.actions.len(), messages = messages.len(), "decided");
        self.unsaid.tell(&decision.trace, job.now_ms);
        Ok(Made::Decision(Box::new(Decided {
            event: job.event.clone(),
            decision,
            messages,
            received_ms: job.now_ms,
            basis,
            version,
            received: job.received,
        })))
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
