//! Tickets: what waits for a person.
//!
//! The same thing said twice is one ticket, also across the conversations of a contact; refunds of two orders are two. A
//! ticket has a target by its kind, counted from when people are there; whoever it waits for hears once that it was missed.
//! When it is done the customer hears of it, once: it is an answer to what they asked, so it is given to who wants no
//! unasked messages as well, though not in the middle of their night.

use uuid::Uuid;

use super::{at_hand::AtHand, orders::named, sayable::sayable, text::fold, turn::Turn};
use crate::model::{
    Action, Contact, EventKind, Evidence, Finding, OpenTicket, OrderName, Part, StaffDeed, Ticket, TicketState,
    TimerFired, ToldDone, Urgency,
};

/// Who sets the timers; no plugin can have this name.
pub(super) const OWNER: &str = "clerk:tickets";
/// The kind of a ticket for somebody who wants to talk to a person.
pub(super) const CALLBACK: &str = "callback";
/// The kind of a ticket of somebody who complains, and the route that such tickets take.
pub(super) const COMPLAINT: &str = "complaint";
/// The kind of a ticket for what the clerk could not decide.
pub(super) const UNDECIDED: &str = "undecided";
/// Kinds whose end is nothing to tell: they have talked, or never knew of it.
const UNTOLD: [&str; 3] = [CALLBACK, UNDECIDED, "storm"];
/// Namespace of ticket ids (UUID v5): the same event always gives the same ids.
const TICKETS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f74_6963_2f31);
/// Bytes of a ticket's words: somebody who repeats a complaint all night fills no page.
const MAX_TEXT: usize = 4000;
/// Events that one ticket remembers it came from.
const MOST_EVIDENCE: usize = 50;
/// Characters of its words that a customer is reminded of.
const MOST_SAID: usize = 60;
pub(super) const DUE: &str = "due:";
const DONE: &str = "done:";

impl Turn<'_> {
    /// Opens a ticket, or adds to the open one of its kind; its id.
    pub(super) fn file_ticket(&mut self, kind: &str, text: &str, urgency: Urgency) -> String {
        let order = self.order_reported().or_else(|| self.order_said(kind, text));
        if let Some(mut ticket) = self.same_ticket(kind, order.as_ref()) {
            add_words(&mut ticket.text, text);
            ticket.urgency = ticket.urgency.max(urgency);
            ticket.order = ticket.order.or(order);
            self.add_evidence(&mut ticket);
            let id = ticket.id.clone();
            self.join(&mut ticket);
            self.put_ticket(ticket);
            return id;
        }
        let id = sayable(TICKETS, self.event, self.decision.tickets.len());
        let mut words = String::new();
        add_words(&mut words, text);
        let mut ticket = Ticket {
            id: id.clone(),
            kind: kind.to_owned(),
            urgency,
            address: self.event.address.clone(),
            contact: self.decision.conversation.contact.as_ref().map(|it| it.id.clone()),
            order,
            text: words,
            opened_ms: self.view.now_ms,
            ..Ticket::default()
        };
        self.add_evidence(&mut ticket);
        self.join(&mut ticket);
        self.put_ticket(ticket);
        id
    }

    /// The order that a shop reports with this event.
    fn order_reported(&self) -> Option<OrderName> {
        match &self.event.kind {
            EventKind::Order(change) => {
                Some(OrderName { shop: self.event.channel.clone(), id: change.order_id.clone() })
            }
            _ => None,
        }
    }

    /// The one order of theirs that a customer names. Who calls for a person does so once, whatever it is about.
    fn order_said(&self, kind: &str, text: &str) -> Option<OrderName> {
        let written = match &self.event.kind {
            EventKind::Message(message) => message.text.as_deref().unwrap_or_default(),
            EventKind::Timer(_) => "",
            _ => return None,
        };
        let said = fold(&format!("{text}\n{written}"));
        if UNTOLD.contains(&kind) || !said.bytes().any(|it| it.is_ascii_digit()) {
            return None;
        }
        let orders = self.view.lookups.orders();
        match named(&orders, &said)[..] {
            [order] => Some(OrderName { shop: order.shop.clone(), id: order.id.clone() }),
            _ => None,
        }
    }

    /// The open ticket about the same thing, of this conversation or another one of its contact.
    fn same_ticket(&self, kind: &str, order: Option<&OrderName>) -> Option<Ticket> {
        let same = |it: &&OpenTicket| it.kind == kind && is_same_order(it.order.as_ref(), order);
        let here = self.decision.conversation.tickets.iter().filter(same).find_map(|it| self.ticket(&it.id));
        here.or_else(|| self.own_contact()?.tickets.iter().filter(same).find_map(|it| self.ticket(&it.id)))
    }

    fn own_contact(&self) -> Option<Contact> {
        self.contact(&self.decision.conversation.contact.as_ref()?.id)
    }

    fn add_evidence(&self, ticket: &mut Ticket) {
        let event = self.event;
        let known = |it: &Evidence| it.channel == event.channel && it.event == event.dedupe;
        if ticket.evidence.len() < MOST_EVIDENCE && !ticket.evidence.iter().any(known) {
            let media = match &event.kind {
                EventKind::Message(message) => message.media.clone(),
                _ => Vec::new(),
            };
            let (channel, event, at_ms) = (event.channel.clone(), event.dedupe.clone(), event.at_ms);
            ticket.evidence.push(Evidence { channel, event, at_ms, media });
        }
    }

    /// The conversation and its contact know of the ticket.
    pub(super) fn join(&mut self, ticket: &mut Ticket) {
        let open = OpenTicket { id: ticket.id.clone(), kind: ticket.kind.clone(), order: ticket.order.clone() };
        let here = &self.event.address;
        if ticket.addresses().all(|it| it != here) {
            ticket.also.push(here.clone());
        }
        put_open(&mut self.decision.conversation.tickets, &open);
        if let Some(mut contact) = self.own_contact() {
            let before = contact.clone();
            put_open(&mut contact.tickets, &open);
            if contact != before {
                self.put_contact(contact);
            }
        }
    }

    pub(super) fn set_ticket_timer(&mut self, what: &str, id: &str, due_ms: i64) {
        self.act(Action::SetTimer {
            at: None,
            key: format!("{what}{id}"),
            due_ms,
            priority: 0,
            payload: serde_json::Value::Null,
            owner: OWNER.to_owned(),
        });
    }

    /// Adds a customer's words to an open ticket; whether there is one.
    pub(super) fn add_words_to(&mut self, id: &str, words: &str) -> bool {
        let Some(mut ticket) = self.ticket(id) else { return false };
        add_words(&mut ticket.text, words);
        self.add_evidence(&mut ticket);
        self.put_ticket(ticket);
        true
    }

    /// An open ticket that is nobody's yet waits for this team or person.
    pub(super) fn give_ticket(&mut self, id: &str, to: &str) {
        if self.ticket(id).is_some_and(|it| it.owner.is_none()) {
            self.put_owner(id, to);
        }
    }

    /// An open ticket is this team's or person's, whosever it was.
    pub(super) fn put_owner(&mut self, id: &str, to: &str) {
        match self.ticket(id) {
            Some(mut ticket) => {
                ticket.owner = Some(to.to_owned());
                self.put_ticket(ticket);
            }
            None if id.is_empty() => {}
            None => self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() }),
        }
    }

    /// An open ticket goes to the top of the list; its words.
    pub(super) fn raise_ticket(&mut self, id: &str) -> Option<String> {
        let mut ticket = self.ticket(id)?;
        ticket.urgency = Urgency::Urgent;
        let words = ticket.text.clone();
        self.put_ticket(ticket);
        Some(words)
    }

    /// Closes an open ticket.
    pub(super) fn settle_ticket(&mut self, id: &str) {
        self.end_ticket(id, TicketState::Done);
    }

    fn end_ticket(&mut self, id: &str, state: TicketState) -> Option<Ticket> {
        let Some(mut ticket) = self.ticket(id) else {
            self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() });
            return None;
        };
        ticket.closed_ms = Some(self.view.now_ms);
        ticket.state = state;
        for address in ticket.addresses().cloned().collect::<Vec<_>>() {
            self.change_elsewhere(&address, |conversation| conversation.tickets.retain(|it| it.id != id));
        }
        if let Some(mut contact) =
            ticket.contact.as_ref().and_then(|id| self.contact(id)).or_else(|| self.own_contact())
            && contact.tickets.iter().any(|it| it.id == id)
        {
            contact.tickets.retain(|it| it.id != id);
            self.put_contact(contact);
        }
        if ticket.due_ms.is_some() && ticket.escalated_ms.is_none() {
            let at = (ticket.address != self.event.address).then(|| ticket.address.clone());
            self.act(Action::CancelTimer { at, key: format!("{DUE}{id}"), owner: OWNER.to_owned() });
        }
        self.put_ticket(ticket.clone());
        Some(ticket)
    }

    /// What a person of the store does with a ticket.
    pub(super) fn ticket_deed(&mut self, deed: &StaffDeed) {
        match deed {
            StaffDeed::TakeTicket { ticket, .. } => self.put_state(ticket, TicketState::Taken),
            StaffDeed::HoldTicket { ticket } => self.put_state(ticket, TicketState::Waiting),
            StaffDeed::CloseTicket { ticket } => {
                self.act(Action::CloseTicket { id: ticket.clone() });
                self.tell_done_when_allowed(ticket);
            }
            StaffDeed::DropTicket { ticket } => drop(self.end_ticket(ticket, TicketState::Dropped)),
            _ => {}
        }
    }

    fn put_state(&mut self, id: &str, state: TicketState) {
        match self.ticket(id) {
            Some(mut ticket) => {
                ticket.state = state;
                self.put_ticket(ticket);
            }
            None => self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() }),
        }
    }

    /// Tells the customer that a ticket which was just closed is done: now, or when they may be disturbed.
    fn tell_done_when_allowed(&mut self, id: &str) {
        let closed = self.decision.tickets.iter().find(|it| it.id == id && it.closed_ms.is_some());
        let Some(ticket) = closed.filter(|it| !UNTOLD.contains(&it.kind.as_str())).cloned() else { return };
        let allowed_ms = self.playbook.orders.notice_allowed_ms(self.view.now_ms);
        if allowed_ms > self.view.now_ms {
            self.set_ticket_timer(DONE, id, allowed_ms);
        } else {
            self.tell_done(ticket);
        }
    }

    fn tell_done(&mut self, mut ticket: Ticket) {
        if ticket.told_ms.is_some() {
            return;
        }
        let said = ticket.text.lines().next().map(shortened);
        let at_hand = AtHand { text: said.as_deref(), ticket: Some(&ticket.id.clone()), ..AtHand::default() };
        if self.say_phrase("ticket-done", &at_hand) {
            ticket.told_ms = Some(self.view.now_ms);
            self.decision.conversation.told_done =
                Some(ToldDone { ticket: ticket.id.clone(), at_ms: self.view.now_ms });
            self.put_ticket(ticket);
        }
    }

    /// A target is missed, or the time has come to tell of a ticket that was done at night.
    pub(super) fn ticket_timer(&mut self, timer: &TimerFired) {
        if let Some(id) = timer.key.strip_prefix(DONE) {
            match self.any_ticket(id).filter(|it| it.state == TicketState::Done) {
                Some(ticket) => self.tell_done(ticket),
                None => self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() }),
            }
            return;
        }
        if let Some(id) = timer.key.strip_prefix(DUE) {
            self.ticket_is_late(id);
        }
    }

    /// The open ticket of a kind, if there is one.
    pub(super) fn open_ticket_of(&self, kind: &str) -> Option<String> {
        self.decision.conversation.tickets.iter().find(|it| it.kind == kind).map(|it| it.id.clone())
    }

    /// The open ticket of a kind about the order that is reported.
    pub(super) fn open_ticket_about(&self, kind: &str) -> Option<String> {
        self.same_ticket(kind, self.order_reported().as_ref()).map(|it| it.id)
    }

    /// An open ticket of this id.
    pub(super) fn open_ticket_named(&self, id: &str) -> Option<Ticket> {
        self.ticket(id)
    }

    /// An open ticket as it is by now.
    fn ticket(&self, id: &str) -> Option<Ticket> {
        self.any_ticket(id).filter(Ticket::is_open)
    }

    /// A ticket as it is by now, open or not.
    pub(super) fn any_ticket(&self, id: &str) -> Option<Ticket> {
        if let Some(decided) = self.decision.tickets.iter().find(|it| it.id == id) {
            return Some(decided.clone());
        }
        let known = self.view.conversation.tickets.iter().any(|it| it.id == id);
        let here = known.then(|| self.view.lookups.tickets().into_iter().find(|it| it.id == id)).flatten();
        here.or_else(|| self.view.lookups.ticket(id))
    }

    pub(super) fn put_ticket(&mut self, ticket: Ticket) {
        match self.decision.tickets.iter_mut().find(|it| it.id == ticket.id) {
            Some(known) => *known = ticket,
            None => self.decision.tickets.push(ticket),
        }
    }
}

/// Whether two may be about the same order: one that is about none is about any.
fn is_same_order(one: Option<&OrderName>, other: Option<&OrderName>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

fn put_open(tickets: &mut Vec<OpenTicket>, open: &OpenTicket) {
    match tickets.iter_mut().find(|it| it.id == open.id) {
        Some(known) => known.clone_from(open),
        None => tickets.push(open.clone()),
    }
}

fn add_words(words: &mut String, more: &str) {
    if words.lines().any(|line| line == more) {
        return;
    }
    if !words.is_empty() {
        words.push('\n');
    }
    words.push_str(more);
    words.truncate(words.floor_char_boundary(MAX_TEXT));
}

/// The beginning of what was said, to be reminded of it.
fn shortened(said: &str) -> String {
    match said.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tickets_words_are_not_doubled_and_end_somewhere() {
        let mut words = String::new();
        for _ in 0..3 {
            add_words(&mut words, "没收到");
        }
        assert_eq!(words, "没收到");
        for number in 0..2000 {
            add_words(&mut words, &format!("没收到 {number}"));
        }
        assert!(words.len() <= MAX_TEXT);
    }

    #[test]
    fn what_was_said_is_cut_between_characters() {
        assert_eq!(shortened("没收到"), "没收到");
        assert_eq!(shortened(&"没".repeat(61)), format!("{}…", "没".repeat(60)));
    }
}
