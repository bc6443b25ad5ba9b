//! What a typing slip looks like to the TOML reader, and what it was: quotes of a word processor, signs of an input method,
//! the lines of a merge.

use std::ops::Range;

/// What is wrong, where, and what to do about it.
pub struct Slip {
    pub span: Range<usize>,
    pub message: String,
    pub hint: &'static str,
}

/// The slip behind something that is no TOML, as far as one is recognised.
pub fn behind(text: &str, span: Option<&Range<usize>>) -> Option<Slip> {
    if let Some(at) = text.find('\0') {
        let hint = "it was not written to the end, as when the power fails: put it back from a copy";
        return Some(Slip { span: at..at + 1, message: "there are bytes of nothing in this file".to_owned(), hint });
    }
    let at = span.map_or(0, |span| span.start.min(text.len()));
    let begin = text.get(..at)?.rfind('\n').map_or(0, |it| it + 1);
    let line = text.get(begin..)?.lines().next().unwrap_or_default();
    if let Some(mark) = ["<<<<<<<", "=======", ">>>>>>>"].iter().find(|it| line.starts_with(**it)) {
        return Some(Slip {
            span: begin..begin + mark.len(),
            message: "both sides of a merge are in this file".to_owned(),
            hint: "keep one of them, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
        });
    }
    stray_sign(line, begin).or_else(|| {
        let code = line.trim();
        let is_entry = code.is_empty() || code.starts_with(['#', '[', '"', '\'']) || code.contains('=');
        (!is_entry && code.contains(',')).then(|| Slip {
            span: begin..begin + line.len(),
            message: "this is a line of a spreadsheet, not a setting".to_owned(),
            hint: "write each row as a section, such as `[[product]]`, with a line `key = \"value\"` for each column",
        })
    })
}

/// The first sign of the line that is not on the keyboard TOML was made for, outside of texts and comments.
fn stray_sign(line: &str, begin: usize) -> Option<Slip> {
    let mut quote = None;
    let mut escaped = false;
    for (at, sign) in line.char_indices() {
        match (quote, sign) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), sign) if sign == open && !escaped => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(sign),
            (None, '#') => return None,
            (None, sign) => {
                if let Some((message, hint)) = strange(sign) {
                    return Some(Slip { span: begin + at..begin + at + sign.len_utf8(), message, hint });
                }
            }
        }
        escaped = false;
    }
    None
}

fn strange(sign: char) -> Option<(String, &'static str)> {
    let typographic = "quotes as in print: the file wants plain ones";
    Some(match sign {
        '“' | '”' | '„' | '‟' | '«' | '»' | '「' | '」' | '『' | '』' | '＂' => {
            (format!("`{sign}`: {typographic}"), "write \"…\" in place of “…”")
        }
        '‘' | '’' | '‚' | '＇' | '´' | '`' => (format!("{sign} : {typographic}"), "write '…' or \"…\""),
        '，' | '、' => (format!("`{sign}` is a full-width comma"), "write `,`"),
        '＝' => (format!("`{sign}` is a full-width equals sign"), "write `=`"),
        '。' | '．' => (format!("`{sign}` is a full-width stop"), "write `.`"),
        '［' | '］' | '【' | '】' => (format!("`{sign}` is a full-width bracket"), "write `[` and `]`"),
        '｛' | '｝' => (format!("`{sign}` is a full-width brace"), "write `{` and `}`"),
        '＃' => (format!("`{sign}` is a full-width sign"), "write `#`"),
        '\u{ff01}'..='\u{ff5e}' => {
            (format!("`{sign}` is a full-width sign"), "switch the keyboard to half width, and write it anew")
        }
        '\u{3000}' => ("a full-width space".to_owned(), "write a plain space"),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => {
            ("a no-break space, as web pages have it".to_owned(), "write a plain space")
        }
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {
            ("a sign that cannot be seen".to_owned(), "delete it, or write the line anew")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_named_where_they_are() {
        for (text, at, sign) in [
            ("name = “夜茶铺”", 7, "“"),
            ("any=[\"退款\"，\"退货\"]", 13, "，"),
            ("id\u{a0}= \"a\"", 2, "\u{a0}"),
            ("a ＝ 1", 2, "＝"),
            ("<<<<<<< HEAD\na = 1", 0, "<<<<<<<"),
            ("a = \"\\\"，\" ；", 12, "；"),
        ] {
            let slip = behind(text, Some(&(0..1))).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((slip.span.start, &text[slip.span.clone()]), (at, sign), "{}", slip.message);
            assert!(!slip.hint.is_empty());
        }
    }

    #[test]
    fn signs_within_texts_and_comments_are_nobodys_slip() {
        for text in ["a = \"“，”\"", "# “，”", "a = '，' # ＝", "a b"] {
            assert!(behind(text, Some(&(0..1))).is_none(), "{text}");
        }
    }
}
