//! What somebody said, with what is read from it: several layers ask the same of the same words, which are read once.

use std::{cell::OnceCell, rc::Rc};

use super::{
    intents::{Intents, Understanding},
    text::Folded,
    vocabulary::{Heard, Vocabulary},
};

/// One text; what it is asked for is read when it is first asked for.
#[derive(Default)]
pub struct Utterance {
    text: String,
    folded: Folded,
    by_rules: OnceCell<Heard>,
    by_catalogue: OnceCell<Heard>,
    meaning: OnceCell<Rc<Understanding>>,
}

impl Utterance {
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: Folded::new(text), ..Self::default() }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// The words of the store's rules in it; the vocabulary is always the same.
    pub fn heard_by_rules(&self, vocabulary: &Vocabulary) -> &Heard {
        self.by_rules.get_or_init(|| vocabulary.listen(&self.folded))
    }

    /// The names of products in it; the vocabulary is always the same.
    pub fn heard_by_catalogue(&self, vocabulary: &Vocabulary) -> &Heard {
        self.by_catalogue.get_or_init(|| vocabulary.listen(&self.folded))
    }

    /// What it most likely means; the intents are always the same.
    pub fn meaning(&self, intents: &Intents) -> Rc<Understanding> {
        self.meaning.get_or_init(|| Rc::new(intents.understand(self.folded.as_str()))).clone()
    }
}
