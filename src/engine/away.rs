//! What the customer must know while nobody is there: until when, and what can be done meanwhile. Said once each time the
//! store is closed.

use super::{at_hand::AtHand, turn::Turn};
use crate::model::{Finding, Part};

/// How long the word holds where nobody knows when people are back.
const UNKNOWN_MS: i64 = 12 * 3_600_000;

impl Turn<'_> {
    /// Whether nobody is there, and the customer has not heard so since people left.
    pub(super) fn away_is_due(&self) -> bool {
        let heard = self.decision.conversation.away_until_ms;
        !self.open && heard.is_none_or(|until| self.view.now_ms >= until)
    }

    pub(super) fn say_away(&mut self, phrase: &str) {
        self.note(Part::Welcome, Finding::Away { phrase: phrase.to_owned() });
        if let Some(text) = self.phrase(phrase, &AtHand::default()) {
            self.say_with_main_menu(text);
        }
        self.away_is_told();
    }

    /// Adds it to a plugin's welcome, unless that said when people are back.
    pub(super) fn complete_welcome(&mut self) {
        if !self.away_is_due() || self.decision.question.is_some() || self.decision.replies().next().is_none() {
            return;
        }
        let back = self.back(self.language());
        if self.decision.replies().any(|content| content.to_plain_text().contains(&back)) {
            self.away_is_told();
        } else {
            self.say_away("away-again");
        }
    }

    pub(super) fn away_is_told(&mut self) {
        if !self.open {
            let until_ms = self.next_open_ms().unwrap_or(self.view.now_ms.saturating_add(UNKNOWN_MS));
            self.decision.conversation.away_until_ms = Some(until_ms);
        }
    }
}
