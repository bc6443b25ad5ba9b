//! From the fields of a WeChat message to an event.

use serde_json::json;

use super::xml::Fields;
use crate::model::{Address, Event, EventKind, Media, Message, ReplyContext};

/// How long customer-service messages are accepted after a message, and how many.
const AFTER_MESSAGE: (i64, u8) = (48 * 3_600_000, 5);
/// The same after a follow or a menu click.
const AFTER_ACTION: (i64, u8) = (60_000, 3);

/// The event, unless it is of a kind that needs no answer. `passive_only`: the account can answer in the webhook's
/// response alone, which holds one message.
pub fn read(channel: &str, fields: &Fields, passive_only: bool, now_ms: i64) -> Option<Event> {
    let get = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let sender = get("FromUserName")?;
    let created = get("CreateTime")?;
    let at_ms = created.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)).unwrap_or(now_ms);
    let context = |(window_ms, budget): (i64, u8)| ReplyContext {
        // The passive reply names our account as its sender.
        data: json!({ "account": get("ToUserName") }),
        deadline_ms: Some(at_ms.saturating_add(window_ms)),
        budget: Some(if passive_only { 1 } else { budget }),
        languages: Vec::new(),
    };
    let media = |kind: &str, reference: Option<&str>| -> Vec<Media> {
        reference
            .map(|reference| Media { kind: kind.to_owned(), reference: reference.to_owned() })
            .into_iter()
            .collect()
    };

    let mut reply = context(AFTER_MESSAGE);
    let (text, media) = match get("MsgType")? {
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
                "subscribe" => {
                    let kind = EventKind::Opened { sender: sender.to_owned(), sender_name: None, reply };
                    return Some(event(channel, sender, dedupe(get, sender, created), at_ms, kind));
                }
                "CLICK" => (Some(get("EventKey")?.to_owned()), vec![]),
                _ => return None,
            }
        }
        _ => return None,
    };
    let dedupe = dedupe(get, sender, created);
    let message = Message { id: dedupe.clone(), sender: sender.to_owned(), sender_name: None, text, media, reply };
    Some(event(channel, sender, dedupe, at_ms, EventKind::Message(message)))
}

fn event(channel: &str, chat: &str, dedupe: String, at_ms: i64, kind: EventKind) -> Event {
    Event { channel: channel.to_owned(), dedupe, address: Address::new(channel, chat), at_ms, kind }
}

/// Messages have an id; events are told apart by who, when and what, as the platform's documentation advises.
fn dedupe<'a>(get: impl Fn(&str) -> Option<&'a str>, sender: &str, created: &str) -> String {
    match get("MsgId") {
        Some(id) => id.to_owned(),
        None => format!("{sender}:{created}:{}", get("Event").unwrap_or_default()),
    }
}
