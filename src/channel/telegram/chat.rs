//! The chat something happened in, and how it is answered there.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::{EventKind, ReplyContext};

/// In the reply context: the number of the message to quote.
pub const QUOTE: &str = "quote";

/// In the reply context: the connection by which the clerk speaks in the name of a person of the store.
pub const BUSINESS: &str = "business";

/// The chat, the time and what happened there.
pub type Happened = (String, i64, EventKind);

#[derive(Deserialize)]
pub struct Chat {
    pub id: i64,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Chat {
    pub fn is_private(&self) -> bool {
        self.kind == "private"
    }
}

/// In a group it must be seen who is answered; with one person that would be noise.
///
/// Where a person of the store lets the bot answer for them, answers go out by that connection.
pub fn reply_to(chat: &Chat, message_id: i64, business: Option<String>) -> ReplyContext {
    let data = match business {
        Some(connection) => json!({ BUSINESS: connection }),
        None if chat.is_private() => Value::Null,
        None => json!({ QUOTE: message_id }),
    };
    ReplyContext { data, ..ReplyContext::default() }
}
