//! What rules are compiled by: what they may refer to, and the mistakes found on the way.

use std::collections::BTreeSet;

use super::FILE;
use crate::{
    engine::{intents::Intents, phrases::Phrasebook, shop::Shop, vocabulary::VocabularyBuilder},
    setting::{PathStep, Problem},
};

/// What rules refer to.
pub struct Compiler<'a> {
    pub shop: &'a Shop,
    pub intents: &'a Intents,
    pub phrases: &'a mut Phrasebook,
    pub problems: &'a mut Vec<Problem>,
    pub vocabulary: VocabularyBuilder,
    pub used_phrases: BTreeSet<String>,
    pub ids: BTreeSet<String>,
    /// Rules that a menu or a question of another rule leads to.
    pub asked_for: BTreeSet<String>,
    /// Whether the rule being compiled answers only where there is an order.
    pub with_order: bool,
}

impl Compiler<'_> {
    pub fn wrong(
        &mut self,
        path: impl IntoIterator<Item = PathStep>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.problems.push(Problem::new(FILE, path, message).hint(hint));
    }
}

/// The path to what this key of a table holds.
pub fn at(path: &[PathStep], key: &str) -> Vec<PathStep> {
    [path, &[key.into()]].concat()
}
