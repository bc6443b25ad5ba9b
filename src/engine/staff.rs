//! What people of the store do with a conversation.

use super::{
    at_hand::AtHand,
    seats::{FIRST_ANSWER, HANDBACK},
    tickets::CALLBACK,
    turn::Turn,
};
use crate::{
    desk::Permission,
    model::{
        Action, Content, Conversation, Event, EventKind, Finding, HandOver, Message, NoPlugins, NotDone, Part, Staff,
        StaffDeed, Stage, TicketState, Unclear, Urgency, topic::Sign,
    },
};

impl Turn<'_> {
    pub(super) fn staff(&mut self, staff: &Staff) {
        self.note(Part::Routing, Finding::Staff { deed: staff.without_words() });
        self.deed(staff);
        if staff.left_out {
            self.answer_room(staff, "room-left-out", &AtHand::default());
        }
    }

    fn deed(&mut self, staff: &Staff) {
        let by = staff.by.as_deref();
        match &staff.deed {
            StaffDeed::Take => {
                if !self.is_anothers(staff) {
                    self.taken(staff);
                }
            }
            StaffDeed::Return => self.given_back(staff),
            StaffDeed::Close => self.closed(staff),
            StaffDeed::TakeTicket { ticket, from } => {
                if self.is_anothers_ticket(staff, ticket, from.as_deref()) {
                    return;
                }
                if let Some(by) = by {
                    self.put_owner(ticket, by);
                }
                // Whoever it is that has the conversation, it goes with the ticket that stands for it.
                if self.stands_for_this(ticket) && (by.is_some() || !self.is_taken()) {
                    self.taken(staff);
                }
                self.ticket_deed(&staff.deed);
            }
            StaffDeed::HoldTicket { ticket } => {
                if !self.is_anothers_ticket(staff, ticket, None) {
                    self.ticket_deed(&staff.deed);
                }
            }
            StaffDeed::CloseTicket { ticket } | StaffDeed::DropTicket { ticket } => {
                if self.is_anothers_ticket(staff, ticket, None) {
                    return;
                }
                self.ticket_deed(&staff.deed);
                if self.stands_for_this(ticket) {
                    self.tell_room("room-closed", &AtHand::default());
                    self.is_done_with(false);
                }
            }
            StaffDeed::Say { content } => self.says(staff, content.clone()),
            StaffDeed::Phrase { code } => self.says_phrase(staff, code),
            StaffDeed::Transfer { to, note } => self.transfers(staff, to, note),
            StaffDeed::Note { text } => {
                self.keep_note(by, text);
                self.answer_room(staff, "room-noted", &AtHand::default());
            }
            StaffDeed::Remark { order, text } => self.remarks(staff, order.as_deref(), text),
            StaffDeed::Tag { tag } => {
                self.act(Action::Tag { tag: tag.clone() });
                self.answer_room(staff, "room-noted", &AtHand::default());
            }
            StaffDeed::Untag { tag } => {
                self.act(Action::Untag { tag: tag.clone() });
                self.answer_room(staff, "room-noted", &AtHand::default());
            }
            StaffDeed::Draft { words } => self.drafts(staff, words),
            StaffDeed::Away => self.is_away(staff, true),
            StaffDeed::Online => self.is_away(staff, false),
            StaffDeed::AtConsole { until_ms } => self.is_at_console(staff, *until_ms),
            StaffDeed::Help => self.answer_room(staff, "room-help", &AtHand::default()),
            StaffDeed::Unclear { why } => self.asks_back(staff, why),
            StaffDeed::Undelivered { is_picture, .. } => {
                let phrase = if *is_picture { "room-picture-undelivered" } else { "room-undelivered" };
                if staff.room.is_some() {
                    self.answer_room(staff, phrase, &AtHand::default());
                } else {
                    self.tell_room(phrase, &AtHand::default());
                }
            }
        }
    }

    /// Whether a colleague has the conversation, of which whoever reached for it hears. Commands of the operator's take
    /// precedence.
    fn is_anothers(&mut self, staff: &Staff) -> bool {
        let yields = staff.yields || staff.room.is_some();
        let Some(by) = staff.by.as_ref().filter(|_| yields) else { return false };
        let holder = match &self.decision.conversation.hand_over {
            Some(HandOver { taken: true, holder: Some(holder), .. }) if holder != by => holder.clone(),
            _ => return false,
        };
        let people = &self.playbook.shop.people;
        let person = people.person(by);
        let takes_over = match &staff.room {
            Some(place) => {
                people.room_at(&place.address).is_some_and(|room| people.may(person, &room, Permission::TakeOver))
            }
            None => person.is_some_and(|person| people.person_may(person, Permission::TakeOver)),
        };
        let takes = matches!(staff.deed, StaffDeed::Take | StaffDeed::TakeTicket { .. });
        if takes && takes_over {
            return false;
        }
        self.note(Part::Routing, Finding::HeldBy { who: holder.clone() });
        let who = self.name_of(&holder);
        self.answer_room(staff, "room-taken-by", &AtHand { who: Some(&who), ..AtHand::default() });
        true
    }

    /// Whether a ticket stands for the conversation that is with people, or on its way to them.
    fn stands_for_this(&self, ticket: &str) -> bool {
        self.decision.conversation.hand_over.as_ref().is_some_and(|it| it.ticket == ticket)
    }

    fn is_taken(&self) -> bool {
        self.decision.conversation.hand_over.as_ref().is_some_and(|it| it.taken)
    }

    /// Whether a ticket is not theirs to deal with: it stands for a conversation that a colleague has, or a colleague took
    /// it a moment before, so that they saw it to be nobody's.
    fn is_anothers_ticket(&mut self, staff: &Staff, ticket: &str, from: Option<&str>) -> bool {
        if self.stands_for_this(ticket) {
            return self.is_anothers(staff);
        }
        let Some(by) = staff.by.as_deref().filter(|_| staff.yields) else { return false };
        let taken = self.open_ticket_named(ticket).filter(|it| it.state == TicketState::Taken);
        let owner = taken.and_then(|it| it.owner).filter(|owner| owner != by && from != Some(owner));
        match owner.filter(|_| matches!(staff.deed, StaffDeed::TakeTicket { .. })) {
            Some(who) => {
                self.note(Part::Routing, Finding::HeldBy { who });
                true
            }
            None => false,
        }
    }

    /// The conversation is theirs; whether that is news.
    fn have(&mut self, staff: &Staff) -> bool {
        let now_ms = self.view.now_ms;
        let by = staff.by.clone();
        let named = |it: &String| self.playbook.shop.names_member(it) || staff.room.is_some();
        let assigned = by.clone().filter(named);
        let before = self.decision.conversation.hand_over.clone().unwrap_or_default();
        let known = self.decision.conversation.assigned.clone();
        let news = !before.taken || (assigned.is_some() && known != assigned);
        let of = assigned.clone().or(known);
        // Whichever topic of it they wrote in.
        let here = staff.room.as_ref().and_then(|it| self.playbook.shop.people.room_at(&it.address));
        let room = here.or(before.room.clone()).or_else(|| self.playbook.shop.address_of(of.as_deref()?).cloned());
        let conversation = &mut self.decision.conversation;
        conversation.stage = Stage::Person;
        conversation.assigned = of;
        let ticket = before.ticket.clone();
        conversation.hand_over = Some(HandOver { since_ms: now_ms, taken: true, told_ms: None, room, ..before });
        self.stop_waiting();
        if let Some(by) = &by {
            self.give_to(by);
            self.put_owner(&ticket, by);
        }
        self.set_desk_timer(HANDBACK.to_owned(), self.playbook.shop.handback_ms);
        news
    }

    fn taken(&mut self, staff: &Staff) {
        if !self.have(staff) {
            return;
        }
        let who = staff.by.clone();
        self.say_phrase("person-here", &AtHand { team: who.as_deref(), ..AtHand::default() });
        let name = who.map(|who| self.name_of(&who));
        self.tell_room("room-taken", &AtHand { who: name.as_deref(), ..AtHand::default() });
    }

    /// Passes on an answer. Who answers has the conversation.
    pub(super) fn says(&mut self, staff: &Staff, content: Content) {
        if self.is_anothers(staff) {
            return;
        }
        let holder =
            self.decision.conversation.hand_over.as_ref().filter(|it| it.taken).and_then(|it| it.holder.as_ref());
        if holder.is_none() || holder != staff.by.as_ref() {
            self.have(staff);
        }
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        if let Some(hand_over) = &mut conversation.hand_over {
            hand_over.answered = true;
        }
        // Said by a person, it counts for none of the limits that keep the clerk from talking too much.
        conversation.colleague_ms = Some(now_ms);
        conversation.last_reply_ms = Some(now_ms);
        let parts = match content {
            Content::Several { parts } => parts,
            content => vec![content],
        };
        for content in parts {
            conversation.sent += 1;
            self.decision.actions.push(Action::Reply { content });
        }
        self.cancel_desk_timer(FIRST_ANSWER);
        self.set_desk_timer(HANDBACK.to_owned(), self.playbook.shop.handback_ms);
    }

    /// Another person or team has it from now on, with all that was said and a note.
    fn transfers(&mut self, staff: &Staff, to: &str, note: &str) {
        if self.is_anothers(staff) {
            return;
        }
        let to = self.playbook.shop.meant_by(to).to_owned();
        let who = self.name_of(&to);
        if !self.is_heard_by(&to) || !self.is_there(&to) {
            self.note(Part::Routing, Finding::NotDone { why: NotDone::NotThere { who: to } });
            return self.answer_room(staff, "room-not-there", &AtHand { who: Some(&who), ..AtHand::default() });
        }
        let before = self.is_the_clerks();
        self.stop_waiting();
        // All that the customer said and that is not dealt with.
        let open: Vec<_> = self.decision.conversation.tickets.iter().map(|it| it.id.clone()).collect();
        let words: Vec<_> = open.iter().filter_map(|id| self.open_ticket_named(id)).map(|it| it.text).collect();
        if !note.is_empty() {
            self.keep_note(staff.by.as_deref(), note);
        }
        let noted = staff.by.as_deref().filter(|_| !note.is_empty()).map(|by| format!("[{by}] {note}"));
        let said: Vec<_> = words.into_iter().chain(noted).collect();
        let (ticket, room) = before.map(|it| (it.ticket, it.room)).unzip();
        if let Some(ticket) = ticket {
            self.put_owner(&ticket, &to);
        }
        let room = room.flatten();
        let left = room.clone().filter(|it| self.playbook.shop.address_of(&to) != Some(it));
        self.put_sign(left, Sign::Close);
        self.hand_over_from(room.as_ref(), &to, &said.join("\n"));
        self.say_phrase("person", &AtHand { team: Some(&to), told: true, ..AtHand::default() });
        self.answer_room(staff, "room-transferred", &AtHand { who: Some(&who), ..AtHand::default() });
    }

    /// Writes a note onto the ticket that stands for the conversation.
    fn keep_note(&mut self, by: Option<&str>, text: &str) {
        let note = format!("[{}] {text}", by.unwrap_or("note"));
        let ticket = self.decision.conversation.hand_over.as_ref().map(|it| it.ticket.clone());
        let ticket = ticket.or_else(|| self.decision.conversation.tickets.last().map(|it| it.id.clone()));
        if !ticket.is_some_and(|id| self.add_words_to(&id, &note)) {
            self.open_ticket("note", note, Urgency::Normal);
        }
    }

    /// Puts a remark on the order that was named, else on the one that the words name or the newest.
    fn remarks(&mut self, staff: &Staff, order: Option<&str>, text: &str) {
        let orders = match order {
            Some(id) => self.waiting_orders().into_iter().filter(|it| it.id == id).collect(),
            None => self.orders_to_remark(text),
        };
        if orders.is_empty() {
            self.note(Part::Routing, Finding::NotDone { why: NotDone::NoOrder });
            return self.answer_room(staff, "room-no-order", &AtHand::default());
        }
        for order in &orders {
            self.act(Action::Remark { order_id: order.id.clone(), text: text.to_owned() });
        }
        let remarked = Some(if self.is_passed_on(&orders) { "sent" } else { "noted" });
        self.answer_room(staff, "room-noted", &AtHand { order: orders.first(), remarked, ..AtHand::default() });
    }

    /// What the clerk would answer to the customer's last words, for the room alone.
    fn drafts(&mut self, staff: &Staff, words: &str) {
        let conversation = Conversation {
            stage: Stage::Clerk,
            hand_over: None,
            colleague_ms: None,
            storm: None,
            heard_ms: Default::default(),
            recent_replies_ms: Vec::new(),
            ..self.decision.conversation.clone()
        };
        let message = Message {
            sender: conversation.sender.clone(),
            sender_name: conversation.sender_name.clone(),
            text: Some(words.to_owned()),
            reply: conversation.reply.clone(),
            ..Message::default()
        };
        let event = Event { kind: EventKind::Message(message), ..self.event.clone() };
        let view = super::View { conversation: &conversation, may_wait: false, ..*self.view };
        let decision = self.playbook.decide(&event, &view, &NoPlugins);
        let draft: Vec<_> = decision.replies().map(Content::to_plain_text).collect();
        let draft = draft.join("\n\n");
        let phrase = if words.is_empty() || draft.is_empty() { "room-no-draft" } else { "room-draft" };
        self.answer_room(staff, phrase, &AtHand { text: Some(&draft), ..AtHand::default() });
    }

    /// They take no new conversations, or take them again. What they have stays theirs.
    fn is_away(&mut self, staff: &Staff, away: bool) {
        let Some(by) = staff.by.as_deref() else { return };
        let mut agent = self.agent(by);
        if agent.away != away {
            agent.away = away;
            agent.since_ms = self.view.now_ms;
            self.put_agent(by, &agent);
        }
        let who = self.name_of(by);
        let phrase = if away { "room-away" } else { "room-online" };
        self.answer_room(staff, phrase, &AtHand { who: Some(&who), ..AtHand::default() });
        if !away {
            self.call_next_for(by);
        }
    }

    /// They look at the console, or do not any more. Who comes in is given what waits.
    fn is_at_console(&mut self, staff: &Staff, until_ms: i64) {
        let Some(by) = staff.by.as_deref() else { return };
        let (mut agent, now_ms) = (self.agent(by), self.view.now_ms);
        let was_there = agent.is_at_console(now_ms);
        agent.console_until_ms = until_ms;
        self.put_agent(by, &agent);
        if !was_there && !agent.away && agent.is_at_console(now_ms) {
            self.call_next_for(by);
        }
    }

    /// Nobody can know what was meant: what to type stands in the answer.
    fn asks_back(&mut self, staff: &Staff, why: &Unclear) {
        let (phrase, text) = match why {
            Unclear::WhichConversation => ("room-which", None),
            Unclear::UnknownCommand { command } => ("room-unknown-command", Some(command)),
            Unclear::Incomplete { command } => ("room-incomplete", Some(command)),
            Unclear::UnknownMember { name } => ("room-unknown-member", Some(name)),
            Unclear::NotPermitted => ("room-not-permitted", None),
            Unclear::CannotRelay => ("room-cannot-relay", None),
            Unclear::NoTag { tag } => ("room-no-tag", Some(tag)),
        };
        let members: Vec<_> = self.playbook.shop.names().collect();
        let members = members.join(", ");
        let at_hand = AtHand { text: text.map(String::as_str), who: Some(&members), ..AtHand::default() };
        self.answer_room(staff, phrase, &at_hand);
    }

    /// What the hand-over was about is done with; other tickets stay.
    fn given_back(&mut self, staff: &Staff) {
        if self.decision.conversation.stage != Stage::Person {
            return self.answer_room(staff, "room-with-clerk", &AtHand::default());
        }
        if self.is_anothers(staff) {
            return;
        }
        self.tell_room("room-returned", &AtHand::default());
        self.is_done_with(true);
        self.say_phrase("clerk-back", &AtHand::default());
    }

    /// All is said, and the clerk answers what comes next.
    fn closed(&mut self, staff: &Staff) {
        if self.decision.conversation.stage != Stage::Person {
            return self.closed_at_the_clerks(staff);
        }
        if self.is_anothers(staff) {
            return;
        }
        self.tell_room("room-closed", &AtHand::default());
        self.is_done_with(false);
    }

    /// A card that came while nobody was there, or that nobody took in time, stands for what is open all the same.
    fn closed_at_the_clerks(&mut self, staff: &Staff) {
        let Some(id) = self.open_ticket_of(CALLBACK) else {
            return self.answer_room(staff, "room-with-clerk", &AtHand::default());
        };
        self.act(Action::CloseTicket { id });
        self.answer_room(staff, "room-closed", &AtHand::default());
    }

    /// `taken`: only a hand-over that somebody took is settled by its end.
    pub(super) fn is_done_with(&mut self, taken: bool) {
        let hand_over = self.is_the_clerks();
        self.put_sign(hand_over.as_ref().and_then(|it| it.room.clone()), Sign::Close);
        let callback = self.open_ticket_of(CALLBACK);
        if let Some(hand_over) = hand_over
            && (hand_over.taken || !taken)
            && callback.as_ref() == Some(&hand_over.ticket)
        {
            self.act(Action::CloseTicket { id: hand_over.ticket });
        }
        self.stop_waiting();
    }
}
