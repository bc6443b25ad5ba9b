//! Quick phrases: what people say to customers by a short code.

use super::{at_hand::AtHand, phrases::Quick, turn::Turn};
use crate::{
    desk::button,
    model::{Action, Choice, Content, Finding, NotDone, Part, Staff, TraceId},
};

/// Quick phrases offered at once.
const AT_ONCE: usize = 20;
/// The longest value of a button that every platform takes, in bytes.
const MAX_BUTTON: usize = 64;

impl Turn<'_> {
    pub(super) fn says_phrase(&mut self, staff: &Staff, code: &str) {
        match self.playbook.phrases.quick(code) {
            Quick::One(code, words) => match self.fill_whole(words, code) {
                Some(text) => self.says(staff, Content::text(text)),
                None => {
                    let why = NotDone::PhraseWithGaps { code: code.to_owned() };
                    self.note(Part::Routing, Finding::NotDone { why });
                    let at_hand = AtHand { text: Some(code), ..AtHand::default() };
                    self.answer_room(staff, "room-phrase-with-gaps", &at_hand);
                }
            },
            Quick::None => self.has_no_phrase(staff, code),
            Quick::Several(_) if staff.room.is_none() => self.has_no_phrase(staff, code),
            Quick::Several(codes) => self.offer_phrases(staff, &codes),
        }
    }

    fn has_no_phrase(&mut self, staff: &Staff, code: &str) {
        self.note(Part::Routing, Finding::NotDone { why: NotDone::NoPhrase { code: code.to_owned() } });
        self.answer_room(staff, "room-no-phrase", &AtHand { text: Some(code), ..AtHand::default() });
    }

    /// Shows what can be said by code, each to be pressed.
    fn offer_phrases(&mut self, staff: &Staff, codes: &[&str]) {
        let Some(place) = staff.room.clone() else { return };
        let reference = TraceId::key(self.event, 0);
        let mut lines = Vec::new();
        let mut choices = Vec::new();
        for code in codes.iter().take(AT_ONCE) {
            let Quick::One(_, words) = self.playbook.phrases.quick(code) else { continue };
            let text = self.fill_for_colleagues(words, code, &AtHand::default()).unwrap_or_default();
            lines.push(format!("{code}  {}", text.lines().next().unwrap_or_default()));
            let value = button("phrase", &reference, Some(code));
            if value.len() <= MAX_BUTTON {
                choices.push(Choice { label: (*code).to_owned(), value });
            }
        }
        let listed = lines.join("\n");
        let at_hand = AtHand { text: Some(&listed), ..AtHand::default() };
        if let Some(text) = self.phrase_for_people("room-phrases", &at_hand) {
            let content = if choices.is_empty() { Content::text(text) } else { Content::Choices { text, choices } };
            self.act(Action::Tell { room: place.address, content, reply: place.reply });
        }
    }
}
