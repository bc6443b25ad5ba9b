use nightclerk_sdk::prelude::*;

/// A feast and how it is greeted.
#[derive(Deserialize)]
pub struct Festival {
    #[serde(rename = "date")]
    begins: Begins,
    /// How long it lasts.
    #[serde(default = "one_day")]
    days: u16,
    pub zh: String,
    pub en: String,
}

/// The day it begins on: `MM-DD` for every year, `YYYY-MM-DD` for one.
#[derive(Deserialize)]
#[serde(from = "String")]
enum Begins {
    EveryYear {
        month: u16,
        day: u16,
    },
    /// On the day of this number.
    Once(i64),
    /// On none: the text is no date.
    Never,
}

impl From<String> for Begins {
    fn from(date: String) -> Self {
        let numbers: Option<Vec<u16>> = date.split('-').map(|number| number.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[.., month, day]) if !(1..=12).contains(&month) || !(1..=31).contains(&day) => Self::Never,
            Some(&[month, day]) => Self::EveryYear { month, day },
            Some(&[year, month, day]) => Self::Once(day_number(year, month, day)),
            _ => Self::Never,
        }
    }
}

fn one_day() -> u16 {
    1
}

impl Festival {
    pub fn is_on(&self, today: &Today) -> bool {
        let lasts_from = |first: i64| (first..first + i64::from(self.days)).contains(&today.number);
        match self.begins {
            // One that began before the year did may not be over yet.
            Begins::EveryYear { month, day } => [today.year, today.year.saturating_sub(1)]
                .into_iter()
                .any(|year| lasts_from(day_number(year, month, day))),
            Begins::Once(first) => lasts_from(first),
            Begins::Never => false,
        }
    }
}

/// The day that is asked about.
pub struct Today {
    year: u16,
    number: i64,
}

impl From<LocalTime> for Today {
    fn from(time: LocalTime) -> Self {
        Self { year: time.year, number: day_number(time.year, time.month.into(), time.day.into()) }
    }
}

/// Days since an arbitrary one (the civil-from-days algorithm of Howard Hinnant, the other way round).
fn day_number(year: u16, month: u16, day: u16) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let month_from_march = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month_from_march + 2) / 5 + day
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lasts(date: &str, days: u16, day: (u16, u8, u8)) -> bool {
        let today = LocalTime { year: day.0, month: day.1, day: day.2, hour: 12, minute: 0 };
        Festival { begins: Begins::from(date.to_owned()), days, zh: String::new(), en: String::new() }
            .is_on(&today.into())
    }

    #[test]
    fn a_festival_is_on_from_its_date_for_as_long_as_it_lasts() {
        assert!(lasts("12-25", 1, (2026, 12, 25)) && lasts("12-25", 1, (2031, 12, 25)));
        assert!(!lasts("12-25", 1, (2026, 12, 26)) && !lasts("12-25", 1, (2026, 12, 24)));
        assert!(lasts("2027-02-06", 1, (2027, 2, 6)) && !lasts("2027-02-06", 1, (2028, 2, 6)));
        assert!(lasts("2028-02-26", 7, (2028, 3, 3)), "across the end of a leap February");
        assert!(!lasts("2028-02-26", 7, (2028, 3, 4)));
        assert!(lasts("12-30", 5, (2027, 1, 3)) && !lasts("12-30", 5, (2027, 1, 4)), "into the next year");
    }

    #[test]
    fn a_date_that_is_none_is_never() {
        for date in [
            "",
            "soon",
            "12/25",
            "2026-12",
            "13-01",
            "00-10",
            "12-32",
            "2026-13-01",
            "2026-12-25-1",
            "2026/12-25",
            "abcé12-25",
            "二〇二六年十月一日",
            "99999-99999",
        ] {
            for month in 1..=12 {
                assert!((1..=31).all(|day| !lasts(date, 3, (2026, month, day))), "{date}");
            }
        }
    }
}
