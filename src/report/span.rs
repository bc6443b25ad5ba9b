//! Periods as people say them.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::place::Period;

/// Which time is meant.
#[derive(Clone, Debug, Default)]
pub struct Span<'a> {
    /// So long back from now.
    pub since_ms: Option<i64>,
    /// A day or a moment, `2026-03-01` or `2026-03-01 09:00`; a day as an end is meant whole.
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    /// `2026-03`.
    pub month: Option<&'a str>,
    /// How many days of the store's calendar, where nothing else says; today is the last.
    pub days: Option<i64>,
}

/// How long a period is where nobody says.
const USUAL_DAYS: i64 = 7;

impl Span<'_> {
    /// The period on the store's clock.
    ///
    /// # Errors
    /// What cannot be read, or ends before it begins, in words.
    pub fn period(&self, now_ms: i64, zone: &TimeZone) -> Result<Period, String> {
        let period = match (self.month, self.since_ms) {
            (Some(_), _) if self.from.is_some() || self.to.is_some() || self.since_ms.is_some() => {
                return Err("a month is a whole period: leave out the rest".to_owned());
            }
            (_, Some(_)) if self.from.is_some() => {
                return Err("either `since` or `from` says when it begins".to_owned());
            }
            (Some(month), _) => {
                let first = month_of(month)?;
                let next = first.checked_add(1.month()).map_err(|_| too_far(month))?;
                Period { from_ms: begin(first, zone, month)?, until_ms: begin(next, zone, month)? }
            }
            (None, Some(since_ms)) => {
                let until_ms = self.to.map_or(Ok(now_ms), |to| end_of(to, zone))?;
                Period { from_ms: until_ms.saturating_sub(since_ms), until_ms }
            }
            (None, None) => {
                let until_ms = self.to.map_or(Ok(now_ms), |to| end_of(to, zone))?;
                let usual = || {
                    let end = self.to.unwrap_or("now");
                    let last = Timestamp::from_millisecond(until_ms.saturating_sub(1)).map_err(|_| too_far(end))?;
                    let first = zone.to_datetime(last).date().checked_sub((self.days.unwrap_or(USUAL_DAYS) - 1).days());
                    begin(first.map_err(|_| too_far(end))?, zone, end)
                };
                Period { from_ms: self.from.map_or_else(usual, |from| moment(from, zone))?, until_ms }
            }
        };
        if period.from_ms < period.until_ms { Ok(period) } else { Err("it ends before it begins".to_owned()) }
    }
}

fn month_of(text: &str) -> Result<Date, String> {
    let bad = || format!("`{text}` is not a month; write it like \"2026-03\"");
    let (year, month) = text.split_once('-').ok_or_else(bad)?;
    let (year, month) = (year.parse().map_err(|_| bad())?, month.parse().map_err(|_| bad())?);
    Date::new(year, month, 1).map_err(|_| bad())
}

/// The first moment of a day, which `said` was written for.
fn begin(date: Date, zone: &TimeZone, said: &str) -> Result<i64, String> {
    Ok(date.to_zoned_datetime(zone.clone()).map_err(|_| too_far(said))?.timestamp().as_millisecond())
}

fn too_far(said: &str) -> String {
    format!("`{said}` is at the end of the calendar; name a time between the years 1 and 9998")
}

/// A day alone, without a time.
fn day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-03-01".len())
}

fn moment(text: &str, zone: &TimeZone) -> Result<i64, String> {
    day(text).map_or_else(|| at(text, zone), |date| begin(date, zone, text))
}

fn end_of(text: &str, zone: &TimeZone) -> Result<i64, String> {
    match day(text) {
        Some(date) => begin(date.tomorrow().map_err(|_| too_far(text))?, zone, text),
        None => at(text, zone),
    }
}

fn at(text: &str, zone: &TimeZone) -> Result<i64, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.as_millisecond());
    }
    let bad = || format!("`{text}` is no moment; write it like \"2026-03-01\" or \"2026-03-01 09:00\"");
    let time: DateTime = text.parse().map_err(|_| bad())?;
    Ok(time.to_zoned_datetime(zone.clone()).map_err(|_| too_far(text))?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(span: &Span<'_>) -> Result<(String, String), String> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now_ms = "2026-03-05T04:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let shown = |ms: i64| Timestamp::from_millisecond(ms).unwrap().to_string();
        span.period(now_ms, &zone).map(|it| (shown(it.from_ms), shown(it.until_ms)))
    }

    #[test]
    fn periods_are_read_as_people_say_them_on_the_stores_wall() {
        let ok = |span: Span<'_>, from: &str, until: &str| {
            assert_eq!(period(&span).unwrap(), (from.to_owned(), until.to_owned()), "{span:?}");
        };
        let none = Span::default;
        ok(none(), "2026-02-26T16:00:00Z", "2026-03-05T04:00:00Z");
        ok(Span { days: Some(1), ..none() }, "2026-03-04T16:00:00Z", "2026-03-05T04:00:00Z");
        ok(Span { month: Some("2026-02"), ..none() }, "2026-01-31T16:00:00Z", "2026-02-28T16:00:00Z");
        ok(Span { since_ms: Some(3_600_000), ..none() }, "2026-03-05T03:00:00Z", "2026-03-05T04:00:00Z");
        let day = Span { from: Some("2026-03-01"), to: Some("2026-03-01"), ..none() };
        ok(day, "2026-02-28T16:00:00Z", "2026-03-01T16:00:00Z");
        let hours = Span { from: Some("2026-03-01 09:00"), to: Some("2026-03-01T10:30"), ..none() };
        ok(hours, "2026-03-01T01:00:00Z", "2026-03-01T02:30:00Z");
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for span in [
            Span { month: Some("2026-13"), ..Span::default() },
            Span { month: Some("march"), ..Span::default() },
            Span { month: Some("2026-02"), to: Some("2026-02-03"), ..Span::default() },
            Span { from: Some("yesterday"), ..Span::default() },
            Span { from: Some("2026-03-02"), to: Some("2026-03-01"), ..Span::default() },
            Span { from: Some("2026-03-02"), since_ms: Some(1), ..Span::default() },
        ] {
            assert!(period(&span).is_err(), "{span:?}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_told_in_words() {
        for (span, said) in [
            (Span { from: Some("0001-01-01"), to: Some("9999-12-31"), ..Span::default() }, "9999-12-31"),
            (Span { from: Some("-9999-01-01"), ..Span::default() }, "-9999-01-01"),
            (Span { month: Some("9999-12"), ..Span::default() }, "9999-12"),
        ] {
            let why = period(&span).unwrap_err();
            assert!(
                why.contains(said) && (why.contains("between the years") || why.contains("write it like")),
                "{why}"
            );
        }
    }
}
