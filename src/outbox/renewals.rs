//! How many access tokens each platform was asked for of late. Platforms count them by the day, and a daemon that is
//! restarted over and over must not begin to count anew: so it is kept in a file, with nothing of the tokens in it.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::atomic_file;

/// Forced tokens end those of the shop's other systems: what WeChat allows of them.
pub const FORCED_A_DAY: usize = 20;
pub const FORCED_APART_MS: i64 = 30_000;
/// All tokens: WeChat gives two thousand a day, of which some are left to the shop's other systems.
pub const ASKED_A_DAY: u32 = 1500;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The count, by channel; other settings do not give it another account's allowance.
#[derive(Default)]
pub struct Renewals {
    file: Option<PathBuf>,
    channels: Mutex<HashMap<String, OfChannel>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct OfChannel {
    forced_ms: VecDeque<i64>,
    /// By the hour.
    asked: BTreeMap<i64, u32>,
}

/// Whether another token may be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    Now,
    At(i64),
    Spent,
}

impl Renewals {
    /// Goes on with what an earlier run counted. Where the file cannot be read, it begins anew.
    pub fn kept_in(file: PathBuf) -> Self {
        let read = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { file: Some(file), channels: Mutex::new(read.unwrap_or_default()) }
    }

    /// Whether the platform may be asked for its current token; counted as if it is.
    pub fn may_ask(&self, channel: &str, now_ms: i64) -> Allowance {
        self.count(channel, now_ms, |of| {
            if of.asked.values().sum::<u32>() >= ASKED_A_DAY {
                let first = of.asked.keys().next().copied().unwrap_or_default();
                return Allowance::At((first + 1) * HOUR_MS + DAY_MS);
            }
            *of.asked.entry(now_ms.div_euclid(HOUR_MS)).or_default() += 1;
            Allowance::Now
        })
    }

    /// Whether it may be asked for another in place of its current one; counted as if it is.
    pub fn may_force(&self, channel: &str, now_ms: i64) -> Allowance {
        self.count(channel, now_ms, |of| match of.forced_ms.back() {
            Some(last) if now_ms - last < FORCED_APART_MS => Allowance::At(last + FORCED_APART_MS),
            _ if of.forced_ms.len() >= FORCED_A_DAY => Allowance::Spent,
            _ => {
                of.forced_ms.push_back(now_ms);
                Allowance::Now
            }
        })
    }

    fn count(&self, channel: &str, now_ms: i64, count: impl FnOnce(&mut OfChannel) -> Allowance) -> Allowance {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let of = channels.entry(channel.to_owned()).or_default();
        // A clock that was set back leaves times in what is now the future; they say nothing any more.
        of.forced_ms.retain(|at| (now_ms - DAY_MS + 1..=now_ms).contains(at));
        of.asked.retain(|hour, _| (now_ms - DAY_MS - HOUR_MS + 1..=now_ms).contains(&(hour * HOUR_MS)));
        let allowance = count(of);
        if let (Allowance::Now, Some(file)) = (allowance, &self.file) {
            // Seldom, and small. Written before the platform is asked, so that a crash counts too much, not too little.
            let text = serde_json::to_vec(&*channels).expect("numbers by name have a form in JSON");
            if let Err(error) = atomic_file::replace_durably(file, &text) {
                tracing::warn!(%error, "how many access tokens were had cannot be written down");
            }
        }
        allowance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000;

    #[test]
    fn tokens_are_forced_half_a_minute_apart_and_twenty_times_a_day() {
        let renewals = Renewals::default();
        let ask = |seconds: i64| renewals.may_force("wx", START + seconds * 1000);
        assert_eq!((ask(0), ask(1), ask(29)), {
            let later = Allowance::At(START + 30_000);
            (Allowance::Now, later, later)
        });
        for number in 1..20 {
            assert_eq!(ask(number * 30), Allowance::Now, "{number}");
        }
        assert_eq!((ask(600), ask(86_399)), (Allowance::Spent, Allowance::Spent));
        assert_eq!(ask(86_401), Allowance::Now, "a day after the first");
    }

    #[test]
    fn a_daemon_that_is_restarted_over_and_over_stays_within_the_days_allowance() {
        let dir = tempfile::tempdir().unwrap();
        let restarted = || Renewals::kept_in(dir.path().join("tokens.json"));
        let asked = (0..3000).filter(|n| restarted().may_ask("wx", START + n * 1000) == Allowance::Now).count();
        assert_eq!(asked, ASKED_A_DAY as usize);
        let forced = (0..100).filter(|n| restarted().may_force("wx", START + n * 40_000) == Allowance::Now).count();
        assert_eq!(forced, FORCED_A_DAY);
        let Allowance::At(again) = restarted().may_ask("wx", START + 3_000_000) else { panic!("not spent") };
        assert_eq!(restarted().may_ask("wx", again), Allowance::Now);
        assert_eq!(restarted().may_ask("another", START), Allowance::Now);
    }

    #[test]
    fn a_file_that_cannot_be_read_and_a_clock_that_was_set_back_keep_nobody_from_tokens() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tokens.json");
        fs::write(&file, "not JSON").unwrap();
        let renewals = Renewals::kept_in(file);
        for _ in 0..ASKED_A_DAY {
            renewals.may_ask("wx", START + DAY_MS);
        }
        assert_eq!(renewals.may_ask("wx", START), Allowance::Now);
    }
}
