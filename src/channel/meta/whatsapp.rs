//! WhatsApp Cloud API: <https://developers.facebook.com/docs/whatsapp/cloud-api/>.

use serde_json::{Value, json};

use super::{fit, is_number};
use crate::{
    channel::Unit,
    model::{Choice, Content, FileKind, FileName, ReplyContext},
    pictures::Kind,
    setting::web_url,
};

/// In the reply context: the id of the message to quote.
pub const QUOTE: &str = "quote";

/// The longest caption of a picture, and body of a message with buttons, in characters.
pub const MAX_CAPTION: usize = 1024;
/// Buttons stand below the message; more choices go into a list that opens.
const MAX_BUTTONS: usize = 3;
const MAX_ROWS: usize = 10;
/// What opens the list. It must not be empty, and stands in every language for a menu.
const LIST_BUTTON: &str = "☰";

/// The body of a message to `chat`; an answer quotes what it answers, a notice has nothing to quote. `uploaded`: the file
/// that it holds.
pub fn body(chat: &str, content: &Content, uploaded: Option<(&str, Kind)>, context: &ReplyContext) -> Value {
    let mut body = match content {
        Content::Image { caption, .. } if let Some((id, kind)) = uploaded => {
            holding(id, kind, caption.as_deref(), None)
        }
        Content::File { caption, name, .. } if let Some((id, kind)) = uploaded => {
            holding(id, kind, caption.as_deref(), name.as_ref())
        }
        Content::Image { url, caption }
            if web_url(url).is_ok() && caption.as_deref().is_none_or(|it| Unit::Utf16.length(it) <= MAX_CAPTION) =>
        {
            let mut image = json!({ "link": url });
            if let Some(caption) = caption.as_deref().filter(|it| !it.is_empty()) {
                image["caption"] = json!(caption);
            }
            json!({ "type": "image", "image": image })
        }
        Content::File { kind, url, caption, name }
            if web_url(url).is_ok() && caption.as_deref().is_none_or(|it| may_stand_under(*kind, it)) =>
        {
            let (kind, mut file) = match kind {
                FileKind::Video => ("video", json!({ "link": url })),
                FileKind::Audio => ("audio", json!({ "link": url })),
                FileKind::Document => {
                    let name = name.as_ref().map_or_else(|| file_name(url), FileName::as_str);
                    ("document", json!({ "link": url, "filename": name }))
                }
            };
            if let Some(caption) = caption.as_deref().filter(|it| !it.is_empty()) {
                file["caption"] = json!(caption);
            }
            json!({ "type": kind, kind: file })
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
    // Of a number's two forms the one that is asked for, which is the platform's own where it is known.
    let chat = super::phone::digits_of(chat);
    body[if is_number(&chat) { "to" } else { "recipient" }] = json!(chat);
    body
}

/// A file that was uploaded.
fn holding(id: &str, kind: Kind, caption: Option<&str>, called: Option<&FileName>) -> Value {
    let name = match kind.as_file() {
        None => "image",
        Some(FileKind::Video) => "video",
        Some(FileKind::Audio) => "audio",
        Some(FileKind::Document) => "document",
    };
    let mut file = json!({ "id": id });
    if let Some(caption) = caption.filter(|_| name != "audio") {
        file["caption"] = json!(caption);
    }
    if name == "document" {
        file["filename"] = json!(called.map_or_else(|| kind.file_name(), FileName::to_string));
    }
    json!({ "type": name, name: file })
}

/// Recordings have no caption.
fn may_stand_under(kind: FileKind, caption: &str) -> bool {
    caption.is_empty() || (kind != FileKind::Audio && Unit::Utf16.length(caption) <= MAX_CAPTION)
}

/// What the customer's telephone calls it.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("file")
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
