//! Why a decision came out as it did: typed, so that figures can be counted and decisions compared, and printed
//! as words for whoever asks `nightclerk explain`.
//!
//! A trace holds none of the customer's words: they stand in the event, once, and are forgotten with it. A step
//! names the rule, the configured word, the order or the product that was found.

mod contact_finding;
mod finding;
mod order_finding;
mod plugin_finding;
mod source;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use contact_finding::ContactFinding;
pub use finding::{Finding, NotDone, WhySilent};
pub use order_finding::{ClaimFinding, Notice, OrderFinding, WhyUnsaid};
pub use plugin_finding::{Failure, Question};
pub use source::{Part, Source, UnknownSource};

/// One step of the reasoning that `nightclerk explain` shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// Who took it.
    pub by: Source,
    /// What they found or did.
    pub what: Finding,
}

impl TraceStep {
    pub fn new(by: impl Into<Source>, what: Finding) -> Self {
        Self { by: by.into(), what }
    }

    /// A step of a plugin's.
    pub fn plugin(name: impl Into<String>, what: Finding) -> Self {
        Self::new(Source::Plugin(name.into()), what)
    }

    /// What a plugin asked the host, and what it was told, in short.
    pub fn asked(plugin: impl Into<String>, question: impl Into<Question>, answer: impl Into<String>) -> Self {
        Self::plugin(plugin, Finding::Asked { question: question.into(), answer: answer.into() })
    }
}
