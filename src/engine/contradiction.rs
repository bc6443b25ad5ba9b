//! Whether a customer is not content with what they were told.

use super::Playbook;
use crate::model::{Action, Decision, Event, EventKind};

/// Who says one of these wants something other than the clerk.
const INTENTS: [&str; 4] = ["person", "complaint", "bad-review-threat", "abuse"];
const COMPLAINT: &str = "complaint";

impl Playbook {
    /// Whether the customer asks for a person or complains, by what they say or by what was decided about it.
    pub fn contradicts(&self, event: &Event, decision: &Decision) -> bool {
        let EventKind::Message(message) = &event.kind else { return false };
        let is_handed_over = decision.actions.iter().any(|action| match action {
            Action::Assign { .. } | Action::Transfer { .. } => true,
            Action::OpenTicket { kind, .. } => kind == COMPLAINT,
            _ => false,
        });
        let says_so = |text: &str| self.intents.understand(text).sure().is_some_and(|it| INTENTS.contains(&it));
        is_handed_over || message.text.as_deref().is_some_and(says_so)
    }
}
