//! A message: whether it is for the clerk, and what it holds.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use super::{
    Bot,
    chat::{Chat, Happened, reply_to},
    person::User,
};
use crate::{
    channel::groups::{self, Groups},
    model::{Colleague, EventKind, Media, Message, ReplyContext, topic},
};

/// What a message may carry beside its content.
const ABOUT: &[&str] = &[
    "direct_messages_topic",
    "sender_chat",
    "forward_origin",
    "forward_from",
    "forward_from_chat",
    "external_reply",
    "quote",
    "reply_to_story",
    "via_bot",
    "link_preview_options",
    "suggested_post_info",
    "reply_markup",
];

/// What Telegram tells by itself of a chat.
const SERVICE: &[&str] = &[
    "new_chat_members",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_member",
    "left_chat_participant",
    "new_chat_photo",
    "pinned_message",
    "message_auto_delete_timer_changed",
    "chat_owner_left",
    "chat_owner_changed",
    "write_access_allowed",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_winners",
    "giveaway_completed",
    "paid_message_price_changed",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "voice_chat_scheduled",
    "voice_chat_started",
    "voice_chat_ended",
    "voice_chat_participants_invited",
];

#[derive(Deserialize)]
struct File {
    file_id: String,
    #[serde(default)]
    file_name: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Contact {
    phone_number: String,
}

/// Something that stands out in a text, by its place in UTF-16 units.
#[derive(Deserialize)]
struct Entity {
    #[serde(rename = "type")]
    kind: String,
    offset: usize,
    length: usize,
    user: Option<User>,
}

#[derive(Deserialize)]
struct Answered {
    message_id: i64,
    /// What is written in a topic answers its beginning, which quotes nothing.
    forum_topic_created: Option<IgnoredAny>,
    from: Option<User>,
}

/// The fields of a message that a clerk needs.
#[derive(Deserialize)]
pub struct TelegramMessage {
    message_id: i64,
    message_thread_id: Option<i64>,
    #[serde(default)]
    is_topic_message: bool,
    from: Option<User>,
    chat: Chat,
    #[serde(default)]
    date: i64,
    text: Option<String>,
    caption: Option<String>,
    #[serde(default)]
    entities: Vec<Entity>,
    #[serde(default)]
    caption_entities: Vec<Entity>,
    reply_to_message: Option<Answered>,
    media_group_id: Option<String>,
    /// It is from a chat of a person of the store who lets the bot answer for them.
    business_connection_id: Option<String>,
    /// The bot that wrote it in that person's name.
    sender_business_bot: Option<IgnoredAny>,
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
    contact: Option<Contact>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl TelegramMessage {
    pub fn read(mut self, bot: &Bot) -> Option<Happened> {
        let sender = self.from.take().filter(User::is_a_person)?;
        let chat = self.chat.id;
        let place = bot.place(chat, self.message_thread_id.filter(|_| self.is_topic_message));
        let at_ms = self.date.saturating_mul(1000);
        let text = self.text.take().or_else(|| self.caption.take());
        let business = self.business_connection_id.take();
        // In such a chat, who is not the customer is the person of the store, or a bot in their name.
        if business.is_some() && sender.id != chat {
            let message_id = Some(self.message_id.to_string());
            let colleague = EventKind::Colleague(Colleague { message_id, text, left: false });
            return self.sender_business_bot.is_none().then_some((place, at_ms, colleague));
        }
        let mut entities = std::mem::take(&mut self.entities);
        entities.append(&mut self.caption_entities);
        let text = match self.for_the_clerk(bot, &entities, text.as_deref()) {
            Addressed::Not => return None,
            Addressed::By { offset, length } => text.map(|text| groups::without(&text, offset, length)),
            Addressed::Anyway => text,
        };
        let text = text.filter(|text| !text.is_empty());
        let reply = ReplyContext { languages: sender.languages(), ..reply_to(&self.chat, self.message_id, business) };
        if let Some(payload) = text.as_deref().and_then(|text| start(bot, text)) {
            let payload = Some(payload.to_owned()).filter(|it| !it.is_empty());
            let (sender, sender_name) = (sender.id.to_string(), sender.name());
            return Some((place, at_ms, EventKind::Opened { sender, sender_name, payload, reply }));
        }
        let id = self.message_id.to_string();
        let quoted = self.reply_to_message.as_ref().filter(|it| it.forum_topic_created.is_none());
        let quoted = quoted.map(|it| it.message_id.to_string());
        let album = self.media_group_id.take();
        let media: Vec<_> = self.media().into_iter().collect();
        // Neither: somebody joined, a message was pinned, and so on.
        if text.is_none() && media.is_empty() {
            return None;
        }
        let text = text.map(|text| command(bot, text));
        let (sender, sender_name) = (sender.id.to_string(), sender.name());
        let message = Message { id, sender, sender_name, text, label: None, media, album, reply, quoted };
        Some((place, at_ms, EventKind::Message(message)))
    }

    fn for_the_clerk(&self, bot: &Bot, entities: &[Entity], text: Option<&str>) -> Addressed {
        match bot.groups {
            _ if self.chat.is_private() || bot.is_room(self.chat.id) => return Addressed::Anyway,
            Groups::All => return Addressed::Anyway,
            Groups::None => return Addressed::Not,
            Groups::Addressed => {}
        }
        let answered = self.reply_to_message.as_ref().and_then(|it| it.from.as_ref());
        let named = entities.iter().find(|it| bot.is_named_by(it, text.unwrap_or_default()));
        match named {
            Some(Entity { kind, offset, length, .. }) if kind != "bot_command" => {
                Addressed::By { offset: *offset, length: *length }
            }
            Some(_) => Addressed::Anyway,
            None if answered.is_some_and(|it| Some(it.id) == bot.number) => Addressed::Anyway,
            None => Addressed::Not,
        }
    }

    fn media(self) -> Option<Media> {
        let media = |kind: &str, reference: String| Media::new(kind, reference);
        if let Some(largest) = self.photo.and_then(|mut sizes| sizes.pop()) {
            return Some(media("image", largest.file_id));
        }
        if let Some(Location { latitude, longitude }) = self.location {
            return Some(media("location", format!("{latitude},{longitude}")));
        }
        if let Some(Contact { phone_number }) = self.contact {
            return Some(media("contact", phone_number));
        }
        // An animation comes as a document too, for older clients: so that is the last to be asked.
        let files = [
            ("audio", self.voice),
            ("audio", self.audio),
            ("video", self.video),
            ("video", self.video_note),
            ("video", self.animation),
            ("sticker", self.sticker),
            ("file", self.document),
        ];
        let file = files
            .into_iter()
            .find_map(|(kind, found)| found.map(|it| media(kind, it.file_id).called(it.file_name.as_deref())));
        // A poll, a die, a story, and what Telegram will think of: whatever is not known to be something else.
        file.or_else(|| {
            let is_content = |(name, value): &(&String, &Value)| {
                (value.is_object() || value.is_array()) && ![ABOUT, SERVICE].concat().contains(&name.as_str())
            };
            let (kind, value) = self.rest.iter().find(is_content)?;
            let id = value.get("id").and_then(Value::as_str);
            Some(media(kind, id.map_or_else(|| self.message_id.to_string(), str::to_owned)))
        })
    }
}

/// Whether a message is for the clerk.
enum Addressed {
    Not,
    Anyway,
    /// It names the clerk there.
    By {
        offset: usize,
        length: usize,
    },
}

impl Bot {
    fn is_named_by(&self, entity: &Entity, text: &str) -> bool {
        let words = || groups::part(text, entity.offset, entity.length).unwrap_or_default();
        match entity.kind.as_str() {
            // Bare, it is for every bot of the group.
            "bot_command" => entity.offset == 0 && words().split_once('@').is_none_or(|(_, name)| self.goes_by(name)),
            "mention" => words().strip_prefix('@').is_some_and(|name| self.goes_by(name)),
            "text_mention" => entity.user.as_ref().is_some_and(|user| Some(user.id) == self.number),
            _ => false,
        }
    }

    /// Where something was said: in a staff room with topics, in which of them.
    pub fn place(&self, chat: i64, thread: Option<i64>) -> String {
        let chat = chat.to_string();
        match thread {
            Some(thread) if self.topics.contains(&chat) => topic::begun(&chat, &thread.to_string()),
            _ => chat,
        }
    }

    pub fn is_room(&self, chat: i64) -> bool {
        let chat = chat.to_string();
        self.rooms.contains(&chat)
    }

    /// Every bot's name ends so.
    fn goes_by(&self, name: &str) -> bool {
        match &self.username {
            Some(username) => username.eq_ignore_ascii_case(name),
            None => name.to_ascii_lowercase().ends_with("bot"),
        }
    }
}

/// What comes with `/start`, if the text is that command: a link's payload, or nothing.
fn start<'t>(bot: &Bot, text: &'t str) -> Option<&'t str> {
    let (command, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (command, name) = command.split_once('@').map_or((command, None), |(command, name)| (command, Some(name)));
    (command == "/start" && name.is_none_or(|name| bot.goes_by(name))).then(|| rest.trim())
}

/// A command without the name that says for which bot of a group it is.
fn command(bot: &Bot, text: String) -> String {
    let (first, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    match first.split_once('@') {
        Some((command, name)) if command.starts_with('/') && bot.goes_by(name) => format!("{command}{rest}"),
        _ => text,
    }
}
