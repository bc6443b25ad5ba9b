//! From the fields of a WeChat message to an event.

use serde_json::json;

use super::xml::Fields;
use crate::model::{Address, Colleague, Event, EventKind, Media, Message, ReplyContext};

/// How long customer-service messages are accepted after a message, and how many.
const AFTER_MESSAGE: (i64, u8) = (48 * 3_600_000, 5);
/// The same after a follow or a menu click.
const AFTER_ACTION: (i64, u8) = (60_000, 3);

/// The event, unless it is of a kind that needs no answer. `passive_only`: the account can answer in the webhook's
/// response alone, which holds one message.
pub fn read(channel: &str, fields: &Fields, passive_only: bool, now_ms: i64) -> Option<Event> {
    let get = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let sender = get("FromUserName")?;
    let created = get("CreateTime").unwrap_or_default();
    let at_ms = created.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)).unwrap_or(now_ms);
    let context = |(window_ms, budget): (i64, u8)| ReplyContext {
        // The passive reply names our account as its sender.
        data: json!({ "account": get("ToUserName") }),
        deadline_ms: Some(at_ms.saturating_add(window_ms)),
        budget: Some(if passive_only { 1 } else { budget }),
        at_once: None,
        languages: Vec::new(),
    };
    let media = |kind: &str, reference: Option<&str>| -> Vec<Media> {
        reference.map(|reference| Media::new(kind, reference)).into_iter().collect()
    };

    let mut reply = context(AFTER_MESSAGE);
    let kind = get("MsgType")?;
    let (text, media) = match kind {
        "text" => (Some(get("Content")?.to_owned()), vec![]),
        "image" => (None, media("image", get("PicUrl").or_else(|| get("MediaId")))),
        "voice" => (get("Recognition").map(str::to_owned), media("audio", get("MediaId"))),
        "video" | "shortvideo" => (None, media("video", get("MediaId"))),
        "location" => {
            let place = format!("{},{}", get("Location_X")?, get("Location_Y")?);
            (get("Label").map(str::to_owned), media("location", Some(&place)))
        }
        "link" => {
            let words: Vec<_> = [get("Title"), get("Url")].into_iter().flatten().collect();
            (Some(words.join("\n")).filter(|text| !text.is_empty()), vec![])
        }
        "event" => {
            reply = context(AFTER_ACTION);
            match get("Event")? {
                "CLICK" => (Some(get("EventKey")?.to_owned()), vec![]),
                other => {
                    let kind = happened(other, get("EventKey"), sender, reply)?;
                    return Some(event(channel, sender, dedupe(get, sender, created), at_ms, kind));
                }
            }
        }
        // A file, a mini programme's page, and what WeChat will think of: somebody sent it on purpose.
        other => {
            let reference = ["MediaId", "PagePath", "Url", "MsgId"].into_iter().find_map(get).unwrap_or(other);
            (None, media(other, Some(reference)))
        }
    };
    let dedupe = dedupe(get, sender, created);
    let (id, sender_id) = (dedupe.clone(), sender.to_owned());
    let message = Message { id, sender: sender_id, text, media, reply, ..Message::default() };
    Some(event(channel, sender, dedupe, at_ms, EventKind::Message(message)))
}

/// An event that is no message: somebody came, by a code of the shop's perhaps, or a person of the shop did.
fn happened(name: &str, key: Option<&str>, sender: &str, reply: ReplyContext) -> Option<EventKind> {
    Some(match name {
        "subscribe" | "SCAN" => {
            let payload = key.map(|key| key.strip_prefix("qrscene_").unwrap_or(key).to_owned());
            EventKind::Opened { sender: sender.to_owned(), sender_name: None, payload, reply }
        }
        "kf_create_session" | "kf_switch_session" => EventKind::Colleague(Colleague::default()),
        "kf_close_session" => EventKind::Colleague(Colleague { left: true, ..Colleague::default() }),
        _ => return None,
    })
}

fn event(channel: &str, chat: &str, dedupe: String, at_ms: i64, kind: EventKind) -> Event {
    Event { channel: channel.to_owned(), dedupe, address: Address::new(channel, chat), at_ms, kind }
}

/// Messages have an id; what has none is told apart by who, when and what, as the platform's documentation advises.
fn dedupe<'a>(get: impl Fn(&str) -> Option<&'a str>, sender: &str, created: &str) -> String {
    match get("MsgId") {
        Some(id) => id.to_owned(),
        None => {
            let what = ["Event", "Content", "MediaId"].into_iter().find_map(get).unwrap_or_default();
            format!("{sender}:{created}:{what:.64}")
        }
    }
}
