//! An update: what happened to the bot, as Telegram posts it.

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    Bot,
    chat::{Chat, Happened, reply_to},
    message::TelegramMessage,
    person::User,
};
use crate::{
    model::{Address, Event, EventKind, Message, ReplyContext},
    webhook::{Concern, Inbound, json_text},
};

#[derive(Deserialize)]
struct Update<'a> {
    update_id: i64,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    callback_query: Option<&'a RawValue>,
    /// A message in a chat of a person of the store who lets the bot answer for them.
    #[serde(borrow, default)]
    business_message: Option<&'a RawValue>,
    #[serde(borrow, default)]
    business_connection: Option<&'a RawValue>,
}

/// Reads an update. A shape we do not know is acknowledged: Telegram would repeat it for a day, and keep the
/// chat waiting behind it.
pub fn read(bot: &Bot, body: &[u8], now_ms: i64) -> Inbound {
    let body = json_text(body);
    let update: Update<'_> = match serde_json::from_str(&body) {
        Ok(update) => update,
        Err(error) if error.is_data() => return Inbound::events(Vec::new(), 1),
        Err(_) => return Inbound::unreadable(Response::new(Bytes::new())),
    };
    let pressed: Option<CallbackQuery> = update.callback_query.and_then(|query| serde_json::from_str(query.get()).ok());
    if let Some(connection) = update.business_connection {
        return connected(connection.get());
    }
    let written = update.message.or(update.business_message);
    let written: Option<TelegramMessage> = written.and_then(|message| serde_json::from_str(message.get()).ok());
    // The answer that stops the button's hourglass; an answer may itself be a call to the API.
    let stop_hourglass =
        pressed.as_ref().map(|query| json!({ "method": "answerCallbackQuery", "callback_query_id": query.id }));
    let read = match (written, pressed) {
        (Some(message), _) => message.read(bot),
        (None, Some(query)) => query.read(bot, now_ms),
        (None, None) => None,
    };
    let mut inbound = match read {
        None => Inbound::events(Vec::new(), 1),
        Some((chat, at_ms, kind)) => {
            let event = Event {
                channel: bot.channel.clone(),
                dedupe: update.update_id.to_string(),
                address: Address::new(&bot.channel, chat),
                at_ms,
                kind,
            };
            Inbound::events(vec![event], 0)
        }
    };
    if let (Some(call), Inbound::Events { ack, .. }) = (stop_hourglass, &mut inbound) {
        *ack.body_mut() = call.to_string().into();
        ack.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    inbound
}

/// A person of the store let the bot into their chats, or out of them.
fn connected(connection: &str) -> Inbound {
    #[derive(Deserialize)]
    struct Connection {
        is_enabled: bool,
        #[serde(default)]
        can_reply: bool,
        #[serde(default)]
        rights: Rights,
    }
    #[derive(Default, Deserialize)]
    struct Rights {
        #[serde(default)]
        can_reply: bool,
    }
    let inbound = Inbound::events(Vec::new(), 0);
    let Ok(Connection { is_enabled, can_reply, rights }) = serde_json::from_str(connection) else {
        return Inbound::events(Vec::new(), 1);
    };
    match (is_enabled, can_reply || rights.can_reply) {
        (true, true) => inbound.with(Concern {
            is_good_news: true,
            ..Concern::new("a person of the store lets the bot answer in their own chats (Telegram Business)")
        }),
        (true, false) => inbound.with(Concern::new(
            "a person of the store lets the bot into their own chats, and not answer there: allow it under Telegram's \
             settings, Business, Chatbots",
        )),
        (false, _) => inbound.with(Concern::new("a person of the store took the bot out of their own chats again")),
    }
}

/// A button was pressed.
#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    data: Option<String>,
    /// The message the button belongs to; absent where it was sent by way of the bot into a chat it is not in.
    message: Option<PressedMessage>,
}

#[derive(Deserialize)]
struct PressedMessage {
    message_id: i64,
    chat: Chat,
    business_connection_id: Option<String>,
    message_thread_id: Option<i64>,
    #[serde(default)]
    is_topic_message: bool,
    #[serde(default)]
    reply_markup: Keyboard,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Keyboard {
    inline_keyboard: Vec<Vec<Button>>,
}

#[derive(Deserialize)]
struct Button {
    text: String,
    callback_data: Option<String>,
}

impl CallbackQuery {
    fn read(self, bot: &Bot, now_ms: i64) -> Option<Happened> {
        let (text, pressed) = (self.data?, self.message?);
        let place = bot.place(pressed.chat.id, pressed.message_thread_id.filter(|_| pressed.is_topic_message));
        let mut buttons = pressed.reply_markup.inline_keyboard.into_iter().flatten();
        let message = Message {
            id: self.id,
            sender: self.from.id.to_string(),
            sender_name: self.from.name(),
            label: buttons.find(|button| button.callback_data.as_ref() == Some(&text)).map(|button| button.text),
            text: Some(text),
            quoted: Some(pressed.message_id.to_string()),
            reply: ReplyContext {
                languages: self.from.languages(),
                ..reply_to(&pressed.chat, pressed.message_id, pressed.business_connection_id)
            },
            ..Message::default()
        };
        // The date that comes with it is the message's, not the press's.
        Some((place, now_ms, EventKind::Message(message)))
    }
}
