//! The hours held against a clock that is watched minute by minute.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::setting::OneOrMore;

const MINUTE_MS: i64 = 60_000;
const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"];

/// A shift for the model: days of the week from Monday, minutes after midnight.
#[derive(Clone, Debug)]
struct ModelShift {
    days: Vec<usize>,
    from: u16,
    until: u16,
}

impl ModelShift {
    fn settings(&self) -> ShiftSettings {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60).parse().unwrap();
        ShiftSettings {
            name: None,
            days: self.days.iter().map(|day| names[*day].parse().unwrap()).collect(),
            from: clock(self.from),
            until: clock(self.until),
            team: OneOrMore::default(),
        }
    }
}

/// Steps through time a minute at a time and notes what the wall clock shows; finds moments by looking
/// through the notes. Knows of the zone only its offset at a moment.
struct WallClock {
    first_ms: i64,
    /// Wall time in minutes since 1970, at each minute from `first_ms`.
    shown: Vec<i64>,
}

impl WallClock {
    fn watch(zone: &TimeZone, first_ms: i64, minutes: i64) -> Self {
        let wall = |minute: i64| {
            let ms = first_ms + minute * MINUTE_MS;
            let offset = zone.to_offset(Timestamp::from_millisecond(ms).unwrap());
            ms / MINUTE_MS + i64::from(offset.seconds()) / 60
        };
        Self { first_ms, shown: (0..minutes).map(wall).collect() }
    }

    /// The first minute that shows `wall`; if none does, the one that would, had the clock not been changed.
    fn minute_of(&self, wall: i64) -> Option<i64> {
        let position = |found: usize| found as i64;
        self.shown.iter().position(|shown| *shown == wall).map(position).or_else(|| {
            let before = self.shown.iter().rposition(|shown| *shown < wall)?;
            Some(before as i64 + wall - self.shown[before])
        })
    }

    /// Which minutes are staffed.
    fn staffed(&self, shifts: &[ModelShift], holidays: &[i64]) -> Vec<bool> {
        let mut staffed = vec![false; self.shown.len()];
        let first_day = self.shown[0] / 1440;
        let last_day = self.shown[self.shown.len() - 1] / 1440;
        for day in first_day + 1..last_day - 1 {
            // 1 January 1970 was a Thursday.
            let weekday = (day + 3).rem_euclid(7) as usize;
            for shift in shifts.iter().filter(|it| it.days.contains(&weekday) && !holidays.contains(&day)) {
                let next_day = if shift.until <= shift.from { 1440 } else { 0 };
                let from = self.minute_of(day * 1440 + i64::from(shift.from)).unwrap();
                let until = self.minute_of(day * 1440 + i64::from(shift.until) + next_day).unwrap();
                (from..until).for_each(|minute| staffed[minute as usize] = true);
            }
        }
        staffed
    }
}

/// Days just before clock changes in one or other of the zones, and days far from any.
fn first_days() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2026-03-04T12:00:00Z",
        "2026-03-25T12:00:00Z",
        "2026-04-01T12:00:00Z",
        "2026-09-30T12:00:00Z",
        "2026-10-21T12:00:00Z",
        "2026-10-28T12:00:00Z",
        "2026-12-28T12:00:00Z",
        "2028-02-26T12:00:00Z",
    ])
}

fn shift() -> impl Strategy<Value = ModelShift> {
    // Quarter hours, and more often than chance would have it those at which clocks are changed.
    let minute = |last: u16| prop_oneof![(0..=last / 15).prop_map(|it| it * 15), (0_u16..14).prop_map(|it| it * 15)];
    (prop::collection::vec(0_usize..7, 1..7), minute(1425), minute(1440)).prop_map(|(days, from, until)| ModelShift {
        days,
        from,
        until,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_hours_agree_with_a_clock_watched_minute_by_minute(
        zone in prop::sample::select(ZONES.to_vec()),
        first in first_days(),
        shifts in prop::collection::vec(shift(), 0..4),
        holidays in prop::collection::btree_set(2_i64..9, 0..3),
        probes in prop::collection::vec(3_i64 * 1440..8 * 1440, 8),
    ) {
        let tz = TimeZone::get(zone).unwrap();
        let clock = WallClock::watch(&tz, at(first), 12 * 1440);
        let holidays: Vec<_> = holidays.into_iter().map(|day| clock.shown[0] / 1440 + day).collect();
        let staffed = clock.staffed(&shifts, &holidays);

        let schedule = Schedule::compile(&HoursSettings {
            timezone: zone.to_owned(),
            shift: shifts.iter().map(ModelShift::settings).collect(),
            holiday: holidays
                .iter()
                .map(|day| {
                    let date = date(1970, 1, 1).checked_add(jiff::SignedDuration::from_hours(day * 24)).unwrap();
                    HolidaySettings { date: Some(Day(date)), ..HolidaySettings::default() }
                })
                .collect(),
        })
        .unwrap();
        let ms = |minute: i64| clock.first_ms + minute * MINUTE_MS;
        let staffed_at = |minute: i64| staffed[minute as usize];

        for minute in 3 * 1440..9 * 1440 {
            prop_assert_eq!(schedule.is_open(ms(minute)), staffed_at(minute), "{} minutes on, in {}", minute, zone);
        }
        for minute in probes {
            // The model sees about ten days ahead; what opens later it must not have seen.
            let opens = (minute..9 * 1440).find(|it| staffed_at(*it)).map(ms);
            match schedule.next_open_ms(ms(minute)) {
                Some(found) if found < ms(9 * 1440) => {
                    prop_assert_eq!(Some(found), opens);
                    prop_assert!(schedule.is_open(found));
                }
                _ => prop_assert_eq!(opens, None),
            }
        }
    }

    #[test]
    fn a_moment_moved_into_a_window_is_the_first_inside_it(
        zone in prop::sample::select(ZONES.to_vec()),
        first in first_days(),
        shift in shift(),
        minute in 3_i64 * 1440..8 * 1440,
    ) {
        let tz = TimeZone::get(zone).unwrap();
        let clock = WallClock::watch(&tz, at(first), 12 * 1440);
        let daily = ModelShift { days: (0..7).collect(), ..shift };
        let inside = clock.staffed(std::slice::from_ref(&daily), &[]);
        let settings = daily.settings();
        let window = Window::new(settings.from, settings.until).unwrap();
        let expected = (minute..).find(|it| inside[*it as usize]).unwrap();
        let found = window.next_allowed_ms(&tz, clock.first_ms + minute * MINUTE_MS);
        prop_assert_eq!(found, clock.first_ms + expected * MINUTE_MS);
    }
}
