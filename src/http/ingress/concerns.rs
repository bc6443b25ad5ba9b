//! What the owner should know of webhooks: those that were refused, and what shows a slip in the set-up. The log tells
//! of each cause once, then now and then, and never with what was sent; the status lists those of the last day.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock,
    webhook::{Concern, Refusal},
};

/// How long the same cause is quiet after it was told.
const QUIET: Duration = Duration::from_secs(600);
/// How long the status shows a cause after it was last met.
const SHOWN_MS: i64 = 24 * 3_600_000;
/// Causes of one channel that are kept apart; a platform can name many accounts.
const MOST: usize = 32;

/// Strangers cannot fill this: causes are of configured names, and few or signed.
#[derive(Default)]
pub struct Concerns(Mutex<BTreeMap<String, OfChannel>>);

#[derive(Default)]
struct OfChannel {
    last_accepted_ms: Option<i64>,
    causes: BTreeMap<String, Met>,
}

struct Met {
    times: u64,
    last_ms: i64,
    told_ms: i64,
    told_times: u64,
}

/// One cause, for the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub what: String,
    pub times: u64,
    pub last_ms: i64,
}

impl Concerns {
    /// A webhook was turned away. `id` is a configured name, or `unknown`.
    pub fn refused(&self, id: &str, refusal: &Refusal) {
        let Refusal { status, why, .. } = refusal;
        let (status, why) = (status.as_u16(), why.trim_end());
        if let Some(before) = self.meet(id, &format!("a webhook was refused ({status}): {why}"), clock::now_ms()) {
            tracing::warn!(channel = id, status, before, "a webhook was refused: {why}");
        }
    }

    /// A genuine webhook shows something.
    pub fn note(&self, id: &str, concern: &Concern) {
        let Some(before) = self.meet(id, &concern.words, clock::now_ms()) else { return };
        if concern.is_good_news {
            tracing::info!(channel = id, before, "{}", concern.words);
        } else {
            tracing::warn!(channel = id, before, "{}", concern.words);
        }
    }

    /// A genuine webhook came.
    pub fn accepted(&self, id: &str) {
        self.of_channel(id, |channel| channel.last_accepted_ms = Some(clock::now_ms()));
    }

    pub fn last_accepted_ms(&self, id: &str) -> Option<i64> {
        self.of_channel(id, |channel| channel.last_accepted_ms)
    }

    /// What was met of late, the newest first.
    pub fn of(&self, id: &str) -> Vec<Noted> {
        let since = clock::now_ms().saturating_sub(SHOWN_MS);
        let noted = |(what, met): (&String, &Met)| Noted { what: what.clone(), times: met.times, last_ms: met.last_ms };
        let mut all: Vec<_> = self.of_channel(id, |channel| channel.causes.iter().map(noted).collect());
        all.retain(|it: &Noted| it.last_ms >= since);
        all.sort_by_key(|it| std::cmp::Reverse(it.last_ms));
        all
    }

    /// How often this cause was met in silence, if it is to be told of now.
    fn meet(&self, id: &str, what: &str, now_ms: i64) -> Option<u64> {
        self.of_channel(id, |channel| {
            if let Some(met) = channel.causes.get_mut(what) {
                met.times += 1;
                met.last_ms = now_ms;
                let before = met.times - met.told_times - 1;
                let is_time = now_ms.saturating_sub(met.told_ms).unsigned_abs() >= QUIET.as_millis() as u64;
                return is_time.then(|| {
                    (met.told_ms, met.told_times) = (now_ms, met.times);
                    before
                });
            }
            channel.causes.retain(|_, met| now_ms.saturating_sub(met.last_ms) < SHOWN_MS);
            if channel.causes.len() >= MOST {
                return None;
            }
            channel.causes.insert(what.to_owned(), Met { times: 1, last_ms: now_ms, told_ms: now_ms, told_times: 1 });
            Some(0)
        })
    }

    fn of_channel<T>(&self, id: &str, look: impl FnOnce(&mut OfChannel) -> T) -> T {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match channels.get_mut(id) {
            Some(channel) => look(channel),
            None => look(channels.entry(id.to_owned()).or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET_MS: i64 = QUIET.as_millis() as i64;

    #[test]
    fn each_cause_is_told_once_and_again_after_a_while_with_how_many_came_between() {
        let concerns = Concerns::default();
        assert_eq!(concerns.meet("shop", "unsigned", 0), Some(0));
        for second in 1..10 {
            assert_eq!(concerns.meet("shop", "unsigned", second * 1000), None);
        }
        assert_eq!(concerns.meet("shop", "too old", 0), Some(0), "another reason");
        assert_eq!(concerns.meet("telegram", "unsigned", 0), Some(0), "another channel");
        assert_eq!(concerns.meet("shop", "unsigned", QUIET_MS), Some(9));
        assert_eq!(concerns.meet("shop", "unsigned", QUIET_MS * 2), Some(0));
    }

    #[test]
    fn a_platform_that_names_accounts_without_end_fills_no_memory() {
        let concerns = Concerns::default();
        for account in 0..10_000 {
            concerns.meet("whatsapp", &format!("account {account}"), clock::now_ms());
        }
        assert_eq!(concerns.of("whatsapp").len(), MOST);
        assert_eq!(concerns.of("shop"), []);
    }
}
