//! What was found for the newest second: every message asks whether people are there, and the calendar takes its time.

use std::sync::atomic::{AtomicI64, Ordering};

/// No shift begins or ends within a second, so what holds at one moment of it holds at all of them.
const SPAN_MS: i64 = 1000;
/// The second before time.
const NONE: i64 = i64::MIN;

/// The second that was asked about last, and whether people were there, in the lowest bit; many lanes read it at once.
#[derive(Debug)]
pub struct Latest(AtomicI64);

impl Default for Latest {
    fn default() -> Self {
        Self(AtomicI64::new(NONE))
    }
}

/// A copy is asked for itself: it may be changed before it is.
impl Clone for Latest {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Latest {
    /// What is known of the second that this moment is in, or what is found.
    pub fn or_find(&self, now_ms: i64, find: impl FnOnce() -> bool) -> bool {
        let second = now_ms.div_euclid(SPAN_MS);
        let kept = self.0.load(Ordering::Relaxed);
        if kept >> 1 == second {
            return kept & 1 == 1;
        }
        let open = find();
        self.0.store(second << 1 | i64::from(open), Ordering::Relaxed);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_asked_about_once() {
        let latest = Latest::default();
        assert!(latest.or_find(1_000, || true) && latest.or_find(1_999, || unreachable!("it is known")));
        assert!(!latest.or_find(2_000, || false) && !latest.or_find(2_001, || unreachable!("it is known")));
        assert!(latest.or_find(1_000, || true), "an earlier one is asked about again");
        assert!(latest.or_find(-1, || true) && !latest.clone().or_find(-1, || false));
    }
}
