//! What customers say and do, as the body tells it.

use serde::Deserialize;
use serde_json::json;

use crate::{
    language::Tag,
    model::{Colleague, EventKind, Media, Message, ReplyContext},
    webhook::standard::{Envelope, Scalar, text_of},
};

/// What a body says, before it is put into an `Event`.
pub struct Payload {
    pub chat: String,
    pub kind: EventKind,
}

/// Reads a verified body. `None`: a type that is not of a conversation.
///
/// # Errors
/// What is wrong with it, for the developer at the other end.
pub fn read(webhook_id: &str, envelope: &Envelope<'_>) -> Result<Option<Payload>, String> {
    match envelope.kind.as_str() {
        "message.received" => envelope.data::<MessageData>()?.read(webhook_id).map(Some),
        "conversation.opened" => envelope.data::<OpenedData>()?.read().map(Some),
        "message.sent" => envelope.data::<ColleagueData>()?.read(false).map(Some),
        "conversation.returned" => envelope.data::<ColleagueData>()?.read(true).map(Some),
        _ => Ok(None),
    }
}

// Shop systems write what is absent as `null`, so every field may be.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Option<Scalar>,
    name: Option<String>,
    /// A BCP 47 tag, or a locale such as `zh_TW`.
    language: Option<String>,
}

impl Person {
    fn languages(&self) -> Vec<Tag> {
        self.language.as_deref().and_then(Tag::of_platform).into_iter().collect()
    }
}

#[derive(Deserialize)]
struct MediaData {
    #[serde(default)]
    kind: Option<String>,
    url: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MessageData {
    id: Option<Scalar>,
    chat_id: Option<Scalar>,
    sender: Option<Person>,
    text: Option<String>,
    media: Option<Vec<MediaData>>,
    /// The value of a choice that the customer took.
    choice: Option<String>,
    /// What stood on it.
    label: Option<String>,
    /// The id that our message was taken with which this one answers.
    quoted: Option<Scalar>,
}

impl MessageData {
    fn read(self, webhook_id: &str) -> Result<Payload, String> {
        let person = self.sender.unwrap_or_default();
        let languages = person.languages();
        let (chat, sender) = chat_and_sender(self.chat_id, person.id)?;
        // What the customer saw stands beside what it means.
        let label = self.label.or_else(|| self.choice.as_ref().and(self.text.clone()));
        let text = self.choice.or(self.text);
        let media = self.media.unwrap_or_default();
        if text.is_none() && media.is_empty() {
            return Err("data: a message has a `text`, `media` or a `choice`".to_owned());
        }
        let id = text_of(self.id).unwrap_or_else(|| webhook_id.to_owned());
        let reply = ReplyContext { data: json!({ "in_reply_to": id }), languages, ..ReplyContext::default() };
        let media = media.into_iter().map(|it| {
            let kind = it.kind.map_or_else(|| "file".to_owned(), |kind| kind.to_lowercase());
            Media::new(kind, it.url).called(it.name.as_deref())
        });
        let kind = EventKind::Message(Message {
            id,
            sender,
            sender_name: person.name,
            text,
            label,
            media: media.collect(),
            quoted: text_of(self.quoted),
            reply,
            ..Message::default()
        });
        Ok(Payload { chat, kind })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenedData {
    chat_id: Option<Scalar>,
    sender: Option<Person>,
    payload: Option<String>,
}

impl OpenedData {
    fn read(self) -> Result<Payload, String> {
        let person = self.sender.unwrap_or_default();
        let reply = ReplyContext { languages: person.languages(), ..ReplyContext::default() };
        let (chat, sender) = chat_and_sender(self.chat_id, person.id)?;
        let kind = EventKind::Opened { sender, sender_name: person.name, payload: self.payload, reply };
        Ok(Payload { chat, kind })
    }
}

/// What a person of the store did in the shop's own inbox.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ColleagueData {
    id: Option<Scalar>,
    chat_id: Option<Scalar>,
    text: Option<String>,
}

impl ColleagueData {
    fn read(self, left: bool) -> Result<Payload, String> {
        let (chat, _) = chat_and_sender(self.chat_id, None)?;
        let kind = EventKind::Colleague(Colleague { message_id: text_of(self.id), text: self.text, left });
        Ok(Payload { chat, kind })
    }
}

/// Either stands for the other where only one is given: a chat of two needs no id of its own.
fn chat_and_sender(chat: Option<Scalar>, sender: Option<Scalar>) -> Result<(String, String), String> {
    match (text_of(chat), text_of(sender)) {
        (Some(chat), Some(sender)) => Ok((chat, sender)),
        (Some(only), None) | (None, Some(only)) => Ok((only.clone(), only)),
        (None, None) => Err("data: `chat_id` or `sender.id` is needed".to_owned()),
    }
}
