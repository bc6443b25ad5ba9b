//! The figures of a week, told to the owner: when, and to whom.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Playbook,
    out_of_reach::{REACH_HINT, cannot_be_told},
    schedule::{ClockTime, DaySpan},
};
use crate::setting::Problem;

/// One that is later than this, because the clerk was down, is no news any more.
const LATE_MS: i64 = 24 * 60 * 60 * 1000;

/// `[digest]`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DigestSettings {
    /// The team or person who is told the figures of each week; nobody where absent.
    pub to: Option<String>,
    /// The day and the time of it, on the store's clock.
    pub on: String,
}

impl Default for DigestSettings {
    fn default() -> Self {
        Self { to: None, on: "monday 09:00".to_owned() }
    }
}

/// When it goes to whom.
#[derive(Clone, Debug)]
pub struct Digest {
    pub to: String,
    day: Weekday,
    time: ClockTime,
}

impl DigestSettings {
    /// Notes each mistake. `is_heard`: whether anybody hears what a team or person is told.
    pub fn compile(
        &self,
        file: &'static str,
        is_heard: impl Fn(&str) -> bool,
        problems: &mut Vec<Problem>,
    ) -> Option<Digest> {
        let mut wrong = |key: &str, message: String, hint: &str| {
            problems.push(Problem::new(file, ["digest".into(), key.into()], message).hint(hint));
        };
        let read = || {
            let (day, time) = self.on.trim().rsplit_once(char::is_whitespace)?;
            let day = day.parse::<DaySpan>().ok()?.weekdays().next()?;
            Some((day, time.parse::<ClockTime>().ok()?))
        };
        let on = read();
        if on.is_none() {
            wrong("on", format!("`{}` is no day with a time", self.on), "write it like \"monday 09:00\"");
        }
        let to = self.to.clone()?;
        if !is_heard(&to) {
            wrong("to", cannot_be_told(&to), REACH_HINT);
        }
        let (day, time) = on?;
        Some(Digest { to, day, time })
    }
}

/// The figures of a week that are to be told by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestDue<'a> {
    pub to: &'a str,
    /// The same time a week before: the last one ended there, whatever was done to the clock meanwhile.
    pub from_ms: i64,
    pub until_ms: i64,
}

impl Playbook {
    /// Whom the figures are to be told to by now, and of which week.
    pub fn digest_due(&self, now_ms: i64) -> Option<DigestDue<'_>> {
        let digest = self.shop.digest.as_ref()?;
        let (day, until_ms) = self.digests_around(now_ms)?.filter(|(_, at_ms)| *at_ms <= now_ms).max()?;
        let from_ms = self.digest_ms(digest, day.checked_sub(7.days()).ok()?)?;
        (now_ms.saturating_sub(until_ms) < LATE_MS).then_some(DigestDue { to: &digest.to, from_ms, until_ms })
    }

    /// When they are to be told next.
    pub fn next_digest_ms(&self, now_ms: i64) -> Option<i64> {
        self.digests_around(now_ms)?.map(|(_, at_ms)| at_ms).filter(|at_ms| *at_ms > now_ms).min()
    }

    /// The days and moments of the week before and the one after.
    fn digests_around(&self, now_ms: i64) -> Option<impl Iterator<Item = (Date, i64)>> {
        let digest = self.shop.digest.as_ref()?;
        let today = self.schedule.zone().to_datetime(Timestamp::from_millisecond(now_ms).ok()?).date();
        let on = move |days: i64| {
            let date = today.checked_add(days.days()).ok().filter(|it| it.weekday() == digest.day)?;
            Some((date, self.digest_ms(digest, date)?))
        };
        Some((-8..=7).filter_map(on))
    }

    /// The moment of it on a day.
    fn digest_ms(&self, digest: &Digest, date: Date) -> Option<i64> {
        let wall = date.at(0, 0, 0, 0).checked_add(SignedDuration::from_mins(digest.time.minutes().into())).ok()?;
        Some(self.schedule.zone().to_timestamp(wall).ok()?.as_millisecond())
    }
}
