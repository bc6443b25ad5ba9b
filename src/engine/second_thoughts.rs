//! Who thinks better of something: "wait, don't cancel it".

use super::{at_hand::AtHand, intents::NOT_WANTED, reply::Question, turn::Turn};
use crate::model::Urgency;

impl Turn<'_> {
    /// Puts what is not wanted with the newest ticket that is open, so that whoever takes it does not do it.
    pub(super) fn hear_of_second_thoughts(&mut self, question: &Question) -> bool {
        if question.meant.sure() != Some(NOT_WANTED) {
            return false;
        }
        let tickets = self.decision.conversation.tickets.iter().rev();
        let Some(ticket) = tickets.filter_map(|it| self.open_ticket_named(&it.id)).next() else { return false };
        self.say_phrase("noted", &AtHand { text: Some(&question.said), ..AtHand::default() });
        self.open_ticket(&ticket.kind, question.said.clone(), Urgency::Normal);
        true
    }
}
