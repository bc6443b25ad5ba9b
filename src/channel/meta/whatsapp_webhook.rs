//! What WhatsApp posts: messages, what became of ours, and what people of the store say from their own phones.

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    account, answer,
    batch::{Batch, reply_to},
    whatsapp::QUOTE,
};
use crate::model::{Colleague, DeliveryStatus, EventKind, Media, Message, ReplyContext};

#[derive(Deserialize)]
pub struct Entry<'a> {
    #[serde(borrow, default)]
    changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    field: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct Changed<'a> {
    metadata: Metadata,
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(borrow, default)]
    messages: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    statuses: Vec<&'a RawValue>,
    /// What was written in the WhatsApp Business app of the same number.
    #[serde(borrow, default)]
    message_echoes: Vec<&'a RawValue>,
    /// What is wrong with the account, not with one message.
    #[serde(default)]
    errors: Vec<StatusError>,
}

#[derive(Deserialize)]
struct Metadata {
    phone_number_id: String,
}

/// Who wrote. Customers with a user name may keep their number to themselves; then there is only the `user_id`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Contact {
    wa_id: Option<String>,
    user_id: Option<String>,
    profile: Profile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Incoming {
    id: String,
    from: Option<String>,
    from_user_id: Option<String>,
    /// A group's message; the clerk talks with one person at a time.
    group_id: Option<String>,
    /// Seconds, as a text.
    timestamp: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(flatten)]
    body: Map<String, Value>,
}

#[derive(Deserialize)]
struct Echo {
    id: String,
    to: Option<String>,
    to_user_id: Option<String>,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    id: String,
    status: String,
    timestamp: Option<String>,
    recipient_id: Option<String>,
    recipient_user_id: Option<String>,
    #[serde(default)]
    errors: Vec<StatusError>,
}

#[derive(Deserialize)]
struct StatusError {
    code: i64,
    #[serde(default)]
    title: String,
}

/// Reads the changes of one business account.
pub fn read(batch: &mut Batch<'_>, entry: Entry<'_>) -> Option<()> {
    batch.each(entry.changes, |batch, change: Change<'_>| {
        match change.field.as_str() {
            "messages" | "smb_message_echoes" => {}
            field => return account::tell(batch, field, change.value.get()),
        }
        let changed: Changed<'_> = serde_json::from_str(change.value.get()).ok()?;
        if !batch.is_ours(&changed.metadata.phone_number_id, "phone number id") {
            return None;
        }
        changed.errors.iter().for_each(|error| account::failed(batch, error.code, &error.title));
        batch.each(changed.messages, |batch, message: Incoming| message.keep(batch, &changed.contacts));
        batch.each(changed.statuses, |batch, status: Status| status.keep(batch));
        batch.each(changed.message_echoes, |batch, echo: Echo| echo.keep(batch));
        Some(())
    });
    Some(())
}

/// What a message holds.
#[derive(Default)]
struct Body {
    text: Option<String>,
    label: Option<String>,
    media: Option<Media>,
}

impl Incoming {
    fn keep(self, batch: &mut Batch<'_>, contacts: &[Contact]) -> Option<()> {
        // Changes of what was said before, and what the platform itself says.
        let says_nothing = matches!(self.kind.as_str(), "reaction" | "system" | "edit" | "revoke");
        if self.group_id.is_some() || says_nothing {
            return None;
        }
        let only_contact = || match contacts {
            [contact] => contact.user_id.clone(),
            _ => None,
        };
        let body = &self.body;
        let sender = self.from.filter(|from| !from.is_empty()).or(self.from_user_id).or_else(only_contact)?;
        let sender_name = contacts
            .iter()
            .find(|contact| [&contact.wa_id, &contact.user_id].into_iter().flatten().any(|id| *id == sender))
            .and_then(|contact| contact.profile.name.clone());
        let at_ms = milliseconds(self.timestamp.as_deref()).unwrap_or(batch.now_ms);
        let reply = reply_to(at_ms);
        if self.kind == "request_welcome" {
            let opened = EventKind::Opened { sender: sender.clone(), sender_name, payload: None, reply };
            return batch.keep(self.id, sender, at_ms, opened);
        }
        let Body { text, label, media } = read_body(&self.kind, body, &self.id)?;
        let reply = ReplyContext { data: json!({ QUOTE: self.id }), ..reply };
        let media = media.into_iter().collect();
        let message = Message {
            id: self.id.clone(),
            sender: sender.clone(),
            sender_name,
            text,
            label,
            media,
            reply,
            ..Message::default()
        };
        batch.keep(self.id, sender, at_ms, EventKind::Message(message))
    }
}

/// What a message of this kind holds. A kind that we do not know is media of that kind: somebody sent it on purpose.
fn read_body(kind: &str, body: &Map<String, Value>, id: &str) -> Option<Body> {
    let part = body.get(kind).unwrap_or(&Value::Null);
    let said = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let media = |kind: &str, reference: Option<String>| {
        Some(Media::new(kind.to_owned(), reference.unwrap_or_else(|| id.to_owned())))
    };
    let pressed = |id: &Value, title: &Value| {
        let label = said(title);
        Some(Body { text: Some(said(id).or_else(|| label.clone())?), label, media: None })
    };
    Some(match kind {
        "text" => Body { text: Some(said(&part["body"])?), ..Body::default() },
        "image" | "video" | "audio" | "sticker" => {
            Body { text: said(&part["caption"]), media: media(kind, said(&part["id"])), ..Body::default() }
        }
        "document" => {
            let media = media("file", said(&part["id"])).map(|it| it.called(part["filename"].as_str()));
            Body { text: said(&part["caption"]), media, ..Body::default() }
        }
        "location" => {
            let place = format!("{},{}", part["latitude"].as_f64()?, part["longitude"].as_f64()?);
            Body { text: said(&part["name"]), media: media(kind, Some(place)), ..Body::default() }
        }
        "contacts" => Body { media: media("contact", said(&part[0]["phones"][0]["phone"])), ..Body::default() },
        // What somebody put into their basket.
        "order" => Body { text: said(&part["text"]), media: media(kind, None), ..Body::default() },
        // A button of a template.
        "button" => pressed(&part["payload"], &part["text"])?,
        "interactive" => match part["type"].as_str().unwrap_or_default() {
            kind @ ("button_reply" | "list_reply") => pressed(&part[kind]["id"], &part[kind]["title"])?,
            // A form that was filled in.
            "nfm_reply" => Body { media: media("form", said(&part["nfm_reply"]["response_json"])), ..Body::default() },
            other => Body { media: media(if other.is_empty() { kind } else { other }, None), ..Body::default() },
        },
        other => Body { media: media(other, said(&part["id"])), ..Body::default() },
    })
}

impl Echo {
    fn keep(self, batch: &mut Batch<'_>) -> Option<()> {
        let chat = self.to.filter(|to| !to.is_empty()).or(self.to_user_id)?;
        let at_ms = milliseconds(self.timestamp.as_deref()).unwrap_or(batch.now_ms);
        let colleague = Colleague { message_id: Some(self.id.clone()), ..Colleague::default() };
        batch.keep(self.id, chat, at_ms, EventKind::Colleague(colleague))
    }
}

impl Status {
    fn keep(self, batch: &mut Batch<'_>) -> Option<()> {
        let chat = self.recipient_id.or(self.recipient_user_id)?;
        let at_ms = milliseconds(self.timestamp.as_deref()).unwrap_or(batch.now_ms);
        // Some of them say something of the whole account.
        let of_account = self.errors.first().filter(|error| answer::held_by(error.code).is_some());
        of_account.into_iter().for_each(|error| account::failed(batch, error.code, &error.title));
        let error = self.errors.first().map(|error| format!("{}: {}", error.code, error.title));
        // A message is sent, delivered and read under one id.
        let dedupe = format!("{}:{}", self.id, self.status);
        let status = DeliveryStatus { message_id: self.id, status: self.status.to_lowercase(), error };
        batch.keep(dedupe, chat, at_ms, EventKind::Status(status))
    }
}

fn milliseconds(seconds: Option<&str>) -> Option<i64> {
    seconds?.parse::<i64>().ok()?.checked_mul(1000)
}
