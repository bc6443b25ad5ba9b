//! Tells the owner of refused webhooks: once for each cause, then now and then, and never with what was sent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::StatusCode;

use crate::webhook::Refusal;

/// How long the same cause is quiet after it was told.
const QUIET: Duration = Duration::from_secs(600);
/// The causes told of lately. There are as many as configured names have reasons: strangers cannot fill this.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<Cause, Told>>);

type Cause = (String, StatusCode, &'static str);

struct Told {
    at: Instant,
    /// Refusals since then.
    more: u64,
}

impl Refusals {
    /// Writes a warning, unless this cause was told of lately. `id` is a configured name, or `unknown`.
    pub fn warn(&self, id: &str, refusal: &Refusal) {
        let Refusal { status, why, .. } = refusal;
        if let Some(before) = self.note((id.to_owned(), *status, why), Instant::now()) {
            tracing::warn!(channel = id, status = status.as_u16(), before, "a webhook was refused: {}", why.trim_end());
        }
    }

    /// How many refusals of this cause were passed over in silence, if it is to be told of now.
    fn note(&self, cause: Cause, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = told.get_mut(&cause)
            && now.saturating_duration_since(last.at) < QUIET
        {
            last.more += 1;
            return None;
        }
        told.retain(|other, last| *other == cause || now.saturating_duration_since(last.at) < QUIET);
        let before = told.get(&cause).map_or(0, |last| last.more);
        told.insert(cause, Told { at: now, more: 0 });
        Some(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(channel: &str, why: &'static str) -> Cause {
        (channel.to_owned(), StatusCode::UNAUTHORIZED, why)
    }

    #[test]
    fn each_cause_is_told_once_and_again_after_a_while_with_how_many_came_between() {
        let (refusals, start) = (Refusals::default(), Instant::now());
        assert_eq!(refusals.note(cause("shop", "unsigned"), start), Some(0));
        for second in 1..10 {
            assert_eq!(refusals.note(cause("shop", "unsigned"), start + Duration::from_secs(second)), None);
        }
        assert_eq!(refusals.note(cause("shop", "too old"), start), Some(0), "another reason");
        assert_eq!(refusals.note(cause("telegram", "unsigned"), start), Some(0), "another channel");
        assert_eq!(refusals.note(cause("shop", "unsigned"), start + QUIET), Some(9));
        assert_eq!(refusals.note(cause("shop", "unsigned"), start + QUIET * 2), Some(0));
    }
}
