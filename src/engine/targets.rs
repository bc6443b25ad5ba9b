//! By when people should have answered or be done with something, and who hears that they are not.
//!
//! A ticket has one target: that of the team which it waits for, else the store's own for its kind. It is counted from when
//! those people are there, whatever is added to the ticket, and that it was missed is told once.

use super::{
    at_hand::AtHand,
    tickets::{self, DUE},
    turn::Turn,
};
use crate::model::{Action, Content, EventKind, Finding, Part, Stage, Ticket, TicketState, Urgency};

/// The routes of `[routing]` that tickets of nobody take.
const ROUTE: &str = "person";
const URGENT_ROUTE: &str = "complaint";

impl Turn<'_> {
    /// Each ticket that was opened gets its target, now that it is known for whom it waits.
    pub(super) fn set_targets(&mut self) {
        let opened = self.decision.actions.iter().filter_map(|action| match action {
            Action::OpenTicket { id, .. } => Some(id.clone()),
            _ => None,
        });
        for id in opened.collect::<Vec<_>>() {
            let new = |it: &Ticket| it.opened_ms == self.view.now_ms && it.due_ms.is_none();
            let Some(mut ticket) = self.open_ticket_named(&id).filter(new) else { continue };
            ticket.due_ms = self.due_ms(&ticket);
            if let Some(due_ms) = ticket.due_ms {
                self.put_ticket(ticket);
                self.set_ticket_timer(DUE, &id, due_ms);
            }
        }
    }

    pub(super) fn due_ms(&self, ticket: &Ticket) -> Option<i64> {
        let (event, now_ms) = (self.event, self.view.now_ms);
        if matches!(event.kind, EventKind::Order(_)) && !self.playbook.orders.is_news(event.at_ms, now_ms) {
            // A shop's history hurries nobody.
            return None;
        }
        let team = self.team_for(ticket);
        let target_ms = self.own_target_ms(&team, ticket).or_else(|| self.playbook.shop.target_ms(&ticket.kind))?;
        let begins_ms = self.playbook.hours_of(&team).next_open_ms(now_ms).unwrap_or(now_ms);
        Some(begins_ms.saturating_add(target_ms))
    }

    fn own_target_ms(&self, team: &str, ticket: &Ticket) -> Option<i64> {
        self.playbook.shop.people.ticket_ms(team, &ticket.kind)
    }

    /// The team that a ticket waits for: its owner's, else that of the route which it takes.
    fn team_for(&self, ticket: &Ticket) -> String {
        let route = if ticket.urgency == Urgency::Urgent { URGENT_ROUTE } else { ROUTE };
        self.playbook.shop.team_of(ticket.owner.as_deref().unwrap_or(route)).to_owned()
    }

    /// The time of a ticket is over: it goes to the top, and whoever answers for it hears so, unless they know.
    pub(super) fn ticket_is_late(&mut self, id: &str) {
        let Some(mut ticket) = self.open_ticket_named(id).filter(|it| it.escalated_ms.is_none()) else {
            return self.note(Part::Tickets, Finding::NotOpen { ticket: id.to_owned() });
        };
        ticket.escalated_ms = Some(self.view.now_ms);
        if ticket.state == TicketState::Waiting {
            // Nobody of the store can hurry it.
            return self.put_ticket(ticket);
        }
        let team = self.team_for(&ticket);
        let above = self.own_target_ms(&team, &ticket).map(|_| self.playbook.shop.people.escalate_to(&team).to_owned());
        let owner = ticket.owner.clone().filter(|to| self.has_room(to));
        let to = above.or(owner).unwrap_or_else(|| tickets::COMPLAINT.to_owned());
        ticket.urgency = Urgency::Urgent;
        self.note(Part::Tickets, Finding::Overdue { ticket: id.to_owned() });
        let text = ticket.text.clone();
        self.put_ticket(ticket);
        let at_hand = AtHand { text: Some(&text), ticket: Some(id), ..AtHand::default() };
        if self.has_room(&to)
            && let Some(text) = self.phrase_for_people("ticket-overdue", &at_hand)
        {
            self.act(Action::Notify { to, content: Content::text(text) });
        }
    }

    /// Whoever answers for a team hears, once, that a customer waits for longer than they should.
    pub(super) fn first_answer_is_late(&mut self) {
        let conversation = &self.decision.conversation;
        let waits = conversation.hand_over.as_ref().is_some_and(|it| !it.answered);
        if conversation.stage != Stage::Person || !waits {
            return self.note(Part::Routing, Finding::TakenMeanwhile);
        }
        let said = self.words_of_ticket();
        let assigned = self.decision.conversation.assigned.as_deref().unwrap_or(ROUTE);
        let team = self.playbook.shop.team_of(assigned);
        let to = self.playbook.shop.people.escalate_to(team).to_owned();
        let who = self.decision.conversation.hand_over.as_ref().and_then(|it| it.holder.as_deref());
        let who = who.map(|name| self.name_of(name));
        self.tell_of(&to, "room-late", &AtHand { text: Some(&said), who: who.as_deref(), ..AtHand::default() });
    }
}
