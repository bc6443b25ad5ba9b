//! Cutting a long text into messages a platform accepts.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::Unit;

impl Unit {
    /// The length of `text` in this unit.
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
            Self::Chars => text.chars().count(),
        }
    }

    fn of(self, character: char) -> usize {
        match self {
            Self::Utf16 => character.len_utf16(),
            Self::Bytes => character.len_utf8(),
            Self::Chars => 1,
        }
    }
}

/// Cuts `text` into parts of at most `max` units, at the end of a paragraph, line, sentence or word
/// where there is one in the second half of the part, and never within what a reader sees as one character. Nothing but
/// the white space at a cut is lost.
pub fn split(text: &str, max: usize, unit: Unit) -> Vec<&str> {
    // Four bytes hold any one character: a smaller limit could never be met.
    let max = max.max(4);
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while unit.length(rest) > max {
        let end = match fitting(rest.graphemes(true).map(|it| (it.len(), unit.length(it))), max) {
            // Marks without end on one letter: they fall apart sooner than they are lost.
            0 => fitting(rest.chars().map(|it| (it.len_utf8(), unit.of(it))), max),
            end => end,
        };
        let cut = Some(best_cut(&rest[..end])).filter(|cut| is_between(rest, *cut)).unwrap_or(end);
        parts.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The first part of `text` alone, with a sign that there was more.
pub fn shorten(text: &str, max: usize, unit: Unit) -> String {
    const MORE: &str = "…";
    if unit.length(text.trim_end()) <= max {
        return text.trim_end().to_owned();
    }
    let first = split(text, max.saturating_sub(unit.length(MORE)), unit).into_iter().next().unwrap_or_default();
    format!("{first}{MORE}")
}

/// The bytes of the first pieces, given by bytes and units, that together fit.
fn fitting(pieces: impl Iterator<Item = (usize, usize)>, max: usize) -> usize {
    let (mut bytes, mut used) = (0, 0);
    for (piece, units) in pieces {
        used += units;
        if used > max {
            break;
        }
        bytes += piece;
    }
    bytes
}

/// Whether this place is between two characters as readers see them.
fn is_between(text: &str, at: usize) -> bool {
    GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}

/// The best place to cut in `window`, as a byte index above zero.
fn best_cut(window: &str) -> usize {
    let half = window.len() / 2;
    let after = |pattern: &[&str]| {
        pattern.iter().filter_map(|end| window.rfind(end).map(|at| at + end.len())).filter(|cut| *cut > half).max()
    };
    after(&["\n\n"])
        .or_else(|| after(&["\n"]))
        .or_else(|| after(&["。", "！", "？", ". ", "! ", "? ", "；"]))
        .or_else(|| after(&[" ", "，", "、", "　"]))
        .unwrap_or(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_text_is_cut_where_a_reader_would_pause() {
        assert_eq!(split("one two. three four five", 14, Unit::Chars), ["one two.", "three four", "five"]);
        assert_eq!(
            split("您好。今天有活动，满二百减三十。", 10, Unit::Chars),
            ["您好。今天有活动，", "满二百减三十。"]
        );
        assert_eq!(split("short", 100, Unit::Bytes), ["short"]);
    }

    #[test]
    fn what_readers_see_as_one_character_stays_whole() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
        for one in [family, "🇨🇳", "👍🏽", "e\u{301}", "กำ", "한"] {
            for unit in [Unit::Utf16, Unit::Bytes, Unit::Chars] {
                let max = unit.length(one) * 3 + 1;
                for part in split(&one.repeat(20), max.max(4), unit) {
                    assert_eq!(part.replace(one, ""), "", "{part}");
                }
            }
        }
        let marks = format!("a{}", "\u{301}".repeat(40));
        assert_eq!(split(&marks, 10, Unit::Chars).concat(), marks);
    }

    #[test]
    fn a_text_of_which_only_one_part_can_be_sent_says_that_there_was_more() {
        assert_eq!(shorten("one two. three four five", 14, Unit::Chars), "one two.…");
        assert_eq!(shorten("short ", 5, Unit::Bytes), "short");
    }

    proptest! {
        #[test]
        fn parts_fit_and_lose_nothing_but_white_space(text in ".{0,300}", max in 4_usize..40, unit in 0_usize..3) {
            let unit = [Unit::Utf16, Unit::Bytes, Unit::Chars][unit];
            let parts = split(&text, max, unit);
            for part in &parts {
                prop_assert!(unit.length(part) <= max);
            }
            let visible = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(visible(&parts.concat()), visible(&text));
        }
    }
}
