//! A body that is signed and to be read, whatever its sender's tools did to it.

use std::borrow::Cow;

/// The body as JSON text that a strict parser takes: without a byte order mark (RFC 8259, section 8.1), with U+FFFD in
/// place of bytes that are no UTF-8 and of halves of characters, as they come where a text was cut to a length.
pub fn json_text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(text) => whole_characters(text),
        Cow::Owned(text) => Cow::Owned(whole_characters(&text).into_owned()),
    }
}

/// The text with `\ufffd` in place of each escaped half of a surrogate pair that stands alone.
fn whole_characters(text: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        let start = at + found;
        at = match (half(text, start), half(text, start + 6)) {
            (Some(Half::High), Some(Half::Low)) => start + 12,
            (Some(_), _) => {
                mended.push_str(&text[kept..start]);
                mended.push_str("\\ufffd");
                kept = start + 6;
                kept
            }
            // The escaped character goes with its backslash.
            (None, _) => start + 1 + text[start + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[kept..]);
    Cow::Owned(mended)
}

enum Half {
    High,
    Low,
}

/// The half of a pair that is escaped at this place, if one is.
fn half(text: &str, at: usize) -> Option<Half> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_strict_parser_refuses_is_mended_and_all_else_left_alone() {
        for (body, text) in [
            (&b"\xef\xbb\xbf{}"[..], "{}"),
            (b"\"\xe9\x80\x80 \xe6\xb8\"", "\"\u{9000} \u{fffd}\""),
            (br#""\ud83d\ude00 \ud83d""#, r#""\ud83d\ude00 \ufffd""#),
            (br#""\ude00\ud83d\ud83d\ude00""#, r#""\ufffd\ufffd\ud83d\ude00""#),
            (br#""a\\ud83d \" \u4f60 \uD83D.""#, r#""a\\ud83d \" \u4f60 \ufffd.""#),
            (br"\", r"\"),
        ] {
            assert_eq!(json_text(body), text);
        }
    }

    proptest! {
        #[test]
        fn valid_json_stays_as_it_is(text in ".{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(&*json_text(json.as_bytes()), &json);
        }

        #[test]
        fn any_escapes_can_be_parsed(units in proptest::collection::vec(0xd7f0_u16..0xe010, 0..12)) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{json}\"");
            prop_assert!(serde_json::from_str::<String>(&json_text(json.as_bytes())).is_ok());
        }

        #[test]
        fn no_bytes_make_it_panic(noise in proptest::collection::vec(any::<u8>(), 0..80), text in "[\\\\ud8fc0\"é]{0,40}") {
            let _ = json_text(&noise);
            let _ = json_text(text.as_bytes());
        }
    }
}
