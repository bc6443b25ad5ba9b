//! Conversations: who waits, who answers, and how they end.

use super::super::place::Place;
use super::{
    super::{fact::Key, share::Times, tally::Tally},
    Conversation, FIRST_IN_TIME_MS, Ledger, Now, PEOPLE_IN_TIME_MS, SILENCE_MS, Unsettled, With,
};

impl Ledger {
    pub(super) fn heard(&mut self, now: &Now, waits_since_ms: Option<i64>) {
        self.count(now, |it| it.answers.heard += 1);
        let goes_on = self.conversation(now.chat).is_some_and(|it| now.at_ms - it.last_ms < SILENCE_MS);
        if !goes_on {
            self.end(now.chat);
        }
        let Some(since_ms) = waits_since_ms else {
            if let Some(conversation) = self.conversation(now.chat) {
                conversation.last_ms = now.at_ms;
            }
            return;
        };
        let number = self.last_conversation + 1;
        let contact = self.contacts.entry(now.contact).or_default();
        if now.counts && contact.asked.is_none() {
            contact.asked = Some(now.place);
            self.groups.count(&now.place, |it| it.contacts += 1);
        }
        let chat = self.chats.entry(now.chat).or_default();
        if chat.conversation.is_none() {
            self.last_conversation = number;
            if now.counts {
                self.groups.count(&now.place, |it| it.conversations.received += 1);
            }
        }
        let conversation = chat.conversation.get_or_insert_with(|| Conversation {
            number,
            place: now.place,
            counts: now.counts,
            last_ms: now.at_ms,
            waits: None,
            said: None,
            answered: false,
            not_understood: false,
            handed_over: false,
            taken: false,
            open_tickets: 0,
            agents: Vec::new(),
        });
        conversation.last_ms = now.at_ms;
        conversation.not_understood = false;
        conversation.waits.get_or_insert((since_ms, now.place));
    }

    /// What waited has its answer. `who`: the person, where it was one.
    pub(super) fn answered(&mut self, now: &Now, at_ms: i64, who: Option<Option<u32>>) {
        let Some(conversation) = self.conversation(now.chat) else {
            return;
        };
        conversation.last_ms = conversation.last_ms.max(at_ms);
        let Some((since_ms, place)) = conversation.waits.take() else { return };
        let first = !std::mem::replace(&mut conversation.answered, true);
        let (began, counts) = (conversation.place, conversation.counts);
        let took_ms = at_ms - since_ms;
        if first && counts {
            self.groups.count(&began, |it| it.conversations.answered += 1);
        }
        // A question belongs to the period that it was asked in.
        if !self.period.holds(since_ms) {
            return;
        }
        let count = |it: &mut Tally| {
            if first {
                it.answers.first.add(took_ms);
                it.answers.first_in_time += u64::from(took_ms <= FIRST_IN_TIME_MS);
            }
            it.answers.all.add(took_ms);
            if who.is_some() {
                it.answers.people.add(took_ms);
                it.answers.people_in_time += u64::from(took_ms <= PEOPLE_IN_TIME_MS);
            }
        };
        self.groups.count(&place, count);
        if let Some(agent) = who.flatten() {
            self.groups.count_for(agent, count);
        }
    }

    pub(super) fn person_answered(&mut self, now: &Now, at_ms: i64, who: Option<&str>) {
        let said = who.map(|name| self.groups.agent_names.number(name));
        // Who does not say who they are is whoever has it.
        let known = match self.chat(now).with {
            With::Person(agent) => agent,
            _ => None,
        };
        let agent = said.or(known);
        self.is_with(now, agent);
        self.answered(now, at_ms, Some(agent));
        self.count(now, |it| it.answers.by_people += 1);
        if let Some(agent) = agent.filter(|_| now.counts) {
            self.groups.count_for(agent, |it| it.answers.by_people += 1);
        }
    }

    pub(super) fn taken(&mut self, now: &Now, who: Option<&str>) {
        let agent = who.map(|name| self.groups.agent_names.number(name));
        self.is_with(now, agent);
    }

    pub(super) fn is_with(&mut self, now: &Now, agent: Option<u32>) {
        let period = self.period;
        let contact = self.contacts.entry(now.contact).or_default();
        let received = agent.is_some_and(|agent| contact.has_part(agent, now));
        let chat = self.chats.entry(now.chat).or_default();
        let was = std::mem::replace(&mut chat.with, With::Person(agent));
        let mut joins = false;
        let mut taken = None;
        if let Some(conversation) = &mut chat.conversation {
            conversation.last_ms = now.at_ms;
            if let Some(agent) = agent.filter(|it| !conversation.agents.contains(it)) {
                conversation.agents.push(agent);
                joins = conversation.counts;
            }
            let first = !std::mem::replace(&mut conversation.taken, true);
            taken = Some(conversation.place).filter(|_| first && conversation.counts && conversation.handed_over);
        }
        let count = |it: &mut Tally| {
            it.contacts += u64::from(received);
            it.conversations.received += u64::from(joins);
        };
        if let Some(agent) = agent {
            self.groups.count_for(agent, count);
        }
        if let Some(place) = taken {
            self.groups.count(&place, |it| it.conversations.taken += 1);
        }
        if let With::Nobody { since_ms } = was {
            let taking = |times: &mut Times| times.add(now.at_ms - since_ms);
            if period.holds(since_ms) {
                self.count(now, |it| taking(&mut it.answers.taking));
                if let Some(agent) = agent {
                    self.groups.count_for(agent, |it| taking(&mut it.answers.taking));
                }
            }
        }
    }

    pub(super) fn handed_over(&mut self, now: &Now) {
        let chat = self.chat(now);
        chat.with = With::Nobody { since_ms: now.at_ms };
        let Some(conversation) = &mut chat.conversation else { return };
        let first = !std::mem::replace(&mut conversation.handed_over, true);
        if first && conversation.counts {
            let place = conversation.place;
            self.groups.count(&place, |it| it.conversations.handed_over += 1);
        }
    }

    pub(super) fn ticket_opened(&mut self, now: &Now, ticket: Key) {
        if self.tickets.contains_key(&ticket) {
            return;
        }
        let of = self.conversation(now.chat).map(|conversation| {
            conversation.open_tickets += 1;
            conversation.number
        });
        self.tickets.insert(ticket, of.map(|number| (now.chat, number)));
        self.count(now, |it| it.tickets_opened += 1);
    }

    pub(super) fn ticket_closed(&mut self, now: &Now, ticket: Key, who: Option<&str>) {
        self.count(now, |it| it.tickets_closed += 1);
        if let Some(who) = who.filter(|_| now.counts) {
            let agent = self.groups.agent_names.number(who);
            self.groups.count_for(agent, |it| it.tickets_closed += 1);
        }
        let Some((chat, number)) = self.tickets.remove(&ticket).flatten() else { return };
        if let Some(conversation) = self.conversation(chat).filter(|it| it.number == number) {
            conversation.open_tickets = conversation.open_tickets.saturating_sub(1);
        } else if let Some(unsettled) = self.unsettled.get_mut(&(chat, number)) {
            unsettled.open_tickets = unsettled.open_tickets.saturating_sub(1);
            if unsettled.open_tickets == 0
                && let Some(Unsettled { place, agents, .. }) = self.unsettled.remove(&(chat, number))
            {
                self.solved(&place, &agents);
            }
        }
    }

    /// Nobody has said anything for long.
    pub(super) fn end(&mut self, chat: Key) {
        let Some(conversation) = self.chats.get_mut(&chat).and_then(|it| it.conversation.take()) else { return };
        let alone = conversation.is_the_clerks_alone();
        let Conversation { number, place, counts, waits, answered, not_understood, open_tickets, agents, .. } =
            conversation;
        if !counts {
            return;
        }
        if answered && alone {
            self.groups.count(&place, |it| it.conversations.by_clerk_alone += 1);
        }
        for agent in agents.iter().filter(|_| answered) {
            self.groups.count_for(*agent, |it| it.conversations.answered += 1);
        }
        if !answered || waits.is_some() || not_understood {
            return;
        }
        if open_tickets == 0 {
            self.solved(&place, &agents);
        } else {
            self.unsettled.insert((chat, number), Unsettled { place, open_tickets, agents });
        }
    }

    pub(super) fn solved(&mut self, place: &Place, agents: &[u32]) {
        self.groups.count(place, |it| it.conversations.solved += 1);
        for agent in agents {
            self.groups.count_for(*agent, |it| it.conversations.solved += 1);
        }
    }
}
