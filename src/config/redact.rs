//! Hides secrets in the lines that are shown with a mistake.

use crate::setting::is_variable;

/// Keys whose values may be shown in files that also hold secrets; every other text is hidden.
const SHOWN: [&str; 16] = [
    "id",
    "kind",
    "platform",
    "account",
    "app_id",
    "api_base",
    "api_version",
    "reply_url",
    "allowed_origins",
    "listen",
    "dir",
    "level",
    "format",
    "grants",
    "env",
    "file",
];

/// Replaces each byte within a text value by `*`, so that places in the file stay what they are.
pub fn redact(text: &str) -> String {
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut key: Vec<u8> = Vec::new();
    let mut in_value = false;
    while let Some(&byte) = rest.first() {
        let taken = match byte {
            b'"' | b'\'' if in_value => {
                let (quote, inner) = text_value(rest);
                let value = text_of(&rest[quote..quote + inner]);
                let hide = !SHOWN.iter().any(|name| name.as_bytes() == key) || (key == b"env" && !is_variable(value));
                shown.extend_from_slice(&rest[..quote]);
                let hidden = rest[quote..quote + inner].iter();
                shown.extend(hidden.map(|byte| if hide && *byte != b'\n' { b'*' } else { *byte }));
                let end = (quote + inner + quote).min(rest.len());
                // An unclosed text takes no more than its line.
                let end = if rest.get(quote + inner) == Some(&b'\n') { quote + inner } else { end };
                shown.extend_from_slice(&rest[quote + inner..end]);
                rest = &rest[end..];
                continue;
            }
            b'#' => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            b'=' if !in_value => {
                hide_odd_name(&mut shown);
                in_value = true;
                1
            }
            b'"' | b'\'' => {
                // A name in quotes: of those that belong here none needs them.
                let (quote, inner) = text_value(rest);
                shown.extend_from_slice(&rest[..quote]);
                shown.extend(rest[quote..quote + inner].iter().map(|byte| if *byte == b'\n' { b'\n' } else { b'*' }));
                rest = &rest[quote + inner..];
                let closing = if rest.first() == Some(&b'\n') { 0 } else { quote.min(rest.len()) };
                shown.extend_from_slice(&rest[..closing]);
                rest = &rest[closing..];
                continue;
            }
            // A value without quotes, by a slip.
            byte if in_value && (byte.is_ascii_alphanumeric() || !byte.is_ascii()) => {
                let is_part = |it: &u8| it.is_ascii_alphanumeric() || !it.is_ascii() || b"_.:+/-".contains(it);
                let length = rest.iter().position(|it| !is_part(it)).unwrap_or(rest.len());
                let word = &rest[..length];
                let harmless =
                    word == b"true" || word == b"false" || (length < 10 && word.iter().all(u8::is_ascii_digit));
                match harmless || SHOWN.iter().any(|name| name.as_bytes() == key) {
                    true => shown.extend_from_slice(word),
                    false => shown.extend(std::iter::repeat_n(b'*', length)),
                }
                rest = &rest[length..];
                continue;
            }
            // A line within a list still belongs to the key above it.
            b'\n' => {
                if !in_value {
                    hide_odd_name(&mut shown);
                }
                let next = rest[1..].trim_ascii_start();
                if !next.starts_with(b"\"") && !next.starts_with(b"'") && !next.starts_with(b"]") {
                    in_value = false;
                    key.clear();
                }
                1
            }
            // Within `{ env = "NAME" }` the inner key counts.
            b'{' => {
                in_value = false;
                key.clear();
                1
            }
            b',' if rest[1..].trim_ascii_start().first().is_some_and(u8::is_ascii_alphabetic) => {
                in_value = false;
                key.clear();
                1
            }
            byte if !in_value && (byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') => {
                key.push(byte);
                1
            }
            _ => 1,
        };
        // A comment may hold a value that was commented out.
        if byte == b'#' {
            shown.extend(std::iter::repeat_n(b'#', 1).chain(std::iter::repeat_n(b' ', taken - 1)));
        } else {
            shown.extend_from_slice(&rest[..taken]);
        }
        rest = &rest[taken..];
    }
    if !in_value {
        hide_odd_name(&mut shown);
    }
    String::from_utf8(shown).unwrap_or_else(|_| "*".repeat(text.len()))
}

/// Whether a text may be shown as the name of a setting: no token looks like it.
pub fn is_plain_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.split(['.', ' ', ',']).all(|part| {
            part.bytes().all(|it| it.is_ascii_lowercase() || it == b'_' || it == b'-' || it.is_ascii_digit())
                && part.bytes().filter(u8::is_ascii_digit).count() <= 3
        })
}

/// Hides what ends here and stands where a name belongs, unless it looks like one.
fn hide_odd_name(shown: &mut [u8]) {
    let begin = shown.iter().rposition(|it| b"\n{,#".contains(it)).map_or(0, |at| at + 1);
    if shown.get(begin.wrapping_sub(1)) == Some(&b'#') {
        return;
    }
    let name = &mut shown[begin..];
    let words = text_of(name).trim().trim_matches(['[', ']']).trim();
    if !words.is_empty() && !is_plain_name(words) {
        name.iter_mut().filter(|it| !it.is_ascii_whitespace() && !b"[]\"'".contains(it)).for_each(|it| *it = b'*');
    }
}

/// The bytes as text; what is none is no name either.
fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The length of the opening quote and of what is within; an unclosed text runs to the end of the line.
fn text_value(from: &[u8]) -> (usize, usize) {
    let quote = from[0];
    let triple = [quote; 3];
    if from.starts_with(&triple) {
        let inner = &from[3..];
        return (3, inner.windows(3).position(|window| window == triple).unwrap_or(inner.len()));
    }
    let inner = &from[1..];
    let mut escaped = false;
    for (index, byte) in inner.iter().enumerate() {
        match byte {
            b'\n' => return (1, index),
            b'\\' if quote == b'"' && !escaped => escaped = true,
            byte if *byte == quote && !escaped => return (1, index),
            _ => escaped = false,
        }
    }
    (1, inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_are_hidden_and_names_stay_readable() {
        let text = "[[channel]]\nid = \"shop\"\ntoken = \"123:abc\" # was \"old\"\nsecrets = [\n  \"whsec_a\\\"b\",\n  'whsec_c',\n]\napp_secret = { env = \"META_SECRET\" }\n";
        let shown = redact(text);
        assert_eq!(shown.len(), text.len());
        for secret in ["123:abc", "old", "whsec_a", "whsec_c"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!redact("token = { env = \"123:abc\" }").contains("123:abc"), "a secret where its name belongs");
        for name in ["\"shop\"", "META_SECRET", "app_secret", "secrets = ["] {
            assert!(shown.contains(name), "{shown}");
        }
    }

    #[test]
    fn a_secret_that_stands_where_none_belongs_is_hidden_too() {
        for text in [
            "token = EAAGhunter2\n",
            "token = “hunter2”\n",
            "EAAGm0hunter2 = \"x\"\n",
            "\"hunter2\" = 1\n",
            "token\nEAAGm0hunter2\nid = \"a\"\n",
            "[whsec_Hunter2hunter2]\n",
            "token = 12:hunter2",
        ] {
            let shown = redact(text);
            assert_eq!(shown.len(), text.len());
            assert!(!shown.to_lowercase().contains("hunter2"), "{shown}");
        }
        let plain = "[plugins.greeting]\nmemory_mb = 16\nenabled = true\n[[channel]]\n";
        assert_eq!(redact(plain), plain);
    }

    #[test]
    fn an_unclosed_secret_is_hidden_too() {
        assert_eq!(redact("token = \"abc\nid = \"x\""), "token = \"***\nid = \"x\"");
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_length(text in "[a-z=\"'#{}\\[\\], \\n\\\\é密]{0,80}") {
            prop_assert_eq!(redact(&text).len(), text.len());
        }
    }
}
