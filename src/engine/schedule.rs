//! When people are there to answer: shifts by the store's wall clock, and the days that differ.
//!
//! A shift begins and ends when the clock on the store's wall says so. Where that clock is set forward
//! or back, a time it skips counts as the moment after the gap that is as far on, and a time it shows
//! twice as the first of the two (RFC 5545's reading, jiff's `Compatible`). A shift belongs to the day
//! it begins on, so the night shift before a holiday runs on into it.

mod latest;
mod moment;
mod settings;
mod window;
mod zones;

use std::ops::Range;

use jiff::{
    Timestamp, ToSpan, ZonedDateTime,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

use latest::Latest;
pub use moment::wall_moment;
pub use settings::{ClockTime, Day, DaySpan, HolidaySettings, HoursSettings, ShiftSettings};
pub use window::Window;
use window::timestamp;
pub use zones::oddity as zone_oddity;

use crate::setting::{PathStep, Problem};

const FILE: &str = "hours.toml";

/// How far ahead the next opening is looked for: longer than any store that means to open again is shut.
const HORIZON_DAYS: usize = 400;

/// The store's hours, ready to be asked.
#[derive(Clone, Debug)]
pub struct Schedule {
    zone: TimeZone,
    shifts: Vec<Shift>,
    /// In order of their dates; none overlaps another.
    holidays: Vec<Holiday>,
    /// Those that come round every year; a day with a holiday of its own keeps that.
    yearly: Vec<Holiday>,
    latest: Latest,
}

#[derive(Clone, Debug)]
struct Shift {
    days: Vec<Weekday>,
    window: Window,
    /// Empty: every team's.
    teams: Vec<String>,
}

/// Days on which other windows hold than the shifts'.
#[derive(Clone, Debug)]
struct Holiday {
    /// First and last day.
    from: Date,
    until: Date,
    /// Whether the same days of every later year are meant, too.
    yearly: bool,
    /// Empty: closed.
    windows: Vec<Window>,
}

impl Default for Schedule {
    /// Nobody is ever there, by Shanghai's clock (UTC where the machine does not know it).
    fn default() -> Self {
        let zone = TimeZone::get(settings::DEFAULT_TIMEZONE).unwrap_or(TimeZone::UTC);
        Self { zone, shifts: Vec::new(), holidays: Vec::new(), yearly: Vec::new(), latest: Latest::default() }
    }
}

impl Schedule {
    /// # Errors
    /// Every mistake in the settings: an unknown time zone, a shift on no day, a holiday without a date
    /// or whose dates run backwards or overlap another's.
    pub fn compile(settings: &HoursSettings) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let zone = TimeZone::get(&settings.timezone).unwrap_or_else(|_| {
            let message = format!("there is no time zone `{}`", settings.timezone);
            let hint = zones::hint(&settings.timezone);
            problems.push(Problem::new(FILE, ["timezone".into()], message).hint(hint));
            TimeZone::UTC
        });
        let mut shifts = Vec::new();
        for (index, shift) in settings.shift.iter().enumerate() {
            match Shift::compile(shift, index) {
                Ok(shift) => shifts.push(shift),
                Err(problem) => problems.push(problem),
            }
        }
        let mut holidays: Vec<Holiday> = Vec::new();
        for (index, holiday) in settings.holiday.iter().enumerate() {
            match Holiday::compile(holiday, index) {
                Ok(holiday) => match holidays.iter().find(|other| other.clashes(&holiday)) {
                    Some(other) => {
                        let message = format!("covers a day that the holiday from {} covers already", other.from);
                        let hint = "split the longer one, so that each day is in one holiday";
                        problems.push(holiday_problem(index, None, message).hint(hint));
                    }
                    None => holidays.push(holiday),
                },
                Err(problem) => problems.push(problem),
            }
        }
        let (yearly, mut holidays): (Vec<_>, Vec<_>) = holidays.into_iter().partition(|holiday| holiday.yearly);
        holidays.sort_by_key(|holiday| holiday.from);
        if problems.is_empty() {
            Ok(Self { zone, shifts, holidays, yearly, latest: Latest::default() })
        } else {
            Err(problems)
        }
    }

    /// The hours of one team: its own shifts and those that are every team's, on the same holidays.
    pub fn of_team(&self, team: &str) -> Self {
        let shifts =
            self.shifts.iter().filter(|shift| shift.teams.is_empty() || shift.teams.iter().any(|it| it == team));
        Self { shifts: shifts.cloned().collect(), latest: Latest::default(), ..self.clone() }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether people are there to answer.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.latest.or_find(now_ms, || self.spells_around(now_ms).any(|spell| spell.contains(&now_ms)))
    }

    /// When people came in who are there now; `None` while nobody is, or where the store has not been closed since the
    /// eve of this day.
    pub fn opened_ms(&self, now_ms: i64) -> Option<i64> {
        if !self.is_open(now_ms) {
            return None;
        }
        let begun = self.spells_around(now_ms).map(|spell| spell.start).filter(|start| *start <= now_ms);
        // Where one shift hands over to the next, nobody comes in to a closed store.
        begun.filter(|start| !self.is_open(start - 1)).max()
    }

    /// When people went home last, before a moment at which they are not there or come in; a day before it where that is
    /// longer ago.
    pub fn closed_before_ms(&self, at_ms: i64) -> i64 {
        let ends = self.spells_around(at_ms).map(|spell| spell.end).filter(|end| *end <= at_ms);
        ends.max().unwrap_or(at_ms.saturating_sub(24 * 3_600_000))
    }

    /// When this day began on the store's wall.
    pub fn day_began_ms(&self, now_ms: i64) -> i64 {
        self.zoned(now_ms).start_of_day().map_or(now_ms, |began| began.timestamp().as_millisecond())
    }

    /// When the next day begins on the store's wall.
    pub fn next_day_ms(&self, now_ms: i64) -> Option<i64> {
        let began = self.zoned(now_ms).tomorrow().and_then(|it| it.start_of_day()).ok()?;
        Some(began.timestamp().as_millisecond()).filter(|began| *began > now_ms)
    }

    /// When people come in next, or may go home, where they are there; `None` if not within the next 400 days.
    pub fn next_turn_ms(&self, now_ms: i64) -> Option<i64> {
        if self.is_open(now_ms) {
            return self.spells_around(now_ms).map(|spell| spell.end).filter(|end| *end > now_ms).min();
        }
        self.next_open_ms(now_ms)
    }

    /// When people are there next: now, if they are; `None` if not within the next 400 days.
    pub fn next_open_ms(&self, now_ms: i64) -> Option<i64> {
        if self.is_open(now_ms) {
            return Some(now_ms);
        }
        let days = self.days_around(now_ms).take(HORIZON_DAYS);
        let mut openings =
            days.map(|day| self.spells(day).map(|spell| spell.start).filter(|start| *start > now_ms).min());
        openings.find_map(|opening| opening)
    }

    /// The time on the store's wall, `2026-11-24T21:30:00+08:00`.
    pub fn local_time(&self, now_ms: i64) -> String {
        let zoned = self.zoned(now_ms);
        let seconds = Timestamp::from_second(zoned.timestamp().as_second()).unwrap_or(zoned.timestamp());
        seconds.display_with_offset(zoned.offset()).to_string()
    }

    /// A moment by the store's clock and calendar; the calendar's first or last one for a moment beyond it.
    pub fn zoned(&self, ms: i64) -> ZonedDateTime {
        timestamp(ms).to_zoned_datetime(self.zone.clone())
    }

    /// What the calendar and the clock on the store's wall show.
    pub fn wall(&self, ms: i64) -> DateTime {
        self.zone.to_datetime(timestamp(ms))
    }

    /// The day it is at the store.
    pub fn today(&self, ms: i64) -> Date {
        self.zone.to_datetime(timestamp(ms)).date()
    }

    /// The stretches that can hold this moment: those of the day, and of the days beside it, because a
    /// shift can run past midnight and a clock can be set back across it.
    fn spells_around(&self, ms: i64) -> impl Iterator<Item = Range<i64>> {
        self.days_around(ms).take(3).flat_map(|day| self.spells(day))
    }

    /// The days from the one before this moment's.
    fn days_around(&self, ms: i64) -> impl Iterator<Item = Date> {
        window::days_from_eve(self.today(ms))
    }

    /// The stretches, in epoch milliseconds, in which people are there and that begin on this day.
    fn spells(&self, day: Date) -> impl Iterator<Item = Range<i64>> {
        let holiday = self.holiday(day);
        let usual = self.shifts.iter().filter(move |shift| holiday.is_none() && shift.days.contains(&day.weekday()));
        let special = holiday.map_or(&[][..], |holiday| &holiday.windows);
        usual
            .map(|shift| shift.window)
            .chain(special.iter().copied())
            .filter_map(move |window| window.on(day, &self.zone))
    }

    fn holiday(&self, day: Date) -> Option<&Holiday> {
        let begun = self.holidays.partition_point(|holiday| holiday.from <= day);
        let once = self.holidays.get(..begun).and_then(<[_]>::last).filter(|holiday| day <= holiday.until);
        once.or_else(|| self.yearly.iter().find(|holiday| holiday.comes_round_on(day)))
    }
}

impl Shift {
    fn compile(settings: &ShiftSettings, index: usize) -> Result<Self, Problem> {
        let problem =
            |key: &str, message: &str| Problem::new(FILE, ["shift".into(), index.into(), key.into()], message);
        let days: Vec<_> = settings.days.iter().flat_map(|span| span.weekdays()).collect();
        if days.is_empty() {
            let hint = "list days such as `mon` or `mon-fri`, or leave `days` out for every day";
            return Err(problem("days", "a shift on no day is never worked").hint(hint));
        }
        let window = Window::new(settings.from, settings.until)
            .ok_or_else(|| problem("from", "no shift begins at 24:00").hint("write 00:00, on the next day"))?;
        Ok(Self { days, window, teams: settings.team.as_slice().to_vec() })
    }
}

impl Holiday {
    fn compile(settings: &HolidaySettings, index: usize) -> Result<Self, Problem> {
        let (from, until) = match (settings.date, settings.from, settings.until) {
            (Some(date), None, None) => (date.0, date.0),
            (None, Some(from), Some(until)) if from.0 <= until.0 => (from.0, until.0),
            (None, Some(from), Some(until)) => {
                let message = format!("ends before it begins: {} is before {}", until.0, from.0);
                return Err(holiday_problem(index, Some("until"), message).hint("swap the two dates"));
            }
            _ => {
                let hint = "write either `date = \"2026-10-01\"` or both `from` and `until`";
                return Err(holiday_problem(index, None, "it is not clear which days it covers").hint(hint));
            }
        };
        let closed = settings.closed.unwrap_or(settings.hours.is_empty());
        match (closed, settings.hours.is_empty()) {
            (true, false) => {
                let hint = "remove `closed`, or the hours";
                Err(holiday_problem(index, Some("closed"), "the day has hours, so it is not closed").hint(hint))
            }
            (false, true) => {
                let hint = "say when it is open: `hours = [\"10:00-14:00\"]`";
                Err(holiday_problem(index, Some("closed"), "the day is open, but has no hours").hint(hint))
            }
            _ if settings.yearly && from.until(until).is_ok_and(|span| span.get_days() > 364) => {
                let hint = "a holiday that is always needs no shifts instead";
                Err(holiday_problem(index, Some("yearly"), "it covers the whole year").hint(hint))
            }
            _ => Ok(Self { from, until, yearly: settings.yearly, windows: settings.hours.clone() }),
        }
    }

    /// Whether both claim a day, so that nobody knows which holds. What comes round every year gives way to a date.
    fn clashes(&self, other: &Self) -> bool {
        match (self.yearly, other.yearly) {
            (false, false) => self.from <= other.until && other.from <= self.until,
            (true, true) => {
                let days = |it: &Self| it.from.series(1.day()).take_while(|day| *day <= it.until).collect::<Vec<_>>();
                let later = |day: &Date| day.checked_add(1.year()).is_ok_and(|day| other.comes_round_on(day));
                days(self).iter().any(|day| other.comes_round_on(*day) || later(day))
                    || days(other).iter().any(|day| self.comes_round_on(*day))
            }
            _ => false,
        }
    }

    /// Whether it is on this day, in its first year or a later one.
    fn comes_round_on(&self, day: Date) -> bool {
        let years = day.year() - self.from.year();
        [years, years - 1].into_iter().filter(|years| *years >= 0).any(|years| {
            let later = |date: Date| date.checked_add(i64::from(years).years()).ok();
            later(self.from).zip(later(self.until)).is_some_and(|(from, until)| from <= day && day <= until)
        })
    }
}

fn holiday_problem(index: usize, key: Option<&str>, message: impl Into<String>) -> Problem {
    let path = ["holiday".into(), PathStep::Index(index)].into_iter().chain(key.map(PathStep::from));
    Problem::new(FILE, path, message)
}

#[cfg(test)]
mod tests;
