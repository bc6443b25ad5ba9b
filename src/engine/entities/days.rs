//! Days: dates that are named or counted from today, and how long somebody has waited.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::{
    cues::Cue,
    form::{Form, Reading, pattern},
    number::{COUNT, value},
};

const UNITS: &str = "天|日|周|週|星期|礼拜|禮拜|月|days?|weeks?|months?";

pub static ISO_DATE: Form =
    Form::new(|| pattern(r"(?P<year>20\d\d)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})"), |it| it.cues.digits > 5);
pub static MONTH_DAY: Form = Form::new(
    || pattern(r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号號]?"),
    |it| it.cues.digits > 0 && it.cues.has(Cue::Month),
);
pub static WEEKDAY: Form = Form::new(
    || {
        pattern(
            r"(?P<last>上个?(?:周|週|星期|礼拜|禮拜)(?P<zh>[一二三四五六日天])|last\s+(?P<en>mon|tue|wed|thu|fri|sat|sun)[a-z]*)",
        )
    },
    |it| it.cues.has(Cue::Last),
);
pub static NAMED_DAY: Form =
    Form::new(|| pattern("大前天|前天|昨天|昨日|yesterday|今天|today"), |it| it.cues.has(Cue::Named));

pub static AGO: Form = Form::new(
    || pattern(&format!(r"(?P<count>{COUNT})\s*(?:个|個)?\s*(?P<unit>{UNITS})\s*(?:之前|以前|前|ago)")),
    |it| it.cues.has(Cue::Ago),
);
pub static ENGLISH_DATE: Form = Form::new(
    || {
        let months = "(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
        pattern(&format!(
            r"(?-u:\b)(?:{months}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{})(?-u:\b)",
            months.replace("month", "second")
        ))
    },
    |it| it.cues.digits > 0 && it.cues.has(Cue::Month),
);
pub static WAIT: Form = Form::new(
    || {
        pattern(&format!(
            r"(?P<half>半\s*(?:个|個)\s*月|half a month)|(?P<count>{COUNT})\s*多?\s*(?:个|個)?\s*(?P<unit>{UNITS})"
        ))
    },
    |it| it.cues.has(Cue::Time),
);

/// Words after which a count of days is time that has passed.
const PASSED_BEFORE: [&str; 20] = [
    "等了",
    "已经",
    "已經",
    "过了",
    "過了",
    "都",
    "快",
    "整整",
    "超过",
    "超過",
    "付款",
    "下单",
    "for",
    "been",
    "waited",
    "waiting",
    "already",
    "over",
    "more than",
    "after",
];
/// Words before which it is.
const PASSED_AFTER: [&str; 10] = ["了", "还没", "還沒", "都没", "仍", "没", "now", "already", "later", "and "];
/// Words which make of it a term, or a moment in the past.
const TERM: [&str; 16] = [
    "无理由",
    "無理由",
    "内",
    "內",
    "以内",
    "前",
    "之前",
    "能",
    "可以",
    "左右",
    "ago",
    "return",
    "within",
    "guarantee",
    "发货",
    "delivery",
];

/// The dates, and the longest wait in days.
pub fn read(text: &Reading, today: Date) -> (Vec<Date>, Option<u32>) {
    (dates(text, today), waited(text))
}

fn dates(text: &Reading, today: Date) -> Vec<Date> {
    let mut found: Vec<(usize, Date)> = Vec::new();
    let mut add = |at: usize, date: Option<Date>| {
        if let Some(date) = date.filter(|date| !found.iter().any(|(other, known)| *other == at || known == date)) {
            found.push((at, date));
        }
    };
    for captures in text.all(&AGO) {
        let (Some(count), Some(unit)) = (captures.name("count"), captures.name("unit")) else { continue };
        let days = value(count.as_str()).map(|count| count.saturating_mul(days_of(unit.as_str())));
        add(count.start(), days.and_then(|days| back(today, days)));
    }
    for captures in text.all(&ISO_DATE) {
        let part = |name| captures.name(name).and_then(|it| it.as_str().parse::<i16>().ok());
        let date = (|| date(part("year")?, i8::try_from(part("month")?).ok()?, i8::try_from(part("day")?).ok()?))();
        // The month and day in it are not a second date.
        add(captures.name("month").map_or(0, |it| it.start()), date);
    }
    for captures in text.all(&MONTH_DAY) {
        let part = |name| captures.name(name).and_then(|it| it.as_str().parse::<i8>().ok());
        let date = part("month").zip(part("day")).and_then(|(month, day)| latest(today, month, day));
        add(captures.name("month").map_or(0, |it| it.start()), date);
    }
    for captures in text.all(&ENGLISH_DATE) {
        let month = captures.name("month").or(captures.name("second"));
        let day = captures.name("day").or(captures.name("first")).and_then(|it| it.as_str().parse().ok());
        let Some((month, day)) = month.zip(day) else { continue };
        let number = MONTHS.iter().position(|it| month.as_str().to_lowercase().starts_with(it));
        let date = number.and_then(|it| latest(today, i8::try_from(it + 1).ok()?, day));
        add(captures.get(0).map_or(0, |it| it.start()), date);
    }
    for captures in text.all(&WEEKDAY) {
        let chinese = captures.name("zh").and_then(|it| it.as_str().chars().next());
        let english = captures.name("en").map(|it| it.as_str().to_lowercase());
        let weekday =
            chinese.and_then(|it| "一二三四五六日".chars().position(|day| day == it || (it == '天' && day == '日')));
        let weekday = weekday.or_else(|| english.as_deref().and_then(|it| DAYS.iter().position(|day| *day == it)));
        let weekday = weekday.and_then(|it| Weekday::from_monday_one_offset(i8::try_from(it + 1).ok()?).ok());
        // In Chinese the week before this one, in English the day that was last.
        let date = weekday.and_then(|weekday| match chinese {
            Some(_) => {
                let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
                monday.checked_sub((7 - i64::from(weekday.to_monday_zero_offset())).days()).ok()
            }
            None => today.nth_weekday(-1, weekday).ok(),
        });
        add(captures.get(0).map_or(0, |it| it.start()), date);
    }
    for named in text.all(&NAMED_DAY).filter_map(|it| it.get(0)) {
        let days = match named.as_str() {
            "大前天" => 3,
            "前天" => 2,
            "今天" => 0,
            word if word.eq_ignore_ascii_case("today") => 0,
            _ => 1,
        };
        add(named.start(), back(today, days));
    }
    found.sort_unstable();
    found.into_iter().map(|(_, date)| date).collect()
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn waited(reading: &Reading) -> Option<u32> {
    let text = reading.text;
    let mut longest = None;
    for captures in reading.all(&WAIT) {
        let half = captures.name("half").map(|_| 15);
        let counted = captures.name("count").zip(captures.name("unit"));
        let counted =
            counted.and_then(|(count, unit)| Some(value(count.as_str())?.saturating_mul(days_of(unit.as_str()))));
        let Some(days) = half.or(counted) else { continue };
        let Some(said) = captures.get(0) else { continue };
        let before = near_before(text, said.start());
        let after = near_after(text, said.end());
        let term = TERM.iter().any(|it| after.trim_start().starts_with(it))
            || before.ends_with("within ")
            || before.ends_with('第');
        let passed = PASSED_BEFORE.iter().any(|it| before.contains(it))
            || PASSED_AFTER.iter().any(|it| after.trim_start_matches([',', '，', ' ']).starts_with(it));
        if passed && !term {
            longest = longest.max(Some(days));
        }
    }
    longest
}

/// The few characters before a place, in lower case.
fn near_before(text: &str, at: usize) -> String {
    let before: Vec<char> = text.get(..at).unwrap_or_default().chars().rev().take(12).collect();
    before.into_iter().rev().flat_map(char::to_lowercase).collect()
}

fn near_after(text: &str, at: usize) -> String {
    text.get(at..).unwrap_or_default().chars().take(10).flat_map(char::to_lowercase).collect()
}

fn days_of(unit: &str) -> u32 {
    match unit.to_lowercase().chars().next() {
        Some('周' | '週' | '星' | '礼' | '禮' | 'w') => 7,
        Some('月' | 'm') => 30,
        _ => 1,
    }
}

fn back(today: Date, days: u32) -> Option<Date> {
    today.checked_sub(i64::from(days).days()).ok()
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// The last time this day came round, or else the next: nobody asks about a day far ahead.
fn latest(today: Date, month: i8, day: i8) -> Option<Date> {
    let this_year = date(today.year(), month, day)?;
    let far_ahead = this_year > today.checked_add(1.month()).unwrap_or(today);
    if far_ahead { date(today.year() - 1, month, day) } else { Some(this_year) }
}
