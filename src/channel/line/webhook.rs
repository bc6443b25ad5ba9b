//! A webhook's batch of events.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::{
    channel::groups::{self, Groups},
    model::{Address, Event, EventKind, Media, Message, ReplyContext},
    webhook::{Inbound, json_text},
};

/// In the reply context: the token to reply with.
pub const REPLY_TOKEN: &str = "reply_token";
/// A reply token lives a minute from its receipt; what is left covers the way to LINE.
const TOKEN_LIFE_MS: i64 = 50_000;
/// The most message objects of one reply.
pub const MAX_OBJECTS: u8 = 5;

#[derive(Deserialize)]
struct Batch<'a> {
    /// Empty when the console's "Verify" button is pressed.
    #[serde(borrow, default)]
    events: Vec<&'a RawValue>,
}

/// Reads a signed body. An event that we do not know or understand is counted, and the others kept.
pub fn read(channel: &str, groups: Groups, rooms: &[String], body: &[u8], now_ms: i64) -> Inbound {
    let body = json_text(body);
    let batch: Batch<'_> = match serde_json::from_str(&body) {
        Ok(batch) => batch,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::unreadable(Response::new(Bytes::new())),
    };
    let received = batch.events.len();
    let read =
        |event: &RawValue| serde_json::from_str::<LineEvent>(event.get()).ok()?.read(channel, groups, rooms, now_ms);
    let events: Vec<_> = batch.events.into_iter().filter_map(read).collect();
    let ignored = received - events.len();
    Inbound::events(events, ignored)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineEvent {
    #[serde(default)]
    webhook_event_id: String,
    #[serde(default)]
    mode: Mode,
    timestamp: Option<i64>,
    source: Source,
    #[serde(default)]
    reply_token: Option<String>,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
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
        message: Box<LineMessage>,
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
    image_set: Option<ImageSet>,
    content_provider: Option<ContentProvider>,
    file_name: Option<String>,
    quoted_message_id: Option<String>,
    #[serde(default)]
    mention: Mention,
}

/// Who keeps what was sent: LINE, or somebody else at an address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentProvider {
    original_content_url: Option<String>,
}

#[derive(Deserialize)]
struct ImageSet {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Mention {
    mentionees: Vec<Mentionee>,
}

/// Somebody who is named, by the place in UTF-16 units.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mentionee {
    #[serde(default)]
    index: usize,
    #[serde(default)]
    length: usize,
    #[serde(default)]
    is_self: bool,
}

impl LineEvent {
    fn read(self, channel: &str, groups: Groups, rooms: &[String], now_ms: i64) -> Option<Event> {
        if self.mode != Mode::Active {
            return None;
        }
        let Source { group_id, room_id, user_id } = self.source;
        let is_private = group_id.is_none() && room_id.is_none();
        let chat = group_id.or(room_id).or_else(|| user_id.clone())?;
        // All that people of the store say in their room is for the clerk.
        let is_private = is_private || rooms.contains(&chat);
        let sender = user_id.unwrap_or_else(|| chat.clone());
        let reply = self.reply_token.map_or_else(ReplyContext::default, |token| ReplyContext {
            data: json!({ REPLY_TOKEN: token }),
            deadline_ms: Some(now_ms.saturating_add(TOKEN_LIFE_MS)),
            budget: Some(1),
            at_once: Some(MAX_OBJECTS),
            languages: Vec::new(),
        });
        let mut dedupe = self.webhook_event_id;
        let kind = match self.kind {
            Kind::Message { message } => {
                if dedupe.is_empty() {
                    dedupe.clone_from(&message.id);
                }
                let named = message.mention.mentionees.iter().position(|it| it.is_self);
                match groups {
                    _ if is_private => {}
                    Groups::All => {}
                    // LINE sends a bot every line of a group.
                    Groups::Addressed if named.is_some() => {}
                    Groups::Addressed | Groups::None => return None,
                }
                message.read(sender, named, reply)?
            }
            // A button of ours was pressed.
            Kind::Postback { postback } if is_private || groups != Groups::None => EventKind::Message(Message {
                id: dedupe.clone(),
                sender,
                text: Some(postback.data),
                reply,
                ..Message::default()
            }),
            Kind::Follow => EventKind::Opened { sender, sender_name: None, payload: None, reply },
            Kind::Postback { .. } | Kind::Unknown => return None,
        };
        let at_ms = self.timestamp.unwrap_or(now_ms);
        if dedupe.is_empty() {
            return None;
        }
        let address = Address::new(channel, chat);
        Some(Event { channel: channel.to_owned(), dedupe, address, at_ms, kind })
    }
}

impl LineMessage {
    /// `named`: which of those who are named is the clerk.
    fn read(self, sender: String, named: Option<usize>, reply: ReplyContext) -> Option<EventKind> {
        let place = self.latitude.zip(self.longitude).map(|(latitude, longitude)| format!("{latitude},{longitude}"));
        let reference = match self.kind.as_str() {
            "text" => None,
            "sticker" => Some(self.sticker_id.unwrap_or_else(|| self.id.clone())),
            "location" => Some(place.unwrap_or_else(|| self.id.clone())),
            // What was sent is fetched by the message's id, unless it lies elsewhere.
            _ => Some(self.content_provider.and_then(|it| it.original_content_url).unwrap_or_else(|| self.id.clone())),
        };
        // Stickers may carry a text of their own; it is not the customer's.
        let text = if reference.is_none() { Some(self.text?) } else { None };
        let text = match named.and_then(|index| self.mention.mentionees.get(index)) {
            Some(Mentionee { index, length, .. }) => text.map(|text| groups::without(&text, *index, *length)),
            None => text,
        };
        let name = self.file_name.as_deref();
        let media = reference.map(|reference| Media::new(self.kind.to_lowercase(), reference).called(name));
        let media = media.into_iter().collect();
        let album = self.image_set.map(|it| it.id);
        let quoted = self.quoted_message_id;
        Some(EventKind::Message(Message {
            id: self.id,
            sender,
            text,
            media,
            album,
            quoted,
            reply,
            ..Message::default()
        }))
    }
}
