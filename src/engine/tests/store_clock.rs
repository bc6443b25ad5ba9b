//! What comes by the store's clock: whoever sleeps until the next moment misses none.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const HOURS: [&str; 6] = [
    "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"09:00\"\nuntil = \"18:00\"",
    "timezone = \"Europe/Berlin\"\n[[shift]]\nfrom = \"22:00\"\nuntil = \"06:00\"\n[[shift]]\ndays = [\"sat\"]\nfrom = \"06:00\"\nuntil = \"09:00\"",
    "timezone = \"America/New_York\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"",
    "timezone = \"Asia/Shanghai\"\n[[shift]]\nteam = \"service\"\nfrom = \"12:00\"\nuntil = \"20:00\"\n[[shift]]\nteam = \"night\"\nfrom = \"08:00\"\nuntil = \"09:30\"",
    "timezone = \"Asia/Kathmandu\"\n[[shift]]\nfrom = \"10:00\"\nuntil = \"14:00\"\n[[shift]]\nfrom = \"13:00\"\nuntil = \"19:00\"\n[[holiday]]\nfrom = \"2026-10-20\"\nuntil = \"2026-10-24\"\nclosed = true",
    "",
];

const PEOPLE: &str = r#"
    [store]
    language = "en"
    [morning]
    before = "45m"
    [digest]
    to = "owner"
    on = "sunday 02:30"
    [[team]]
    name = "service"
    channel = "shop"
    chat = "SERVICE"
    [[team]]
    name = "night"
    channel = "shop"
    chat = "NIGHT"
    [[person]]
    name = "owner"
    channel = "shop"
    chat = "OWNER"
"#;

static PLAYBOOKS: LazyLock<Vec<Playbook>> = LazyLock::new(|| {
    let playbook = |hours: &str| {
        let store = toml::from_str(PEOPLE).unwrap();
        compile(PlaybookSettings { store, hours: toml::from_str(hours).unwrap(), ..PlaybookSettings::default() })
    };
    HOURS.iter().map(|hours| playbook(hours)).collect()
});

/// All that is due by now.
fn due(playbook: &Playbook, now_ms: i64) -> Vec<String> {
    let moments = playbook.moments_begun(now_ms).map(|(moment, at_ms)| format!("{} {at_ms}", moment.hook()));
    let lists = playbook.morning_calls(now_ms).into_iter().map(|(to, at_ms)| format!("list {to} {at_ms}"));
    let digest = playbook.digest_due(now_ms).map(|due| format!("digest {} {}", due.to, due.until_ms));
    moments.chain(lists).chain(digest).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_is_due_before_the_next_moment(
        hours in 0..HOURS.len(),
        // October 2026 with the end of summer time in Berlin, and on into November with New York's.
        minute in 0_i64..45 * 24 * 60,
        second in 0_i64..60,
    ) {
        let playbook = &PLAYBOOKS[hours];
        let now_ms = 1_790_784_000_000 + minute * 60_000 + second * 1000;
        let next = [
            playbook.next_moment_ms(now_ms),
            playbook.next_morning_call_ms(now_ms),
            playbook.next_digest_ms(now_ms),
        ];
        let next_ms = next.into_iter().flatten().min().unwrap();
        prop_assert!(next_ms > now_ms, "who sleeps till then wakes at once");
        prop_assert!(next_ms - now_ms <= 26 * 3_600_000, "a day begins every day");
        let known = due(playbook, now_ms);
        for before_ms in (now_ms..next_ms).step_by(5 * 60_000).chain([next_ms - 1]) {
            // What is too late to be told is due no more.
            let new: Vec<_> = due(playbook, before_ms).into_iter().filter(|it| !known.contains(it)).collect();
            prop_assert!(new.is_empty(), "{new:?} would be told late");
        }
    }
}

#[test]
fn the_weeks_figures_come_at_the_time_that_is_written_and_no_hour_is_in_none_of_them_or_in_two() {
    let ms = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    for (on, zone, around, wall) in [
        // A clock that is set back in the night before, and one that is set forward.
        ("sunday 09:00", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T08:00:00Z"),
        ("sunday 09:00", "America/New_York", "2026-03-08T20:00:00Z", "2026-03-08T13:00:00Z"),
        // A time that the clock skips is as far on after the gap; one that comes twice is the first.
        ("sunday 02:30", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29T01:30:00Z"),
        ("sunday 02:30", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z"),
        ("sunday 24:00", "Asia/Shanghai", "2026-03-02T01:00:00Z", "2026-03-01T16:00:00Z"),
    ] {
        let hours = toml::from_str(&format!("timezone = \"{zone}\"")).unwrap();
        let store = toml::from_str(&PEOPLE.replace("sunday 02:30", on)).unwrap();
        let playbook = compile(PlaybookSettings { store, hours, ..PlaybookSettings::default() });
        let week = playbook.digest_due(ms(around)).unwrap();
        assert_eq!(week.until_ms, ms(wall), "{on} in {zone}");
        // Each begins where the one before ended, the weeks of the change too.
        let mut week = playbook.digest_due(week.from_ms).unwrap();
        for _ in 0..3 {
            let next = playbook.digest_due(playbook.next_digest_ms(week.until_ms).unwrap()).unwrap();
            assert_eq!(next.from_ms, week.until_ms, "{on} in {zone}");
            week = next;
        }
    }
}
