//! Words that are looked for all at once: the lists are asked of every message, and one pass through it is enough.

use std::ops::Range;

use aho_corasick::AhoCorasick;

pub struct WordList(AhoCorasick);

impl WordList {
    /// Of words as folded texts have them.
    pub fn new<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(AhoCorasick::new(words).expect("a few short words are no large automaton"))
    }

    /// Whether one of the words stands somewhere in a text, be it within another word.
    pub fn occurs_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where the words stand in a text, be it within others.
    pub fn places(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        self.0.find_overlapping_iter(text).map(|it| it.range())
    }
}
