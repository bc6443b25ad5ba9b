//! What somebody called a file that they sent, as it may stand in a header, a chat and a folder.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::setting::steers;

/// The longest name: folders take 255 bytes, and whoever keeps it may add an ending.
const MOST_CHARS: usize = 100;
const MOST_BYTES: usize = 200;
/// What is taken for an ending, and kept where a name is cut.
const LONGEST_ENDING: usize = 10;

/// A name without a path, in one line, and without what would end a header's text or turn what is read round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// What can be kept of a name; `None` where that is nothing.
    pub fn of(name: &str) -> Option<Self> {
        let own = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty())?;
        let shown = |character: char| match character {
            other if other.is_whitespace() => Some(' '),
            // No width, and no place in a name.
            '\u{200b}' | '\u{2060}' | '\u{feff}' => None,
            other if steers(other) => None,
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => Some('_'),
            other => Some(other),
        };
        let shown: String = own.chars().filter_map(shown).collect();
        let words: Vec<_> = shown.split_whitespace().collect();
        let line = words.join(" ");
        let line = trimmed(&line);
        (!line.is_empty()).then(|| Self(shortened(line)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ending, without its dot.
    pub fn ending(&self) -> Option<&str> {
        Some(parts(&self.0).1).filter(|it| !it.is_empty())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Without the dots that hide a file, or lead up from it, and that some systems drop.
fn trimmed(name: &str) -> &str {
    name.trim_matches(['.', ' '])
}

fn parts(name: &str) -> (&str, &str) {
    let is_ending =
        |it: &str| (1..=LONGEST_ENDING).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    match name.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) && !trimmed(stem).is_empty() => (stem, ending),
        _ => (name, ""),
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= MOST_CHARS && name.len() <= MOST_BYTES {
        return name.to_owned();
    }
    let (stem, ending) = parts(name);
    let (chars, bytes) = (MOST_CHARS - 1 - ending.len(), MOST_BYTES - 1 - ending.len());
    let cut = stem.char_indices().take(chars).map(|(at, it)| at + it.len_utf8()).take_while(|end| *end <= bytes);
    let stem = trimmed(&stem[..cut.last().unwrap_or_default()]);
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Option<String> {
        FileName::of(text).map(|it| it.0)
    }

    #[test]
    fn a_name_keeps_its_words_and_loses_what_leads_elsewhere() {
        for (given, kept) in [
            ("invoice 2026-11.pdf", "invoice 2026-11.pdf"),
            ("发票（11月）.pdf", "发票（11月）.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\cup.jpg", "cup.jpg"),
            ("folder/", "folder"),
            ("a\"b\r\nSet-Cookie: c.pdf", "a_b Set-Cookie_ c.pdf"),
            // Read from right to left it would end with "exe" in the middle.
            ("cup\u{202e}gpj.exe", "cupgpj.exe"),
            (".htaccess", "htaccess"),
            (" a   b . ", "a b"),
        ] {
            assert_eq!(name(given).as_deref(), Some(kept), "{given:?}");
        }
        for nothing in ["", " ", "/", "..", "../..", ". .", "\u{202e}", "\0\u{7}"] {
            assert_eq!(name(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_ending() {
        let kept = name(&format!("{}.pdf", "发".repeat(300))).unwrap();
        assert!(kept.len() <= MOST_BYTES && kept.ends_with("发.pdf"), "{kept}");
        let kept = name(&format!("{}.pdf", "a".repeat(300))).unwrap();
        assert_eq!(kept.len(), MOST_CHARS);
        assert!(name(&"a".repeat(300)).unwrap().len() < MOST_CHARS + 1);
    }

    proptest! {
        #[test]
        fn whatever_it_is_called_it_is_one_short_line_of_no_folder(text in "(\\PC|[./\\\\\"\\r\\n\\x00\\u{202e}\\u{2066} ]){0,300}") {
            let Some(FileName(kept)) = FileName::of(&text) else { return Ok(()) };
            prop_assert!(!kept.is_empty() && kept.len() <= MOST_BYTES && kept.chars().count() <= MOST_CHARS);
            let bad = |it: char| steers(it) || "/\\\":<>|?*".contains(it);
            prop_assert!(!kept.contains(bad), "{kept:?}");
            prop_assert!(!kept.starts_with(['.', ' ']) && !kept.ends_with(['.', ' ']));
            prop_assert_eq!(FileName::of(&kept), Some(FileName(kept)), "kept again it is the same");
        }
    }
}
