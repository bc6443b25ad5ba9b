//! What customers take for the same text, brought to one form.

use std::{collections::HashMap, sync::LazyLock};

use hanconv::RawDictionary;
use unicode_normalization::UnicodeNormalization;

/// Traditional characters to their simplified forms (OpenCC's `TSCharacters`), each by itself: matching must
/// not depend on what stands beside a word.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let single = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    };
    RawDictionary::TSCharacters.iter().filter_map(|(from, to)| Some((single(from)?, single(to)?))).collect()
});

/// Half width, lower case, simplified, with single spaces and straight apostrophes.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        text.chars().for_each(|it| push(&mut folded, it.to_ascii_lowercase()));
    } else {
        text.nfkc().flat_map(char::to_lowercase).for_each(|it| push(&mut folded, simplified(it)));
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn push(folded: &mut String, character: char) {
    match character {
        it if it.is_whitespace() => {
            if !(folded.is_empty() || folded.ends_with(' ')) {
                folded.push(' ');
            }
        }
        '\u{2018}' | '\u{2019}' => folded.push('\''),
        it => folded.push(it),
    }
}

pub fn simplified(character: char) -> char {
    if character.is_ascii() { character } else { SIMPLIFIED.get(&character).copied().unwrap_or(character) }
}

/// Whether words of this character's script are set apart by spaces, so that a keyword must stand alone.
pub fn is_spaced(character: char) -> bool {
    character.is_alphanumeric() && matches!(character, '\0'..'\u{0E00}' | '\u{1E00}'..'\u{2000}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_case_script_and_spaces_make_no_difference() {
        for (text, folded) in [
            ("  Ｈｅｌｌｏ\u{3000} WORLD\n", "hello world"),
            ("我的快遞到哪裡了？", "我的快递到哪里了?"),
            ("Where’s my order", "where's my order"),
            ("１２３", "123"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "[a-zA-Z你們發國Ａ１ \u{3000}'’？?]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
