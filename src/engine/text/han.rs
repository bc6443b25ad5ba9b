//! Chinese characters that are one character to those who write them.

use std::{collections::HashMap, sync::LazyLock};

use hanconv::RawDictionary;

/// What OpenCC's tables leave apart, because it depends on the word which is right; in a comparison it does not matter,
/// as long as both sides go the same way. Also forms that are merely other ways to write a character.
const ALSO: [(char, char); 20] = [
    ('帐', '账'),
    ('著', '着'),
    ('甚', '什'),
    ('裠', '裙'),
    ('妳', '你'),
    ('牠', '它'),
    ('粧', '妆'),
    ('倂', '并'),
    ('姪', '侄'),
    ('厰', '厂'),
    ('椀', '碗'),
    ('盌', '碗'),
    ('徬', '彷'),
    ('擡', '抬'),
    ('攷', '考'),
    ('畧', '略'),
    ('仝', '同'),
    ('伕', '夫'),
    ('暱', '昵'),
    ('揹', '背'),
];

/// Each by itself: matching must not depend on what stands beside a word.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let single = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|_| characters.next().is_none())
    };
    let mut forms = HashMap::new();
    for (from, to) in RawDictionary::TSCharacters.var_iter() {
        let Some(from) = single(from) else { continue };
        // Where the character is one of its own simplified forms, the other one is meant by some who write it.
        if let Some(to) = to.into_iter().filter_map(single).find(|to| *to != from) {
            forms.insert(from, to);
        }
    }
    forms.extend(ALSO);
    forms
});

/// The same for the usual characters, at once: every message asks for each of its own.
static USUAL: LazyLock<Vec<char>> = LazyLock::new(|| (FIRST..='\u{9FFF}').map(looked_up).collect());
const FIRST: char = '\u{4E00}';

pub fn simplified(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    let usual = u32::from(character).checked_sub(u32::from(FIRST)).and_then(|at| USUAL.get(at as usize));
    usual.copied().unwrap_or_else(|| looked_up(character))
}

fn looked_up(character: char) -> char {
    let mut form = character;
    // 帳 is 帐 is 账; nothing goes further.
    for _ in 0..3 {
        match SIMPLIFIED.get(&form) {
            Some(next) => form = *next,
            None => break,
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_traditional_form_is_heard_as_its_simplified_one() {
        let fold = |text: &str| text.chars().map(simplified).collect::<String>();
        for (one, other) in [
            ("账单", "帳單"),
            ("账单", "賬單"),
            ("着急", "著急"),
            ("答复", "答覆"),
            ("了解", "瞭解"),
            ("借口", "藉口"),
            ("只有", "祇有"),
            ("只有", "衹有"),
            ("什么", "甚麼"),
            ("什么", "什麽"),
            ("裙子", "裠子"),
            ("复制", "複製"),
            ("干净", "乾淨"),
            ("你们", "妳們"),
            ("台湾", "臺灣"),
            ("床单", "牀單"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn the_tables_come_to_an_end() {
        for (from, _) in SIMPLIFIED.iter() {
            let once = simplified(*from);
            assert_eq!(simplified(once), once, "{from}");
        }
    }
}
