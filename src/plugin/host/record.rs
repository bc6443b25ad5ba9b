//! How a version of a plugin has done, and whether it is set aside for it.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use metrics::Histogram;

use super::breaker::{Admission, Breaker, Change, Conversation, Fault};
use crate::model::Failure;

/// Lines a minute the log takes about failures of one plugin.
const LOGGED_A_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();

/// Counts since the version was loaded, and its breaker.
pub struct Record {
    tally: Mutex<Tally>,
    log: DefaultDirectRateLimiter,
    /// How long its calls take, from the first one on.
    seconds: OnceLock<Histogram>,
}

#[derive(Default)]
struct Tally {
    calls: u64,
    failures: u64,
    last_failure: Option<String>,
    /// What opened the breaker.
    opened_by: String,
    breaker: Breaker,
}

/// A copy of the counts.
pub struct Counts {
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
    pub set_aside: Option<SetAside>,
}

/// The plugin is not asked for now.
pub struct SetAside {
    pub why: String,
    /// The next moment after this is put to it, to see whether it does again.
    pub until_ms: i64,
}

/// One call that was let through; what came of it is told to the record it is from.
pub struct Asked {
    admission: Admission,
    conversation: Conversation,
    now_ms: i64,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            tally: Mutex::default(),
            log: RateLimiter::direct(Quota::per_minute(LOGGED_A_MINUTE)),
            seconds: OnceLock::new(),
        }
    }
}

impl Record {
    pub fn counts(&self) -> Counts {
        let tally = self.lock();
        Counts {
            calls: tally.calls,
            failures: tally.failures,
            last_failure: tally.last_failure.clone(),
            set_aside: tally
                .breaker
                .open_until_ms()
                .map(|until_ms| SetAside { why: tally.opened_by.clone(), until_ms }),
        }
    }

    /// `None`: the plugin is set aside.
    pub fn ask(&self, conversation: Conversation, now_ms: i64) -> Option<Asked> {
        let admission = self.lock().breaker.admit(conversation, now_ms)?;
        Some(Asked { admission, conversation, now_ms })
    }

    /// Counts how long a call took, whatever came of it.
    pub fn took(&self, plugin: &str, took: Duration) {
        let seconds = || metrics::histogram!("nightclerk_plugin_call_seconds", "plugin" => plugin.to_owned());
        self.seconds.get_or_init(seconds).record(took);
    }

    pub fn succeeded(&self, asked: &Asked) {
        let mut tally = self.lock();
        tally.calls += 1;
        tally.breaker.succeeded(asked.admission);
    }

    /// Counts a failure, and says whether it sets the plugin aside: `bar` crashes in a row do.
    pub fn failed(&self, plugin: &str, asked: &Asked, failure: &Failure, bar: u32) -> bool {
        // Its own words may be a customer's; they are in its own log alone.
        let failure = &failure.without_words();
        metrics::counter!("nightclerk_plugin_failures_total", "plugin" => plugin.to_owned()).increment(1);
        let mut tally = self.lock();
        tally.calls += 1;
        tally.failures += 1;
        tally.last_failure = Some(failure.to_string());
        let change = match fault(failure) {
            Some(fault) => tally.breaker.failed(asked.admission, fault, asked.conversation, bar, asked.now_ms),
            None => Change::None,
        };
        if let Change::Opened { failures, .. } = change {
            tally.opened_by =
                format!("it failed {failures} times in a row, for several customers; at last it {failure}");
        }
        drop(tally);
        match change {
            Change::Opened { failures, until_ms } => tracing::error!(
                plugin,
                "the plugin is set aside until {}: it failed {failures} times in a row; at last it {failure}",
                clock_time(until_ms)
            ),
            Change::StaysOpen { until_ms } => {
                tracing::warn!(plugin, "the plugin stays set aside until {}: it {failure}", clock_time(until_ms));
            }
            Change::None if self.log.check().is_ok() => tracing::warn!(plugin, "the plugin was skipped: it {failure}"),
            Change::None => {}
        }
        matches!(change, Change::Opened { .. })
    }

    /// Gives it another chance at once. `false`: it was not set aside.
    pub fn reinstate(&self) -> bool {
        self.lock().breaker.reset()
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the breaker sees a failure; `None` for the host's own limits, which a customer's words may have brought about.
fn fault(failure: &Failure) -> Option<Fault> {
    match failure {
        Failure::Said(_) => Some(Fault::Error),
        Failure::Limit(_) => None,
        Failure::Overtime | Failure::OvertimeAt(_) | Failure::Trapped(_) | Failure::Shape(_) | Failure::Refused(_) => {
            Some(Fault::Crash)
        }
    }
}

/// In UTC, as the log's own times.
fn clock_time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}
