//! `hours.toml`.

use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, de};

use super::{Window, moment::day};

pub(super) const DEFAULT_TIMEZONE: &str = "Asia/Shanghai";

/// When people are there. Without a single shift, never: the clerk is always on its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoursSettings {
    /// The IANA name of the store's time zone.
    pub timezone: String,
    pub shift: Vec<ShiftSettings>,
    pub holiday: Vec<HolidaySettings>,
}

impl Default for HoursSettings {
    fn default() -> Self {
        Self { timezone: DEFAULT_TIMEZONE.to_owned(), shift: Vec::new(), holiday: Vec::new() }
    }
}

/// One shift, on each of its days.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftSettings {
    /// For the people who read the file.
    #[serde(default)]
    pub name: Option<String>,
    /// `mon` to `sun`, and ranges such as `mon-fri`; every day where absent.
    #[serde(default = "every_day")]
    pub days: Vec<DaySpan>,
    pub from: ClockTime,
    /// At or before `from`: on the next day.
    pub until: ClockTime,
}

fn every_day() -> Vec<DaySpan> {
    vec![DaySpan { first: Weekday::Monday, last: Weekday::Sunday }]
}

/// A day, or a run of days, on which the shifts do not hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HolidaySettings {
    /// For the people who read the file.
    pub name: Option<String>,
    /// The one day, or else the first and the last.
    pub date: Option<Day>,
    pub from: Option<Day>,
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
        day(text).map(Self).ok_or_else(bad)
    }
}

/// A time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTime(u16);

impl ClockTime {
    /// Minutes in a day.
    pub(super) const DAY: u16 = 24 * 60;

    /// After midnight; at most a day.
    pub(super) fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for ClockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let two_digits = |part: &str| match part.as_bytes() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u16::from(tens - b'0') * 10 + u16::from(ones - b'0')),
            _ => None,
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
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
        let day = |name: &str| match name.trim() {
            "mon" => Ok(Weekday::Monday),
            "tue" => Ok(Weekday::Tuesday),
            "wed" => Ok(Weekday::Wednesday),
            "thu" => Ok(Weekday::Thursday),
            "fri" => Ok(Weekday::Friday),
            "sat" => Ok(Weekday::Saturday),
            "sun" => Ok(Weekday::Sunday),
            _ => Err(format!(
                "`{text}` is not a day of the week; write mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri"
            )),
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Ok(Self { first: day(first)?, last: day(last)? })
    }
}

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
