//! The deciding itself, apart from the lanes: reads what a decision rests on, asks the engine, and writes the messages. It
//! waits for nobody outside, writes nothing and sends nothing, so that whatever is decided anywhere is decided here: by a
//! lane for a customer, and in rehearsal for nobody.

use std::sync::Arc;

use super::{
    Deciding,
    address::{home_elsewhere, order_of},
    compose::compose,
    crash_record::Care,
    snapshot::Snapshot,
};
use crate::{
    engine::View,
    model::{Address, Basis, Conversation, Event, NoPlugins, OutsideQuestion, Recorded, Version, Versioned},
    store::{Decided, StoreError},
};

/// An event, with what is known of it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub event: &'a Arc<Event>,
    /// The event's own conversation as it is before it.
    pub conversation: &'a Versioned<Arc<Conversation>>,
    /// What the outside answered so far.
    pub recorded: &'a [Recorded],
    pub now_ms: i64,
    /// The messages are held back so long, for a reply in the webhook's own response.
    pub hold_ms: Option<i64>,
    /// Its id in the log, where it was written down undecided.
    pub received: Option<i64>,
    /// The version of the rows that the decision changes.
    pub version: Version,
}

/// What an event came to.
pub enum Made {
    Decision(Box<Decided>),
    /// It belongs to a conversation that another lane may have.
    Elsewhere(Address),
    /// The outside has to be asked first.
    Question(OutsideQuestion),
}

impl Deciding<'_> {
    /// Makes the decision. The same case, views, configuration and plugins give the same.
    ///
    /// # Errors
    /// A row cannot be read.
    pub fn make(&self, case: &Case<'_>, care: Care) -> Result<Made, StoreError> {
        let Case { event, conversation, now_ms, .. } = *case;
        let playbook = &self.in_force.playbook;
        let nobody = Arc::default();
        let was = conversation.value.as_ref().unwrap_or(&nobody);
        let snapshot = Snapshot::new(self, &event.address, was, now_ms);
        let order = order_of(event, &snapshot);
        if let Some(address) = home_elsewhere(event, order.as_ref(), conversation.value.is_some(), &snapshot, now_ms) {
            return Ok(Made::Elsewhere(address));
        }
        let view = View {
            conversation: was,
            order: order.as_ref(),
            lookups: &snapshot,
            recorded: case.recorded,
            may_wait: case.hold_ms.is_none(),
            now_ms,
        };
        let mut decision = match care {
            Care::Usual => playbook.decide(event, &view, self.plugins),
            Care::WithoutPlugins => playbook.decide(event, &view, &NoPlugins),
            Care::SetAside => playbook.set_aside(event, &view),
        };
        if let Some(question) = decision.question.take() {
            return Ok(Made::Question(question));
        }
        let mut basis = snapshot.into_basis()?;
        basis.push(Basis::Conversation { address: event.address.clone(), was: conversation.clone() });
        let not_before_ms = case.hold_ms.map_or(0, |hold| now_ms + hold);
        let notify = |to: &str| playbook.address_of(to);
        let messages =
            compose(event, &mut decision, &self.in_force.channels, notify, playbook.people(), now_ms, not_before_ms);
        Ok(Made::Decision(Box::new(Decided {
            event: event.clone(),
            decision,
            messages,
            received_ms: now_ms,
            basis,
            version: case.version,
            received: case.received,
        })))
    }
}
