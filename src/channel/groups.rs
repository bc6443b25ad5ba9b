//! What of the talk in groups is for the clerk.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The setting `groups` of platforms on which several people can share a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Groups {
    /// What is said to the clerk: a command, an answer to its words, a message that names it.
    #[default]
    Addressed,
    /// Everything; for a group in which nothing but questions to the shop is said.
    All,
    /// Nothing.
    None,
}

/// The text without what stands at this place, in UTF-16 units as platforms count: the clerk's own name.
pub fn without(text: &str, offset: usize, length: usize) -> String {
    let Some(Range { start, end }) = bytes_of(text, offset, length) else { return text.to_owned() };
    let words = [&text[..start], &text[end..]].map(str::trim);
    words.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What stands at this place, in UTF-16 units.
pub fn part(text: &str, offset: usize, length: usize) -> Option<&str> {
    text.get(bytes_of(text, offset, length)?)
}

fn bytes_of(text: &str, offset: usize, length: usize) -> Option<Range<usize>> {
    let byte_at = |wanted: usize| {
        let mut units = 0;
        for (index, character) in text.char_indices() {
            if units >= wanted {
                return (units == wanted).then_some(index);
            }
            units += character.len_utf16();
        }
        (units == wanted).then_some(text.len())
    };
    Some(byte_at(offset)?..byte_at(offset.checked_add(length)?)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_cut_out_where_the_platform_says_it_stands() {
        assert_eq!(without("@clerk where is it?", 0, 6), "where is it?");
        assert_eq!(without("🍵 @clerk tea?", 3, 6), "🍵 tea?");
        assert_eq!(without("@clerk", 0, 6), "");
        assert_eq!(without("🍵x", 1, 1), "🍵x", "half a character");
        assert_eq!(part("/start@clerk x", 0, 12), Some("/start@clerk"));
        assert_eq!(part("short", 3, 9), None);
    }

    proptest! {
        #[test]
        fn no_place_makes_it_panic(text in ".{0,20}", offset: usize, length: usize, near in 0_usize..24) {
            let _ = (without(&text, offset, length), part(&text, near, near));
        }
    }
}
