//! A conversation on its way to a person, with one, and back.
//!
//! It is handed over where somebody hears of it, and while people are there; else the clerk says so and goes on. Who
//! waits hears now and then that they are not forgotten, what is urgent is answered all the same, and where nobody takes
//! the conversation in time it is the clerk's again. A ticket stands for it from the first word.

use super::{
    at_hand::AtHand,
    by_rule, limits,
    rules::{Meant, Rule, TicketSettings},
    tickets::CALLBACK,
    turn::Turn,
};
use crate::model::{
    Action, Content, Finding, HandOver, Message, Part, Staff, StaffDeed, Stage, TimerFired, Urgency, WhySilent,
};

/// Who sets the timer; no plugin can have this name.
pub(super) const OWNER: &str = "clerk:hand-over";
const KEY: &str = "take";
/// The kind of an urgent ticket for what is said while the clerk keeps still.
const COMPLAINT: &str = "complaint";
/// Who waits for a person and writes hears so often, at most, that it is on its way.
const TELL_AGAIN_MS: i64 = 2 * 60_000;
/// The same of somebody whom a person has taken.
const TELL_TAKEN_AGAIN_MS: i64 = 10 * 60_000;

impl Turn<'_> {
    /// Whether anybody hears of what is handed to this team, person or route.
    pub(super) fn is_heard_by(&self, to: &str) -> bool {
        self.playbook.shop.address_of(to).is_some()
    }

    /// Hands the conversation to a team or person, or keeps it where nobody there would hear of it; whether it was
    /// handed over. The ticket that this decision opened stands for it, or one of its own.
    pub(super) fn hand_over(&mut self, to: &str, said: &str) -> bool {
        let to = self.playbook.shop.member(to).to_owned();
        let ticket = match self.decision.tickets.last().map(|it| it.id.clone()) {
            Some(id) => id,
            None => {
                self.open_ticket(CALLBACK, said.to_owned(), Urgency::Normal);
                self.open_ticket_of(CALLBACK).unwrap_or_default()
            }
        };
        if !self.is_heard_by(&to) {
            self.note(Part::Routing, Finding::NobodyHears { who: to });
            return false;
        }
        self.give_ticket(&ticket, &to);
        let now_ms = self.view.now_ms;
        let there = self.is_there(&to);
        let conversation = &mut self.decision.conversation;
        conversation.assigned = Some(to.clone());
        let waits = conversation.stage == Stage::Person && conversation.hand_over.is_some();
        if there && !waits {
            conversation.stage = Stage::Person;
            conversation.hand_over = Some(HandOver { since_ms: now_ms, taken: false, told_ms: None, ticket });
            self.act(Action::SetTimer {
                at: None,
                key: KEY.to_owned(),
                due_ms: now_ms.saturating_add(self.playbook.shop.take_within_ms),
                priority: 0,
                payload: serde_json::Value::Null,
                owner: OWNER.to_owned(),
            });
            self.tell(&to, "handed-over", said);
        } else if limits::is_news(&mut self.decision.conversation, self.playbook, &format!("to:{to}"), now_ms) {
            self.tell(&to, "handed-over", said);
        }
        true
    }

    /// Tells a team or person, unless they just heard of this; in the store's own language.
    pub(super) fn tell(&mut self, to: &str, phrase: &str, said: &str) {
        let told = |it: &Action| matches!(it, Action::Notify { to: other, .. } if other == to);
        if self.decision.actions.iter().any(told) || !self.is_heard_by(to) {
            return;
        }
        if let Some(text) = self.phrase_for_people(phrase, &AtHand { text: Some(said), ..AtHand::default() }) {
            self.act(Action::Notify { to: to.to_owned(), content: Content::text(text) });
        }
    }

    /// Whether a person has the conversation, or will, so that the clerk keeps back. What is urgent passes.
    pub(super) fn is_with_a_person(&mut self, words: String) -> bool {
        let conversation = &self.decision.conversation;
        // Somebody who answered a moment ago, here or in the platform's own inbox, is there, whatever the hours say.
        let (now_ms, handback_ms) = (self.view.now_ms, self.playbook.shop.handback_ms);
        let answered = conversation.colleague_ms.is_some_and(|at| now_ms.saturating_sub(at) < handback_ms);
        let taken = answered || conversation.hand_over.as_ref().is_some_and(|it| it.taken);
        let there = || conversation.assigned.as_deref().map_or(self.open, |to| self.is_there(to));
        if conversation.stage != Stage::Person || !(taken || there()) {
            return false;
        }
        if self.is_urgent(&words) {
            self.note(Part::Routing, Finding::Urgent);
            return false;
        }
        self.keep_informed(words);
        true
    }

    /// What somebody who waits writes is added to their ticket, and now and then they hear that it is.
    fn keep_informed(&mut self, words: String) {
        let now_ms = self.view.now_ms;
        let who = self.decision.conversation.assigned.clone();
        let Some(mut hand_over) = self.decision.conversation.hand_over.clone() else {
            return self.stay_silent(Part::Routing, WhySilent::WithPerson { who });
        };
        if !words.is_empty() && !self.add_words_to(&hand_over.ticket, &words) {
            self.open_ticket(CALLBACK, words, Urgency::Normal);
            hand_over.ticket = self.open_ticket_of(CALLBACK).unwrap_or_default();
        }
        let (phrase, interval_ms) =
            if hand_over.taken { ("with-person", TELL_TAKEN_AGAIN_MS) } else { ("still-waiting", TELL_AGAIN_MS) };
        let told_ms = hand_over.told_ms.or(hand_over.taken.then_some(hand_over.since_ms));
        let due = told_ms.is_none_or(|at| now_ms.saturating_sub(at) >= interval_ms);
        if due {
            hand_over.told_ms = Some(now_ms);
        }
        self.decision.conversation.hand_over = Some(hand_over);
        let at_hand = AtHand { team: who.as_deref(), ..AtHand::default() };
        if !due || !self.say_phrase(phrase, &at_hand) {
            self.stay_silent(Part::Routing, WhySilent::WithPerson { who });
        }
    }

    /// What is urgent gets onto the list, and people hear of it, though the customer is not answered now; once, that they
    /// know.
    pub(super) fn keep_urgent(&mut self, said: Option<&str>) {
        let Some(said) = said.filter(|said| self.is_urgent(said)) else { return };
        self.note(Part::Routing, Finding::Urgent);
        let ticket = TicketSettings { kind: COMPLAINT.to_owned(), urgent: true, closed_only: false, text: None };
        let known = self.open_ticket_of(COMPLAINT).is_some();
        self.file(&ticket, said);
        if !known {
            let told = self.is_heard_by(COMPLAINT);
            self.say_phrase("sorry", &AtHand { text: Some(said), told, ..AtHand::default() });
        }
    }

    /// Whether what was said must not wait for a person: a rule with an urgent ticket, or one that tells people, fits.
    pub(super) fn is_urgent(&self, said: &str) -> bool {
        let urgent = |rule: &Rule| {
            let settings = &rule.settings;
            settings.ticket.as_ref().is_some_and(|it| it.urgent) || settings.notify.is_some()
        };
        let by_button = said.strip_prefix(&by_rule("")).and_then(|id| self.playbook.rules.by_id(id));
        let utterance = self.utterance(said);
        let meant = utterance.meaning(&self.playbook.intents);
        let meaning: Vec<_> = meant.sure().map(|intent| Meant { intent, clause: None }).into_iter().collect();
        let permitted = |rule: &Rule| urgent(rule) && self.permits(rule, utterance.folded().as_str(), false);
        by_button.is_some_and(urgent)
            || meant.urgent
            || !self.playbook.rules.find(&utterance, &meaning, permitted).is_empty()
    }

    /// Whoever took the conversation, or did not, has been silent for long enough: it is the clerk's again.
    pub(super) fn take_back_if_due(&mut self) {
        let conversation = &self.decision.conversation;
        if conversation.stage != Stage::Person {
            return;
        }
        let (now_ms, shop) = (self.view.now_ms, &self.playbook.shop);
        match &conversation.hand_over {
            Some(HandOver { taken: false, since_ms, .. }) => {
                if now_ms.saturating_sub(*since_ms) >= shop.take_within_ms {
                    self.nobody_came();
                    let (key, owner) = (KEY.to_owned(), OWNER.to_owned());
                    self.act(Action::CancelTimer { at: None, key, owner });
                }
            }
            other => {
                let taken_ms = other.as_ref().map(|it| it.since_ms);
                let sign_ms = taken_ms.max(conversation.colleague_ms).or(conversation.last_received_ms);
                if sign_ms.is_some_and(|at| now_ms.saturating_sub(at) >= shop.handback_ms) {
                    self.is_the_clerks();
                    self.note(Part::Routing, Finding::TakenBack);
                }
            }
        }
    }

    pub(super) fn hand_over_timer(&mut self, timer: &TimerFired) {
        let conversation = &self.decision.conversation;
        let waits = conversation.hand_over.as_ref().is_some_and(|it| {
            !it.taken
                && it.since_ms.saturating_add(self.playbook.shop.take_within_ms) <= timer.due_ms.max(self.view.now_ms)
        });
        if waits && conversation.stage == Stage::Person {
            self.nobody_came();
        } else {
            self.note(Part::Routing, Finding::TakenMeanwhile);
        }
    }

    /// The customer hears it, the ticket goes to the top, and whoever was told hears that it is there.
    fn nobody_came(&mut self) {
        self.note(Part::Routing, Finding::TakenBack);
        let who = self.decision.conversation.assigned.clone();
        let said = match self.is_the_clerks() {
            Some(HandOver { ticket, .. }) => self.raise_ticket(&ticket).unwrap_or_default(),
            None => String::new(),
        };
        let at_hand = AtHand { team: who.as_deref(), ..AtHand::default() };
        if let Some(text) = self.phrase("nobody-came", &at_hand) {
            self.say_with_main_menu(text);
        }
        if let Some(who) = who {
            self.tell(&who, "given-back", &said);
        }
    }

    fn is_the_clerks(&mut self) -> Option<HandOver> {
        let conversation = &mut self.decision.conversation;
        conversation.stage = Stage::Clerk;
        conversation.colleague_ms = None;
        conversation.hand_over.take()
    }

    /// What a person of the store does.
    pub(super) fn staff(&mut self, staff: &Staff) {
        self.note(Part::Routing, Finding::Staff { deed: staff.without_words() });
        let by = staff.by.as_deref();
        match &staff.deed {
            StaffDeed::Take => self.taken(by),
            StaffDeed::Return => self.given_back(),
            StaffDeed::TakeTicket { ticket } => {
                if let Some(by) = by {
                    self.put_owner(ticket, by);
                }
                if self.decision.conversation.hand_over.as_ref().is_some_and(|it| !it.taken && it.ticket == *ticket) {
                    self.taken(by);
                }
            }
            StaffDeed::CloseTicket { ticket } => {
                self.act(Action::CloseTicket { id: ticket.clone() });
                if self.decision.conversation.hand_over.as_ref().is_some_and(|it| it.ticket == *ticket) {
                    self.is_the_clerks();
                }
            }
            _ => {}
        }
    }

    fn taken(&mut self, by: Option<&str>) {
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        let by = by.map(str::to_owned);
        let before = conversation.hand_over.take().unwrap_or_default();
        let news = !before.taken || (by.is_some() && conversation.assigned != by);
        conversation.stage = Stage::Person;
        if by.is_some() {
            conversation.assigned.clone_from(&by);
        }
        let ticket = before.ticket.clone();
        conversation.hand_over = Some(HandOver { since_ms: now_ms, taken: true, told_ms: None, ..before });
        self.act(Action::CancelTimer { at: None, key: KEY.to_owned(), owner: OWNER.to_owned() });
        if let Some(by) = &by {
            self.put_owner(&ticket, by);
        }
        if news {
            let team = self.decision.conversation.assigned.clone();
            self.say_phrase("person-here", &AtHand { team: team.as_deref(), ..AtHand::default() });
        }
    }

    /// What the hand-over was about is done with; other tickets stay.
    fn given_back(&mut self) {
        if self.decision.conversation.stage != Stage::Person {
            return;
        }
        let hand_over = self.is_the_clerks();
        let callback = self.open_ticket_of(CALLBACK);
        if let Some(HandOver { ticket, taken: true, .. }) = hand_over
            && callback.as_ref() == Some(&ticket)
        {
            self.act(Action::CloseTicket { id: ticket });
        }
        self.act(Action::CancelTimer { at: None, key: KEY.to_owned(), owner: OWNER.to_owned() });
        self.say_phrase("clerk-back", &AtHand::default());
    }
}

/// What the customer wrote, or that they sent something.
pub(super) fn words_of(message: &Message) -> String {
    match message.text.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        Some(text) => text.to_owned(),
        None => message.media.iter().map(|it| format!("[{}]", it.kind)).collect::<Vec<_>>().join(" "),
    }
}
