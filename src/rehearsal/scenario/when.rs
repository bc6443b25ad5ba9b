//! When something happens, as an owner writes it: `23:30`, `saturday 09:00`, `2026-11-11 20:00`.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday, date},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer, de};

/// The day on which scenarios begin that name none: an ordinary Wednesday, the same each time they are run.
pub const USUAL_DAY: Date = date(2026, 1, 14);

/// A time on the store's wall, and perhaps a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    day: Option<OnDay>,
    time: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDay {
    Date(Date),
    Weekday(Weekday),
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl When {
    /// The first such moment, not before `day`.
    pub fn from_day(self, day: Date, zone: &TimeZone) -> Option<i64> {
        let day = match self.day {
            None => day,
            Some(OnDay::Date(date)) => date,
            Some(OnDay::Weekday(weekday)) if day.weekday() == weekday => day,
            Some(OnDay::Weekday(weekday)) => day.nth_weekday(1, weekday).ok()?,
        };
        moment(day, self.time, zone)
    }

    /// The moment itself, where it names its day.
    pub fn on_its_day(self, zone: &TimeZone) -> Option<i64> {
        match self.day {
            Some(OnDay::Date(date)) => moment(date, self.time, zone),
            _ => None,
        }
    }

    /// The next such moment after `now_ms`; `None` where it is over.
    pub fn after(self, now_ms: i64, zone: &TimeZone) -> Option<i64> {
        let today = Timestamp::from_millisecond(now_ms).ok()?.to_zoned_datetime(zone.clone()).date();
        let first = self.from_day(today, zone)?;
        if first > now_ms {
            return Some(first);
        }
        match self.day {
            Some(OnDay::Date(_)) => None,
            Some(OnDay::Weekday(_)) => self.from_day(today.checked_add(1.day()).ok()?, zone),
            None => moment(today.checked_add(1.day()).ok()?, self.time, zone),
        }
    }
}

fn moment(day: Date, time: Time, zone: &TimeZone) -> Option<i64> {
    Some(day.to_datetime(time).to_zoned_datetime(zone.clone()).ok()?.timestamp().as_millisecond())
}

impl Default for When {
    fn default() -> Self {
        Self { day: None, time: Time::constant(10, 0, 0, 0) }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad =
            || format!("`{text}` is no time; write it like \"23:30\", \"saturday 09:00\" or \"2026-11-11 20:00\"");
        let text = text.trim();
        let (day, time) = match text.rsplit_once(' ') {
            None => (None, text),
            Some((day, time)) => {
                let name = day.trim().to_lowercase();
                // `sat` is as good as `saturday`.
                let weekday = WEEKDAYS.iter().find(|(known, _)| name.len() >= 3 && known.starts_with(&name));
                let day = match weekday {
                    Some((_, weekday)) => OnDay::Weekday(*weekday),
                    None => OnDay::Date(name.parse::<Day>().map_err(|_| bad())?.0),
                };
                (Some(day), time)
            }
        };
        let (hour, minute) = time.split_once(':').ok_or_else(bad)?;
        let number = |text: &str, length: std::ops::RangeInclusive<usize>| {
            let is_one = length.contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
            is_one.then(|| text.parse::<i8>().ok()).flatten()
        };
        let (hour, minute) = number(hour, 1..=2).zip(number(minute, 2..=2)).ok_or_else(bad)?;
        let time = Time::new(hour, minute, 0, 0).map_err(|_| bad())?;
        Ok(Self { day, time })
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| format!("`{text}` is no day; write it like \"2026-11-11\""))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            None => {}
            Some(OnDay::Date(date)) => write!(f, "{date} ")?,
            Some(OnDay::Weekday(weekday)) => {
                let name = WEEKDAYS.iter().find(|(_, it)| *it == weekday).map_or("", |(name, _)| name);
                write!(f, "{name} ")?;
            }
        }
        write!(f, "{:02}:{:02}", self.time.hour(), self.time.minute())
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written_and_nothing_half_right() {
        for text in ["23:30", "09:00", "saturday 09:00", "2026-11-11 20:00"] {
            assert_eq!(text.parse::<When>().unwrap().to_string(), text);
        }
        assert_eq!("Sat 9:05".parse::<When>().unwrap().to_string(), "saturday 09:05");
        for wrong in ["", "soon", "24:00", "9", "9:5", "tomorrow 09:00", "2026-11-31 09:00", "s 09:00"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_time_is_later_today_tomorrow_or_on_that_day() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now = "2026-01-14 12:00".parse::<When>().unwrap().from_day(USUAL_DAY, &zone).unwrap();
        let next = |text: &str| {
            let next = text.parse::<When>().unwrap().after(now, &zone)?;
            Some(Timestamp::from_millisecond(next).unwrap().to_zoned_datetime(zone.clone()).datetime().to_string())
        };
        assert_eq!(next("23:30").as_deref(), Some("2026-01-14T23:30:00"));
        assert_eq!(next("12:00").as_deref(), Some("2026-01-15T12:00:00"));
        assert_eq!(next("wednesday 11:00").as_deref(), Some("2026-01-21T11:00:00"));
        assert_eq!(next("sunday 11:00").as_deref(), Some("2026-01-18T11:00:00"));
        assert_eq!(next("2026-01-13 11:00"), None);
    }
}
