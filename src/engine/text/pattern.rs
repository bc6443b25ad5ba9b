//! Patterns: those of the clerk, and those of owners, folded as the texts are that they are held against.

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::{fold, is_han, plain};

/// A pattern of the clerk's own, which a test compiles: it is one.
pub fn regex(pattern: &str) -> Regex {
    match Regex::new(pattern) {
        Ok(regex) => regex,
        Err(error) => unreachable!("{error}"),
    }
}

/// A regular expression whose literals are in the folded form: full width, traditional characters and curly apostrophes
/// are what the owner's keyboard gives, and no customer's text has them once it is folded. Escapes, names of groups and
/// classes stay as they are, but for line breaks, which are spaces in a folded text.
pub fn fold_pattern(pattern: &str) -> String {
    let mut folded = String::with_capacity(pattern.len());
    let characters: Vec<char> = pattern.nfc().collect();
    let at = |index: usize| characters.get(index).copied();
    let mut class = 0_usize;
    let mut index = 0;
    while let Some(character) = at(index) {
        match character {
            '\\' => index = escape(&mut folded, &characters, index),
            '[' => {
                class += 1;
                folded.push('[');
                index += 1;
                // A bracket that comes first stands for itself.
                for first in ['^', ']'] {
                    if at(index) == Some(first) {
                        folded.push(first);
                        index += 1;
                    }
                }
            }
            ']' if class > 0 => {
                class -= 1;
                folded.push(']');
                index += 1;
            }
            '(' if class == 0 && at(index + 1) == Some('?') => {
                // The name of a group is not a word of a customer.
                let end = characters.iter().skip(index).position(|it| matches!(it, '>' | ':' | ')'));
                let end = end.map_or(characters.len(), |length| index + length + 1);
                folded.extend(characters.get(index..end).into_iter().flatten());
                index = end;
            }
            _ if class > 0 => {
                let to = at(index + 2).filter(|to| at(index + 1) == Some('-') && !matches!(to, ']' | '[' | '\\'));
                match to {
                    Some(to) => {
                        let (from, until) = (narrow(character), narrow(to));
                        let (from, until) = if from <= until { (from, until) } else { (character, to) };
                        folded.extend([from, '-', until]);
                        index += 3;
                    }
                    None => {
                        folded.extend(escaped_in_class(character));
                        index += 1;
                    }
                }
            }
            _ => {
                literal(&mut folded, character);
                index += 1;
            }
        }
    }
    folded
}

/// Copies an escape; returns where what follows begins.
fn escape(folded: &mut String, characters: &[char], index: usize) -> usize {
    let Some(escaped) = characters.get(index + 1).copied() else {
        folded.push('\\');
        return index + 1;
    };
    if matches!(escaped, 'n' | 'r' | 't') {
        folded.push(' ');
        return index + 2;
    }
    if !escaped.is_ascii() {
        literal(folded, escaped);
        return index + 2;
    }
    folded.extend(['\\', escaped]);
    let braces = matches!(escaped, 'p' | 'P' | 'x' | 'u' | 'U' | 'b') && characters.get(index + 2) == Some(&'{');
    if !braces {
        return index + 2;
    }
    let end = characters.iter().skip(index).position(|it| *it == '}').map_or(characters.len(), |it| index + it + 1);
    folded.extend(characters.get(index + 2..end).into_iter().flatten());
    end
}

/// What a literal of the pattern is in a folded text. One that folds to a sign with a meaning of its own is escaped.
fn literal(folded: &mut String, character: char) {
    if character.is_ascii() {
        folded.push(plain(character));
        return;
    }
    let text = if character.is_whitespace() { " ".to_owned() } else { fold(&character.to_string()) };
    match text.chars().count() {
        // Invisible, or a mark that texts lose; what repeats it repeats nothing.
        0 => folded.push_str("(?:)"),
        1 => folded.push_str(&regex::escape(&text)),
        // So that `ß+` still repeats all of it.
        _ => {
            folded.push_str("(?:");
            folded.push_str(&regex::escape(&text));
            folded.push(')');
        }
    }
}

/// A member of a class: one character, escaped where it would mean something else.
fn escaped_in_class(character: char) -> Vec<char> {
    if character.is_ascii() {
        return vec![plain(character)];
    }
    let text = fold(&character.to_string());
    let mut folded = text.chars();
    match (folded.next(), folded.next()) {
        (Some(one), None) if matches!(one, '[' | ']' | '^' | '-' | '\\' | '&' | '~') => vec!['\\', one],
        (Some(one), None) => vec![one],
        _ => vec![character],
    }
}

/// An end of a range: half width. Its script and accents stay, or `[一-龥]` would become another range.
fn narrow(character: char) -> char {
    if is_han(character) {
        return character;
    }
    let mut narrow = std::iter::once(character).nfkc();
    match (narrow.next(), narrow.next()) {
        (Some(one), None) if one.is_ascii_alphanumeric() => one,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::RegexBuilder;

    use super::*;

    #[test]
    fn a_pattern_fits_what_it_was_written_for_in_every_width_and_script() {
        for (pattern, text) in [
            (r"订单号：\d+", "订单号：12345"),
            ("发货了吗？$", "请问发货了吗？"),
            ("退款，谢谢", "退款，谢谢"),
            ("（加急）", "（加急）"),
            ("[０-９]{4}", "１２３４"),
            ("ＶＩＰ", "我是ＶＩＰ"),
            ("^[一-龥]+$", "退货怎么办呀"),
            (r"[\u4e00-\u9fa5]{2}号", "三十号"),
            ("說明", "说明"),
            ("[繁體]", "体"),
            ("SHIP to", "ship TO"),
            ("e‘s|it’s", "it’s"),
            (r"第一行\n第二行", "第一行\n第二行"),
            (r"\d{11}", "13800138000"),
            ("(?i)Order", "order"),
            (r"\p{Lu}{3}", "ABC"),
            (r"ＳＦ\d+", "SF123"),
            ("[A-Z]{2}\\d{9}CN", "RR123456789CN"),
            ("！", "！"),
            ("？+", "？？？"),
            ("straße", "STRASSE"),
            ("devolución", "devolucion"),
            ("改成(?P<新地址>.+)", "改成北京"),
            ("[？！]", "！"),
            ("[Ａ-Ｚ]+１", "AB1"),
        ] {
            let folded = fold_pattern(pattern);
            let regex = RegexBuilder::new(&folded).case_insensitive(true).build();
            assert!(regex.is_ok_and(|it| it.is_match(&fold(text))), "{pattern} became {folded}, and misses {text}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_that_was_good_stays_good(pattern in "[a-z你體（）？！：０＋\\[\\]()|^$.+*?{}\\\\dpwé’ -]{0,12}") {
            if regex::Regex::new(&pattern).is_ok() {
                let folded = fold_pattern(&pattern);
                prop_assert!(regex::Regex::new(&folded).is_ok(), "{} became {}", pattern, folded);
            }
        }
    }
}
