//! When people are back, said as people say it.

use jiff::{ZonedDateTime, civil::Weekday};

use crate::language::is_same_language;

/// `then` as seen from `now`, both by the store's clock: `明天 09:00`, `tomorrow at 09:00`.
pub fn in_words(then: &ZonedDateTime, now: &ZonedDateTime, language: &str) -> String {
    let english = !is_same_language(language, "zh");
    let clock = clock(then);
    let days = now.date().until(then.date()).map_or(i32::MAX, |span| span.get_days());
    match (days, english) {
        (0, false) => format!("今天 {clock}"),
        (1, false) => format!("明天 {clock}"),
        (2..=6, false) => format!("{} {clock}", weekday(then.date().weekday()).0),
        (_, false) => format!("{}月{}日 {clock}", then.date().month(), then.date().day()),
        (0, true) => format!("today at {clock}"),
        (1, true) => format!("tomorrow at {clock}"),
        (2..=6, true) => format!("on {} at {clock}", weekday(then.date().weekday()).1),
        (_, true) => format!("on {} {} at {clock}", then.date().day(), month(then.date().month())),
    }
}

/// `09:00`.
pub fn clock(time: &ZonedDateTime) -> String {
    format!("{:02}:{:02}", time.time().hour(), time.time().minute())
}

fn weekday(day: Weekday) -> (&'static str, &'static str) {
    match day {
        Weekday::Monday => ("周一", "Monday"),
        Weekday::Tuesday => ("周二", "Tuesday"),
        Weekday::Wednesday => ("周三", "Wednesday"),
        Weekday::Thursday => ("周四", "Thursday"),
        Weekday::Friday => ("周五", "Friday"),
        Weekday::Saturday => ("周六", "Saturday"),
        Weekday::Sunday => ("周日", "Sunday"),
    }
}

fn month(month: i8) -> &'static str {
    match month {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_have_names_and_far_ones_dates() {
        let at = |text: &str| format!("2026-11-{text}[Asia/Shanghai]").parse::<ZonedDateTime>().unwrap();
        let now = at("24T02:30:00");
        for (then, zh, en) in [
            ("24T09:00:00", "今天 09:00", "today at 09:00"),
            ("25T09:00:00", "明天 09:00", "tomorrow at 09:00"),
            ("28T15:30:00", "周六 15:30", "on Saturday at 15:30"),
            ("30T09:00:00", "周一 09:00", "on Monday at 09:00"),
        ] {
            assert_eq!(in_words(&at(then), &now, "zh"), zh);
            assert_eq!(in_words(&at(then), &now, "en"), en);
        }
        let far = "2027-01-03T09:00:00[Asia/Shanghai]".parse().unwrap();
        assert_eq!(in_words(&far, &now, "zh"), "1月3日 09:00");
        assert_eq!(in_words(&far, &now, "en"), "on 3 January at 09:00");
    }
}
