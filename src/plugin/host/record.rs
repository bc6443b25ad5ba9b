//! How a version of a plugin has done, and whether it is set aside for it.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::model::Failure;

/// Lines a minute the log takes about failures of one plugin.
const LOGGED_A_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();

/// Counts since the version was loaded.
pub struct Record {
    tally: Mutex<Tally>,
    log: DefaultDirectRateLimiter,
}

#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
    /// Why it is not asked any more.
    pub set_aside: Option<String>,
    failures_in_a_row: u32,
}

impl Default for Record {
    fn default() -> Self {
        Self { tally: Mutex::default(), log: RateLimiter::direct(Quota::per_minute(LOGGED_A_MINUTE)) }
    }
}

impl Record {
    pub fn tally(&self) -> Tally {
        self.lock().clone()
    }

    pub fn is_set_aside(&self) -> bool {
        self.lock().set_aside.is_some()
    }

    pub fn succeeded(&self) {
        let mut tally = self.lock();
        tally.calls += 1;
        tally.failures_in_a_row = 0;
    }

    /// Counts a failure; the one that makes `limit` in a row sets the plugin aside.
    pub fn failed(&self, plugin: &str, failure: &Failure, limit: u32) {
        metrics::counter!("nightclerk_plugin_failures_total", "plugin" => plugin.to_owned()).increment(1);
        let mut tally = self.lock();
        tally.calls += 1;
        tally.failures += 1;
        tally.failures_in_a_row += 1;
        tally.last_failure = Some(failure.to_string());
        let newly_set_aside = tally.failures_in_a_row >= limit && tally.set_aside.is_none();
        if newly_set_aside {
            tally.set_aside = Some(format!("it failed {limit} times in a row; at last it {failure}"));
        }
        drop(tally);
        if newly_set_aside {
            tracing::error!(plugin, "the plugin is set aside: it failed {limit} times in a row; at last it {failure}");
        } else if self.log.check().is_ok() {
            tracing::warn!(plugin, "the plugin was skipped: it {failure}");
        }
    }

    /// Gives it another chance. `false`: it was not set aside.
    pub fn reinstate(&self) -> bool {
        let mut tally = self.lock();
        tally.failures_in_a_row = 0;
        tally.set_aside.take().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
