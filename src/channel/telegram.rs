//! Telegram bots (Bot API, <https://core.telegram.org/bots/api>).

mod chat;
mod files;
mod message;
mod person;
mod probes;
mod topics;
mod update;

use bytes::Bytes;
use http::{Method, Response, StatusCode, Uri};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Attached, Attempt, Capabilities, Channel, Fetched, Lies, Outcome, Outgoing, Probe, Rendered, SetUp, Takes,
    Uncertain, Unit, groups::Groups, json_api,
};
use crate::{
    model::{
        Choice, Content, FileKind, Media,
        topic::{self, Topic},
    },
    pictures::Kind,
    setting::Secret,
    webhook::{Inbound, WebhookRequest},
};

/// The longest `callback_data` of a button, in bytes.
const MAX_BUTTON_BYTES: usize = 64;
/// The most buttons of one message.
const MAX_BUTTONS: usize = 100;
/// A group bears twenty messages a minute, a person one a second.
const GROUP_GAP_MS: u64 = 3000;
/// The longest caption of a picture, in UTF-16 units.
const MAX_CAPTION: usize = 1024;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The bot's token, as BotFather gives it.
    token: Secret,
    /// The `secret_token` the webhook was set with.
    secret_token: Secret,
    /// The bot's name without the `@`, to know what names it in groups. Without it the name of any bot counts.
    #[serde(default)]
    username: Option<String>,
    /// What of the talk in groups is for the clerk.
    #[serde(default)]
    groups: Groups,
    /// The platform's API; another for tests or a server of your own.
    #[serde(default = "api_base")]
    api_base: String,
}

fn api_base() -> String {
    "https://api.telegram.org".to_owned()
}

pub struct Telegram {
    bot: Bot,
    secret_token: Secret,
    // All hold the token: they are requested and never shown.
    send_message: Uri,
    files: files::Files,
    create_topic: Uri,
    close_topic: Uri,
    reopen_topic: Uri,
    calls: probes::Calls,
}

/// Who the bot is among others.
struct Bot {
    /// The channel.
    channel: String,
    /// Telegram's number for it, with which its token begins.
    number: Option<i64>,
    username: Option<String>,
    groups: Groups,
    /// Chats in which the people of the store speak with the clerk.
    rooms: Vec<String>,
    /// Those in which each customer has a topic.
    topics: Vec<String>,
}

impl Telegram {
    pub fn new(id: &str, settings: &Settings) -> Result<Self, String> {
        let token = settings.token.expose();
        if !is_token(token) {
            return Err("`token` is not a bot token: digits, a colon, then letters, digits, `-` and `_`".to_owned());
        }
        let secret_token = settings.secret_token.expose();
        if !(1..=256).contains(&secret_token.len()) || !secret_token.bytes().all(is_token_byte) {
            return Err("`secret_token` is not 1 to 256 of A-Z, a-z, 0-9, `-` and `_`".to_owned());
        }
        let method = |name| json_api::endpoint("api_base", &settings.api_base, &format!("/bot{token}/{name}"));
        let bot = Bot {
            channel: id.to_owned(),
            number: token.split_once(':').and_then(|(number, _)| number.parse().ok()),
            username: settings.username.as_deref().map(|name| name.trim_start_matches('@').to_owned()),
            groups: settings.groups,
            rooms: Vec::new(),
            topics: Vec::new(),
        };
        Ok(Self {
            bot,
            secret_token: settings.secret_token.clone(),
            send_message: method("sendMessage")?,
            files: files::Files {
                get_file: method("getFile")?,
                base: json_api::endpoint("api_base", &settings.api_base, &format!("/file/bot{token}"))?.to_string(),
                send_photo: method("sendPhoto")?,
                send_video: method("sendVideo")?,
                send_audio: method("sendAudio")?,
                send_voice: method("sendVoice")?,
                send_document: method("sendDocument")?,
            },
            create_topic: method("createForumTopic")?,
            close_topic: method("closeForumTopic")?,
            reopen_topic: method("reopenForumTopic")?,
            calls: probes::Calls {
                get_me: method("getMe")?,
                get_webhook_info: method("getWebhookInfo")?,
                set_webhook: method("setWebhook")?,
                get_chat: method("getChat")?,
                get_chat_member: method("getChatMember")?,
            },
        })
    }
}

fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(bot, key)| {
        !bot.is_empty()
            && !key.is_empty()
            && bot.bytes().all(|it| it.is_ascii_digit())
            && key.bytes().all(is_token_byte)
    })
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

impl Channel for Telegram {
    fn receive(&self, request: &WebhookRequest<'_>) -> Inbound {
        if request.method != Method::POST {
            return Inbound::refuse(StatusCode::METHOD_NOT_ALLOWED, "updates are posted\n");
        }
        let secret = request.headers.get("x-telegram-bot-api-secret-token");
        if !secret.is_some_and(|secret| self.secret_token.matches(secret.as_bytes())) {
            return Inbound::refuse_because(
                StatusCode::UNAUTHORIZED,
                "the secret token is not this bot's: is `secret_token` the one that setWebhook was given? \
                 `nightclerk channel setup` sets both alike",
                "the secret token is not this bot's",
            );
        }
        update::read(&self.bot, request.body, request.now_ms)
    }

    fn open_rooms(&mut self, chats: &[String]) {
        self.bot.rooms = chats.to_vec();
    }

    fn open_topics(&mut self, rooms: &[String]) -> bool {
        self.bot.topics = rooms.to_vec();
        true
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_length: 4096,
            unit: Unit::Utf16,
            max_caption: MAX_CAPTION,
            per_second: 30,
            chat_gap_ms: 1000,
            budget_is_final: false,
            answers_in_response: false,
        }
    }

    fn chat_gap_ms(&self, chat: &str) -> u64 {
        // Groups have negative numbers, and channels names.
        if chat.starts_with(['-', '@']) { GROUP_GAP_MS } else { self.capabilities().chat_gap_ms }
    }

    fn render(&self, message: &Outgoing<'_>) -> Rendered {
        let (chat, part) = topic::parts(message.chat);
        // A chat has a number; only a public channel goes by a name.
        let chat = chat.parse::<i64>().map_or_else(|_| json!(chat), |number| json!(number));
        let is_sign = topic::sign(message.context);
        let thread = match part {
            Topic::Begun(number) => number.parse::<i64>().ok(),
            // Where no topic is to be had, it stands in the group, as well as it can be said there.
            Topic::Wanted(_) if message.fallback => None,
            Topic::Wanted(_) if is_sign.is_some() => return Rendered::Nothing,
            Topic::Wanted(name) => return self.begin_topic(&chat, topic::title(message.context).unwrap_or(name)),
            Topic::Whole => None,
        };
        if let Some(sign) = is_sign {
            return match thread.filter(|_| !message.fallback) {
                Some(thread) => self.mark_topic(sign, &chat, thread),
                None => Rendered::Nothing,
            };
        }
        let in_words = message.fallback && !matches!(part, Topic::Wanted(_));
        let (url, mut body) = match message.content {
            Content::Image { caption, .. } | Content::File { caption, .. } if message.attached.is_some() => {
                (&self.send_message, captioned(json!({}), caption.as_deref()))
            }
            Content::Image { url, caption } if !in_words && fits_a_caption(caption.as_deref()) => {
                (&self.files.send_photo, captioned(json!({ "photo": url }), caption.as_deref()))
            }
            Content::File { kind, url, caption, .. } if !in_words && fits_a_caption(caption.as_deref()) => {
                let (method, body) = match kind {
                    FileKind::Video => (&self.files.send_video, json!({ "video": url })),
                    FileKind::Audio => (&self.files.send_audio, json!({ "audio": url })),
                    FileKind::Document => (&self.files.send_document, json!({ "document": url })),
                };
                (method, captioned(body, caption.as_deref()))
            }
            Content::Choices { text, choices } if !in_words && fit_buttons(choices) => {
                let rows: Vec<_> =
                    choices.iter().map(|it| json!([{ "text": it.label, "callback_data": it.value }])).collect();
                (&self.send_message, json!({ "text": text, "reply_markup": { "inline_keyboard": rows } }))
            }
            content => (&self.send_message, json!({ "text": content.to_plain_text() })),
        };
        body["chat_id"] = chat;
        if let Some(thread) = thread {
            body["message_thread_id"] = json!(thread);
        }
        if let Some(quoted) = message.context.data.get(chat::QUOTE).and_then(Value::as_i64) {
            body["reply_parameters"] = json!({ "message_id": quoted, "allow_sending_without_reply": true });
        }
        if let Some(connection) = message.context.data.get(chat::BUSINESS) {
            body["business_connection_id"] = connection.clone();
        }
        let request = match message.attached {
            Some(Attached::File(file)) => self.files.send(body, file, in_words),
            _ => json_api::post(url, &body),
        };
        // No key tells repeats apart.
        Rendered::Request { request: Box::new(request), uncertain: Uncertain::ResendOnce }
    }

    fn find(&self, media: &Media, _token: Option<&str>) -> Lies {
        Lies::There(Box::new(self.files.find(&media.reference)))
    }

    fn fetched(&self, response: &Response<Bytes>, is_second: bool, now_ms: i64) -> Fetched {
        if is_second { Fetched::plain(response, now_ms) } else { self.files.found(response, now_ms) }
    }

    fn knows_again(&self) -> bool {
        true
    }

    fn takes(&self, _kind: Kind, _bytes: usize) -> Takes {
        Takes::Inside
    }

    /// A chat of two has its person's id.
    fn link_to(&self, chat: &str, sender: &str) -> Option<String> {
        (chat == sender && chat.parse::<u64>().is_ok()).then(|| format!("tg://user?id={chat}"))
    }

    fn classify(&self, response: &Response<Bytes>, attempt: &Attempt) -> Outcome {
        let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
        let words = answer.description.as_deref();
        let why = || json_api::reason(response, words);
        match response.status() {
            status if status.is_success() => match answer.result {
                Some(SentMessage { message_id: None, message_thread_id: Some(topic) }) => {
                    Outcome::TopicBegun(topic.to_string())
                }
                sent => Outcome::Sent(sent.and_then(|it| it.message_id).map(|id| id.to_string())),
            },
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
                Outcome::StopChannel(format!("the bot's token is not accepted ({})", why()))
            }
            status if json_api::is_temporary(status) => {
                let asked = answer.parameters.retry_after.map(json_api::seconds_to_wait);
                Outcome::Retry(asked.or_else(|| json_api::retry_after_ms(response.headers(), attempt.now_ms)))
            }
            status => match answer.parameters.migrate_to_chat_id {
                Some(chat) => Outcome::Moved(chat.to_string()),
                None if status == StatusCode::BAD_REQUEST && words.is_some_and(is_about_form) => Outcome::Fallback,
                None if status == StatusCode::BAD_REQUEST && words.is_some_and(topics::is_so_already) => {
                    Outcome::Sent(None)
                }
                None if words.is_some_and(topics::is_gone) => Outcome::TopicGone,
                None if words.is_some_and(topics::are_not_to_be_had) => Outcome::NoTopic(why()),
                None => Outcome::Drop(why()),
            },
        }
    }

    fn set_up(&self, webhook_url: &str) -> SetUp {
        probes::set_up(&self.calls, webhook_url, &self.secret_token)
    }

    fn examine(&self, webhook_url: Option<&str>, _token: Option<&str>) -> Vec<Probe> {
        let mut probes = probes::examine(&self.calls, self.bot.username.as_deref(), webhook_url);
        probes.extend(self.bot.topics.iter().flat_map(|room| topics::examine(&self.calls, room, self.bot.number)));
        probes
    }
}

fn captioned(mut body: Value, caption: Option<&str>) -> Value {
    if let Some(caption) = caption {
        body["caption"] = json!(caption);
    }
    body
}

fn fits_a_caption(caption: Option<&str>) -> bool {
    caption.is_none_or(|caption| Unit::Utf16.length(caption) <= MAX_CAPTION)
}

fn fit_buttons(choices: &[Choice]) -> bool {
    (1..=MAX_BUTTONS).contains(&choices.len())
        && choices.iter().all(|it| !it.label.is_empty() && (1..=MAX_BUTTON_BYTES).contains(&it.value.len()))
}

/// Whether the refusal is about a picture or a button, so that plain words would be taken.
fn is_about_form(description: &str) -> bool {
    ["HTTP URL", "IMAGE_", "PHOTO_", "WEBPAGE_", "BUTTON_"].iter().any(|sign| description.contains(sign))
}

/// The answer to a request.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    result: Option<SentMessage>,
    description: Option<String>,
    parameters: Parameters,
}

#[derive(Deserialize)]
struct SentMessage {
    #[serde(default)]
    message_id: Option<i64>,
    /// The number of a topic, alone where that is what was made.
    #[serde(default)]
    message_thread_id: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

#[cfg(test)]
mod tests;
