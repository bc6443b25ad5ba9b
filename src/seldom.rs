//! What can repeat quickly is told now and then, with how often it came meanwhile: a full disk is not to fill another with
//! its log.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long one thing is quiet after it was told.
const QUIET: Duration = Duration::from_secs(60);

/// One thing that may repeat.
pub struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Default for Seldom {
    fn default() -> Self {
        Self::new()
    }
}

impl Seldom {
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// It happened: how often it did untold before, if it is to be told now.
    pub fn untold(&self) -> Option<u64> {
        self.untold_at(Instant::now())
    }

    fn untold_at(&self, now: Instant) -> Option<u64> {
        let mut it = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, untold) = &mut *it;
        if told.is_some_and(|told| now.duration_since(told) < QUIET) {
            *untold += 1;
            return None;
        }
        *told = Some(now);
        Some(std::mem::take(untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_told_at_once_and_then_now_and_then_with_its_number() {
        let (it, began) = (Seldom::new(), Instant::now());
        assert_eq!(it.untold_at(began), Some(0));
        assert!((0..1000).all(|_| it.untold_at(began).is_none()));
        assert_eq!(it.untold_at(began + QUIET), Some(1000));
        assert_eq!(it.untold_at(began + QUIET), None);
    }
}
