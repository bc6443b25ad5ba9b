//! WeChat's flat XML: one root whose children are fields. Accounts may choose JSON, with the same fields.

use std::collections::BTreeMap;

use quick_xml::{Reader, escape::resolve_xml_entity, events::Event};

use crate::webhook::json_text;

/// The text of each field, by name. Fields that hold further elements have the text directly within them.
pub type Fields = BTreeMap<String, String>;

/// Not the platform's form of XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an XML message")]
pub struct Malformed;

/// The one field that customers write.
const WRITTEN: &str = "Content";

/// Reads a message, whatever a customer wrote into it: a text cut within a character, or one that looks like XML, which
/// the platform puts into its section as it is.
///
/// # Errors
/// [`Malformed`], also for an element without its end or a second root. Of fields with one name the first counts.
pub fn read(body: &[u8]) -> Result<Fields, Malformed> {
    let text = json_text(body);
    if text.trim_start().starts_with('{') {
        return read_json(&text);
    }
    let (open, close) = (format!("<{WRITTEN}><![CDATA["), format!("]]></{WRITTEN}>"));
    match (text.find(&open), text.rfind(&close)) {
        (Some(start), Some(end)) if start + open.len() <= end => {
            let around = format!("{}{}", &text[..start], &text[end + close.len()..]);
            let mut fields = read_xml(&around)?;
            let written = text[start + open.len()..end].replace("]]]]><![CDATA[>", "]]>");
            fields.insert(WRITTEN.to_owned(), written);
            Ok(fields)
        }
        _ => read_xml(&text),
    }
}

fn read_json(text: &str) -> Result<Fields, Malformed> {
    let fields: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| Malformed)?;
    let text_of = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name, text_of(value)?))).collect())
}

/// Document types are refused, and with them every entity but XML's own five.
fn read_xml(text: &str) -> Result<Fields, Malformed> {
    let mut reader = Reader::from_str(text);
    let mut fields = Fields::new();
    let mut open: Option<(String, String)> = None;
    let mut depth = 0_usize;
    let mut roots = 0_usize;
    loop {
        let piece = match reader.read_event().map_err(|_| Malformed)? {
            Event::Start(start) => {
                match depth {
                    0 => roots += 1,
                    1 => open = Some((start.name().into_inner().to_owned(), String::new())),
                    _ => {}
                }
                depth += 1;
                continue;
            }
            Event::Empty(empty) => {
                match depth {
                    0 => roots += 1,
                    1 => drop(fields.entry(empty.name().into_inner().to_owned()).or_default()),
                    _ => {}
                }
                continue;
            }
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or(Malformed)?;
                if depth == 1
                    && let Some((name, text)) = open.take()
                {
                    fields.entry(name).or_insert(text);
                }
                continue;
            }
            Event::Text(text) => text.xml10_content(),
            Event::CData(text) => text.xml10_content(),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|_| Malformed)? {
                Some(character) => character.to_string().into(),
                None => resolve_xml_entity(&reference).ok_or(Malformed)?.into(),
            },
            Event::DocType(_) => return Err(Malformed),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            Event::Eof => break,
        };
        if depth == 2
            && let Some((_, text)) = &mut open
        {
            text.push_str(&piece);
        }
    }
    if depth == 0 && roots == 1 { Ok(fields) } else { Err(Malformed) }
}

/// Writes a message of the fields given, in order. Characters that XML cannot hold are left out.
pub fn write(fields: &[(&str, Value<'_>)]) -> String {
    let mut xml = String::from("<xml>");
    for (name, value) in fields {
        match value {
            Value::Number(number) => xml.push_str(&format!("<{name}>{number}</{name}>")),
            // A section cannot hold its own end: it is cut within it, and goes on in the next.
            Value::Text(text) => {
                let text: String = text.chars().filter(|character| is_allowed(*character)).collect();
                let text = text.replace("]]>", "]]]]><![CDATA[>");
                xml.push_str(&format!("<{name}><![CDATA[{text}]]></{name}>"));
            }
        }
    }
    xml.push_str("</xml>");
    xml
}

/// Whether XML 1.0 can hold it (section 2.2, `Char`).
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A field's value to write.
pub enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_whatever_their_spelling() {
        let xml = "<?xml version=\"1.0\"?>\n<xml>\n <A><![CDATA[<b>&amp;]]></A><B>x &lt;&#20320; y</B>\n<C/><D><E>in</E>out</D><A>second</A></xml>\n";
        let fields = read(xml.as_bytes()).unwrap();
        let expected = [("A", "<b>&amp;"), ("B", "x <你 y"), ("C", ""), ("D", "out")];
        assert_eq!(fields, expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    }

    #[test]
    fn document_types_entities_and_broken_documents_are_refused() {
        for xml in [
            "<!DOCTYPE xml [<!ENTITY a \"boom\">]><xml><A>&a;</A></xml>",
            "<xml><A>&unknown;</A></xml>",
            "<xml><A>x</A>",
            "<xml><A>x</B></xml>",
            "<xml></xml><xml></xml>",
            "<xml><A>&#0;</A></xml>",
            "plain words",
            "",
            "{",
            "[]",
        ] {
            assert_eq!(read(xml.as_bytes()), Err(Malformed), "{xml}");
        }
    }

    #[test]
    fn whatever_a_customer_writes_is_their_text_and_no_field() {
        for (written, text) in [
            ("<a><![CDATA[x]]></a> 退货", "<a><![CDATA[x]]></a> 退货"),
            (
                "]]></Content><FromUserName><![CDATA[other]]></FromUserName><Content><![CDATA[",
                "]]></Content><FromUserName><![CDATA[other]]></FromUserName><Content><![CDATA[",
            ),
            ("a]]]]><![CDATA[>b", "a]]>b"),
            ("", ""),
        ] {
            let xml = format!(
                "<xml><FromUserName>me</FromUserName><Content><![CDATA[{written}]]></Content><MsgId>1</MsgId></xml>"
            );
            let fields = read(xml.as_bytes()).unwrap();
            assert_eq!((fields["Content"].as_str(), fields["FromUserName"].as_str()), (text, "me"));
        }
        let cut = read(b"<xml><Content><![CDATA[\xe9\x80\x80 \xe6\xb8]]></Content></xml>").unwrap();
        assert_eq!(cut["Content"], "\u{9000} \u{fffd}");
    }

    #[test]
    fn the_same_fields_are_read_from_json() {
        let fields = read(b"\xef\xbb\xbf{\"MsgType\":\"text\",\"MsgId\":22211872600753510,\"more\":{}}").unwrap();
        assert_eq!((fields["MsgType"].as_str(), fields["MsgId"].as_str()), ("text", "22211872600753510"));
    }

    proptest! {
        #[test]
        fn any_text_survives_writing_and_reading(text in ".{0,60}|[]><&]{0,12}") {
            let text: String = text.chars().filter(|character| is_allowed(*character) && *character != '\r').collect();
            let xml = write(&[("A", Value::Text(&text)), ("B", Value::Number(7))]);
            let fields = read(xml.as_bytes()).unwrap();
            prop_assert_eq!(fields.get("A"), Some(&text));
            prop_assert_eq!(fields.get("B").map(String::as_str), Some("7"));
        }

        #[test]
        fn garbage_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..200), markup in "[<>/!\\[\\]&;#xA-C a-c\"-]{0,80}") {
            let _ = read(&noise);
            let _ = read(markup.as_bytes());
            let _ = read(format!("<xml>{markup}</xml>").as_bytes());
        }
    }
}
