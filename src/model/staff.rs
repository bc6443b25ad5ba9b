use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use super::{Address, Content, ReplyContext};

/// Whose key space holds who has which conversation; no plugin can have this name.
pub const DESK: &str = "clerk:desk";

/// What a person of the store does, who it is, and where they said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The person or team of store.toml, or how somebody else in a staff room is called; where it was said who.
    #[serde(default)]
    pub by: Option<String>,
    /// The staff room in which it was said; `None` for a command, and for what the clerk itself tells people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomPlace>,
    /// It takes nothing from a colleague who has the conversation, as on a page that shows who has it. A command of the
    /// operator's does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yields: bool,
    /// Something came with it that could not be passed on, or that the deed has no use for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
    #[serde(flatten)]
    pub deed: StaffDeed,
}

impl Staff {
    /// A deed that was done from no room.
    pub fn new(by: Option<String>, deed: StaffDeed) -> Self {
        Self { by, room: None, yields: false, left_out: false, deed }
    }

    /// The same for the trace, which holds nobody's words and no chats.
    pub fn without_words(&self) -> Self {
        let (by, deed) = (self.by.clone(), self.deed.without_words().into_owned());
        Self { by, room: None, yields: self.yields, left_out: self.left_out, deed }
    }
}

/// Where in a staff room something was said, for the answer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPlace {
    pub address: Address,
    #[serde(default)]
    pub reply: ReplyContext,
}

/// What is done with a conversation, with a ticket of it, or by a person with themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum StaffDeed {
    /// They have the conversation from now on.
    Take,
    /// The clerk has it again.
    Return,
    TakeTicket {
        ticket: String,
        /// Whose they saw it to be: it is taken from them on purpose, and from nobody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    /// It waits for somebody else than the store.
    HoldTicket {
        ticket: String,
    },
    CloseTicket {
        ticket: String,
    },
    /// There is nothing to do about it, and nothing to tell.
    DropTicket {
        ticket: String,
    },
    /// They answer the customer.
    Say {
        content: Content,
    },
    /// They answer with the quick phrase of this code.
    Phrase {
        code: String,
    },
    /// The conversation is another person's or team's from now on.
    Transfer {
        to: String,
        #[serde(default)]
        note: String,
    },
    /// For those who come after.
    Note {
        text: String,
    },
    /// A note on the customer's order that the warehouse must see; on their newest where none is named.
    Remark {
        #[serde(default)]
        order: Option<String>,
        text: String,
    },
    Tag {
        tag: String,
    },
    Untag {
        tag: String,
    },
    /// What it was about is done with, and the clerk answers again.
    Close,
    /// The clerk says in the room what it would answer to these words of the customer's.
    Draft {
        words: String,
    },
    /// They take no new conversations; theirs stay theirs.
    Away,
    /// They take new conversations again.
    Online,
    /// They look at the console, and hear of things there until then, by the clock that events are received by.
    AtConsole {
        until_ms: i64,
    },
    /// They ask what can be typed.
    Help,
    /// It was said in a room, and nobody can know what was meant.
    Unclear {
        why: Unclear,
    },
    /// A message of theirs to the customer was given up.
    Undelivered {
        message: i64,
        /// It held a picture or file that the customer's platform cannot be given.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_picture: bool,
    },
}

/// Why what was said in a staff room leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unclear {
    /// It belongs to no conversation, or could belong to several.
    WhichConversation,
    UnknownCommand {
        command: String,
    },
    /// A command wants something more, such as `/transfer` a name.
    Incomplete {
        command: String,
    },
    UnknownMember {
        name: String,
    },
    NotPermitted,
    /// What was sent cannot be passed on to where the customer is.
    CannotRelay,
    NoTag {
        tag: String,
    },
}

impl StaffDeed {
    /// The deed without what was said in it.
    pub fn without_words(&self) -> Cow<'_, Self> {
        Cow::Owned(match self {
            Self::Say { .. } => Self::Say { content: Content::text("") },
            Self::Transfer { to, .. } => Self::Transfer { to: to.clone(), note: String::new() },
            Self::Note { .. } => Self::Note { text: String::new() },
            Self::Remark { order, .. } => Self::Remark { order: order.clone(), text: String::new() },
            Self::Draft { .. } => Self::Draft { words: String::new() },
            Self::Unclear { why: Unclear::UnknownCommand { .. } } => {
                Self::Unclear { why: Unclear::UnknownCommand { command: String::new() } }
            }
            Self::Unclear { why: Unclear::UnknownMember { .. } } => {
                Self::Unclear { why: Unclear::UnknownMember { name: String::new() } }
            }
            Self::Unclear { why: Unclear::NoTag { .. } } => {
                Self::Unclear { why: Unclear::NoTag { tag: String::new() } }
            }
            _ => return Cow::Borrowed(self),
        })
    }
}

impl fmt::Display for Staff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.by.as_deref().unwrap_or("a person"))?;
        match &self.deed {
            StaffDeed::Take => f.write_str(" takes the conversation"),
            StaffDeed::Return => f.write_str(" gives the conversation back"),
            StaffDeed::TakeTicket { ticket, .. } => write!(f, " takes ticket {ticket}"),
            StaffDeed::CloseTicket { ticket } => write!(f, " closes ticket {ticket}"),
            StaffDeed::HoldTicket { ticket } => write!(f, " puts ticket {ticket} on hold"),
            StaffDeed::DropTicket { ticket } => write!(f, " drops ticket {ticket}"),
            StaffDeed::Say { .. } => f.write_str(" answers the customer"),
            StaffDeed::Phrase { code } => write!(f, " answers with the quick phrase {code}"),
            StaffDeed::Transfer { to, .. } => write!(f, " transfers the conversation to {to}"),
            StaffDeed::Note { .. } => f.write_str(" leaves a note"),
            StaffDeed::Remark { order: Some(order), .. } => write!(f, " puts a remark on order {order}"),
            StaffDeed::Remark { order: None, .. } => f.write_str(" puts a remark on the order"),
            StaffDeed::Tag { tag } => write!(f, " tags the customer {tag}"),
            StaffDeed::Untag { tag } => write!(f, " takes the tag {tag} off the customer"),
            StaffDeed::Close => f.write_str(" closes the conversation"),
            StaffDeed::Draft { .. } => f.write_str(" asks the clerk for a draft"),
            StaffDeed::Away => f.write_str(" is away"),
            StaffDeed::Online => f.write_str(" is there again"),
            StaffDeed::AtConsole { .. } => f.write_str(" looks at the console"),
            StaffDeed::Help => f.write_str(" asks what can be typed"),
            StaffDeed::Unclear { .. } => f.write_str(" said something that leads to nothing"),
            StaffDeed::Undelivered { message, .. } => write!(f, " is told that message out:{message} was given up"),
        }
    }
}
