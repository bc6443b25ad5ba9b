use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Choice, ContactRef, OrderName, ReplyContext};
use crate::language::Signs;

/// Where a conversation takes place: a channel and the chat on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    pub channel: String,
    /// The platform's chat id; opaque.
    pub chat: String,
}

impl Address {
    pub fn new(channel: impl Into<String>, chat: impl Into<String>) -> Self {
        Self { channel: channel.into(), chat: chat.into() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.chat)
    }
}

/// All the clerk remembers of one conversation; written back with every decision about it.
///
/// `Default` is the conversation nobody has spoken in yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// When the customer first wrote or opened it; `None` until then.
    pub first_seen_ms: Option<i64>,
    pub last_received_ms: Option<i64>,
    /// When the clerk last spoke.
    pub last_reply_ms: Option<i64>,
    /// Messages received from the customer so far.
    pub received: u64,
    /// Messages sent by the clerk so far.
    pub sent: u64,
    pub stage: Stage,
    /// When a person of the store last answered past the clerk, from the platform's own inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colleague_ms: Option<i64>,
    /// When the customer last said no more than thanks or goodbye to a person who had answered all: nobody owes them anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courtesy_ms: Option<i64>,
    /// The customer's platform id and display name, as last seen.
    pub sender: String,
    pub sender_name: Option<String>,
    /// Whose it is; `None` until the customer was heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactRef>,
    /// A BCP 47 tag: the language that the customer's words have settled.
    pub language: Option<String>,
    /// What else is known of it.
    #[serde(skip_serializing_if = "Signs::is_empty")]
    pub language_signs: Signs,
    pub tags: Vec<String>,
    /// The team or agent it is assigned to.
    pub assigned: Option<String>,
    /// Who of the store held it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_holder: Option<String>,
    /// How far it is on its way to a person; `None` while it is on none.
    pub hand_over: Option<HandOver>,
    /// The customer has heard that nobody is there until then.
    pub away_until_ms: Option<i64>,
    /// When each of their words of late came, by a hash of them, oldest first; pruned by the engine.
    pub heard_ms: BTreeMap<String, Vec<i64>>,
    /// Replies by hour since the epoch, of the last day.
    pub replies_by_hour: BTreeMap<i64, u32>,
    /// The last time that the clerk had to be stopped.
    pub storm: Option<Storm>,
    /// Tickets that are open, of this conversation or of another one of its contact.
    pub tickets: Vec<OpenTicket>,
    /// When each rule or notice last answered, for cooldowns; pruned by the engine.
    pub answered_ms: BTreeMap<String, i64>,
    /// When the clerk's last few replies left, oldest first, for the storm guard; pruned by the engine.
    pub recent_replies_ms: Vec<i64>,
    /// When notices were sent unasked within the last day, oldest first, and when a payment was last asked for.
    pub notices_ms: Vec<i64>,
    pub payment_reminded_ms: Option<i64>,
    /// When they asked in vain for an order by its number and phone, of the last day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims_ms: Vec<i64>,
    /// The choices last offered, in order, so that a bare number can pick one.
    pub menu: Vec<Choice>,
    /// When they were offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu_ms: Option<i64>,
    /// The clerk's question that waits for its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// When they were last asked how satisfied they are, and what they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<SatisfactionAsked>,
    /// The ticket of theirs of which they were told last that it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_done: Option<ToldDone>,
    /// Lines that said nothing by themselves, until more is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// The products that were spoken of last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Messages in a row that the clerk did not understand.
    pub misses: u32,
    /// The newest context to answer in.
    pub reply: ReplyContext,
    /// What an earlier message allows for longer than the newest does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
}

/// What is left of a window that stays open after the newest one has closed: a menu's button allows a minute, the words
/// before it two days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub deadline_ms: i64,
    pub budget: Option<u8>,
}

impl Conversation {
    /// Takes what a new event allows, beside what still stands.
    pub fn allow(&mut self, reply: &ReplyContext) {
        let was = std::mem::replace(&mut self.reply, reply.clone());
        let was = was.deadline_ms.map(|deadline_ms| Standing { deadline_ms, budget: was.budget });
        let outlives = |it: &Standing| {
            it.budget != Some(0) && reply.deadline_ms.is_some_and(|deadline_ms| it.deadline_ms > deadline_ms)
        };
        self.standing = [was, self.standing].into_iter().flatten().filter(outlives).max_by_key(|it| it.deadline_ms);
    }

    /// The context to answer in now: until the last window closes, and with what is left in all.
    pub fn answering(&self, now_ms: i64) -> ReplyContext {
        let mut context = self.reply.clone();
        let Some(standing) = self.standing else { return context };
        let newest = if self.is_allowed(now_ms) { self.reply.budget } else { Some(0) };
        context.budget = newest.zip(standing.budget).map(|(newest, standing)| newest.saturating_add(standing));
        context.deadline_ms = context.deadline_ms.max(Some(standing.deadline_ms));
        context
    }

    /// Takes so many messages from what is allowed, from the window that closes first.
    pub fn spend(&mut self, messages: u8, now_ms: i64) {
        let newest = if self.is_allowed(now_ms) { self.reply.budget.unwrap_or(u8::MAX) } else { 0 };
        self.reply.budget = self.reply.budget.map(|budget| budget.saturating_sub(messages));
        if let Some(standing) = &mut self.standing {
            let rest = messages.saturating_sub(newest);
            standing.budget = standing.budget.map(|budget| budget.saturating_sub(rest));
        }
    }

    fn is_allowed(&self, now_ms: i64) -> bool {
        self.reply.deadline_ms.is_none_or(|deadline_ms| now_ms <= deadline_ms)
    }
}

/// A question of the clerk's, until it is answered or the customer speaks of something else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The rule that asked.
    pub rule: String,
    /// After this nobody answers it any more.
    pub until_ms: i64,
    /// Whether it was asked a second time.
    pub again: bool,
    /// What was captured before it was asked, by name.
    pub captured: BTreeMap<String, String>,
}

/// A customer was asked how satisfied they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SatisfactionAsked {
    pub at_ms: i64,
    /// From 1 to 5; `None` until they say.
    pub mark: Option<u8>,
}

/// A customer was told that a ticket of theirs is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToldDone {
    pub ticket: String,
    pub at_ms: i64,
}

/// Short lines of one thought, read together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lines {
    pub said: Vec<String>,
    /// When the first of them came.
    pub since_ms: i64,
    /// When they are answered, whatever follows.
    pub until_ms: i64,
    /// Whether the welcome went before them.
    pub welcomed: bool,
}

/// What "it" is, and "the second one".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// In the order in which they were told.
    pub skus: Vec<String>,
    pub at_ms: i64,
}

/// A ticket of this conversation that nobody has closed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTicket {
    pub id: String,
    pub kind: String,
    /// The order it is about, where a shop's report or the customer names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderName>,
}

/// The way of a conversation to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandOver {
    /// When it was handed over, or a person took it.
    pub since_ms: i64,
    /// Whether somebody took it.
    pub taken: bool,
    /// When the customer last heard that it is on its way.
    pub told_ms: Option<i64>,
    /// The ticket that stands for it.
    pub ticket: String,
    /// Who holds it, so that it counts as one of theirs; a person or team of store.toml, or somebody of a staff room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The team in whose queue it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<String>,
    /// The staff room in which it is spoken of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<Address>,
    /// Whether a person has answered the customer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
}

/// More was answered than the store allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storm {
    /// How often in a row; each cool-down is twice as long as the one before.
    pub level: u32,
    /// Nothing is answered until then.
    pub until_ms: i64,
}

impl Conversation {
    /// The tag of a customer who wants to hear nothing unasked.
    pub const OPTED_OUT: &'static str = "opted-out";

    pub fn has_opted_out(&self) -> bool {
        self.tags.iter().any(|tag| tag == Self::OPTED_OUT)
    }
}

/// Who is answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The clerk answers.
    #[default]
    Clerk,
    /// Waiting for, or with, a person: the clerk only keeps the customer informed.
    Person,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000;
    const DAYS: i64 = 48 * 60 * MINUTE;

    fn window(deadline_ms: i64, budget: u8) -> ReplyContext {
        ReplyContext { deadline_ms: Some(deadline_ms), budget: Some(budget), ..ReplyContext::default() }
    }

    fn left(conversation: &Conversation, now_ms: i64) -> (i64, u8) {
        let allowed = conversation.answering(now_ms);
        (allowed.deadline_ms.unwrap(), allowed.budget.unwrap())
    }

    #[test]
    fn a_buttons_minute_takes_nothing_from_the_two_days_and_is_used_first() {
        let mut conversation = Conversation::default();
        conversation.allow(&window(DAYS, 5));
        conversation.spend(2, 0);
        conversation.allow(&window(MINUTE, 3));
        assert_eq!(left(&conversation, 1), (DAYS, 6));
        conversation.spend(2, 1);
        assert_eq!(left(&conversation, 1), (DAYS, 4));
        assert_eq!(left(&conversation, MINUTE + 1), (DAYS, 3), "what is left of the minute is over");
        conversation.spend(1, MINUTE + 1);
        assert_eq!(left(&conversation, MINUTE + 1), (DAYS, 2));
        // An older one, delivered late, and then a new message.
        conversation.allow(&window(MINUTE / 2, 3));
        assert_eq!(left(&conversation, MINUTE + 1), (DAYS, 2));
        conversation.allow(&window(DAYS + MINUTE, 5));
        assert_eq!(left(&conversation, MINUTE + 1), (DAYS + MINUTE, 5));
    }

    #[test]
    fn where_nothing_is_counted_nothing_is_used_up() {
        let mut conversation = Conversation::default();
        conversation.allow(&ReplyContext::default());
        conversation.spend(200, 0);
        assert_eq!(conversation.answering(0), ReplyContext::default());
    }

    proptest! {
        #[test]
        fn no_new_window_takes_away_what_an_earlier_one_allows(
            windows in proptest::collection::vec((0i64..1000, 0u8..6), 1..8), now_ms in 0i64..1000,
        ) {
            let mut conversation = Conversation::default();
            for (deadline_ms, budget) in &windows {
                let before = conversation.answering(now_ms);
                conversation.allow(&window(*deadline_ms, *budget));
                let after = conversation.answering(now_ms);
                prop_assert!(after.deadline_ms >= before.deadline_ms || before.budget == Some(0) || conversation.standing.is_some());
                prop_assert!(after.deadline_ms >= Some(*deadline_ms));
            }
        }
    }
}
