//! When a plugin that fails is left alone, and when it is asked again. Pure: the time is passed in.
//!
//! Failures in a row open the breaker, if they are those of several customers: one alone, who found words that make
//! a plugin fail, must not take it from everybody. After a minute it half-opens: one call is let through as a probe.
//! A probe that succeeds closes it; one that fails doubles the wait, up to an hour or so.

const MINUTE_MS: i64 = 60_000;
/// Failures further apart than this are not one trouble.
const WINDOW_MS: i64 = 10 * MINUTE_MS;
/// So many different conversations must have seen it fail within the window.
const CONVERSATIONS: usize = 3;
const FIRST_WAIT_MS: i64 = MINUTE_MS;
const LONGEST_WAIT_MS: i64 = 64 * MINUTE_MS;
/// A probe that has said nothing for this long is never heard of again; the next call is one.
const PROBE_MS: i64 = MINUTE_MS;
/// A plugin that answers with an error of its own is in order, and says that something else is not: the carrier's
/// site is down, the template is broken. That is borne so many times longer than a crash.
const PATIENCE_WITH_ERRORS: u32 = 4;

/// A conversation, as a hash: who they are is nobody's business here.
pub type Conversation = u64;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It trapped, ran out of time, or answered nonsense.
    Crash,
    /// It answered with an error of its own.
    Error,
}

/// How a call came to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// As every call while all is well.
    Usual,
    /// To see whether the plugin does again.
    Probe,
}

/// What a failure did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Opened {
        failures: u32,
        until_ms: i64,
    },
    /// A probe failed.
    StaysOpen {
        until_ms: i64,
    },
}

/// The state kept for one version of a plugin; its size is bounded.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub struct Breaker {
    crashes: Streak,
    errors: Streak,
    open: Option<Open>,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct Open {
    until_ms: i64,
    wait_ms: i64,
    /// Who saw it fail last. They are no judges of whether it does again, unless nobody else comes.
    failed: Recent,
}

impl Breaker {
    /// Whether this conversation's call may go ahead now. What came of it must be told afterwards.
    pub fn admit(&mut self, conversation: Conversation, now_ms: i64) -> Option<Admission> {
        let Some(open) = &mut self.open else { return Some(Admission::Usual) };
        let left_ms = open.until_ms.saturating_sub(now_ms);
        // A wait longer than any that was ever set means that the clock was put back.
        let is_due = left_ms <= 0 || left_ms > open.wait_ms.max(PROBE_MS);
        let nobody_else_came = left_ms <= -open.wait_ms;
        if !is_due || (open.failed.contains(conversation) && !nobody_else_came) {
            return None;
        }
        open.until_ms = now_ms.saturating_add(PROBE_MS);
        Some(Admission::Probe)
    }

    pub fn succeeded(&mut self, admission: Admission) {
        match admission {
            // A call that began before the breaker opened says nothing about now.
            Admission::Usual if self.open.is_some() => {}
            Admission::Usual | Admission::Probe => *self = Self::default(),
        }
    }

    /// Counts a failure. `bar`: after so many crashes in a row the breaker opens.
    pub fn failed(
        &mut self,
        admission: Admission,
        fault: Fault,
        conversation: Conversation,
        bar: u32,
        now_ms: i64,
    ) -> Change {
        match (&mut self.open, admission) {
            (Some(open), Admission::Probe) => {
                open.wait_ms = (open.wait_ms * 2).min(LONGEST_WAIT_MS);
                open.until_ms = now_ms.saturating_add(open.wait_ms);
                open.failed.note(conversation, now_ms);
                Change::StaysOpen { until_ms: open.until_ms }
            }
            (Some(_), Admission::Usual) => Change::None,
            (None, _) => {
                let (streak, bar) = match fault {
                    Fault::Crash => (&mut self.crashes, bar),
                    Fault::Error => (&mut self.errors, bar.saturating_mul(PATIENCE_WITH_ERRORS)),
                };
                streak.note(conversation, now_ms);
                if streak.failures < bar || !streak.recent.are_several(now_ms) {
                    return Change::None;
                }
                let (failures, until_ms) = (streak.failures, now_ms.saturating_add(FIRST_WAIT_MS));
                let failed = std::mem::take(&mut streak.recent);
                self.open = Some(Open { until_ms, wait_ms: FIRST_WAIT_MS, failed });
                Change::Opened { failures, until_ms }
            }
        }
    }

    /// When it half-opens next, while it is open.
    pub fn open_until_ms(&self) -> Option<i64> {
        self.open.as_ref().map(|open| open.until_ms)
    }

    /// Forgets all failures. `false`: it was not open.
    pub fn reset(&mut self) -> bool {
        std::mem::take(self).open.is_some()
    }
}

/// Failures in a row.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
struct Streak {
    failures: u32,
    last_ms: i64,
    recent: Recent,
}

impl Streak {
    fn note(&mut self, conversation: Conversation, now_ms: i64) {
        if now_ms.saturating_sub(self.last_ms) > WINDOW_MS {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        self.last_ms = now_ms;
        self.recent.note(conversation, now_ms);
    }
}

/// The different conversations that failed last, oldest first, each with its latest failure: as many as are needed
/// to tell that it is not one customer alone.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
struct Recent(Vec<(Conversation, i64)>);

impl Recent {
    fn note(&mut self, conversation: Conversation, now_ms: i64) {
        self.0.retain(|(known, _)| *known != conversation);
        if self.0.len() == CONVERSATIONS {
            self.0.remove(0);
        }
        self.0.push((conversation, now_ms));
    }

    fn contains(&self, conversation: Conversation) -> bool {
        self.0.iter().any(|(known, _)| *known == conversation)
    }

    fn are_several(&self, now_ms: i64) -> bool {
        self.0.len() == CONVERSATIONS && self.0.iter().all(|(_, at)| now_ms.saturating_sub(*at) <= WINDOW_MS)
    }
}

#[cfg(test)]
mod tests;
