//! Cutting a long text into messages a platform accepts.

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
/// where there is one in the second half of the part. Nothing but the white space at a cut is lost.
pub fn split(text: &str, max: usize, unit: Unit) -> Vec<&str> {
    // Four bytes hold any one character: a smaller limit could never be met.
    let max = max.max(4);
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while unit.length(rest) > max {
        let mut used = 0;
        let end = rest
            .char_indices()
            .find(|(_, character)| {
                used += unit.of(*character);
                used > max
            })
            .map_or(rest.len(), |(index, _)| index);
        let cut = best_cut(&rest[..end]);
        parts.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts.retain(|part| !part.is_empty());
    parts
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
