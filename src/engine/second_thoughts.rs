//! Who thinks better of something, or needs no help any more: "wait, don't cancel it", 快递没丢，找到了.

use super::{
    intents::{ALL_IS_WELL, NOT_WANTED},
    question::Question,
    turn::Turn,
};
use crate::model::{Ticket, Urgency};

impl Turn<'_> {
    /// Puts it with the newest ticket that is open, so that whoever takes that one does not do what is not wanted any more;
    /// whether the customer was told so. Who only says that all is well waits for no answer.
    pub(super) fn hear_of_second_thoughts(&mut self, question: &Question) -> bool {
        let is_well = match question.meant.sure() {
            Some(NOT_WANTED) => false,
            Some(ALL_IS_WELL) => true,
            _ => return false,
        };
        let concerned = |it: &Ticket| !is_well || it.urgency == Urgency::Urgent;
        let tickets = self.decision.conversation.tickets.iter().rev();
        let Some(ticket) = tickets.filter_map(|it| self.open_ticket_named(&it.id)).find(concerned) else {
            return false;
        };
        self.open_ticket(&ticket.kind, question.said.clone(), Urgency::Normal);
        if !is_well {
            self.say_noted(&question.said);
        }
        !is_well
    }
}
