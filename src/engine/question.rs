//! What a customer said, with all that was read in it: made once, and asked by every layer that may have the answer.

use std::{borrow::Cow, ops::Range, rc::Rc};

use super::{entities::Entities, intents::Understanding, text::fold, utterance::Utterance};

/// From this score on a meaning is more than a guess.
pub(super) const SURELY: u8 = 50;
/// From this score on a line means the same whatever follows.
pub(super) const CERTAINLY: u8 = 90;

/// What a customer said, read once for all layers.
pub(super) struct Question {
    pub said: String,
    pub utterance: Rc<Utterance>,
    pub entities: Entities,
    /// What was most likely meant.
    pub meant: Rc<Understanding>,
    /// What its clauses surely mean, where it has several.
    pub parts: Vec<(String, Range<usize>)>,
    /// Whether the welcome went before.
    pub first: bool,
}

impl Question {
    pub fn folded(&self) -> &str {
        self.utterance.folded().as_str()
    }

    /// The last line, folded.
    pub fn last_line(&self) -> Cow<'_, str> {
        match self.said.trim_end().rsplit_once('\n') {
            Some((_, last)) => fold(last).into(),
            None => self.folded().into(),
        }
    }
}
