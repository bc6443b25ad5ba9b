//! Where and when something happened, as the figures are grouped.

use std::ops::Range;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What figures can be told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    Agent,
    Team,
    Channel,
    Wording,
    Hour,
    Day,
}

impl Dimension {
    pub const ALL: [Self; 6] = [Self::Agent, Self::Team, Self::Channel, Self::Wording, Self::Hour, Self::Day];

    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Team => "team",
            Self::Channel => "channel",
            Self::Wording => "wording",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A stretch of time, from the first moment to before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from_ms: i64,
    pub until_ms: i64,
}

impl Period {
    pub fn holds(self, at_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&at_ms)
    }

    pub fn range(self) -> Range<i64> {
        self.from_ms..self.until_ms
    }
}

/// The channel, the day and the hour on the store's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub channel: u32,
    pub day: Date,
    pub hour: i8,
}

impl Place {
    pub fn of(channel: u32, at_ms: i64, zone: &TimeZone) -> Self {
        let time = zone.to_datetime(Timestamp::from_millisecond(at_ms).unwrap_or_default());
        Self { channel, day: time.date(), hour: time.hour() }
    }
}

/// Names, each with a number: there are few, and they are said often.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: Vec<String>,
}

impl Names {
    pub fn number(&mut self, name: &str) -> u32 {
        let known = self.names.iter().position(|it| it == name);
        let number = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    pub fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }
}
