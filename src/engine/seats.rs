//! Who has which conversation: the rows of the desk, read and written as part of a decision.

use serde::{Serialize, de::DeserializeOwned};

use super::{at_hand::AtHand, turn::Turn};
use crate::{
    desk::{Agent, Asking, Person, Queue, Seat, Waiting, agent_key, from_bytes, queue_key, seat},
    model::{Action, DESK, Finding, HandOver, KvWrite, Part, Stage, TimerFired},
};

/// Who sets the timers of the desk; no plugin can have this name.
pub(super) const OWNER: &str = "clerk:desk";
/// Somebody is free for the first of a team's queue. The rest of the key is the team.
const NEXT: &str = "next:";
/// A person should have answered by now.
pub(super) const FIRST_ANSWER: &str = "first-answer";
/// A ticket should be closed by now, as earlier versions of the clerk set it. The rest of the key is its id.
const TICKET: &str = "ticket:";
/// Whoever holds the conversation was silent for long.
pub(super) const HANDBACK: &str = "handback";

impl Turn<'_> {
    fn row<T: DeserializeOwned + Default>(&self, key: &str) -> T {
        let written = self.decision.kv.iter().rev().find(|it| it.plugin == DESK && it.key == key);
        match written {
            Some(write) => from_bytes(write.value.as_deref()),
            None => from_bytes(self.view.lookups.kv(DESK, key).as_deref()),
        }
    }

    fn put_row(&mut self, key: String, row: &impl Serialize) {
        // Plain structs of texts and numbers have a JSON form.
        let value = serde_json::to_vec(row).ok();
        self.decision.kv.retain(|it| !(it.plugin == DESK && it.key == key));
        self.decision.kv.push(KvWrite { plugin: DESK.to_owned(), key, value, expires_ms: None });
    }

    pub(super) fn agent(&self, name: &str) -> Agent {
        self.row(&agent_key(name))
    }

    pub(super) fn put_agent(&mut self, name: &str, agent: &Agent) {
        self.put_row(agent_key(name), agent);
    }

    /// Whether nobody takes conversations for this team, person or route, though it is open.
    pub(super) fn is_everybody_away(&self, to: &str) -> bool {
        let (people, to) = (&self.playbook.shop.people, self.playbook.shop.member(to));
        let takes_none = |person: &Person| {
            let agent = self.agent(&person.name);
            agent.away || !people.hears_now(person, &agent, self.view.now_ms)
        };
        match people.team(to) {
            Some(team) if team.policy.is_empty() => false,
            Some(_) => people.of_team(to).all(takes_none),
            None => people.person(to).is_some_and(takes_none),
        }
    }

    /// Where a conversation goes that is handed to a team or person.
    pub(super) fn seat(&self, to: &str) -> Seat {
        let people = &self.playbook.shop.people;
        if people.person(to).is_some() {
            return Seat::Of(to.to_owned());
        }
        let conversation = &self.decision.conversation;
        let language = self.language();
        let about: Vec<_> = conversation.tickets.iter().map(|it| it.kind.clone()).collect();
        let asking = Asking {
            channel: &self.event.address.channel,
            language: language.tag(),
            tags: &conversation.tags,
            about: &about,
            known_by: conversation.last_holder.as_deref(),
            now_ms: self.view.now_ms,
        };
        seat(people, to, &asking, |name| self.agent(name))
    }

    /// The conversation counts as one of theirs from now on, and as nobody else's.
    pub(super) fn give_to(&mut self, name: &str) {
        self.release();
        let mut agent = self.agent(name);
        let own = self.playbook.shop.address_of(name);
        let room = self.decision.conversation.hand_over.as_ref().and_then(|it| it.room.as_ref().or(own).cloned());
        agent.give(&self.event.address, room.as_ref(), self.view.now_ms);
        self.put_agent(name, &agent);
        let conversation = &mut self.decision.conversation;
        conversation.last_holder = Some(name.to_owned());
        if let Some(hand_over) = &mut conversation.hand_over {
            hand_over.holder = Some(name.to_owned());
            hand_over.room = room;
        }
    }

    /// A team gives the conversation to one of its people; where it is spoken of.
    pub(super) fn give_seat(&mut self, team: &str, name: &str) -> String {
        let place = self.playbook.shop.people.part_for(team, name).to_owned();
        let room = self.playbook.shop.address_of(&place).cloned();
        if let Some(hand_over) = self.decision.conversation.hand_over.as_mut().filter(|_| room.is_some()) {
            hand_over.room = room;
        }
        self.give_to(name);
        place
    }

    /// It is nobody's any more and stands in no queue; whoever is free now gets the next.
    pub(super) fn release(&mut self) {
        let Some(hand_over) = &mut self.decision.conversation.hand_over else { return };
        let (holder, queued) = (hand_over.holder.take(), hand_over.queued.take());
        self.leave(holder, queued);
    }

    /// What a hand-over that is over leaves behind.
    pub(super) fn clear_the_desk(&mut self, over: &HandOver) {
        self.leave(over.holder.clone(), over.queued.clone());
    }

    fn leave(&mut self, holder: Option<String>, queued: Option<String>) {
        if let Some(team) = queued {
            let mut queue: Queue = self.row(&queue_key(&team));
            if queue.leave(&self.event.address) {
                self.put_row(queue_key(&team), &queue);
            }
        }
        if let Some(name) = holder {
            let mut agent = self.agent(&name);
            if agent.drop_off(&self.event.address) {
                self.put_agent(&name, &agent);
                self.call_next_for(&name);
            }
        }
    }

    /// Stands in a team's queue; the place.
    pub(super) fn line_up(&mut self, team: &str, urgent: bool) -> usize {
        let mut queue: Queue = self.row(&queue_key(team));
        let (address, since_ms) = (self.event.address.clone(), self.view.now_ms);
        let place = queue.line_up(Waiting { address, since_ms, urgent });
        self.put_row(queue_key(team), &queue);
        if let Some(hand_over) = &mut self.decision.conversation.hand_over {
            hand_over.queued = Some(team.to_owned());
        }
        place
    }

    /// Somebody has a hand free: whoever waits first in a queue of theirs is called.
    pub(super) fn call_next_for(&mut self, name: &str) {
        let people = &self.playbook.shop.people;
        let Some(person) = people.person(name) else { return };
        let teams = person.teams.iter().flat_map(|team| {
            [Some(team.clone()), people.team(team).and_then(|it| it.parent.clone())].into_iter().flatten()
        });
        for team in teams.collect::<Vec<_>>() {
            self.call_next(&team);
        }
    }

    fn call_next(&mut self, team: &str) {
        let Queue { waiting } = self.row(&queue_key(team));
        let Some(first) = waiting.into_iter().find(|it| it.address != self.event.address) else { return };
        self.act(Action::SetTimer {
            at: Some(first.address),
            key: format!("{NEXT}{team}"),
            due_ms: self.view.now_ms,
            priority: 0,
            payload: serde_json::Value::Null,
            owner: OWNER.to_owned(),
        });
    }

    pub(super) fn set_desk_timer(&mut self, key: String, after_ms: i64) {
        self.act(Action::SetTimer {
            at: None,
            key,
            due_ms: self.view.now_ms.saturating_add(after_ms),
            priority: 0,
            payload: serde_json::Value::Null,
            owner: OWNER.to_owned(),
        });
    }

    pub(super) fn cancel_desk_timer(&mut self, key: &str) {
        self.act(Action::CancelTimer { at: None, key: key.to_owned(), owner: OWNER.to_owned() });
    }

    pub(super) fn desk_timer(&mut self, timer: &TimerFired) {
        match timer.key.as_str() {
            HANDBACK => self.hand_back_if_silent(),
            FIRST_ANSWER => self.first_answer_is_late(),
            key => {
                if let Some(team) = key.strip_prefix(NEXT) {
                    self.next_in_line(team);
                } else if let Some(ticket) = key.strip_prefix(TICKET) {
                    self.ticket_is_late(ticket);
                }
            }
        }
    }

    /// Somebody of the team has a hand free, and this customer waits first.
    fn next_in_line(&mut self, team: &str) {
        let waits = self.decision.conversation.hand_over.as_ref().is_some_and(|it| it.queued.as_deref() == Some(team));
        if !waits || self.decision.conversation.stage != Stage::Person {
            self.note(Part::Routing, Finding::TakenMeanwhile);
            return self.call_next(team);
        }
        let Seat::Of(name) = self.seat(team) else { return };
        let place = self.give_seat(team, &name);
        self.await_taking(&name);
        let told = self.is_heard_by(&name);
        let said = self.words_of_ticket();
        self.put_card(&place, Some(&name), &said);
        self.say_phrase("person", &AtHand { team: Some(&name), told, ..AtHand::default() });
        self.call_next(team);
    }
}
