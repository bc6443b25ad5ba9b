/// A time on the store's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    pub minute: u8,
}

impl LocalTime {
    /// Reads the beginning of an RFC 3339 time: `2026-11-24T21:30`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
        let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
        Some(Self { year: number(0, 4)?, month: small(5)?, day: small(8)?, hour: small(11)?, minute: small(14)? })
    }

    /// `2026-11-24`.
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_read_from_the_contracts_form() {
        let time = LocalTime::read("2026-11-24T21:30:00+08:00").unwrap();
        assert_eq!(time, LocalTime { year: 2026, month: 11, day: 24, hour: 21, minute: 30 });
        assert_eq!(time.date(), "2026-11-24");
        for bad in ["", "2026", "yesterday, at noon", "2026-11-24T2"] {
            assert_eq!(LocalTime::read(bad), None, "{bad}");
        }
    }
}
