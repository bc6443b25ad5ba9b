//! Shares and times: numbers that are nothing without what they are of.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// So few cases tell nothing of the next ones.
const TOO_FEW: u64 = 30;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub part: u64,
    pub of: u64,
}

impl Share {
    pub fn new(part: u64, of: u64) -> Self {
        Self { part, of }
    }

    /// From 0 to 1; `None` of nothing.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 / self.of as f64)
    }

    /// Between which shares the true one lies, 19 times out of 20 (Wilson's interval, which holds for few cases and for
    /// shares near 0 and 1 too).
    pub fn interval(self) -> Option<(f64, f64)> {
        const Z: f64 = 1.959_963_984_540_054;
        let p = self.value()?;
        let n = self.of as f64;
        let middle = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Some((((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0)))
    }

    /// Whether there are too few cases to tell anything from.
    pub fn is_of_few(self) -> bool {
        self.of < TOO_FEW
    }

    /// Whether the two can be told apart: there are cases enough, and no true share fits both.
    pub fn differs_from(self, other: Self) -> bool {
        let enough = !self.is_of_few() && !other.is_of_few();
        match (self.interval(), other.interval()) {
            (Some((low, high)), Some((their_low, their_high))) => enough && (low > their_high || high < their_low),
            _ => false,
        }
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Share", 3)?;
        fields.serialize_field("part", &self.part)?;
        fields.serialize_field("of", &self.of)?;
        fields.serialize_field("share", &self.value())?;
        fields.end()
    }
}

/// How long something took, again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub count: u64,
    pub sum_ms: i64,
    pub longest_ms: i64,
}

impl Times {
    pub fn add(&mut self, ms: i64) {
        let ms = ms.max(0);
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
        self.longest_ms = self.longest_ms.max(ms);
    }

    /// In seconds; `None` where nothing was timed.
    pub fn mean_seconds(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_ms as f64 / self.count as f64 / 1000.0)
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Times", 3)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("mean_seconds", &self.mean_seconds())?;
        fields.serialize_field("longest_seconds", &(self.longest_ms as f64 / 1000.0))?;
        fields.end()
    }
}

/// Marks that were given, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub count: u64,
    pub sum: u64,
}

impl Marks {
    pub fn add(&mut self, mark: u8) {
        self.count += 1;
        self.sum += u64::from(mark);
    }

    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wilsons_interval_is_that_of_the_textbooks() {
        // Newcombe (1998): 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611, 29 of 29 gives 0.8830 to 1.
        for (part, of, low, high) in [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)] {
            let (found_low, found_high) = Share::new(part, of).interval().unwrap();
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{found_low} {found_high}");
        }
        assert_eq!(Share::new(0, 0).interval(), None);
    }

    #[test]
    fn a_few_cases_never_make_a_difference() {
        assert!(!Share::new(10, 10).differs_from(Share::new(0, 10)));
        assert!(Share::new(300, 1000).differs_from(Share::new(100, 1000)));
        assert!(!Share::new(110, 1000).differs_from(Share::new(100, 1000)));
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_no_impossible_one(of in 1u64..10_000, part in 0u64..10_000) {
            let share = Share::new(part.min(of), of);
            let (low, high) = share.interval().unwrap();
            let value = share.value().unwrap();
            prop_assert!(0.0 <= low && low <= value + 1e-12 && value <= high + 1e-12 && high <= 1.0);
        }
    }
}
