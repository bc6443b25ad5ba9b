//! A webhook's batch of events.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::{
    model::{Address, Event, EventKind, Media, Message, ReplyContext},
    webhook::Inbound,
};

/// In the reply context: the token to reply with.
pub const REPLY_TOKEN: &str = "reply_token";
/// A reply token lives a minute from its receipt; what is left covers the way to LINE.
const TOKEN_LIFE_MS: i64 = 50_000;

#[derive(Deserialize)]
struct Batch<'a> {
    /// Empty when the console's "Verify" button is pressed.
    #[serde(borrow, default)]
    events: Vec<&'a RawValue>,
}

/// Reads a signed body. An event that we do not know or understand is counted, and the others kept.
pub fn read(channel: &str, body: &[u8], now_ms: i64) -> Inbound {
    let batch: Batch<'_> = match serde_json::from_slice(body) {
        Ok(batch) => batch,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::refuse(StatusCode::BAD_REQUEST, "the body is not JSON\n"),
    };
    let received = batch.events.len();
    let read = |event: &RawValue| serde_json::from_str::<LineEvent>(event.get()).ok()?.read(channel, now_ms);
    let events: Vec<_> = batch.events.into_iter().filter_map(read).collect();
    let ignored = received - events.len();
    Inbound::events(events, ignored)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineEvent {
    webhook_event_id: String,
    mode: Mode,
    timestamp: i64,
    source: Source,
    #[serde(default)]
    reply_token: Option<String>,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Active,
    /// Another module of the account answers; we only listen.
    #[serde(other)]
    Standby,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Source {
    group_id: Option<String>,
    room_id: Option<String>,
    user_id: Option<String>,
}

/// The events that a clerk answers.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Kind {
    Message {
        message: LineMessage,
    },
    Postback {
        postback: Postback,
    },
    Follow,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Postback {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineMessage {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    sticker_id: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl LineEvent {
    fn read(self, channel: &str, now_ms: i64) -> Option<Event> {
        if self.mode != Mode::Active || self.webhook_event_id.is_empty() {
            return None;
        }
        let Source { group_id, room_id, user_id } = self.source;
        let chat = group_id.or(room_id).or_else(|| user_id.clone())?;
        let sender = user_id.unwrap_or_else(|| chat.clone());
        let reply = self.reply_token.map_or_else(ReplyContext::default, |token| ReplyContext {
            data: json!({ REPLY_TOKEN: token }),
            deadline_ms: Some(now_ms.saturating_add(TOKEN_LIFE_MS)),
            budget: Some(1),
            languages: Vec::new(),
        });
        let kind = match self.kind {
            Kind::Message { message } => message.read(sender, reply)?,
            Kind::Postback { postback } => EventKind::Message(Message {
                id: self.webhook_event_id.clone(),
                sender,
                text: Some(postback.data),
                reply,
                ..Message::default()
            }),
            Kind::Follow => EventKind::Opened { sender, sender_name: None, reply },
            Kind::Unknown => return None,
        };
        Some(Event {
            channel: channel.to_owned(),
            dedupe: self.webhook_event_id,
            address: Address::new(channel, chat),
            at_ms: self.timestamp,
            kind,
        })
    }
}

impl LineMessage {
    fn read(self, sender: String, reply: ReplyContext) -> Option<EventKind> {
        let reference = match self.kind.as_str() {
            "text" => None,
            // What was sent is fetched by the message's id.
            "image" | "video" | "audio" | "file" => Some(self.id.clone()),
            "sticker" => Some(self.sticker_id?),
            "location" => Some(format!("{},{}", self.latitude?, self.longitude?)),
            _ => return None,
        };
        // Stickers may carry a text of their own; it is not the customer's.
        let text = if reference.is_none() { Some(self.text?) } else { None };
        let media = reference.map(|reference| Media { kind: self.kind, reference }).into_iter().collect();
        Some(EventKind::Message(Message { id: self.id, sender, sender_name: None, text, media, reply }))
    }
}
