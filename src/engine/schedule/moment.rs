//! Days and moments, as the store's files name them.

use jiff::civil::{Date, DateTime};

/// A day or a moment on the store's wall. A day that ends something ends it at its own end.
pub fn wall_moment(text: &str, ends: bool) -> Option<DateTime> {
    if let Some(day) = day(text) {
        let day = if ends { day.tomorrow().ok()? } else { day };
        return Some(day.at(0, 0, 0, 0));
    }
    let (date, time) = text.split_once([' ', 'T'])?;
    let (hour, minute) = time.split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit())).then(|| text.parse::<i8>().ok()).flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    match (hour, minute) {
        (24, 0) => Some(day(date)?.tomorrow().ok()?.at(0, 0, 0, 0)),
        (0..=23, 0..=59) => Some(day(date)?.at(hour, minute, 0, 0)),
        _ => None,
    }
}

/// A day of the calendar, `2026-10-01`; nothing that only begins like one.
pub fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_or_a_moment_is_read_and_nothing_half_right() {
        let at = |text: &str, ends| wall_moment(text, ends).map(|it| it.to_string());
        assert_eq!(at("2026-11-11", false).as_deref(), Some("2026-11-11T00:00:00"));
        assert_eq!(at("2026-11-11", true).as_deref(), Some("2026-11-12T00:00:00"));
        assert_eq!(at("2026-11-11 20:00", false).as_deref(), Some("2026-11-11T20:00:00"));
        assert_eq!(at("2026-11-11 24:00", true).as_deref(), Some("2026-11-12T00:00:00"));
        for text in
            ["", "11-11", "2026-11-31", "2026-11-11 25:00", "2026-11-11 20", "20261111", "2026-11-11 8:00", "tomorrow"]
        {
            assert_eq!(at(text, false), None, "{text}");
        }
    }
}
