//! WhatsApp Cloud API: <https://developers.facebook.com/docs/whatsapp/cloud-api/>.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{fit, is_number};
use crate::{
    channel::Unit,
    model::{Choice, Content, ReplyContext},
    setting::web_url,
};

/// In the reply context: the id of the message to quote.
pub const QUOTE: &str = "quote";

/// The longest caption of a picture, and body of a message with buttons, in characters.
const MAX_CAPTION: usize = 1024;
/// Buttons stand below the message; more choices go into a list that opens.
const MAX_BUTTONS: usize = 3;
const MAX_ROWS: usize = 10;
/// What opens the list. It must not be empty, and stands in every language for a menu.
const LIST_BUTTON: &str = "☰";

/// The shortest and longest phone numbers of the world, in digits, the country's code with them.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A phone number as webhooks write it, in digits alone, of how shops write it: `+1 (650) 555-1234`, `0016505551234`.
/// A user id has letters, and stays as it is.
pub fn chat_id(written: &str) -> Cow<'_, str> {
    let is_mark = |it: char| matches!(it, '+' | ' ' | '(' | ')' | '-' | '.' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}');
    let digits: String = written.chars().filter(|it| !is_mark(*it)).collect();
    // No country's code begins with a zero: two of them are the sign of a call abroad.
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    if !is_number(digits) || !NUMBER_DIGITS.contains(&digits.len()) {
        return Cow::Borrowed(written);
    }
    let number = one_form(digits);
    if number == written { Cow::Borrowed(written) } else { Cow::Owned(number.into_owned()) }
}

/// One of the two forms in which numbers of some countries go round. Mobile numbers of Brazil got a ninth digit, which
/// WhatsApp's ids of older accounts lack; those of Mexico have an optional 1 behind the country's code.
fn one_form(digits: &str) -> Cow<'_, str> {
    if let Some(national) = digits.strip_prefix("55")
        && let Some((area, subscriber)) = national.split_at_checked(2)
        && subscriber.len() == 8
        && subscriber.starts_with(['6', '7', '8', '9'])
    {
        return Cow::Owned(format!("55{area}9{subscriber}"));
    }
    match digits.strip_prefix("521") {
        Some(national) if national.len() == 10 => Cow::Owned(format!("52{national}")),
        _ => Cow::Borrowed(digits),
    }
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
    // Of a number's two forms the one that is asked for, which is the platform's own where it is known.
    let number = if is_number(chat) { Cow::Borrowed(chat) } else { chat_id(chat) };
    body[if is_number(&number) { "to" } else { "recipient" }] = json!(number);
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
    (!digits.is_empty()).then(|| one_form(digits).into_owned())
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
    use super::{chat_id, chat_of};

    #[test]
    fn a_telephone_number_is_an_id_however_a_shop_writes_it() {
        for written in
            ["16505551234", "+16505551234", "+1 650-555-1234", "0016505551234", "+1 (650) 555.1234", " 1 650 555 1234 "]
        {
            assert_eq!(chat_of(written).as_deref(), Some("16505551234"), "{written}");
        }
        assert_eq!(chat_of("+44 (0)20 7946 0958").as_deref(), Some("442079460958"));
        for (one, other) in [
            ("+55 11 98765-4321", "551187654321"),
            ("5511987654321", "+55 (11) 8765 4321"),
            ("+52 1 55 1234 5678", "525512345678"),
            ("+52 55 1234 5678", "5215512345678"),
        ] {
            assert_eq!(chat_of(one), chat_of(other), "{one}");
            assert_eq!(chat_id(one), chat_id(other), "{one}");
        }
        assert_ne!(chat_id("551132654321"), chat_id("5511932654321"), "a landline of Brazil has eight digits");
        for other in ["", "US.1234", "ana", "+"] {
            assert_eq!(chat_of(other), None, "{other}");
        }
    }
}
