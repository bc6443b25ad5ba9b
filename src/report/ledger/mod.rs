//! The fold: facts in the order of the log become counts.
//!
//! What is remembered on the way grows with the contacts and orders of the period, not with its events.

mod talk;
mod trade;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::tz::TimeZone;

use super::{
    entry::Entry,
    fact::{Fact, Key, facts},
    groups::{Groups, Way},
    place::{Period, Place},
    questions::Questions,
    tally::Tally,
};
use crate::model::{EventKind, Money};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Who writes again after so long a silence of both sides begins another conversation.
pub const SILENCE_MS: i64 = 6 * HOUR_MS;
/// A payment so long after a reminder is not owed to it any more. So far the log is read on past the period.
pub const REMINDED_MS: i64 = 3 * DAY_MS;
/// So far the log is read before the period: for conversations that had begun, and for who had whom.
pub const LEAD_MS: i64 = SELLS_MS;
/// Who had a customer so lately has a share in what they buy.
const SELLS_MS: i64 = 7 * DAY_MS;
/// What counts as an answer in time: the first one, and people's.
const FIRST_IN_TIME_MS: i64 = 10_000;
const PEOPLE_IN_TIME_MS: i64 = 40_000;

/// What the figures are to be of.
#[derive(Clone, Debug)]
pub struct Scope {
    pub period: Period,
    pub zone: TimeZone,
    /// The team of each person, by name.
    pub team_of: BTreeMap<String, String>,
    /// Whether questions that nobody answered are shown in the customers' words.
    pub with_words: bool,
}

/// Takes in the log, entry by entry.
pub struct Ledger {
    period: Period,
    zone: TimeZone,
    pub(super) groups: Groups,
    pub(super) questions: Questions,
    contacts: HashMap<Key, Contact>,
    chats: HashMap<Key, Chat>,
    orders: HashMap<Key, Order>,
    /// The orders whose customers gave their marks: a report that comes twice counts once.
    scored: HashSet<Key>,
    /// The conversation that each open ticket came from.
    tickets: HashMap<Key, Option<(Key, u64)>>,
    /// Conversations that ended with tickets open.
    unsettled: HashMap<(Key, u64), Unsettled>,
    last_conversation: u64,
    /// Who is there, and since when.
    online: BTreeMap<u32, i64>,
    newest_ms: i64,
}

/// One person, whatever their addresses.
#[derive(Default)]
struct Contact {
    /// Where they first asked within the period.
    asked: Option<Place>,
    ordered: Option<Place>,
    converted: bool,
    paid: bool,
    currencies: Vec<String>,
    /// People who had a part in their conversations.
    agents: Vec<Part>,
}

/// What is said at one address.
#[derive(Default)]
struct Chat {
    conversation: Option<Conversation>,
    with: With,
}

/// A person's part in a contact's conversations.
struct Part {
    agent: u32,
    last_ms: i64,
    /// Whether they are among those whom the person received within the period.
    counted: bool,
}

impl Contact {
    /// A person has a part in it now; whether it is the first one within the period.
    fn has_part(&mut self, agent: u32, now: &Now) -> bool {
        let known = self.agents.iter().position(|it| it.agent == agent);
        let index = known.unwrap_or_else(|| {
            self.agents.push(Part { agent, last_ms: now.at_ms, counted: false });
            self.agents.len() - 1
        });
        let part = &mut self.agents[index];
        part.last_ms = now.at_ms;
        let first = now.counts && !part.counted;
        part.counted |= now.counts;
        first
    }
}

/// Who has a conversation.
#[derive(Clone, Copy, Default, PartialEq)]
enum With {
    #[default]
    Clerk,
    /// Handed over then, and not taken yet.
    Nobody {
        since_ms: i64,
    },
    Person(Option<u32>),
}

struct Conversation {
    number: u64,
    place: Place,
    /// Whether it began within the period.
    counts: bool,
    last_ms: i64,
    waits: Option<(i64, Place)>,
    /// The newest message's entry and words.
    said: Option<(i64, String)>,
    answered: bool,
    not_understood: bool,
    handed_over: bool,
    taken: bool,
    open_tickets: u32,
    agents: Vec<u32>,
}

impl Conversation {
    fn is_the_clerks_alone(&self) -> bool {
        !self.handed_over && !self.taken
    }
}

struct Unsettled {
    place: Place,
    open_tickets: u32,
    agents: Vec<u32>,
}

#[derive(Default)]
struct Order {
    reminded: Option<Reminded>,
    was_counted: bool,
}

struct Reminded {
    at_ms: i64,
    way: Way,
    place: Place,
    counts: bool,
}

impl Ledger {
    pub fn new(scope: Scope) -> Self {
        let Scope { period, zone, team_of, with_words } = scope;
        Self {
            period,
            zone,
            groups: Groups::new(team_of),
            questions: Questions::new(with_words),
            contacts: HashMap::new(),
            chats: HashMap::new(),
            orders: HashMap::new(),
            scored: HashSet::new(),
            tickets: HashMap::new(),
            unsettled: HashMap::new(),
            last_conversation: 0,
            online: BTreeMap::new(),
            newest_ms: i64::MIN,
        }
    }

    pub(super) fn period(&self) -> Period {
        self.period
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Takes in the next entry of the log.
    pub fn take(&mut self, entry: &Entry<'_>) {
        self.newest_ms = self.newest_ms.max(entry.received_ms);
        let facts = facts(entry);
        if facts.is_empty() {
            return;
        }
        let event = entry.event;
        // Whom a shop does not tell of, nobody speaks to: the order stands for its customer.
        let (chat, channel) = match &event.kind {
            EventKind::Order(change) if event.address.chat.is_empty() => {
                (Key::order(&event.channel, &change.order_id), &event.channel)
            }
            _ => (Key::chat(&event.address), &event.address.channel),
        };
        // Whoever is known as nobody's contact is a person of their own at each address.
        let contact = entry.contact.map_or(chat, Key::person);
        // What shops tell happened when they say so; a clock that is ahead of ours counts as ours.
        let at_ms = match &event.kind {
            EventKind::Order(_) => event.at_ms.min(entry.received_ms),
            _ => entry.received_ms,
        };
        let channel = self.groups.channel_names.number(channel);
        let now = Now {
            chat,
            contact,
            at_ms,
            place: Place::of(channel, at_ms, &self.zone),
            counts: self.period.holds(at_ms),
        };
        for fact in facts {
            self.take_fact(&now, entry, fact);
        }
    }

    fn take_fact(&mut self, now: &Now, entry: &Entry<'_>, fact: Fact) {
        match fact {
            Fact::Heard { waits_since_ms } => {
                self.heard(now, waits_since_ms);
                if let EventKind::Message(message) = &entry.event.kind
                    && let Some(conversation) = self.conversation(now.chat)
                {
                    conversation.said = message.text.clone().map(|text| (entry.id, text));
                }
            }
            Fact::Answered { messages, at_ms } => {
                self.answered(now, at_ms, None);
                self.count(now, |it| it.answers.by_clerk += u64::from(messages));
            }
            Fact::Told { messages } => self.count(now, |it| it.answers.unasked += u64::from(messages)),
            Fact::NotUnderstood { intent } => {
                // What was said may have come in an entry of its own, before.
                let mut said = None;
                if let Some(conversation) = self.conversation(now.chat) {
                    conversation.not_understood = true;
                    said = conversation.said.take();
                }
                self.count(now, |it| it.answers.not_understood += 1);
                if now.counts {
                    let (id, text) = said.unwrap_or((entry.id, String::new()));
                    self.questions.add(id, intent, Some(text.as_str()).filter(|it| !it.is_empty()));
                }
            }
            Fact::PersonAnswered { who, at_ms } => self.person_answered(now, at_ms, who.as_deref()),
            Fact::Online { who } => {
                let agent = self.groups.agent_names.number(&who);
                self.online.entry(agent).or_insert(now.at_ms);
            }
            Fact::Away { who } => {
                let agent = self.groups.agent_names.number(&who);
                if let Some(since_ms) = self.online.remove(&agent) {
                    self.was_online(agent, since_ms, now.at_ms);
                }
            }
            Fact::HandedOver => self.handed_over(now),
            Fact::Taken { who } => self.taken(now, who.as_deref()),
            Fact::BackToClerk => self.chat(now).with = With::Clerk,
            Fact::TicketOpened { ticket } => self.ticket_opened(now, ticket),
            Fact::TicketClosed { ticket, who } => self.ticket_closed(now, ticket, who.as_deref()),
            Fact::SatisfactionAsked => self.count_with_agents(now, |it| it.satisfaction.asked += 1),
            Fact::Satisfied { mark } => {
                let index = usize::from(mark.clamp(1, 5)) - 1;
                self.count_with_agents(now, |it| it.satisfaction.given[index] += 1);
            }
            Fact::OptedOut => self.count(now, |it| it.opted_out += 1),
            Fact::Ordered { .. } => self.ordered(now),
            Fact::Sold { order, total } => self.sold(now, order, total),
            Fact::Reminded { order, wording } => self.reminded(now, order, &wording),
            Fact::RefundAsked => self.count(now, |it| it.refunds.asked += 1),
            Fact::RefundWithdrawn => self.count(now, |it| it.refunds.withdrawn += 1),
            Fact::RefundRefused { by_platform } => self.count(now, |it| {
                it.refunds.refused += 1;
                it.refunds.ended(by_platform);
            }),
            Fact::Scored(scores) => self.scored(now, entry, scores),
            Fact::Refunded { amount, asked_ms, by_platform } => self.count(now, |it| {
                it.refunds.settled += 1;
                it.refunds.ended(by_platform);
                if let Some(Money { minor, currency }) = &amount {
                    *it.refunds.money.entry(currency.clone()).or_default() += minor;
                }
                if let Some(asked_ms) = asked_ms {
                    it.refunds.settling.add(now.at_ms - asked_ms);
                }
            }),
        }
    }

    /// All that has been taken in is all there is.
    pub(super) fn close(&mut self) {
        for (agent, since_ms) in std::mem::take(&mut self.online) {
            self.was_online(agent, since_ms, self.newest_ms);
        }
        let open: Vec<Key> =
            self.chats.iter().filter(|(_, it)| it.conversation.is_some()).map(|(key, _)| *key).collect();
        for chat in open {
            self.end(chat);
        }
    }

    fn was_online(&mut self, agent: u32, since_ms: i64, until_ms: i64) {
        let held_ms = until_ms.min(self.period.until_ms) - since_ms.max(self.period.from_ms);
        if held_ms > 0 {
            self.groups.count_for(agent, |it| *it.online_ms.get_or_insert(0) += held_ms);
        }
    }

    fn count(&mut self, now: &Now, count: impl Fn(&mut Tally)) {
        if now.counts {
            self.groups.count(&now.place, count);
        }
    }

    /// Also for the people who had a part in the conversation.
    fn count_with_agents(&mut self, now: &Now, count: impl Fn(&mut Tally)) {
        self.count(now, &count);
        let agents = self.conversation(now.chat).map(|it| it.agents.clone()).unwrap_or_default();
        for agent in agents.into_iter().filter(|_| now.counts) {
            self.groups.count_for(agent, &count);
        }
    }

    fn chat(&mut self, now: &Now) -> &mut Chat {
        self.chats.entry(now.chat).or_default()
    }

    fn conversation(&mut self, chat: Key) -> Option<&mut Conversation> {
        self.chats.get_mut(&chat)?.conversation.as_mut()
    }
}

/// Whom and where the entry at hand is of.
struct Now {
    chat: Key,
    contact: Key,
    at_ms: i64,
    place: Place,
    /// Whether it is within the period.
    counts: bool,
}

#[cfg(test)]
impl Ledger {
    /// How many things are remembered.
    pub(super) fn remembers(&self) -> usize {
        self.contacts.len() + self.chats.len() + self.orders.len() + self.tickets.len() + self.unsettled.len()
    }
}
