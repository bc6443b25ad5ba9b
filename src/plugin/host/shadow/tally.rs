//! How a version does, and when its second version does so much worse that it answers no more. Pure.

use std::{collections::VecDeque, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::model::Failure;

/// Times that are kept: those of the last calls.
const TIMES: usize = 1000;
/// Before so many calls of either, nothing is said of failures and times.
pub const LEAST_CALLS: u64 = 20;
/// Failures of a hundred calls that it may have more, and how many it must have at all.
const MORE_FAILURES: f64 = 0.02;
const LEAST_FAILURES: u64 = 3;
/// How much slower nine of ten calls may be: so many times, and so much more.
const TIMES_SLOWER: f64 = 1.5;
const MORE_MS: f64 = 5.0;
/// Before so many customers were answered by either, nothing is said of what they say to it.
const LEAST_ANSWERED: u64 = 20;
/// Of a hundred customers answered, how many more may ask for a person or complain, and how many must at all.
const MORE_CONTRADICTED: f64 = 0.1;
const LEAST_CONTRADICTED: u64 = 3;

/// What is counted of one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
    /// Customers it answered, each once in half an hour, and those of them who asked for a person or complained then.
    pub answered: u64,
    pub contradicted: u64,
    /// Microseconds of the last calls, oldest first.
    times_us: VecDeque<u32>,
}

impl Tally {
    pub fn count(&mut self, failure: Option<&Failure>, took: Duration) {
        self.calls += 1;
        if let Some(failure) = failure {
            self.failures += 1;
            self.last_failure = Some(failure.without_words().to_string());
        }
        if self.times_us.len() == TIMES {
            self.times_us.pop_front();
        }
        self.times_us.push_back(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// The time within which this part of the last calls was done; 0 before the first.
    pub fn within_us(&self, part: f64) -> u32 {
        let mut times: Vec<_> = self.times_us.iter().copied().collect();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get((last as f64 * part) as usize).copied().unwrap_or_default()
    }

    fn failing(&self) -> f64 {
        part(self.failures, self.calls)
    }

    fn contradicting(&self) -> f64 {
        part(self.contradicted, self.answered)
    }
}

fn part(some: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { some as f64 / all as f64 }
}

/// Why a second version answers no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Fails { failures: u64, calls: u64 },
    IsSlower { us: u32, than_us: u32 },
    IsContradicted { contradicted: u64, answered: u64 },
}

/// Whether the second version does worse than the one in place by more than chance.
pub fn goes_back(in_place: &Tally, second: &Tally) -> Option<Reason> {
    if second.calls >= LEAST_CALLS
        && second.failures >= LEAST_FAILURES
        && second.failing() > in_place.failing() + MORE_FAILURES
    {
        return Some(Reason::Fails { failures: second.failures, calls: second.calls });
    }
    if second.calls.min(in_place.calls) >= LEAST_CALLS {
        let (us, than_us) = (second.within_us(0.9), in_place.within_us(0.9));
        let (slow, bar) = (f64::from(us), f64::from(than_us));
        if slow > bar * TIMES_SLOWER && slow > bar + MORE_MS * 1000.0 {
            return Some(Reason::IsSlower { us, than_us });
        }
    }
    let are_many = second.answered.min(in_place.answered) >= LEAST_ANSWERED;
    let is_more = second.contradicting() > in_place.contradicting() + MORE_CONTRADICTED;
    (are_many && is_more && second.contradicted >= LEAST_CONTRADICTED)
        .then_some(Reason::IsContradicted { contradicted: second.contradicted, answered: second.answered })
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |us: &u32| f64::from(*us) / 1000.0;
        match self {
            Self::Fails { failures, calls } => write!(f, "it failed {failures} of {calls} times"),
            Self::IsSlower { us, than_us } => {
                write!(f, "nine of ten calls take up to {:.1} ms, not {:.1} ms as before", ms(us), ms(than_us))
            }
            Self::IsContradicted { contradicted, answered } => {
                write!(f, "{contradicted} of {answered} customers asked for a person or complained after its answer")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(calls: u64, failures: u64, us: u64) -> Tally {
        let mut tally = Tally::default();
        for call in 0..calls {
            let failure = Failure::Overtime;
            tally.count((call < failures).then_some(&failure), Duration::from_micros(us));
        }
        tally
    }

    fn heard(answered: u64, contradicted: u64) -> Tally {
        Tally { answered, contradicted, ..Tally::default() }
    }

    #[test]
    fn it_goes_back_when_it_fails_is_slower_or_is_contradicted_by_more_than_the_margin() {
        let live = tally(200, 2, 100);
        for (second, goes) in [
            (tally(20, 3, 100), true),
            (tally(20, 2, 100), false),
            (tally(19, 19, 100), false),
            (tally(200, 3, 100), false),
            (tally(20, 0, 5_200), true),
            (tally(20, 0, 5_000), false),
            (tally(19, 0, 90_000), false),
        ] {
            assert_eq!(goes_back(&live, &second).is_some(), goes, "{second:?}");
        }
        // Where the one in place fails as often, so may the other.
        assert_eq!(goes_back(&tally(100, 50, 100), &tally(100, 50, 100)), None);
        assert!(goes_back(&tally(10, 0, 100), &tally(50, 0, 90_000)).is_none(), "too few to compare with");
        for (second, goes) in [
            (heard(20, 4), true),
            (heard(20, 3), false),
            (heard(19, 19), false),
            (heard(100, 16), true),
            (heard(100, 15), false),
        ] {
            assert_eq!(goes_back(&heard(100, 5), &second).is_some(), goes, "{second:?}");
        }
    }

    #[test]
    fn times_are_those_of_the_last_calls() {
        let mut tally = tally(500, 0, 1);
        for us in 0..1000 {
            tally.count(None, Duration::from_micros(us));
        }
        assert_eq!((tally.within_us(0.0), tally.within_us(0.5), tally.within_us(1.0)), (0, 499, 999));
        assert_eq!(Tally::default().within_us(0.5), 0);
    }
}
