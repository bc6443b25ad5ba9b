use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Address, Carried, Contact, Conversation, FileName, KvWrite, Order, OutsideQuestion, ReplyContext, Ticket,
    TraceStep, Urgency,
};

/// One thing the clerk does; committed together with the event that caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Say something to the customer of this conversation.
    Reply {
        content: Content,
    },
    /// Wait this long before what is said to the customer next, so that it is read piece by piece.
    Pause {
        ms: i64,
    },
    /// Say something to a person or team of the store, by the name it has in the configuration.
    Notify {
        to: String,
        content: Content,
    },
    /// Say something in a staff room.
    Tell {
        room: Address,
        content: Content,
        #[serde(default)]
        reply: ReplyContext,
    },
    Tag {
        tag: String,
    },
    Untag {
        tag: String,
    },
    /// A note on the order that the warehouse must see.
    Remark {
        order_id: String,
        text: String,
    },
    /// Replaces a timer with the same key of the same conversation and owner.
    SetTimer {
        /// The conversation, where it is not the event's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Address>,
        key: String,
        due_ms: i64,
        /// Of timers due at the same moment, the highest goes first.
        #[serde(default)]
        priority: i64,
        #[serde(default)]
        payload: serde_json::Value,
        /// `engine` or the plugin's name.
        owner: String,
    },
    CancelTimer {
        /// The conversation, where it is not the event's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Address>,
        key: String,
        owner: String,
    },
    /// Hand the conversation to a team or agent.
    Assign {
        to: String,
    },
    /// Hand it from one to another, with a note.
    Transfer {
        to: String,
        note: String,
    },
    OpenTicket {
        /// Given by the engine; empty until then.
        #[serde(default)]
        id: String,
        kind: String,
        text: String,
        #[serde(default)]
        urgency: Urgency,
    },
    CloseTicket {
        id: String,
    },
    /// Ask how satisfied the customer is.
    AskSatisfaction {
        content: Content,
    },
    /// Deliberately say nothing.
    Silence {
        reason: String,
    },
}

impl Action {
    /// The action as the log keeps it: its words stand elsewhere, what is said in the messages, what a ticket or a remark
    /// says in their rows.
    pub fn without_words(&self) -> Cow<'_, Self> {
        let nothing = || Content::text("");
        Cow::Owned(match self {
            Self::Reply { .. } => Self::Reply { content: nothing() },
            Self::AskSatisfaction { .. } => Self::AskSatisfaction { content: nothing() },
            Self::Notify { to, .. } => Self::Notify { to: to.clone(), content: nothing() },
            Self::Tell { room, .. } => {
                Self::Tell { room: room.clone(), content: nothing(), reply: ReplyContext::default() }
            }
            Self::Remark { order_id, .. } => Self::Remark { order_id: order_id.clone(), text: String::new() },
            Self::Transfer { to, .. } => Self::Transfer { to: to.clone(), note: String::new() },
            Self::OpenTicket { id, kind, urgency, .. } => {
                Self::OpenTicket { id: id.clone(), kind: kind.clone(), text: String::new(), urgency: *urgency }
            }
            Self::SetTimer { at, key, due_ms, priority, owner, .. } => Self::SetTimer {
                at: at.clone(),
                key: key.clone(),
                due_ms: *due_ms,
                priority: *priority,
                payload: serde_json::Value::Null,
                owner: owner.clone(),
            },
            Self::Pause { .. }
            | Self::Tag { .. }
            | Self::Untag { .. }
            | Self::CancelTimer { .. }
            | Self::Assign { .. }
            | Self::CloseTicket { .. }
            | Self::Silence { .. } => return Cow::Borrowed(self),
        })
    }
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    Text {
        text: String,
    },
    Link {
        text: String,
        url: String,
    },
    Image {
        url: String,
        #[serde(default)]
        caption: Option<String>,
    },
    /// A recording, or a file to keep: by its address, where the platform can fetch it.
    File {
        kind: FileKind,
        url: String,
        #[serde(default)]
        caption: Option<String>,
        /// What it is called, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<FileName>,
    },
    /// What somebody sent on another channel.
    Carried(Box<Carried>),
    /// A customer's wish on one of their orders, for the shop that has it.
    Remark {
        order: String,
        text: String,
    },
    /// A question with answers to choose from.
    Choices {
        text: String,
        choices: Vec<Choice>,
    },
    /// Several that leave together, where the platform takes that.
    Several {
        parts: Vec<Content>,
    },
}

/// What platforms tell apart of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Video,
    Audio,
    Document,
}

impl FileKind {
    /// By the ending of an address.
    pub fn of(url: &str) -> Self {
        let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("mp4" | "mov" | "webm" | "m4v" | "3gp") => Self::Video,
            Some("mp3" | "m4a" | "ogg" | "aac" | "amr" | "wav") => Self::Audio,
            _ => Self::Document,
        }
    }
}

/// One answer to choose; `value` is what comes back as the customer's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub label: String,
    pub value: String,
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// What it carries from another platform, in order.
    pub fn carried(&self) -> impl Iterator<Item = &Carried> {
        let parts = match self {
            Self::Several { parts } => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        parts.iter().filter_map(|it| match it {
            Self::Carried(carried) => Some(&**carried),
            _ => None,
        })
    }

    /// Whether a platform that repeats this message shows this text, or none.
    pub fn says(&self, text: Option<&str>) -> bool {
        let Some(text) = text else { return matches!(self, Self::Image { .. } | Self::Carried(_)) };
        let own = match self {
            Self::Choices { text, .. } => Some(text.as_str()),
            Self::Image { caption, .. } | Self::File { caption, .. } => caption.as_deref(),
            Self::Carried(carried) => carried.caption.as_deref(),
            Self::Several { parts } => return parts.iter().any(|part| part.says(Some(text))),
            Self::Text { .. } | Self::Link { .. } | Self::Remark { .. } => None,
        };
        own.is_some_and(|own| own.trim() == text.trim()) || self.to_plain_text().trim() == text.trim()
    }

    /// The same in words alone, for channels without buttons: links spelled out, choices numbered.
    pub fn to_plain_text(&self) -> String {
        match self {
            Self::Text { text } => text.clone(),
            Self::Link { text, url } if text.is_empty() => url.clone(),
            Self::Link { text, url } => format!("{text}\n{url}"),
            Self::Image { url, caption } => lines([caption.as_deref(), None, Some(url)]),
            Self::File { url, caption, name, .. } => {
                lines([caption.as_deref(), name.as_ref().map(FileName::as_str), Some(url)])
            }
            Self::Carried(carried) => carried.to_plain_text(),
            Self::Remark { order, text } => format!("{order}: {text}"),
            Self::Choices { text, choices } => {
                let mut plain = text.clone();
                for (index, choice) in choices.iter().enumerate() {
                    plain.push_str(&format!("\n{}. {}", index + 1, choice.label));
                }
                plain
            }
            Self::Several { parts } => parts.iter().map(Self::to_plain_text).collect::<Vec<_>>().join("\n\n"),
        }
    }
}

fn lines(of: [Option<&str>; 3]) -> String {
    of.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What `decide` made of one event: all of it is committed together, or none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub actions: Vec<Action>,
    /// The conversation as it is after this event.
    pub conversation: Conversation,
    /// Other conversations that it changes, as they are after it.
    #[serde(default)]
    pub elsewhere: Vec<(Address, Conversation)>,
    /// The orders that it changes, as they are after it.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// The tickets that it opens, changes or closes, as they are after it.
    #[serde(default)]
    pub tickets: Vec<Ticket>,
    /// The contacts that it makes or changes, as they are after it.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// What plugins wrote to their own key-value space.
    #[serde(default)]
    pub kv: Vec<KvWrite>,
    /// Why: the steps that led here, in order.
    pub trace: Vec<TraceStep>,
    /// What has to be asked outside before this is a decision; then it is made again.
    #[serde(skip)]
    pub question: Option<OutsideQuestion>,
}

impl Decision {
    /// What the customer will see, in order.
    pub fn replies(&self) -> impl Iterator<Item = &Content> {
        self.actions.iter().filter_map(|action| match action {
            Action::Reply { content } | Action::AskSatisfaction { content } => Some(content),
            _ => None,
        })
    }
}
