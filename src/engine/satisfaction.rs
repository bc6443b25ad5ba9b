//! How satisfied a customer is: asked once a person is done with what they had, answered with a button or a number, thanked
//! for once. Who gives few marks gets onto the list.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{at_hand::AtHand, phrases::Label, text::fold, turn::Turn};
use crate::{
    language::Tag,
    model::{
        Action, Choice, Content, EventKind, Finding, Part, SatisfactionAsked, Staff, StaffDeed, Stage, TimerFired,
        Urgency, WhySilent,
    },
    setting::Delay,
};

/// Who sets the timer; no plugin can have this name.
pub(super) const OWNER: &str = "clerk:satisfaction";
const KEY: &str = "ask";
/// What the buttons send, before the mark.
const MARK: &str = "satisfaction:";
/// So long a bare number may be the answer.
const ANSWER_MS: i64 = 24 * 60 * 60 * 1000;
/// From this mark down somebody should look.
const LOW: u8 = 2;
/// The kind of a ticket for somebody who is not satisfied.
const UNSATISFIED: &str = "unsatisfied";

/// `[satisfaction]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SatisfactionSettings {
    /// Whether customers are asked how satisfied they are once a person is done with their conversation or ticket.
    pub ask: bool,
    /// How long after it; later while they still write.
    pub after: Delay,
    /// Nobody is asked again within this time, by a plugin neither.
    pub again: Delay,
}

impl Default for SatisfactionSettings {
    fn default() -> Self {
        Self { ask: false, after: Delay::minutes(10), again: Delay::minutes(30 * 24 * 60) }
    }
}

/// The labels of the marks, for customers who read them as the whole of a button.
const LABELS: [[(&str, &str); 8]; 5] = [
    [
        ("zh", "1 很不满意"),
        ("en", "1 very poor"),
        ("ja", "1 とても不満"),
        ("ko", "1 매우 불만족"),
        ("es", "1 muy mal"),
        ("vi", "1 rất tệ"),
        ("th", "1 แย่มาก"),
        ("id", "1 buruk sekali"),
    ],
    [
        ("zh", "2 不满意"),
        ("en", "2 poor"),
        ("ja", "2 不満"),
        ("ko", "2 불만족"),
        ("es", "2 mal"),
        ("vi", "2 tệ"),
        ("th", "2 แย่"),
        ("id", "2 buruk"),
    ],
    [
        ("zh", "3 一般"),
        ("en", "3 fair"),
        ("ja", "3 普通"),
        ("ko", "3 보통"),
        ("es", "3 regular"),
        ("vi", "3 tạm được"),
        ("th", "3 พอใช้"),
        ("id", "3 cukup"),
    ],
    [
        ("zh", "4 满意"),
        ("en", "4 good"),
        ("ja", "4 満足"),
        ("ko", "4 만족"),
        ("es", "4 bien"),
        ("vi", "4 tốt"),
        ("th", "4 ดี"),
        ("id", "4 baik"),
    ],
    [
        ("zh", "5 非常满意"),
        ("en", "5 very good"),
        ("ja", "5 とても満足"),
        ("ko", "5 매우 만족"),
        ("es", "5 muy bien"),
        ("vi", "5 rất tốt"),
        ("th", "5 ดีมาก"),
        ("id", "5 baik sekali"),
    ],
];

impl Turn<'_> {
    /// Sees to it that the customer is asked, where a person is done with what they had.
    pub(super) fn watch_for_the_end(&mut self) {
        if !self.playbook.shop.satisfaction.ask || !self.is_done() {
            return;
        }
        let now_ms = self.view.now_ms;
        self.ask_at(now_ms.saturating_add(self.playbook.shop.satisfaction.after.as_ms()));
    }

    /// Whether a person just gave the conversation back, or closed a ticket of it.
    fn is_done(&self) -> bool {
        let (before, after) = (self.view.conversation, &self.decision.conversation);
        let had = before.colleague_ms.is_some() || before.hand_over.as_ref().is_some_and(|it| it.taken);
        let given_back = before.stage == Stage::Person && had && after.stage == Stage::Clerk;
        let closed = matches!(&self.event.kind, EventKind::Staff(Staff { deed: StaffDeed::CloseTicket { .. }, .. }))
            && self.decision.actions.iter().any(|it| matches!(it, Action::CloseTicket { .. }));
        (given_back || closed) && after.stage == Stage::Clerk && !self.event.address.chat.is_empty()
    }

    fn ask_at(&mut self, due_ms: i64) {
        let (key, owner) = (KEY.to_owned(), OWNER.to_owned());
        let payload = serde_json::Value::Null;
        self.decision.actions.push(Action::SetTimer { at: None, key, due_ms, priority: 0, payload, owner });
    }

    /// It is time to ask, unless there is a reason not to.
    pub(super) fn satisfaction_timer(&mut self, _timer: &TimerFired) {
        let settings = &self.playbook.shop.satisfaction;
        let conversation = &self.decision.conversation;
        let now_ms = self.view.now_ms;
        let quiet_ms = conversation.last_received_ms.map(|at| at.saturating_add(settings.after.as_ms()));
        let unfinished = !conversation.tickets.is_empty();
        if !settings.ask || conversation.stage == Stage::Person || unfinished {
            self.note(Part::Timers, Finding::NotAskedHowSatisfied);
        } else if conversation.has_opted_out() {
            self.note(Part::Limits, Finding::OptedOut);
        } else if let Some(quiet_ms) = quiet_ms.filter(|it| *it > now_ms) {
            self.ask_at(quiet_ms);
        } else if let Some(text) = self.phrase("satisfaction", &AtHand::default()) {
            self.act(Action::AskSatisfaction { content: Content::text(text) });
        }
    }

    /// The question with its five answers, if it may be asked.
    pub(super) fn asking_how_satisfied(&mut self, content: Content) -> Option<Content> {
        let now_ms = self.view.now_ms;
        let again_ms = self.playbook.shop.satisfaction.again.as_ms();
        let asked = &mut self.decision.conversation.satisfaction;
        if asked.as_ref().is_some_and(|it| now_ms.saturating_sub(it.at_ms) < again_ms) {
            self.note(Part::Limits, Finding::NotAskedHowSatisfied);
            return None;
        }
        *asked = Some(SatisfactionAsked { at_ms: now_ms, mark: None });
        Some(match content {
            Content::Text { text } => Content::Choices { text, choices: self.marks() },
            other => other,
        })
    }

    /// From 1 to 5, so that a bare number picks what it says.
    fn marks(&self) -> Vec<Choice> {
        let labels = LABELS.map(|labels| {
            labels
                .into_iter()
                .filter_map(|(tag, label)| Some((Tag::parse(tag).ok()?, label.to_owned())))
                .collect::<Label>()
        });
        let language = self.language();
        (1..=5u8)
            .zip(&labels)
            .map(|(mark, label)| Choice { label: label.get(language).into_owned(), value: format!("{MARK}{mark}") })
            .collect()
    }

    /// Takes a message that is an answer to the question; whether it was one.
    pub(super) fn takes_mark(&mut self, said: &str) -> bool {
        let now_ms = self.view.now_ms;
        let Some(asked) = self.decision.conversation.satisfaction.clone() else { return false };
        let pressed = said.strip_prefix(MARK);
        let open = asked.mark.is_none()
            && now_ms.saturating_sub(asked.at_ms) < ANSWER_MS
            && self.decision.conversation.stage == Stage::Clerk
            && self.decision.conversation.menu_ms.is_none_or(|at_ms| at_ms <= asked.at_ms);
        let mark = match pressed {
            Some(pressed) => pressed.parse().ok(),
            None if open => said_mark(said),
            None => None,
        };
        let Some(mark) = mark.filter(|it| (1..=5).contains(it)) else { return false };
        if asked.mark.is_some() {
            self.stay_silent(Part::Menu, WhySilent::NoQuestion);
            return true;
        }
        self.decision.conversation.satisfaction = Some(SatisfactionAsked { mark: Some(mark), ..asked });
        self.decision.conversation.menu.clear();
        self.note(Part::Menu, Finding::Satisfied { mark });
        if mark <= LOW {
            self.open_ticket(UNSATISFIED, format!("{mark} / 5"), Urgency::Normal);
            self.say_phrase("satisfaction-low", &AtHand::default());
        } else {
            self.say_phrase("satisfaction-thanks", &AtHand::default());
        }
        true
    }
}

/// A number from 1 to 5 that is all that was said, or a label.
fn said_mark(said: &str) -> Option<u8> {
    let folded = fold(said);
    let bare = folded.trim_matches(|it: char| !it.is_alphanumeric());
    let of_label = |labels: &[(&str, &str); 8]| labels.iter().any(|(_, label)| fold(label) == folded);
    match bare.parse() {
        Ok(mark @ 1..=5u8) => Some(mark),
        _ => (1..).zip(&LABELS).find(|(_, labels)| of_label(labels)).map(|(mark, _)| mark),
    }
}

#[cfg(test)]
mod tests {
    use super::said_mark;

    #[test]
    fn a_mark_is_a_number_alone_or_a_label() {
        for (said, mark) in [
            ("5", Some(5)),
            ("４", Some(4)),
            (" 3! ", Some(3)),
            ("5 非常满意", Some(5)),
            ("1 Very poor", Some(1)),
            ("6", None),
            ("0", None),
            ("5 boxes", None),
            ("我要5盒", None),
            ("", None),
        ] {
            assert_eq!(said_mark(said), mark, "{said}");
        }
    }
}
