//! An update: what happened to the bot, as Telegram posts it.

use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::{
    language::Tag,
    model::{Address, Event, EventKind, Media, Message, ReplyContext},
    webhook::Inbound,
};

/// In the reply context: the number of the message to quote.
pub const QUOTE: &str = "quote";

#[derive(Deserialize)]
struct Update<'a> {
    update_id: i64,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    callback_query: Option<&'a RawValue>,
}

/// Reads an update. A shape we do not know is acknowledged: Telegram would repeat it for a day, and keep the
/// chat waiting behind it.
pub fn read(channel: &str, body: &[u8], now_ms: i64) -> Inbound {
    let update: Update<'_> = match serde_json::from_slice(body) {
        Ok(update) => update,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::refuse(StatusCode::BAD_REQUEST, "the body is not JSON\n"),
    };
    let pressed: Option<CallbackQuery> = update.callback_query.and_then(|query| serde_json::from_str(query.get()).ok());
    let written: Option<TelegramMessage> = update.message.and_then(|message| serde_json::from_str(message.get()).ok());
    // The answer that stops the button's hourglass; an answer may itself be a call to the API.
    let stop_hourglass =
        pressed.as_ref().map(|query| json!({ "method": "answerCallbackQuery", "callback_query_id": query.id }));
    let read = match (written, pressed) {
        (Some(message), _) => message.read(),
        (None, Some(query)) => query.read(now_ms),
        (None, None) => None,
    };
    let Some((chat, at_ms, kind)) = read else { return Inbound::events(Vec::new(), 1) };
    let event = Event {
        channel: channel.to_owned(),
        dedupe: update.update_id.to_string(),
        address: Address::new(channel, chat.to_string()),
        at_ms,
        kind,
    };
    let mut inbound = Inbound::events(vec![event], 0);
    if let (Some(call), Inbound::Events { ack, .. }) = (stop_hourglass, &mut inbound) {
        *ack.body_mut() = call.to_string().into();
        ack.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    inbound
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    language_code: Option<String>,
}

impl User {
    /// What the person reads Telegram in.
    fn languages(&self) -> Vec<Tag> {
        self.language_code.as_deref().and_then(Tag::of_platform).into_iter().collect()
    }

    fn name(&self) -> Option<String> {
        let name = format!("{} {}", self.first_name, self.last_name.as_deref().unwrap_or_default());
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Chat {
    fn is_private(&self) -> bool {
        self.kind == "private"
    }
}

#[derive(Deserialize)]
struct File {
    file_id: String,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
}

/// The fields of a message that a clerk needs.
#[derive(Deserialize)]
struct TelegramMessage {
    message_id: i64,
    from: Option<User>,
    chat: Chat,
    #[serde(default)]
    date: i64,
    text: Option<String>,
    caption: Option<String>,
    /// The same picture in several sizes, the largest last.
    photo: Option<Vec<File>>,
    voice: Option<File>,
    audio: Option<File>,
    video: Option<File>,
    video_note: Option<File>,
    animation: Option<File>,
    document: Option<File>,
    sticker: Option<File>,
    location: Option<Location>,
}

impl TelegramMessage {
    fn read(mut self) -> Option<(i64, i64, EventKind)> {
        // Bots see each other in groups, and this one itself.
        let sender = self.from.take().filter(|from| !from.is_bot)?;
        let chat = self.chat.id;
        let at_ms = self.date.saturating_mul(1000);
        let reply = ReplyContext { languages: sender.languages(), ..quote(&self.chat, self.message_id) };
        let text = self.text.take().or_else(|| self.caption.take());
        if self.chat.is_private() && text.as_deref() == Some("/start") {
            let kind = EventKind::Opened { sender: sender.id.to_string(), sender_name: sender.name(), reply };
            return Some((chat, at_ms, kind));
        }
        let id = self.message_id.to_string();
        let media: Vec<_> = self.media().into_iter().collect();
        // Neither: somebody joined, a message was pinned, and so on.
        if text.is_none() && media.is_empty() {
            return None;
        }
        let sender_name = sender.name();
        let message = Message { id, sender: sender.id.to_string(), sender_name, text, media, reply };
        Some((chat, at_ms, EventKind::Message(message)))
    }

    fn media(self) -> Option<Media> {
        let file = |kind: &str, file: File| Media { kind: kind.to_owned(), reference: file.file_id };
        if let Some(largest) = self.photo.and_then(|mut sizes| sizes.pop()) {
            return Some(file("image", largest));
        }
        if let Some(location) = self.location {
            let reference = format!("{},{}", location.latitude, location.longitude);
            return Some(Media { kind: "location".to_owned(), reference });
        }
        // An animation comes as a document too, for older clients: so that is the last to be asked.
        [
            ("audio", self.voice),
            ("audio", self.audio),
            ("video", self.video),
            ("video", self.video_note),
            ("video", self.animation),
            ("sticker", self.sticker),
            ("file", self.document),
        ]
        .into_iter()
        .find_map(|(kind, found)| found.map(|it| file(kind, it)))
    }
}

/// A button was pressed.
#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    data: Option<String>,
    /// The message the button belongs to.
    message: Option<PressedMessage>,
}

#[derive(Deserialize)]
struct PressedMessage {
    message_id: i64,
    chat: Chat,
}

impl CallbackQuery {
    fn read(self, now_ms: i64) -> Option<(i64, i64, EventKind)> {
        let (text, pressed) = (self.data?, self.message?);
        let message = Message {
            id: self.id,
            sender: self.from.id.to_string(),
            sender_name: self.from.name(),
            text: Some(text),
            media: Vec::new(),
            reply: ReplyContext { languages: self.from.languages(), ..quote(&pressed.chat, pressed.message_id) },
        };
        // The date that comes with it is the message's, not the press's.
        Some((pressed.chat.id, now_ms, EventKind::Message(message)))
    }
}

/// In a group it must be seen who is answered; with one person that would be noise.
fn quote(chat: &Chat, message_id: i64) -> ReplyContext {
    match chat.is_private() {
        true => ReplyContext::default(),
        false => ReplyContext { data: json!({ QUOTE: message_id }), ..ReplyContext::default() },
    }
}
