//! The figures of a week, told to the owner: when, and to whom.

use jiff::{Timestamp, ToSpan, civil::Weekday};
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

impl Playbook {
    /// Whom the figures are to be told to by now, and the moment up to which they go.
    pub fn digest_due(&self, now_ms: i64) -> Option<(&str, i64)> {
        let last_ms = self.digests_around(now_ms)?.filter(|at_ms| *at_ms <= now_ms).max()?;
        let to = &self.shop.digest.as_ref()?.to;
        (now_ms.saturating_sub(last_ms) < LATE_MS).then_some((to, last_ms))
    }

    /// When they are to be told next.
    pub fn next_digest_ms(&self, now_ms: i64) -> Option<i64> {
        self.digests_around(now_ms)?.filter(|at_ms| *at_ms > now_ms).min()
    }

    /// The moments of the week before and the one after.
    fn digests_around(&self, now_ms: i64) -> Option<impl Iterator<Item = i64>> {
        let Digest { day, time, .. } = self.shop.digest.as_ref()?;
        let zone = self.schedule.zone();
        let today = zone.to_datetime(Timestamp::from_millisecond(now_ms).ok()?).date();
        let at = move |days: i64| {
            let date = today.checked_add(days.days()).ok().filter(|it| it.weekday() == *day)?;
            let begins = date.to_zoned_datetime(zone.clone()).ok()?;
            Some(begins.timestamp().as_millisecond() + i64::from(time.minutes()) * 60_000)
        };
        Some((-7..=7).filter_map(at))
    }
}
