//! What is said to words that nothing fits: first a question, then a person, then no more than that it is noted. One
//! ticket stands for all of it.

use super::{at_hand::AtHand, turn::Turn};
use crate::model::{Finding, Part, Urgency, WhySilent};

/// After this a misunderstanding is a new one.
const ONE_MATTER_MS: i64 = 60 * 60_000;

impl Turn<'_> {
    /// `welcomed`: the welcome goes before, and stands for the answer.
    pub(super) fn fall_back_on(&mut self, said: &str, welcomed: bool) {
        self.note(Part::Fallback, Finding::NothingFits { welcomed });
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        if conversation.unanswered_ms.is_none_or(|at| now_ms.saturating_sub(at) >= ONE_MATTER_MS) {
            conversation.unanswered = 0;
        }
        let before = conversation.unanswered;
        conversation.unanswered_ms = Some(now_ms);
        self.fell_back = true;
        if welcomed {
            // The welcome asks what it is about.
            if !self.open {
                self.open_ticket("question", said.to_owned(), Urgency::Normal);
            }
            return;
        }
        self.decision.conversation.unanswered = before.saturating_add(1);
        self.open_ticket("question", said.to_owned(), Urgency::Normal);
        let ticket = self.open_ticket_of("question");
        let at_hand = AtHand { text: Some(said), ticket: ticket.as_deref(), ..AtHand::default() };
        let phrase = match before {
            0 => "fallback",
            1 => "fallback-person",
            2 => "fallback-noted",
            _ => return self.stay_silent(Part::Fallback, WhySilent::NotedBefore),
        };
        match self.phrase(phrase, &at_hand) {
            Some(text) if before < 2 => self.say_with_main_menu(text),
            Some(text) => self.say(crate::model::Content::text(text)),
            None => {}
        }
    }
}
