//! Which choice of a menu a message picks.

use super::text::fold;
use crate::model::Choice;

/// What stands around a number that picks: `(1)`, `1.`, `选1`, `no. 1`.
const BEFORE: [&str; 14] =
    ["我选", "选择", "选", "第", "要", "option", "number", "no", "nr", "item", "choose", "pick", "i choose", "the"];
const AFTER: [&str; 8] = ["个", "项", "号", "条", "种", "one", "option", "please"];
/// Numbers in words, each with those that mean it.
const WORDS: [&[&str]; 10] = [
    &["一", "one", "first", "1st"],
    &["二", "两", "two", "second", "2nd"],
    &["三", "three", "third", "3rd"],
    &["四", "four", "fourth", "4th"],
    &["五", "five", "fifth", "5th"],
    &["六", "six", "sixth", "6th"],
    &["七", "seven", "seventh", "7th"],
    &["八", "eight", "eighth", "8th"],
    &["九", "nine", "ninth", "9th"],
    &["十", "ten", "tenth", "10th"],
];

/// The choice that a message picks, as it was written and folded: by its number as people write it, its label or its value.
pub fn choose<'a>(menu: &'a [Choice], said: &str, folded: &str) -> Option<&'a Choice> {
    let exact = menu.iter().find(|choice| choice.value == said || fold(&choice.label) == folded);
    exact.or_else(|| menu.get(number(folded)?.checked_sub(1)?))
}

/// The number that is all a folded text says.
fn number(folded: &str) -> Option<usize> {
    let mut rest = bare(folded);
    for word in BEFORE {
        if let Some(more) = rest.strip_prefix(word).filter(|it| it.starts_with(|it: char| !it.is_ascii_alphabetic())) {
            rest = bare(more);
        }
    }
    for word in AFTER {
        if let Some(less) = rest.strip_suffix(word).filter(|it| !it.is_empty()) {
            let apart = !word.is_ascii() || less.ends_with(|it: char| !it.is_ascii_alphabetic());
            rest = if apart { bare(less) } else { rest };
        }
    }
    if (1..=2).contains(&rest.len()) && rest.bytes().all(|it| it.is_ascii_digit()) {
        return rest.parse().ok();
    }
    WORDS.iter().position(|words| words.contains(&rest)).map(|at| at + 1)
}

/// Without the signs and spaces around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|it: char| {
        it.is_whitespace()
            || matches!(it, '.' | ',' | '。' | '、' | '(' | ')' | '[' | ']' | ':' | '!' | '#' | '~' | '"' | '\'' | '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(said: &str) -> Option<usize> {
        let menu: Vec<_> = ["查订单", "今日优惠", "转人工"]
            .map(|label| Choice { label: label.to_owned(), value: format!("rule:{label}") })
            .into();
        let choice = choose(&menu, said, &fold(said))?;
        menu.iter().position(|it| it == choice).map(|at| at + 1)
    }

    #[test]
    fn a_number_picks_however_people_write_it() {
        for said in [
            "1",
            "１",
            "①",
            "1️⃣",
            "1.",
            "1，",
            "1、",
            "(1)",
            "（1）",
            "选1",
            "我选 1",
            "选择1",
            "第一个",
            "第1个",
            "第一",
            "一",
            "1号",
            "the first",
            "the first one",
            "first",
            "no. 1",
            "option 1",
            "number one",
            "#1",
            "1 please",
            "One",
        ] {
            assert_eq!(picked(said), Some(1), "{said}");
        }
        assert_eq!(picked("第二个"), Some(2));
        assert_eq!(picked("the third"), Some(3));
    }

    #[test]
    fn a_label_or_what_its_button_sends_picks() {
        for said in ["今日优惠", "今日優惠", "rule:今日优惠"] {
            assert_eq!(picked(said), Some(2), "{said}");
        }
    }

    #[test]
    fn other_words_and_numbers_pick_nothing() {
        for said in ["", "9", "0", "100", "1001", "3 boxes of tea", "我要1盒", "the", "不要1", "1 2"] {
            assert_eq!(picked(said), None, "{said}");
        }
    }
}
