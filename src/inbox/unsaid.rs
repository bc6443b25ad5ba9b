//! Texts of the store that could not be said: the customer got others, and the owner should know. The log tells of each
//! once, then now and then.

use std::collections::HashMap;

use crate::model::{Finding, TraceStep};

/// How long a text is quiet after it was told of.
const QUIET_MS: i64 = 600_000;

/// When each text, of the names in the configuration, was told of last.
#[derive(Default)]
pub struct Unsaid(HashMap<String, i64>);

impl Unsaid {
    /// Tells of those in a decision. Nothing of what was to be filled in is told.
    pub fn tell(&mut self, trace: &[TraceStep], now_ms: i64) {
        for step in trace {
            let (text, why) = match &step.what {
                Finding::Unfilled { phrase, why } => (phrase, why.as_str()),
                Finding::Empty { phrase } => (phrase, "it comes out empty"),
                _ => continue,
            };
            if self.0.get(text).is_none_or(|told_ms| now_ms.saturating_sub(*told_ms) >= QUIET_MS) {
                self.0.insert(text.clone(), now_ms);
                tracing::warn!(text, why, "a text cannot be said, and another was said in its place");
            }
        }
    }
}
