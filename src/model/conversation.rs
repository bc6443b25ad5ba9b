use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Choice, ReplyContext};
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
    /// The customer's platform id and display name, as last seen.
    pub sender: String,
    pub sender_name: Option<String>,
    /// A BCP 47 tag: the language that the customer's words have settled.
    pub language: Option<String>,
    /// What else is known of it.
    #[serde(skip_serializing_if = "Signs::is_empty")]
    pub language_signs: Signs,
    pub tags: Vec<String>,
    /// The team or agent it is assigned to.
    pub assigned: Option<String>,
    /// Tickets that are open; one of each kind at most.
    pub tickets: Vec<OpenTicket>,
    /// When each rule or notice last answered, for cooldowns; pruned by the engine.
    pub answered_ms: BTreeMap<String, i64>,
    /// When the clerk's last few replies left, oldest first, for the storm guard; pruned by the engine.
    pub recent_replies_ms: Vec<i64>,
    /// The choices last offered, in order, so that a bare number can pick one.
    pub menu: Vec<Choice>,
    /// When they were offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu_ms: Option<i64>,
    /// The clerk's question that waits for its answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Lines that said nothing by themselves, until more is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// Messages in a row that the clerk did not understand.
    pub misses: u32,
    /// The newest context to answer in.
    pub reply: ReplyContext,
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

/// A ticket of this conversation that nobody has closed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTicket {
    pub id: String,
    pub kind: String,
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
