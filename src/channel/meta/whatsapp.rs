//! WhatsApp Cloud API: <https://developers.facebook.com/docs/whatsapp/cloud-api/>.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    batch::{Batch, reply_to},
    fit, is_number,
};
use crate::{
    channel::Unit,
    model::{Choice, Content, DeliveryStatus, EventKind, Media, Message, ReplyContext},
    setting::web_url,
};

/// In the reply context: the id of the message to quote.
const QUOTE: &str = "quote";

/// The longest caption of a picture, and body of a message with buttons, in characters.
const MAX_CAPTION: usize = 1024;
/// Buttons stand below the message; more choices go into a list that opens.
const MAX_BUTTONS: usize = 3;
const MAX_ROWS: usize = 10;
/// What opens the list. It must not be empty, and stands in every language for a menu.
const LIST_BUTTON: &str = "☰";

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
    /// Seconds, as a text.
    timestamp: Option<String>,
    #[serde(flatten)]
    body: Body,
}

/// The kinds of messages that a clerk answers.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Body {
    Text {
        text: Text,
    },
    Image {
        image: File,
    },
    Video {
        video: File,
    },
    Audio {
        audio: File,
    },
    Document {
        document: File,
    },
    Sticker {
        sticker: File,
    },
    Location {
        location: Place,
    },
    /// A button of a template.
    Button {
        button: Button,
    },
    Interactive {
        interactive: Interactive,
    },
    /// The chat was opened for the first time.
    RequestWelcome,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

#[derive(Deserialize)]
struct File {
    id: String,
    caption: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Button {
    payload: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Interactive {
    ButtonReply {
        button_reply: Picked,
    },
    ListReply {
        list_reply: Picked,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Picked {
    id: String,
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
        if change.field != "messages" {
            return None;
        }
        let changed: Changed<'_> = serde_json::from_str(change.value.get()).ok()?;
        if changed.metadata.phone_number_id != batch.account {
            return None;
        }
        batch.each(changed.messages, |batch, message: Incoming| message.keep(batch, &changed.contacts));
        batch.each(changed.statuses, |batch, status: Status| status.keep(batch));
        Some(())
    });
    Some(())
}

impl Incoming {
    fn keep(self, batch: &mut Batch<'_>, contacts: &[Contact]) -> Option<()> {
        let only_contact = || match contacts {
            [contact] => contact.user_id.clone(),
            _ => None,
        };
        let sender = self.from.filter(|from| !from.is_empty()).or(self.from_user_id).or_else(only_contact)?;
        let sender_name = contacts
            .iter()
            .find(|contact| [&contact.wa_id, &contact.user_id].into_iter().flatten().any(|id| *id == sender))
            .and_then(|contact| contact.profile.name.clone());
        let at_ms = milliseconds(self.timestamp.as_deref()).unwrap_or(batch.now_ms);
        let reply = reply_to(at_ms);
        let (text, media) = match self.body {
            Body::Text { text } => (Some(text.body), None),
            Body::Image { image } => (image.caption, Some(("image", image.id))),
            Body::Video { video } => (video.caption, Some(("video", video.id))),
            Body::Audio { audio } => (audio.caption, Some(("audio", audio.id))),
            Body::Document { document } => (document.caption, Some(("file", document.id))),
            Body::Sticker { sticker } => (None, Some(("sticker", sticker.id))),
            Body::Location { location } => {
                (location.name, Some(("location", format!("{},{}", location.latitude, location.longitude))))
            }
            Body::Button { button } => (Some(button.payload.or(button.text)?), None),
            Body::Interactive {
                interactive:
                    Interactive::ButtonReply { button_reply: picked } | Interactive::ListReply { list_reply: picked },
            } => (Some(picked.id), None),
            Body::RequestWelcome => {
                let opened = EventKind::Opened { sender: sender.clone(), sender_name, reply };
                return batch.keep(self.id, sender, at_ms, opened);
            }
            Body::Interactive { interactive: Interactive::Unknown } | Body::Unknown => return None,
        };
        let reply = ReplyContext { data: json!({ QUOTE: self.id }), ..reply };
        let media = media.map(|(kind, reference)| Media { kind: kind.to_owned(), reference }).into_iter().collect();
        let message = Message { id: self.id.clone(), sender: sender.clone(), sender_name, text, media, reply };
        batch.keep(self.id, sender, at_ms, EventKind::Message(message))
    }
}

impl Status {
    fn keep(self, batch: &mut Batch<'_>) -> Option<()> {
        let chat = self.recipient_id.or(self.recipient_user_id)?;
        let at_ms = milliseconds(self.timestamp.as_deref()).unwrap_or(batch.now_ms);
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

/// The body of a message to `chat`; an answer quotes what it answers, a notice has nothing to quote.
pub fn body(chat: &str, content: &Content, context: &ReplyContext) -> Value {
    let mut body = match content {
        Content::Image { url, caption }
            if web_url(url).is_ok() && caption.as_deref().is_none_or(|it| Unit::Utf16.length(it) <= MAX_CAPTION) =>
        {
            let mut image = json!({ "link": url });
            if let Some(caption) = caption.as_deref().filter(|it| !it.is_empty()) {
                image["caption"] = json!(caption);
            }
            json!({ "type": "image", "image": image })
        }
        Content::Choices { text, choices } if (1..=MAX_CAPTION).contains(&Unit::Utf16.length(text)) => {
            match interactive(text, choices) {
                Some(interactive) => json!({ "type": "interactive", "interactive": interactive }),
                None => plain(&content.to_plain_text(), false),
            }
        }
        Content::Link { .. } => plain(&content.to_plain_text(), true),
        other => plain(&other.to_plain_text(), false),
    };
    body["messaging_product"] = json!("whatsapp");
    body["recipient_type"] = json!("individual");
    if let Some(quoted) = context.data.get(QUOTE).and_then(Value::as_str) {
        body["context"] = json!({ "message_id": quoted });
    }
    // A number goes into `to`. Any other user id there would be taken for one, and the message be lost unseen.
    body[if is_number(chat) { "to" } else { "recipient" }] = json!(chat);
    body
}

/// The id of whoever has this telephone number: its digits with the country's code, without `+` or `00` before them.
/// `None` for what is no number, as other user ids are.
pub fn chat_of(written: &str) -> Option<String> {
    let written = written.trim();
    let sign = |it: char| it.is_whitespace() || "+-()./\u{2010}\u{2011}\u{2013}".contains(it);
    if written.is_empty() || !written.chars().all(|it| it.is_ascii_digit() || sign(it)) {
        return None;
    }
    // Within a country some write a nought in brackets before the number: +44 (0)20 ….
    let international = written.starts_with('+') || written.starts_with("00");
    let written = if international { written.replace("(0)", "") } else { written.to_owned() };
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    (!digits.is_empty()).then(|| digits.to_owned())
}

fn plain(text: &str, preview_url: bool) -> Value {
    json!({ "type": "text", "text": { "body": text, "preview_url": preview_url } })
}

/// The question with buttons or with a list, if the choices fit either.
fn interactive(text: &str, choices: &[Choice]) -> Option<Value> {
    let body = json!({ "text": text });
    if fit(choices, MAX_BUTTONS, 20, 256) {
        let buttons: Vec<_> = choices
            .iter()
            .map(|it| json!({ "type": "reply", "reply": { "id": it.value, "title": it.label } }))
            .collect();
        return Some(json!({ "type": "button", "body": body, "action": { "buttons": buttons } }));
    }
    if fit(choices, MAX_ROWS, 24, 200) {
        let rows: Vec<_> = choices.iter().map(|it| json!({ "id": it.value, "title": it.label })).collect();
        let action = json!({ "button": LIST_BUTTON, "sections": [{ "rows": rows }] });
        return Some(json!({ "type": "list", "body": body, "action": action }));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::chat_of;

    #[test]
    fn a_telephone_number_is_an_id_however_a_shop_writes_it() {
        for written in
            ["16505551234", "+16505551234", "+1 650-555-1234", "0016505551234", "+1 (650) 555.1234", " 1 650 555 1234 "]
        {
            assert_eq!(chat_of(written).as_deref(), Some("16505551234"), "{written}");
        }
        assert_eq!(chat_of("+44 (0)20 7946 0958").as_deref(), Some("442079460958"));
        for other in ["", "US.1234", "ana", "+"] {
            assert_eq!(chat_of(other), None, "{other}");
        }
    }
}
