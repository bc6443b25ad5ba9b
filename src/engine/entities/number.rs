//! Counts, in digits and in words.

use super::{
    Quantity,
    cues::Cue,
    form::{Form, Reading, pattern},
};
use crate::engine::text::half_width;

/// A count as people write it, for use in other patterns.
pub const COUNT: &str = r"(?:\d{1,6}|[一二两兩三四五六七八九十百千半]{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|an?)";

/// What is counted.
pub const UNITS: &str = "件|个|個|盒|箱|包|袋|斤|公斤|千克|克|kg|套|条|條|双|雙|瓶|罐|饼|餅|只|隻|支|枝|份|张|張|本|台|臺|把|块装|片|打|\
    pcs|pieces?|boxes|box|sets?|bags?|units?|bottles?|cans?|cakes?|packs?|pairs?|cups?|pots?|grams?|kilos?|items?";

pub static FACTOR: Form = Form::new(
    || pattern(r"(?:^|[^\w])(?:[x×*]\s?(?P<after>\d{1,4})|(?P<before>\d{1,4})\s?[x×])(?:$|[^\w])"),
    |it| it.cues.digits > 0 && it.cues.has(Cue::Factor),
);

pub static COUNT_WITH_UNIT: Form = Form::new(
    || pattern(&format!(r"(?P<count>{COUNT})\s*(?P<unit>{UNITS})(?:$|[^a-z]|(?-u:\b))")),
    |it| it.cues.has(Cue::Unit) && it.may_count(),
);
pub static COUNT_BEFORE_NOUN: Form = Form::new(
    || pattern(&format!(r"(?:want|need|take|buy|order|like|get|for)\s+(?P<count>{COUNT})\s+(?P<unit>[a-z]{{3,}})")),
    |it| it.cues.has(Cue::Want) && it.may_count(),
);

/// What comes right before a count that numbers something instead, or after it.
const ORDINAL: [char; 3] = ['第', '#', '.'];

pub fn quantities(reading: &Reading) -> Vec<Quantity> {
    let text = reading.text;
    let mut found: Vec<(usize, Quantity)> = Vec::new();
    for captures in reading.all(&COUNT_WITH_UNIT).chain(reading.all(&COUNT_BEFORE_NOUN)) {
        let (Some(count), Some(unit)) = (captures.name("count"), captures.name("unit")) else { continue };
        let before = text.get(..count.start()).and_then(|it| it.chars().next_back());
        let part = before.is_some_and(|it| ORDINAL.contains(&it) || it.is_ascii_alphanumeric());
        let other = OTHERS.iter().any(|it| unit.as_str().eq_ignore_ascii_case(it))
            || text.get(unit.end()..).is_some_and(|after| LATER.iter().any(|it| after.starts_with(it)));
        if part || other || found.iter().any(|(at, _)| *at == count.start()) {
            continue;
        }
        if let Some(number) = value(count.as_str()) {
            found.push((count.start(), Quantity { count: number, unit: unit.as_str().to_lowercase() }));
        }
    }
    for captures in reading.all(&FACTOR) {
        let Some(count) = captures.name("after").or(captures.name("before")) else { continue };
        if let Some(number) = value(count.as_str()) {
            found.push((count.start(), Quantity { count: number, unit: String::new() }));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, quantity)| quantity).collect()
}

/// Units of time, money and size, which count nothing that is sold.
const OTHERS: [&str; 14] = [
    "days", "day", "weeks", "week", "months", "month", "hours", "hour", "minutes", "minute", "dollars", "yuan",
    "euros", "people",
];
/// What turns 个 into a measure of time (`两个月`) or a word of another kind.
const LATER: [&str; 6] = ["月", "星期", "小时", "小時", "礼拜", "禮拜"];

/// The count that is all a text says: `3`, `三`, `three`, `3 盒`.
pub fn count(text: &str) -> Option<u32> {
    let text = half_width(text);
    let bare = text.trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | ',' | '。' | '!' | '~'));
    value(bare)
        .or_else(|| quantities(&Reading::new(bare)).first().map(|it| it.count))
        .filter(|_| bare.chars().count() <= 12)
}

/// The number that a count means.
pub fn value(count: &str) -> Option<u32> {
    if let Ok(number) = count.parse() {
        return Some(number);
    }
    let count = count.to_lowercase();
    let english =
        ["a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    if let Some(at) = english.iter().position(|it| *it == count) {
        return u32::try_from(at.max(1)).ok();
    }
    match count.as_str() {
        "an" => Some(1),
        "a dozen" => Some(12),
        "半" => None,
        chinese => chinese_number(chinese),
    }
}

fn chinese_number(text: &str) -> Option<u32> {
    let (mut total, mut digit) = (0_u32, None);
    for character in text.chars() {
        let place = match character {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            other => {
                digit = Some(u32::try_from("零一二三四五六七八九".chars().position(|it| it == plain(other))?).ok()?);
                continue;
            }
        };
        total += digit.take().unwrap_or(1) * place;
    }
    Some(total + digit.unwrap_or(0)).filter(|it| *it > 0)
}

fn plain(digit: char) -> char {
    if matches!(digit, '两' | '兩') { '二' } else { digit }
}
