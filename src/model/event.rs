use serde::{Deserialize, Serialize};

use super::{Address, ContactDeed, FileName, Hook, MorningCall, OrderEvent, Staff};
use crate::language::Tag;

/// One thing that happened, in the form every channel normalises to.
///
/// `(channel, dedupe)` is unique: a platform that delivers twice is answered once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The configured channel that received it (`telegram-main`), or `clerk` for a timer.
    pub channel: String,
    /// The platform's own id of this delivery; unique within the channel for eight days.
    pub dedupe: String,
    /// The conversation it belongs to, which may be on another channel than the one that received it.
    pub address: Address,
    /// When it happened, by the platform's clock where it gives one, else by ours.
    pub at_ms: i64,
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    Message(Message),
    Order(OrderEvent),
    Status(DeliveryStatus),
    Timer(TimerFired),
    /// The customer opened the conversation without writing (follow, subscribe, "start").
    Opened {
        sender: String,
        #[serde(default)]
        sender_name: Option<String>,
        /// What the link, code or button carried that led here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
        #[serde(default)]
        reply: ReplyContext,
    },
    /// A person of the store takes a hand in the conversation.
    Staff(Staff),
    /// A person of the store changes what is known of a contact.
    Contact(ContactDeed),
    /// A person of the store speaks with the customer past the clerk.
    Colleague(Colleague),
    /// People come in soon, and are told what waits.
    Morning(MorningCall),
    /// Somebody of the store is told the figures of a week.
    Digest {
        to: String,
        text: String,
    },
    /// Something that happens to the store as a whole and belongs to no customer.
    Store {
        moment: StoreMoment,
    },
}

impl EventKind {
    /// What a customer's message or opening says of how to answer it.
    pub fn reply_mut(&mut self) -> Option<&mut ReplyContext> {
        match self {
            Self::Message(Message { reply, .. }) | Self::Opened { reply, .. } => Some(reply),
            Self::Order(_)
            | Self::Status(_)
            | Self::Timer(_)
            | Self::Staff(_)
            | Self::Contact(_)
            | Self::Morning(_)
            | Self::Digest { .. }
            | Self::Colleague(_)
            | Self::Store { .. } => None,
        }
    }

    /// The kind's name, as in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Order(_) => "order",
            Self::Status(_) => "status",
            Self::Timer(_) => "timer",
            Self::Opened { .. } => "opened",
            Self::Staff(_) => "staff",
            Self::Contact(_) => "contact",
            Self::Morning(_) => "morning",
            Self::Digest { .. } => "digest",
            Self::Colleague(_) => "colleague",
            Self::Store { .. } => "store",
        }
    }
}

/// What happens to the store by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreMoment {
    /// People come in: the store was closed and is open now.
    ShiftBegins,
    /// A day begins on the store's wall.
    Daily,
}

impl StoreMoment {
    /// The hook that plugins take it with.
    pub fn hook(self) -> Hook {
        match self {
            Self::ShiftBegins => Hook::ShiftBegins,
            Self::Daily => Hook::Daily,
        }
    }

    /// The event that it becomes where it began at `at_ms`; the same moment always gives the same.
    pub fn into_event(self, at_ms: i64) -> Event {
        Event {
            channel: "clerk".to_owned(),
            dedupe: format!("{}:{at_ms}", self.hook()),
            address: Address::new("clerk", "store"),
            at_ms,
            kind: EventKind::Store { moment: self },
        }
    }
}

/// A customer's message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The platform's id of the message, for quoting it in a reply.
    pub id: String,
    /// The platform's id of the person who wrote; opaque.
    pub sender: String,
    #[serde(default)]
    pub sender_name: Option<String>,
    /// The text, a caption, or the value of a pressed button; `None` for bare media.
    #[serde(default)]
    pub text: Option<String>,
    /// What stood on the button, where the platform tells and `text` is its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default)]
    pub media: Vec<Media>,
    /// The same for all pictures that were sent together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The platform's id of the message that this one answers, where it quotes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<String>,
    #[serde(default)]
    pub reply: ReplyContext,
}

/// A picture, voice note or file, by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Lower case: `image`, `audio`, `video`, `file`, `sticker`, `location`, `contact`, else the platform's own word.
    pub kind: String,
    /// Platform id or URL to fetch it with.
    pub reference: String,
    /// What its sender calls it, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<FileName>,
}

impl Media {
    pub fn new(kind: impl Into<String>, reference: impl Into<String>) -> Self {
        Self { kind: kind.into(), reference: reference.into(), name: None }
    }

    /// The same with what a platform says it is called.
    pub fn called(self, name: Option<&str>) -> Self {
        Self { name: name.and_then(FileName::of), ..self }
    }
}

/// What a channel needs later to answer this event: reply token, message to quote, deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyContext {
    /// Private to the channel that wrote it.
    #[serde(default)]
    pub data: serde_json::Value,
    /// After this the platform refuses a free reply.
    #[serde(default)]
    pub deadline_ms: Option<i64>,
    /// How many messages the platform accepts in answer.
    #[serde(default)]
    pub budget: Option<u8>,
    /// How many texts and pictures one message may hold, where it is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u8>,
    /// What the platform says the customer reads, most wanted first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Tag>,
}

/// What a person of the store did in the platform's own inbox or app.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Colleague {
    /// The platform's id of what was said, where something was.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Their words, only to tell them from the clerk's own, which some platforms send back just so.
    #[serde(skip)]
    pub text: Option<String>,
    /// They gave the conversation back.
    #[serde(default)]
    pub left: bool,
}

/// What the platform says of a message we sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryStatus {
    /// The platform's id of our message, as its send call returned it.
    pub message_id: String,
    /// The platform's word, lower case: `sent`, `delivered`, `read`, `failed`.
    pub status: String,
    #[serde(default)]
    pub error: Option<String>,
}

/// A timer that an earlier decision set and that is now due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimerFired {
    /// The key it was set with; unique within the conversation.
    pub key: String,
    pub due_ms: i64,
    /// Who set it: `engine` or a plugin's name.
    pub owner: String,
    #[serde(default)]
    pub payload: serde_json::Value,
}
