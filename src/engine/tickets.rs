//! Tickets: what waits for a person.

use uuid::Uuid;

use super::{sayable::sayable, turn::Turn};
use crate::model::{Finding, OpenTicket, Part, Ticket, Urgency};

/// The kind of a ticket for somebody who wants to talk to a person.
pub(super) const CALLBACK: &str = "callback";
/// The kind of a ticket for what the clerk could not decide.
pub(super) const UNDECIDED: &str = "undecided";
/// Namespace of ticket ids (UUID v5): the same event always gives the same ids.
const TICKETS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f74_6963_2f31);
/// Bytes of a ticket's words: somebody who repeats a complaint all night fills no page.
const MAX_TEXT: usize = 4000;

impl Turn<'_> {
    /// Opens a ticket, or adds to the open one of its kind; its id.
    pub(super) fn file_ticket(&mut self, kind: &str, text: &str, urgency: Urgency) -> String {
        let open = self.decision.conversation.tickets.iter().find(|it| it.kind == kind).map(|it| it.id.clone());
        if let Some(mut ticket) = open.and_then(|id| self.ticket(&id)) {
            add_words(&mut ticket.text, text);
            ticket.urgency = ticket.urgency.max(urgency);
            let id = ticket.id.clone();
            self.put_ticket(ticket);
            return id;
        }
        let id = sayable(TICKETS, self.event, self.decision.tickets.len());
        self.decision.conversation.tickets.push(OpenTicket { id: id.clone(), kind: kind.to_owned() });
        let mut words = String::new();
        add_words(&mut words, text);
        self.put_ticket(Ticket {
            id: id.clone(),
            kind: kind.to_owned(),
            urgency,
            address: self.event.address.clone(),
            text: words,
            owner: None,
            opened_ms: self.view.now_ms,
            closed_ms: None,
        });
        id
    }

    /// Adds a customer's words to an open ticket; whether there is one.
    pub(super) fn add_words_to(&mut self, id: &str, words: &str) -> bool {
        let Some(mut ticket) = self.ticket(id) else { return false };
        add_words(&mut ticket.text, words);
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

    /// Closes an open ticket of this conversation.
    pub(super) fn settle_ticket(&mut self, id: &str) {
        let Some(mut ticket) = self.ticket(id) else {
            return self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() });
        };
        ticket.closed_ms = Some(self.view.now_ms);
        self.decision.conversation.tickets.retain(|it| it.id != id);
        self.put_ticket(ticket);
    }

    /// The open ticket of a kind, if there is one.
    pub(super) fn open_ticket_of(&self, kind: &str) -> Option<String> {
        self.decision.conversation.tickets.iter().find(|it| it.kind == kind).map(|it| it.id.clone())
    }

    /// An open ticket of this conversation.
    pub(super) fn open_ticket_named(&self, id: &str) -> Option<Ticket> {
        self.ticket(id)
    }

    /// An open ticket as it is by now.
    fn ticket(&self, id: &str) -> Option<Ticket> {
        let decided = self.decision.tickets.iter().find(|it| it.id == id).cloned();
        decided.or_else(|| self.view.lookups.tickets().into_iter().find(|it| it.id == id)).filter(Ticket::is_open)
    }

    fn put_ticket(&mut self, ticket: Ticket) {
        match self.decision.tickets.iter_mut().find(|it| it.id == ticket.id) {
            Some(known) => *known = ticket,
            None => self.decision.tickets.push(ticket),
        }
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
}
