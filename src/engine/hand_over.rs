//! A conversation on its way to a person, with one, and back.
//!
//! It is handed over where somebody hears of it, and while people are there; else the clerk says so and goes on. Who
//! waits hears now and then that they are not forgotten, what is urgent is answered all the same, and where nobody takes
//! the conversation in time it is the clerk's again. A ticket stands for it from the first word.

use super::{
    at_hand::AtHand,
    by_rule, limits,
    rules::{Meant, Rule, TicketSettings},
    seats::FIRST_ANSWER,
    tickets::{CALLBACK, COMPLAINT},
    turn::Turn,
};
use crate::{
    desk::{Person, Seat},
    model::{
        Action, Address, Content, Finding, HandOver, Message, Part, Stage, TimerFired, Urgency, WhySilent, topic::Sign,
    },
};

/// Who sets the timer; no plugin can have this name.
pub(super) const OWNER: &str = "clerk:hand-over";
const KEY: &str = "take";
/// Who answered within this time is there.
const SEEN_MS: i64 = 10 * 60_000;
/// What is said where all is said.
const CLOSINGS: [&str; 3] = ["thanks", "bye", "ok"];
/// Who waits for a person and writes hears so often, at most, that it is on its way.
const TELL_AGAIN_MS: i64 = 2 * 60_000;
/// The same of somebody whom a person has taken.
const TELL_TAKEN_AGAIN_MS: i64 = 10 * 60_000;

impl Turn<'_> {
    /// Whether anybody hears of what is handed to this team, person or route: in a room of theirs, in their own chat, or as
    /// they look at the console.
    pub(super) fn is_heard_by(&self, to: &str) -> bool {
        let name = self.playbook.shop.member(to);
        let looks = |person: &Person| self.agent(&person.name).is_at_console(self.view.now_ms);
        let people = &self.playbook.shop.people;
        self.has_room(to) || people.at_console(name).any(looks) || !self.chats_of(to).is_empty()
    }

    /// Who of a team that answers on the console takes conversations and has a chat.
    pub(super) fn chats_of(&self, to: &str) -> Vec<String> {
        let people = &self.playbook.shop.people;
        let at_console = people.at_console(self.playbook.shop.member(to));
        let hears = |it: &&Person| self.has_room(&it.name) && !self.agent(&it.name).away;
        at_console.filter(hears).map(|it| it.name.clone()).collect()
    }

    /// Whether this team, person or route has a chat that can be written to.
    pub(super) fn has_room(&self, to: &str) -> bool {
        self.playbook.shop.address_of(to).is_some()
    }

    /// Hands the conversation to a team or person, or keeps it where nobody there would hear of it; whether it was
    /// handed over. The ticket that this decision opened stands for it, or one of its own.
    pub(super) fn hand_over(&mut self, to: &str, said: &str) -> bool {
        self.hand_over_from(None, to, said)
    }

    /// The same out of a room that had the conversation, and saw what the customer sent.
    pub(super) fn hand_over_from(&mut self, had: Option<&Address>, to: &str, said: &str) -> bool {
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
        let waits = conversation.stage == Stage::Person && conversation.hand_over.is_some();
        // Who has it already, or stands in a queue for it, is not passed over by a second reason for a person.
        if !waits || conversation.hand_over.as_ref().is_none_or(|it| it.holder.is_none() && it.queued.is_none()) {
            conversation.assigned = Some(to.clone());
        }
        if there && !waits {
            conversation.stage = Stage::Person;
            let room = self.playbook.shop.address_of(&to).cloned();
            conversation.hand_over = Some(HandOver { since_ms: now_ms, ticket, room, ..HandOver::default() });
            let (who, place) = self.find_a_seat(&to).unzip();
            let place = place.as_deref().unwrap_or(&to);
            self.put_sign(self.playbook.shop.address_of(place).cloned(), Sign::Reopen);
            self.await_taking(who.as_deref().unwrap_or(&to));
            self.put_card(place, who.as_deref(), said);
            if had.is_none() || had != self.playbook.shop.address_of(place) {
                self.show_evidence(who.as_deref().filter(|_| !self.has_room(place)).unwrap_or(place));
            }
        } else if limits::is_news(&mut self.decision.conversation, self.playbook, &format!("to:{to}"), now_ms) {
            self.put_card(&to, None, said);
            // A room that has the conversation saw them below its first card, or as they came.
            let conversation = &self.decision.conversation;
            let room = conversation.hand_over.as_ref().and_then(|it| it.room.as_ref());
            if room.is_none() || room != self.playbook.shop.address_of(&to) {
                self.show_evidence(&to);
            }
        }
        true
    }

    /// Gives the conversation to whoever is free, or lets it stand in the queue, of which the customer hears; who has it,
    /// and where it is spoken of.
    fn find_a_seat(&mut self, to: &str) -> Option<(String, String)> {
        match self.seat(to) {
            Seat::Of(name) => {
                let place = self.give_seat(to, &name);
                Some((name, place))
            }
            Seat::Full => {
                let urgent = self.decision.tickets.iter().any(|it| it.urgency == Urgency::Urgent);
                let place = self.line_up(to, urgent);
                self.say_phrase("queue-place", &AtHand { team: Some(to), place, ..AtHand::default() });
                None
            }
            // Where nobody is there, it was not handed over.
            Seat::Anyone | Seat::Nobody => None,
        }
    }

    /// Whoever has it, or will, must take it in time, and should answer soon.
    pub(super) fn await_taking(&mut self, who: &str) {
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        conversation.assigned = Some(who.to_owned());
        if let Some(hand_over) = &mut conversation.hand_over {
            hand_over.since_ms = now_ms;
        }
        self.act(Action::SetTimer {
            at: None,
            key: KEY.to_owned(),
            due_ms: now_ms.saturating_add(self.playbook.shop.take_within_ms),
            priority: 0,
            payload: serde_json::Value::Null,
            owner: OWNER.to_owned(),
        });
        let team = self.playbook.shop.team_of(who);
        if let Some(first_ms) = self.playbook.shop.people.first_ms(team) {
            self.set_desk_timer(FIRST_ANSWER.to_owned(), first_ms);
        }
    }

    /// Nobody is waited for any more.
    pub(super) fn stop_waiting(&mut self) {
        self.act(Action::CancelTimer { at: None, key: KEY.to_owned(), owner: OWNER.to_owned() });
    }

    /// Tells a team or person, unless they just heard of this; in the store's own language.
    pub(super) fn tell(&mut self, to: &str, phrase: &str, said: &str) {
        self.tell_of(to, phrase, &AtHand { text: Some(said), ..AtHand::default() });
    }

    pub(super) fn tell_of(&mut self, to: &str, phrase: &str, at_hand: &AtHand<'_>) {
        if self.is_told(to) || !self.has_room(to) {
            return;
        }
        if let Some(text) = self.phrase_for_people(phrase, at_hand) {
            self.act(Action::Notify { to: to.to_owned(), content: Content::text(text) });
        }
    }

    /// Whether a team or person hears of something by this decision already.
    pub(super) fn is_told(&self, to: &str) -> bool {
        self.decision.actions.iter().any(|it| matches!(it, Action::Notify { to: other, .. } if other == to))
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
            if !self.is_seen_now() {
                return false;
            }
            // Whoever is with the customer reads it.
            let ticket = TicketSettings { kind: COMPLAINT.to_owned(), urgent: true, closed_only: false, text: None };
            self.file(&ticket, &words);
        }
        if self.wants_no_more(&words) {
            self.decision.conversation.courtesy_ms = Some(now_ms);
        }
        self.keep_informed(words);
        true
    }

    /// Whether somebody whose questions a person has answered says no more than thanks or goodbye.
    fn wants_no_more(&self, words: &str) -> bool {
        let was = self.view.conversation;
        let is_answered = was.last_received_ms <= was.colleague_ms.max(was.courtesy_ms);
        let meant = || self.utterance(words).meaning(&self.playbook.intents);
        is_answered && meant().sure().is_some_and(|intent| CLOSINGS.contains(&intent))
    }

    /// Whether a person who has the conversation, in a room or on the console, answered a moment ago.
    fn is_seen_now(&self) -> bool {
        let (conversation, now_ms) = (&self.decision.conversation, self.view.now_ms);
        let Some(HandOver { taken: true, room, holder, .. }) = &conversation.hand_over else { return false };
        let reads = room.is_some() || holder.as_ref().is_some_and(|it| self.agent(it).is_at_console(now_ms));
        let is_recent = |at: i64| now_ms.saturating_sub(at) < SEEN_MS;
        reads && conversation.colleague_ms.is_some_and(is_recent)
    }

    /// What somebody who waits writes is added to their ticket, and now and then they hear that it is.
    fn keep_informed(&mut self, words: String) {
        let now_ms = self.view.now_ms;
        let who = self.decision.conversation.assigned.clone();
        let is_seen = self.is_seen_now();
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
        // Between a customer and somebody who answers, nobody else speaks.
        let due = !is_seen && told_ms.is_none_or(|at| now_ms.saturating_sub(at) >= interval_ms);
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
                    self.take_back();
                }
            }
        }
    }

    fn take_back(&mut self) {
        self.tell_room("room-timed-out", &AtHand::default());
        let over = self.is_the_clerks();
        self.put_sign(over.and_then(|it| it.room), Sign::Close);
        self.note(Part::Routing, Finding::TakenBack);
    }

    /// The same without a word of the customer's: who waits for an answer hears that the clerk is back.
    pub(super) fn hand_back_if_silent(&mut self) {
        let conversation = &self.decision.conversation;
        if conversation.stage != Stage::Person {
            // It was given back before.
            return;
        }
        // Where a person has it, a notice of the clerk's is no answer.
        let taken = conversation.hand_over.as_ref().is_some_and(|it| it.taken) || conversation.colleague_ms.is_some();
        let by_person_ms = conversation.colleague_ms.max(conversation.courtesy_ms);
        let answered_ms = if taken { by_person_ms } else { conversation.last_reply_ms };
        let unanswered = conversation.last_received_ms > answered_ms;
        let ticket = conversation.hand_over.as_ref().map(|it| it.ticket.clone());
        let (who, nobody_came) = (conversation.assigned.clone(), ticket.is_some() && !taken);
        self.take_back_if_due();
        if self.decision.conversation.stage == Stage::Person {
            self.note(Part::Routing, Finding::TakenMeanwhile);
        } else if unanswered && !nobody_came {
            // Nobody is done with it: it stays somebody's to keep. (That nobody came was said.)
            if ticket.and_then(|id| self.raise_ticket(&id)).is_none() {
                // Their words are with whoever was silent: a ticket says at least what it waits for.
                let words = self.phrase_for_people("room-unanswered", &AtHand::default()).unwrap_or_default();
                self.open_ticket(CALLBACK, words, Urgency::Urgent);
            }
            self.say_phrase("colleague-silent", &AtHand { team: who.as_deref(), ..AtHand::default() });
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
        let over = self.is_the_clerks();
        let room = over.as_ref().and_then(|it| it.room.clone());
        let said = over.and_then(|it| self.raise_ticket(&it.ticket)).unwrap_or_default();
        let at_hand = AtHand { team: who.as_deref(), ..AtHand::default() };
        if let Some(text) = self.phrase("nobody-came", &at_hand) {
            self.say_with_main_menu(text);
        }
        if let Some(who) = who {
            self.tell(&who, "given-back", &said);
        }
        self.put_sign(room, Sign::Close);
    }

    pub(super) fn is_the_clerks(&mut self) -> Option<HandOver> {
        let conversation = &mut self.decision.conversation;
        conversation.stage = Stage::Clerk;
        conversation.colleague_ms = None;
        conversation.courtesy_ms = None;
        let over = conversation.hand_over.take()?;
        self.clear_the_desk(&over);
        Some(over)
    }

    /// What the ticket says that stands for the conversation.
    pub(super) fn words_of_ticket(&self) -> String {
        let ticket = self.decision.conversation.hand_over.as_ref().map(|it| it.ticket.as_str());
        ticket.and_then(|id| self.open_ticket_named(id)).map(|it| it.text).unwrap_or_default()
    }
}

/// What the customer wrote, or that they sent something.
pub(super) fn words_of(message: &Message) -> String {
    match message.text.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        Some(text) => text.to_owned(),
        None => message.media.iter().map(|it| format!("[{}]", it.kind)).collect::<Vec<_>>().join(" "),
    }
}
