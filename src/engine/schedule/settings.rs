//! `hours.toml`.

use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Window, moment::day};
use crate::setting::{OneOrMore, written_as_text};

pub(super) const DEFAULT_TIMEZONE: &str = "Asia/Shanghai";

/// When people are there. Without a single shift, never: the clerk is always on its own.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HoursSettings {
    /// The IANA name of the store's time zone.
    pub timezone: String,
    /// When people are there; without a single shift, never.
    pub shift: Vec<ShiftSettings>,
    /// Days on which the shifts do not hold.
    pub holiday: Vec<HolidaySettings>,
}

impl Default for HoursSettings {
    fn default() -> Self {
        Self { timezone: DEFAULT_TIMEZONE.to_owned(), shift: Vec::new(), holiday: Vec::new() }
    }
}

/// One shift, on each of its days.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShiftSettings {
    /// For the people who read the file.
    #[serde(default)]
    pub name: Option<String>,
    /// `mon` to `sun`, and ranges such as `mon-fri`; every day where absent.
    #[serde(default = "every_day")]
    pub days: Vec<DaySpan>,
    /// When it begins.
    pub from: ClockTime,
    /// When it ends; at or before `from`: on the next day. `24:00` is the end of the day.
    pub until: ClockTime,
    /// The teams of store.toml that are there then, one or several; all of them where absent.
    #[serde(default)]
    pub team: OneOrMore,
}

fn every_day() -> Vec<DaySpan> {
    vec![DaySpan { first: Weekday::Monday, last: Weekday::Sunday }]
}

/// A day, or a run of days, on which the shifts do not hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HolidaySettings {
    /// For the people who read the file.
    pub name: Option<String>,
    /// The one day.
    pub date: Option<Day>,
    /// The first day of several.
    pub from: Option<Day>,
    /// The last day of several, included.
    pub until: Option<Day>,
    /// The same days in every year that follows.
    pub yearly: bool,
    /// Closed, unless there are hours.
    pub closed: Option<bool>,
    /// The hours of such a day, in place of the shifts.
    pub hours: Vec<Window>,
}

/// A calendar day, `2026-10-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is not a day of the calendar; write it like \"2026-10-01\"");
        let every_year =
            || format!("`{text}` has no year; write it like \"2026-{text}\", with `yearly = true` for every year");
        let lacks_year = text.len() == 5 && day(&format!("2024-{text}")).is_some();
        day(text).map(Self).ok_or_else(|| if lacks_year { every_year() } else { bad() })
    }
}

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTime(u16);

impl ClockTime {
    /// Minutes in a day.
    pub(super) const DAY: u16 = 24 * 60;

    /// After midnight; at most a day.
    pub(in crate::engine) fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for ClockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let digits = |part: &str| match part.as_bytes() {
            [ones] => digit(ones),
            [tens, ones] => Some(digit(tens)? * 10 + digit(ones)?),
            _ => None,
        };
        text.trim()
            .split_once([':', '：'])
            // An hour may go without its zero, minutes do not.
            .filter(|(_, minute)| minute.len() == 2)
            .and_then(|(hour, minute)| Some((digits(hour)?, digits(minute)?)))
            .filter(|(hour, minute)| *minute < 60 && (*hour < 24 || (*hour, *minute) == (24, 0)))
            .map(|(hour, minute)| Self(hour * 60 + minute))
            .ok_or_else(|| format!("`{text}` is not a time of day; write it like \"09:00\", up to \"24:00\""))
    }
}

/// A weekday, or a run of them: `sat`, `mon-fri`, `fri-mon`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpan {
    first: Weekday,
    last: Weekday,
}

impl DaySpan {
    pub fn weekdays(self) -> impl Iterator<Item = Weekday> {
        let length = usize::try_from(self.first.until(self.last)).unwrap_or(0) + 1;
        self.first.cycle_forward().take(length)
    }
}

impl FromStr for DaySpan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |name: &str| match name.trim().to_lowercase().as_str() {
            "mon" | "monday" | "周一" | "星期一" | "一" => Ok(Weekday::Monday),
            "tue" | "tues" | "tuesday" | "周二" | "星期二" | "二" => Ok(Weekday::Tuesday),
            "wed" | "wednesday" | "周三" | "星期三" | "三" => Ok(Weekday::Wednesday),
            "thu" | "thur" | "thurs" | "thursday" | "周四" | "星期四" | "四" => Ok(Weekday::Thursday),
            "fri" | "friday" | "周五" | "星期五" | "五" => Ok(Weekday::Friday),
            "sat" | "saturday" | "周六" | "星期六" | "六" => Ok(Weekday::Saturday),
            "sun" | "sunday" | "周日" | "周天" | "星期日" | "星期天" | "日" => Ok(Weekday::Sunday),
            _ => Err(format!(
                "`{text}` is not a day of the week; write mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri"
            )),
        };
        let (first, last) = text.split_once(['-', '–', '—', '至', '到', '~']).unwrap_or((text, text));
        Ok(Self { first: day(first)?, last: day(last)? })
    }
}

/// The days as they are written, from Monday on.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Serialize for DaySpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let word = |day: Weekday| {
            usize::try_from(day.to_monday_zero_offset()).ok().and_then(|at| DAYS.get(at)).copied().unwrap_or_default()
        };
        match self.first == self.last {
            true => serializer.serialize_str(word(self.first)),
            false => serializer.collect_str(&format_args!("{}-{}", word(self.first), word(self.last))),
        }
    }
}

written_as_text!(Day, "day, such as \"2026-10-01\"");
written_as_text!(ClockTime, "time of day, such as \"09:00\"");
written_as_text!(DaySpan, "`mon` to `sun`, or a range such as `mon-fri`");

/// Reads what is written as a text.
pub(super) fn from_text<'de, T: FromStr<Err = String>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

impl<'de> Deserialize<'de> for DaySpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}
