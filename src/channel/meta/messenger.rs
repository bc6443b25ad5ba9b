//! Messenger and Instagram: <https://developers.facebook.com/docs/messenger-platform/>. Instagram has the same form.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    batch::{Batch, reply_to},
    fit,
};
use crate::{
    model::{Colleague, Content, DeliveryStatus, EventKind, FileKind, Media, Message},
    setting::web_url,
};

/// The apps that people answer with: the inboxes of Meta Business Suite, for pages and for Instagram accounts.
const INBOXES: [u64; 2] = [263_902_037_430_900, 1_217_981_644_879_628];
/// The thumb beside the text field, in its three sizes. It is a nod, and wants no answer.
const THUMBS: [u64; 3] = [369_239_263_222_822, 369_239_343_222_814, 369_239_383_222_810];
/// What pages by custom let the button say that opens a chat; letters and digits alone.
const OPENERS: [&str; 3] = ["GETSTARTED", "GETSTARTEDPAYLOAD", "FACEBOOKWELCOME"];

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
    recipient: Option<Party>,
    /// Milliseconds.
    timestamp: Option<i64>,
    message: Option<Incoming>,
    postback: Option<Postback>,
    /// The customer came by a link or an advertisement.
    referral: Option<Referral>,
    delivery: Option<Delivery>,
    read: Option<Read>,
    /// A person took the conversation into an inbox, or gave it back.
    take_thread_control: Option<ThreadControl>,
    pass_thread_control: Option<ThreadControl>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ThreadControl {
    previous_owner_app_id: Value,
}

#[derive(Deserialize)]
struct Incoming {
    mid: String,
    text: Option<String>,
    /// We wrote it, or a person of the store did.
    #[serde(default)]
    is_echo: bool,
    /// The app an echo was written with.
    #[serde(default)]
    app_id: Value,
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
    sticker_id: Value,
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
    referral: Option<Referral>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Referral {
    r#ref: Option<String>,
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
    if !batch.is_ours(&entry.id, "page id or Instagram account id") {
        return None;
    }
    batch.each(entry.messaging, |batch, messaging: Messaging| messaging.keep(batch));
    Some(())
}

impl Messaging {
    fn keep(self, batch: &mut Batch<'_>) -> Option<()> {
        let sender = self.sender.id;
        let at_ms = self.timestamp.unwrap_or(batch.now_ms);
        if sender == batch.account {
            let customer = self.recipient.filter(|it| it.id != batch.account)?.id;
            return self.message.filter(|it| it.is_echo)?.keep_echo(batch, customer, at_ms);
        }
        if let Some(message) = self.message {
            return message.keep(batch, sender, at_ms);
        }
        if let Some(postback) = self.postback {
            return postback.keep(batch, sender, at_ms);
        }
        if let Some(Referral { r#ref: payload }) = self.referral {
            let dedupe = format!("referral:{sender}:{at_ms}");
            let opened = opened(&sender, payload, at_ms);
            return batch.keep(dedupe, sender, at_ms, opened);
        }
        for (control, left) in [(&self.take_thread_control, false), (&self.pass_thread_control, true)] {
            let Some(ThreadControl { previous_owner_app_id }) = control else { continue };
            if left && !number(previous_owner_app_id).is_some_and(|app| INBOXES.contains(&app)) {
                return None;
            }
            let colleague = Colleague { left, ..Colleague::default() };
            let dedupe = format!("control:{sender}:{at_ms}:{left}");
            return batch.keep(dedupe, sender, at_ms, EventKind::Colleague(colleague));
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

fn opened(sender: &str, payload: Option<String>, at_ms: i64) -> EventKind {
    EventKind::Opened { sender: sender.to_owned(), sender_name: None, payload, reply: reply_to(at_ms) }
}

impl Postback {
    fn keep(self, batch: &mut Batch<'_>, sender: String, at_ms: i64) -> Option<()> {
        let id = self.mid.unwrap_or_else(|| format!("postback:{sender}:{at_ms}"));
        let [payload, title] = [self.payload, self.title].map(|text| text.filter(|it| !it.is_empty()));
        let kind = match payload.clone().or_else(|| title.clone()) {
            Some(text) if !opens(&text) => EventKind::Message(Message {
                id: id.clone(),
                sender: sender.clone(),
                text: Some(text),
                label: title,
                reply: reply_to(at_ms),
                ..Message::default()
            }),
            _ => opened(&sender, self.referral.and_then(|it| it.r#ref), at_ms),
        };
        batch.keep(id, sender, at_ms, kind)
    }
}

/// Whether the button that opens a chat says this.
fn opens(payload: &str) -> bool {
    let letters: String = payload.chars().filter(char::is_ascii_alphanumeric).collect();
    OPENERS.contains(&letters.to_ascii_uppercase().as_str())
}

/// Ids come as numbers or as texts.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Incoming {
    fn keep(self, batch: &mut Batch<'_>, sender: String, at_ms: i64) -> Option<()> {
        if self.is_echo || self.is_deleted {
            return None;
        }
        let label = self.quick_reply.as_ref().and(self.text.clone());
        let text = self.quick_reply.map(|it| it.payload).or(self.text);
        let mut media = Vec::new();
        let mut without_reference = self.is_unsupported.then(|| "unsupported".to_owned());
        for attachment in self.attachments.into_iter().filter(|it| !it.is_a_nod()) {
            match attachment.reference() {
                Some(reference) => media.push(Media::new(attachment.kind.to_lowercase(), reference)),
                None => without_reference = Some(attachment.kind.to_lowercase()),
            }
        }
        // Beside a text it is the preview of a link in it.
        if let Some(kind) = without_reference.filter(|_| text.is_none() && media.is_empty()) {
            media.push(Media::new(kind, self.mid.clone()));
        }
        if text.is_none() && media.is_empty() {
            return None;
        }
        let id = self.mid.clone();
        let reply = reply_to(at_ms);
        let sender_name = None;
        let message =
            Message { id, sender: sender.clone(), sender_name, text, label, media, reply, ..Message::default() };
        batch.keep(self.mid, sender, at_ms, EventKind::Message(message))
    }

    /// What our side said. Apps, the clerk among them, are named; without an app, or with an inbox, it was a person.
    fn keep_echo(self, batch: &mut Batch<'_>, customer: String, at_ms: i64) -> Option<()> {
        if number(&self.app_id).is_some_and(|app| !INBOXES.contains(&app)) || self.is_deleted {
            return None;
        }
        let colleague = Colleague { message_id: Some(self.mid.clone()), text: self.text, left: false };
        batch.keep(self.mid, customer, at_ms, EventKind::Colleague(colleague))
    }
}

impl Attachment {
    fn is_a_nod(&self) -> bool {
        let sticker = self.payload.as_ref().and_then(|payload| number(&payload.sticker_id));
        self.kind == "like_heart" || sticker.is_some_and(|sticker| THUMBS.contains(&sticker))
    }

    fn reference(&self) -> Option<String> {
        let payload = self.payload.as_ref();
        let place = payload.and_then(|it| it.coordinates.as_ref()).map(|it| format!("{},{}", it.lat, it.long));
        payload.and_then(|it| it.url.clone()).or_else(|| self.url.clone()).or(place)
    }
}

/// The body of a message to `chat`.
pub fn body(chat: &str, content: &Content) -> Value {
    let message = match content {
        // A picture has no place for a caption.
        Content::Image { url, caption } if web_url(url).is_ok() && caption.as_deref().is_none_or(str::is_empty) => {
            json!({ "attachment": { "type": "image", "payload": { "url": url } } })
        }
        // Documents other than PDF are not taken by Instagram, so they go by their address.
        Content::File { kind: kind @ (FileKind::Video | FileKind::Audio), url, caption, .. }
            if web_url(url).is_ok() && caption.as_deref().is_none_or(str::is_empty) =>
        {
            json!({ "attachment": { "type": kind, "payload": { "url": url } } })
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
