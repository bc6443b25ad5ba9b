//! How long to wait before the next attempt.

use std::time::Duration;

/// No platform is obeyed for longer than a day.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub first: Duration,
    pub max: Duration,
}

impl Backoff {
    /// The wait after `failures` failures in a row: exponential with full jitter, a random part of
    /// `min(max, first * 2^(failures - 1))`, so that what failed together is not tried together.
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
    pub fn after(&self, failures: u32) -> Duration {
        // Without randomness all wait the longest; nothing worse.
        self.part(failures, getrandom::u32().unwrap_or(u32::MAX))
    }

    /// The same where the platform may have said how long.
    pub fn after_or(&self, failures: u32, told: Option<Duration>) -> Duration {
        told.map_or_else(|| self.after(failures), |told| told.min(LONGEST))
    }

    fn part(&self, failures: u32, random: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        let ceiling = self.first.saturating_mul(1 << doublings).min(self.max);
        ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX)).min(ceiling)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), max: Duration::from_secs(60) };

    #[test]
    fn the_longest_wait_doubles_up_to_the_maximum() {
        let longest: Vec<_> = (1..=9).map(|failures| BACKOFF.part(failures, u32::MAX).as_millis()).collect();
        assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    }

    #[test]
    fn what_the_platform_says_is_obeyed_within_reason() {
        let told = |seconds| BACKOFF.after_or(1, Some(Duration::from_secs(seconds)));
        assert_eq!(told(300), Duration::from_secs(300));
        assert_eq!(told(0), Duration::ZERO);
        assert_eq!(told(u64::MAX), LONGEST);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_longer_than_the_maximum(failures in any::<u32>(), random in any::<u32>()) {
            prop_assert!(BACKOFF.part(failures, random) <= BACKOFF.max);
        }
    }
}
