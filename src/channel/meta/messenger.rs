//! Messenger and Instagram: <https://developers.facebook.com/docs/messenger-platform/>. Instagram has the same form.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json, value::RawValue};

use super::{
    batch::{Batch, reply_to},
    fit,
};
use crate::{
    model::{Content, DeliveryStatus, EventKind, Media, Message},
    setting::web_url,
};

#[derive(Deserialize)]
pub struct Entry<'a> {
    id: String,
    /// Absent in what is told of posts and comments.
    #[serde(borrow)]
    messaging: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Messaging {
    sender: Party,
    /// Milliseconds.
    timestamp: i64,
    message: Option<Incoming>,
    postback: Option<Postback>,
    /// The customer came by a link or an advertisement.
    referral: Option<IgnoredAny>,
    delivery: Option<Delivery>,
    read: Option<Read>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Deserialize)]
struct Incoming {
    mid: String,
    text: Option<String>,
    /// We wrote it, or a person of the store did.
    #[serde(default)]
    is_echo: bool,
    #[serde(default)]
    is_deleted: bool,
    #[serde(default)]
    is_unsupported: bool,
    quick_reply: Option<QuickReply>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct QuickReply {
    payload: String,
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(rename = "type")]
    kind: String,
    payload: Option<Payload>,
    /// A shared link's, which has no payload.
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    url: Option<String>,
    coordinates: Option<Coordinates>,
}

#[derive(Deserialize)]
struct Coordinates {
    lat: f64,
    long: f64,
}

#[derive(Deserialize)]
struct Postback {
    mid: Option<String>,
    title: Option<String>,
    payload: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    #[serde(default)]
    mids: Vec<String>,
}

/// Instagram names the message; Messenger tells only up to when all were read.
#[derive(Deserialize)]
struct Read {
    mid: Option<String>,
}

/// Reads what was sent to one page or Instagram account.
pub fn read(batch: &mut Batch<'_>, entry: Entry<'_>) -> Option<()> {
    if entry.id != batch.account {
        return None;
    }
    batch.each(entry.messaging, |batch, messaging: Messaging| messaging.keep(batch));
    Some(())
}

impl Messaging {
    fn keep(self, batch: &mut Batch<'_>) -> Option<()> {
        let (sender, at_ms) = (self.sender.id, self.timestamp);
        if sender == batch.account {
            return None;
        }
        if let Some(message) = self.message {
            return message.keep(batch, sender, at_ms);
        }
        if let Some(Postback { mid, title, payload }) = self.postback {
            let id = mid.unwrap_or_else(|| format!("postback:{sender}:{at_ms}"));
            let reply = reply_to(at_ms);
            let kind = match [payload, title].into_iter().flatten().find(|text| !text.is_empty()) {
                Some(text) => EventKind::Message(Message {
                    id: id.clone(),
                    sender: sender.clone(),
                    text: Some(text),
                    reply,
                    ..Message::default()
                }),
                None => EventKind::Opened { sender: sender.clone(), sender_name: None, reply },
            };
            return batch.keep(id, sender, at_ms, kind);
        }
        if self.referral.is_some() {
            let dedupe = format!("referral:{sender}:{at_ms}");
            let opened = EventKind::Opened { sender: sender.clone(), sender_name: None, reply: reply_to(at_ms) };
            return batch.keep(dedupe, sender, at_ms, opened);
        }
        let delivered = self.delivery.into_iter().flat_map(|it| it.mids).map(|mid| (mid, "delivered"));
        let read = self.read.and_then(|it| it.mid).map(|mid| (mid, "read"));
        let mut kept = None;
        for (mid, status) in delivered.chain(read) {
            let dedupe = format!("{mid}:{status}");
            let status = DeliveryStatus { message_id: mid, status: status.to_owned(), error: None };
            kept = batch.keep(dedupe, sender.clone(), at_ms, EventKind::Status(status)).or(kept);
        }
        kept
    }
}

impl Incoming {
    fn keep(self, batch: &mut Batch<'_>, sender: String, at_ms: i64) -> Option<()> {
        if self.is_echo || self.is_deleted || self.is_unsupported {
            return None;
        }
        let text = self.quick_reply.map(|it| it.payload).or(self.text);
        let media: Vec<_> = self.attachments.into_iter().filter_map(Attachment::into_media).collect();
        // Neither: a heart, a template, and what else has no reference.
        if text.is_none() && media.is_empty() {
            return None;
        }
        let id = self.mid.clone();
        let reply = reply_to(at_ms);
        let message = Message { id, sender: sender.clone(), sender_name: None, text, media, reply };
        batch.keep(self.mid, sender, at_ms, EventKind::Message(message))
    }
}

impl Attachment {
    fn into_media(self) -> Option<Media> {
        let Payload { url, coordinates } = self.payload.unwrap_or_default();
        let reference = url.or(self.url).or_else(|| coordinates.map(|it| format!("{},{}", it.lat, it.long)))?;
        Some(Media { kind: self.kind.to_lowercase(), reference })
    }
}

/// The body of a message to `chat`.
pub fn body(chat: &str, content: &Content) -> Value {
    let message = match content {
        // A picture has no place for a caption.
        Content::Image { url, caption } if web_url(url).is_ok() && caption.as_deref().is_none_or(str::is_empty) => {
            json!({ "attachment": { "type": "image", "payload": { "url": url } } })
        }
        Content::Choices { text, choices } if !text.is_empty() && fit(choices, 13, 20, 1000) => {
            let replies: Vec<_> = choices
                .iter()
                .map(|it| json!({ "content_type": "text", "title": it.label, "payload": it.value }))
                .collect();
            json!({ "text": text, "quick_replies": replies })
        }
        other => json!({ "text": other.to_plain_text() }),
    };
    json!({ "recipient": { "id": chat }, "messaging_type": "RESPONSE", "message": message })
}
