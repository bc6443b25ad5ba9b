//! A stretch of every day, by the wall clock.

use std::{fmt, ops::Range, str::FromStr};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ClockTime, settings::from_text};
use crate::setting::written_as_text;

/// Days within which a window comes round again, even where a clock change swallows one of them.
const SEARCH_DAYS: usize = 8;

/// A stretch of the day by the wall clock: `09:00-21:00`. One that ends when it begins, or before, runs
/// past midnight: `21:00-02:00`. `00:00-24:00` is always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Minutes after midnight, below a day.
    from: u16,
    /// Minutes after the same midnight, above `from`; a day or more if it ends past the next midnight.
    until: u16,
}

impl Window {
    /// From one hour and minute to another; for defaults, which are known to be times of day.
    pub(in crate::engine) const fn between(from: (u16, u16), until: (u16, u16)) -> Self {
        Self { from: from.0 * 60 + from.1, until: until.0 * 60 + until.1 }
    }

    /// `None` if it would begin at 24:00, which is the next day's 00:00.
    pub fn new(from: ClockTime, until: ClockTime) -> Option<Self> {
        let (from, until) = (from.minutes(), until.minutes());
        let until = if until <= from { until + ClockTime::DAY } else { until };
        (from < ClockTime::DAY).then_some(Self { from, until })
    }

    /// Whether it lasts a day only because its two ends are the same: `09:00-09:00`.
    pub fn ends_as_it_begins(self) -> bool {
        self.from != 0 && self.until == self.from + ClockTime::DAY
    }

    /// Whether a time of day lies in it, on whichever day it began.
    pub fn holds(self, time: Time) -> bool {
        let minutes = u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0);
        let within = |it: u16| self.from <= it && it < self.until;
        within(minutes) || within(minutes + ClockTime::DAY)
    }

    /// From when to when it runs that begins on `day`, in epoch milliseconds; `None` if a clock change
    /// leaves nothing of it.
    pub(super) fn on(self, day: Date, zone: &TimeZone) -> Option<Range<i64>> {
        let moment = |minutes: u16| {
            let civil =
                day.to_datetime(Time::midnight()).checked_add(SignedDuration::from_mins(minutes.into())).ok()?;
            Some(zone.to_timestamp(civil).ok()?.as_millisecond())
        };
        let spell = moment(self.from)?..moment(self.until)?;
        (!spell.is_empty()).then_some(spell)
    }

    /// The first moment at or after `ms` that is inside.
    pub fn next_allowed_ms(self, zone: &TimeZone, ms: i64) -> i64 {
        let eve = days_from_eve(zone.to_datetime(timestamp(ms)).date());
        let spells = eve.take(SEARCH_DAYS).filter_map(|day| self.on(day, zone));
        spells.filter(|spell| ms < spell.end).map(|spell| spell.start.max(ms)).min().unwrap_or(ms)
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is not a stretch of the day; write it like \"09:00-21:00\"");
        let (from, until) = text.split_once('-').ok_or_else(bad)?;
        let time = |text: &str| text.trim().parse().map_err(|_| bad());
        Self::new(time(from)?, time(until)?).ok_or_else(bad)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What ends at midnight is written 24:00, and past it by the next day's clock.
        let until = if self.until > ClockTime::DAY { self.until - ClockTime::DAY } else { self.until };
        let [from, until] = [self.from, until].map(|it| (it / 60, it % 60));
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.0, from.1, until.0, until.1)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

written_as_text!(Window, "hours, such as \"09:00-21:00\"");

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// The day before `day`, `day` itself, and the days that follow, to the calendar's end.
pub(super) fn days_from_eve(day: Date) -> impl Iterator<Item = Date> {
    let eve = day.yesterday().unwrap_or(day);
    std::iter::successors(Some(eve), |day| day.tomorrow().ok())
}

/// The moment, or the calendar's first or last for one beyond it.
pub(super) fn timestamp(ms: i64) -> Timestamp {
    let limit = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(limit)
}
