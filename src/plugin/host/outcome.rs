//! What a plugin made of a moment.

use crate::model::{Action, Failure, Finding};

/// What a plugin made of a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Pass,
    /// Adds to the answer.
    Also(Vec<Action>),
    /// Takes the built-in answer's place.
    Handled(Vec<Action>),
}

impl Outcome {
    /// Whether the customer hears something.
    pub fn speaks(&self) -> bool {
        self.actions().iter().any(|it| matches!(it, Action::Reply { .. } | Action::AskSatisfaction { .. }))
    }

    pub fn actions(&self) -> &[Action] {
        match self {
            Self::Pass => &[],
            Self::Also(actions) | Self::Handled(actions) => actions,
        }
    }
}

/// What a call came to, for the trace.
pub fn finding(result: &Result<Outcome, Failure>) -> Finding {
    match result {
        Ok(Outcome::Pass) => Finding::Passed,
        Ok(Outcome::Also(actions)) => Finding::Added { actions: actions.len() },
        Ok(Outcome::Handled(actions)) => Finding::Took { actions: actions.len() },
        Err(failure) => Finding::Skipped { why: failure.clone() },
    }
}
