//! What is said and asks for nothing: that something is not wanted, that nothing is wrong, that what was awaited has come.
//!
//! The model hears what is spoken *of*, and 别取消订单 speaks of nothing but cancelling. So these clauses are told by their
//! grammar before the model is asked: each is read from end to end, and a clause with a word that has no place in it is left
//! to the model, since who waits for help must be heard.

mod clauses;

use std::borrow::Cow;

use regex::Regex;

use super::pictures;
use crate::engine::text::is_han;
use clauses::{BESIDE, CUES, HAS_COME, NO_TROUBLE, REFUSAL};

/// What a text says beside what asks for nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it may ask.
    All,
    /// The rest asks.
    Rest(String),
    /// None of it does, but that something is not wanted.
    NothingWanted,
    /// None of it does: all is well, or it goes with a picture.
    AllIsWell,
}

/// What a folded text asks.
pub fn asked(folded: &str) -> Asked {
    if !CUES.occurs_in(folded) {
        return Asked::All;
    }
    let folded = &*joined(folded);
    let mut rest = String::with_capacity(folded.len());
    let (mut refused, mut no_trouble, mut has_come, mut pictured) = (false, false, false, false);
    let mut news = String::new();
    for part in parts(folded) {
        let clause = &*in_whole_words(part.trim_matches(|it: char| !it.is_alphanumeric()));
        let (fits, question) = (|all: &[Regex]| all.iter().any(|it| it.is_match(clause)), part.contains('?'));
        if !question && fits(&HAS_COME) {
            has_come = true;
            news.push_str(part);
        } else if clause.is_empty() || fits(&BESIDE) {
            news.push_str(part);
        } else if pictures::only_shows(clause) {
            pictured = true;
            news.push_str(part);
        } else if !question && !speaks_of_the_store(clause) && fits(&REFUSAL) {
            refused = true;
        } else if !question && fits(&NO_TROUBLE) {
            no_trouble = true;
        } else {
            rest.push_str(&std::mem::take(&mut news));
            rest.push_str(part);
        }
    }
    if rest.is_empty() {
        return match (refused, no_trouble || has_come || pictured) {
            (_, true) => Asked::AllIsWell,
            (true, false) => Asked::NothingWanted,
            (false, false) => Asked::All,
        };
    }
    rest.push_str(&news);
    // That it has come says little beside trouble, and much of what is asked then: it stays.
    if refused || no_trouble { Asked::Rest(rest) } else { Asked::All }
}

/// What is written short ("u", "4") in whole words, and laughter and the like left out.
fn in_whole_words(clause: &str) -> Cow<'_, str> {
    const SHORT: [(&str, &str); 13] = [
        ("u", "you"),
        ("ur", "your"),
        ("4", "for"),
        ("nevermind", "never mind"),
        ("lol", ""),
        ("lmao", ""),
        ("haha", ""),
        ("hahaha", ""),
        ("hehe", ""),
        ("btw", ""),
        ("tbh", ""),
        ("fyi", ""),
        ("xx", ""),
    ];
    let whole = |word: &str| SHORT.iter().find(|(short, _)| *short == word).map(|(_, whole)| *whole);
    if !clause.split(' ').any(|word| whole(word).is_some()) {
        return clause.into();
    }
    let words: Vec<&str> =
        clause.split(' ').map(|word| whole(word).unwrap_or(word)).filter(|it| !it.is_empty()).collect();
    words.join(" ").into()
}

/// Without the space behind a 不 that stands alone: 不 要退款.
fn joined(folded: &str) -> Cow<'_, str> {
    const NOT: [&str; 4] = ["不 ", "别 ", "没 ", "勿 "];
    if !NOT.iter().any(|it| folded.contains(it)) {
        return folded.into();
    }
    let mut text = folded.to_owned();
    for not in NOT {
        let alone = |text: &str, at: usize| {
            let before = text.get(..at).and_then(|it| it.chars().next_back());
            let after = text.get(at + not.len()..).and_then(|it| it.chars().next());
            before.is_none_or(|it| !is_han(it)) && after.is_some_and(is_han)
        };
        while let Some(at) = text.match_indices(not).map(|(at, _)| at).find(|at| alone(&text, *at)) {
            text.remove(at + not.len() - 1);
        }
    }
    text.into()
}

/// What the store does not want or does not do is a complaint, unless it is asked not to: 你们别取消, "you don't refund".
fn speaks_of_the_store(clause: &str) -> bool {
    const ASKS_NOT_TO: [&str; 6] = ["别", "不用", "不要", "不必", "勿", "千万"];
    let names = |words: &[&str]| words.iter().any(|it| clause.contains(it));
    let english = clause.split(' ').any(|it| ["you", "they", "u"].contains(&it));
    let asked = [
        "you don't have",
        "you dont have",
        "you do not have",
        "you don't need",
        "you dont need",
        "want you",
        "need you",
        "thank you",
    ];
    (names(&["你", "您", "店", "卖家", "商家"]) && !names(&ASKS_NOT_TO)) || (english && !names(&asked))
}

/// Clauses with the sign that ends each; a space after Chinese ends one as well.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, sign) in text.char_indices() {
        if crate::engine::stance::parts(text, at, sign) {
            let end = at + sign.len_utf8();
            parts.push(&text[from..end]);
            from = end;
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests;
