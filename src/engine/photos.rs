//! Words about a picture of what went wrong: the clerk asked for one, and they belong to what it was asked for.

use super::{
    entities::without_identification,
    follow_ups::are_guesses,
    intents::{answers_who_asked, only_shows},
    question::Question,
    rules::Match,
    turn::Turn,
};
use crate::model::Urgency;

impl Turn<'_> {
    /// Puts what is said of a picture with the trouble it is of, whatever else it may seem to mean.
    pub(super) fn hear_of_a_photo(&mut self, question: &Question, matches: &[Match<'_>]) -> bool {
        let folded = question.folded();
        if !are_guesses(matches) || asks(folded) || !answers_who_asked(&without_identification(folded)) {
            return false;
        }
        // Where nothing went wrong, 拍了 says that something was ordered: only what names a picture is about one.
        let named = || only_shows(folded).then(|| self.fresh_ticket()).flatten();
        let Some(waiting) = self.fresh_trouble().or_else(named) else { return false };
        self.say_noted(&question.said);
        self.open_ticket(&waiting.kind, question.said.clone(), Urgency::Normal);
        true
    }
}

fn asks(folded: &str) -> bool {
    folded.contains(['?', '吗', '么'])
}
