mod watched;

use jiff::civil::date;

use super::*;

fn schedule(toml: &str) -> Schedule {
    Schedule::compile(&toml::from_str(toml).unwrap()).unwrap()
}

/// The epoch milliseconds of `2026-11-24T21:30:00+08:00`.
fn at(rfc3339: &str) -> i64 {
    rfc3339.parse::<Timestamp>().unwrap().as_millisecond()
}

fn problems(toml: &str) -> Vec<String> {
    let settings: HoursSettings = toml::from_str(toml).unwrap();
    Schedule::compile(&settings).unwrap_err().iter().map(ToString::to_string).collect()
}

const DAY_AND_EVENING: &str = r#"
    [[shift]]
    name = "day"
    from = "09:00"
    until = "18:00"
    [[shift]]
    name = "evening"
    days = ["mon-fri", "sun"]
    from = "15:00"
    until = "24:00"
"#;

#[test]
fn a_store_without_shifts_is_never_staffed() {
    for schedule in [schedule(""), Schedule::default()] {
        let now = at("2026-11-24T12:00:00+08:00");
        assert!(!schedule.is_open(now));
        assert_eq!(schedule.next_open_ms(now), None);
    }
}

#[test]
fn people_are_there_from_the_first_shift_to_the_end_of_the_last() {
    let schedule = schedule(DAY_AND_EVENING);
    let (opens, closes) = (at("2026-11-24T09:00:00+08:00"), at("2026-11-25T00:00:00+08:00"));
    assert!(!schedule.is_open(opens - 1));
    assert!(schedule.is_open(opens));
    assert!(schedule.is_open(closes - 1));
    assert!(!schedule.is_open(closes));
    assert_eq!(schedule.next_open_ms(opens - 1), Some(opens));
    assert_eq!(schedule.next_open_ms(opens + 1), Some(opens + 1));
    assert!((opens..closes).step_by(60_000).all(|minute| schedule.is_open(minute)), "the shifts overlap");
    let saturday_ends = at("2026-11-28T18:00:00+08:00");
    assert!(schedule.is_open(saturday_ends - 1) && !schedule.is_open(saturday_ends));
}

#[test]
fn a_shift_past_midnight_belongs_to_the_day_it_begins_on() {
    let schedule = schedule("[[shift]]\ndays = [\"fri\"]\nfrom = \"22:00\"\nuntil = \"02:00\"");
    let saturday = at("2026-11-28T00:00:00+08:00");
    assert!(schedule.is_open(saturday + 3_600_000));
    assert!(!schedule.is_open(saturday + 2 * 3_600_000));
    assert!(!schedule.is_open(saturday - 23 * 3_600_000), "Thursday has no night shift");
}

#[test]
fn a_store_that_never_closes_is_open_through_every_midnight() {
    let schedule = schedule("[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"");
    let now = at("2026-11-24T03:00:00+08:00");
    assert!((0..48).all(|hour| schedule.is_open(now + hour * 3_600_000)));
}

#[test]
fn on_a_holiday_nobody_is_there_but_the_night_shift_before_ends_its_work() {
    let schedule = schedule(
        r#"
        [[shift]]
        from = "20:00"
        until = "04:00"
        [[holiday]]
        name = "National Day"
        from = "2026-10-01"
        until = "2026-10-07"
        "#,
    );
    assert!(schedule.is_open(at("2026-10-01T03:00:00+08:00")), "began on 30 September");
    assert!(!schedule.is_open(at("2026-10-01T21:00:00+08:00")));
    assert!(!schedule.is_open(at("2026-10-08T03:00:00+08:00")), "would have begun on 7 October");
    assert_eq!(schedule.next_open_ms(at("2026-10-01T04:00:00+08:00")), Some(at("2026-10-08T20:00:00+08:00")));
}

#[test]
fn a_holiday_that_comes_round_is_one_every_year_and_gives_way_to_a_date() {
    let holidays = r#"
        [[holiday]]
        from = "2026-12-31"
        until = "2027-01-01"
        yearly = true
        [[holiday]]
        date = "2024-02-29"
        yearly = true
        [[holiday]]
        date = "2028-12-31"
        hours = ["10:00-12:00"]
    "#;
    let schedule = schedule(&format!("{DAY_AND_EVENING}\n{holidays}"));
    let open = |time: &str| schedule.is_open(at(&format!("{time}+08:00")));
    for day in ["2026-12-31", "2027-01-01", "2027-12-31", "2030-01-01", "2028-02-29", "2027-02-28"] {
        assert!(!open(&format!("{day}T11:00:00")), "{day}");
    }
    for day in ["2026-12-30", "2027-01-02", "2025-12-31"] {
        assert!(open(&format!("{day}T11:00:00")), "{day}");
    }
    assert!(open("2028-12-31T11:00:00") && !open("2028-12-31T13:00:00"), "its own hours that year");
}

#[test]
fn a_holiday_may_have_hours_of_its_own() {
    let holiday = "[[holiday]]\ndate = \"2026-11-28\"\nhours = [\"10:00-11:00\", \"23:00-01:00\"]";
    let schedule = schedule(&format!("{DAY_AND_EVENING}\n{holiday}"));
    assert!(!schedule.is_open(at("2026-11-28T09:30:00+08:00")));
    assert!(schedule.is_open(at("2026-11-28T10:30:00+08:00")));
    assert!(schedule.is_open(at("2026-11-29T00:30:00+08:00")));
    assert!(schedule.is_open(at("2026-11-29T09:30:00+08:00")), "the day after is as usual");
}

#[test]
fn a_closure_of_more_than_a_year_gives_no_promise_of_opening() {
    let schedule = schedule(&format!("{DAY_AND_EVENING}\n[[holiday]]\nfrom = \"2026-01-01\"\nuntil = \"2029-12-31\""));
    assert_eq!(schedule.next_open_ms(at("2026-06-01T12:00:00+08:00")), None);
}

#[test]
fn shifts_follow_the_wall_clock_through_clock_changes() {
    let berlin = |from: &str, until: &str| {
        schedule(&format!("timezone = \"Europe/Berlin\"\n[[shift]]\nfrom = \"{from}\"\nuntil = \"{until}\""))
    };
    // 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00.
    let nine = berlin("09:00", "18:00");
    assert!(nine.is_open(at("2026-03-28T09:00:00+01:00")) && nine.is_open(at("2026-03-29T09:00:00+02:00")));
    assert!(!nine.is_open(at("2026-03-29T08:59:00+02:00")));
    let night = berlin("22:00", "02:30");
    assert!(night.is_open(at("2026-03-29T03:29:00+02:00")), "02:30 is skipped and stands for 03:30");
    assert!(!night.is_open(at("2026-03-29T03:30:00+02:00")));
    assert!(night.is_open(at("2026-10-25T02:29:00+02:00")));
    assert!(!night.is_open(at("2026-10-25T02:29:00+01:00")), "the first 02:30 ends it");
}

#[test]
fn the_wall_shows_the_stores_time_and_day() {
    let schedule = schedule("");
    let now = at("2026-11-24T21:30:00+08:00") + 999;
    assert_eq!(schedule.local_time(now), "2026-11-24T21:30:00+08:00");
    assert_eq!(schedule.today(at("2026-11-24T17:00:00Z")), date(2026, 11, 25));
    assert_eq!(schedule.zoned(now).weekday(), Weekday::Tuesday);
}

#[test]
fn moments_beyond_the_calendar_are_answered_too() {
    let schedule = schedule(DAY_AND_EVENING);
    let window: Window = "00:00-24:00".parse().unwrap();
    for ms in [i64::MIN, i64::MAX] {
        assert!(!schedule.local_time(ms).is_empty());
        schedule.is_open(ms);
        schedule.next_open_ms(ms);
        assert!(window.next_allowed_ms(schedule.zone(), ms) >= ms);
    }
}

#[test]
fn a_window_moves_a_moment_to_when_it_is_allowed() {
    let schedule = schedule("");
    let next = |window: &str, time: &str| {
        let ms = window.parse::<Window>().unwrap().next_allowed_ms(schedule.zone(), at(time));
        schedule.local_time(ms)
    };
    assert_eq!(next("09:00-21:30", "2026-11-24T08:00:00+08:00"), "2026-11-24T09:00:00+08:00");
    assert_eq!(next("09:00-21:30", "2026-11-24T21:29:59+08:00"), "2026-11-24T21:29:59+08:00");
    assert_eq!(next("09:00-21:30", "2026-11-24T21:30:00+08:00"), "2026-11-25T09:00:00+08:00");
    assert_eq!(next("20:00-02:00", "2026-11-24T01:00:00+08:00"), "2026-11-24T01:00:00+08:00");
    assert_eq!(next("20:00-02:00", "2026-11-24T02:00:00+08:00"), "2026-11-24T20:00:00+08:00");
    assert_eq!(next("00:00-24:00", "2026-11-24T02:00:00+08:00"), "2026-11-24T02:00:00+08:00");
}

#[test]
fn every_mistake_is_named_at_its_place() {
    assert_eq!(
        problems(
            r#"
            timezone = "Asia/Shanhai"
            [[shift]]
            from = "24:00"
            until = "08:00"
            [[shift]]
            days = []
            from = "09:00"
            until = "18:00"
            [[holiday]]
            name = "no date"
            [[holiday]]
            from = "2026-10-07"
            until = "2026-10-01"
            [[holiday]]
            date = "2026-12-25"
            closed = true
            hours = ["10:00-14:00"]
            [[holiday]]
            date = "2026-12-31"
            closed = false
            [[holiday]]
            date = "2027-01-01"
            [[holiday]]
            from = "2026-12-30"
            until = "2027-01-02"
            "#
        ),
        [
            "hours.toml: timezone: there is no time zone `Asia/Shanhai`",
            "hours.toml: shift[0].from: no shift begins at 24:00",
            "hours.toml: shift[1].days: a shift on no day is never worked",
            "hours.toml: holiday[0]: it is not clear which days it covers",
            "hours.toml: holiday[1].until: ends before it begins: 2026-10-01 is before 2026-10-07",
            "hours.toml: holiday[2].closed: the day has hours, so it is not closed",
            "hours.toml: holiday[3].closed: the day is open, but has no hours",
            "hours.toml: holiday[5]: covers a day that the holiday from 2027-01-01 covers already",
        ]
    );
}

#[test]
fn hours_may_be_written_as_people_write_them() {
    let usual = schedule("[[shift]]\ndays = [\"mon-fri\"]\nfrom = \"09:00\"\nuntil = \"18:00\"");
    for (days, from) in
        [("Mon-Fri", "9:00"), ("monday - Friday", "09：00"), ("周一至周五", "9:00"), ("MON–FRI", "9：00")]
    {
        let written = schedule(&format!("[[shift]]\ndays = [\"{days}\"]\nfrom = \"{from}\"\nuntil = \"18:00\""));
        let week = at("2026-11-23T00:00:00+08:00");
        let minutes = (0..7 * 24 * 4).map(|quarter| week + quarter * 15 * 60_000);
        assert!(minutes.into_iter().all(|ms| written.is_open(ms) == usual.is_open(ms)), "{days} {from}");
    }
}

#[test]
fn a_time_zone_that_is_none_is_named_with_the_one_that_was_meant() {
    for (wrong, right) in [
        ("Asia/Shangai", "Asia/Shanghai"),
        ("Asia/Beijing", "Asia/Shanghai"),
        ("China Standard Time", "Asia/Shanghai"),
        ("UTC+8", "Asia/Shanghai"),
        ("Europe/Berln", "Europe/Berlin"),
    ] {
        let settings: HoursSettings = toml::from_str(&format!("timezone = \"{wrong}\"")).unwrap();
        let problems = Schedule::compile(&settings).unwrap_err();
        assert!(problems[0].hint.as_ref().unwrap().contains(right), "{problems:?}");
    }
}

#[test]
fn a_text_that_is_no_time_day_or_date_is_refused_where_it_stands() {
    for (toml, wrong) in [
        ("[[shift]]\nfrom = \"9:0\"\nuntil = \"18:00\"", "\"9:0\""),
        ("[[shift]]\nfrom = \"9am\"\nuntil = \"18:00\"", "\"9am\""),
        ("[[shift]]\nfrom = \"09:00\"\nuntil = \"24:01\"", "\"24:01\""),
        ("[[shift]]\nfrom = \"09:60\"\nuntil = \"18:00\"", "\"09:60\""),
        ("[[shift]]\ndays = [\"mon\", \"thorsday\"]\nfrom = \"09:00\"\nuntil = \"18:00\"", "\"thorsday\""),
        ("[[holiday]]\ndate = \"2026-02-30\"", "\"2026-02-30\""),
        ("[[holiday]]\ndate = \"2026-10-01\"\nhours = [\"10:00\"]", "\"10:00\""),
        ("[[holiday]]\ndate = \"2026-10-01\"\nhours = [\"24:00-02:00\"]", "\"24:00-02:00\""),
    ] {
        let error = toml::from_str::<HoursSettings>(toml).unwrap_err();
        assert!(toml[error.span().unwrap()].contains(wrong), "{error}");
        assert!(error.message().contains("write"), "says what to write: {error}");
    }
    assert!(toml::from_str::<HoursSettings>("timezon = \"UTC\"").is_err());
}

#[test]
fn people_come_in_once_a_day_however_many_shifts_follow() {
    let schedule = schedule(DAY_AND_EVENING);
    let opens = at("2026-11-24T09:00:00+08:00");
    assert_eq!(schedule.opened_ms(opens - 1), None, "nobody is there");
    for hour in 0..15 {
        assert_eq!(schedule.opened_ms(opens + hour * 3_600_000), Some(opens), "{hour} hours on");
    }
    assert_eq!(schedule.opened_ms(at("2026-11-25T00:00:00+08:00")), None);
    assert_eq!(schedule.opened_ms(at("2026-11-25T09:30:00+08:00")), Some(opens + 24 * 3_600_000));
}

#[test]
fn nobody_comes_in_where_nobody_ever_leaves() {
    let always = schedule("[[shift]]\nname = \"always\"\nfrom = \"00:00\"\nuntil = \"24:00\"");
    let now = at("2026-11-24T12:00:00+08:00");
    assert!((0..48).all(|hour| always.opened_ms(now + hour * 3_600_000).is_none()));
}

#[test]
fn a_night_shift_came_in_before_midnight() {
    let night = schedule("[[shift]]\nname = \"night\"\nfrom = \"22:00\"\nuntil = \"06:00\"");
    let opened = Some(at("2026-11-24T22:00:00+08:00"));
    assert_eq!(night.opened_ms(at("2026-11-25T05:59:00+08:00")), opened);
    assert_eq!(night.day_began_ms(at("2026-11-25T05:59:00+08:00")), at("2026-11-25T00:00:00+08:00"));
}
