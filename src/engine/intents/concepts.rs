//! Words that come to the same in a shop: a parcel is a package is 快递.

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use super::hashing::name;
use crate::engine::text::{fold, is_spaced};

/// Concepts of one text that are looked at; their pairs are many.
const MOST: usize = 12;

static CONCEPTS: LazyLock<Concepts> = LazyLock::new(Concepts::load);

struct Concepts {
    words: Option<AhoCorasick>,
    /// For each word, its concept.
    of_word: Vec<u32>,
}

impl Concepts {
    fn load() -> Self {
        let all: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("concepts.toml")).unwrap_or_default();
        let (mut words, mut of_word) = (Vec::new(), Vec::new());
        for (concept, of_concept) in all {
            words.extend(of_concept.iter().map(|it| fold(it)));
            of_word.resize(words.len(), name(&concept));
        }
        let words = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words).ok();
        Self { words, of_word }
    }
}

/// The concepts of a folded text in the order in which they are first spoken of.
pub fn heard(folded: &str) -> Vec<u32> {
    let Concepts { words: Some(words), of_word } = &*CONCEPTS else { return Vec::new() };
    let mut found: Vec<(usize, u32)> = Vec::with_capacity(MOST);
    for hit in words.find_overlapping_iter(folded).filter(|it| is_a_word(folded, it.start(), it.end())) {
        let Some(concept) = of_word.get(hit.pattern().as_usize()) else { continue };
        match found.iter_mut().find(|(_, known)| known == concept) {
            Some((at, _)) => *at = hit.start().min(*at),
            None => found.push((hit.start(), *concept)),
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, concept)| concept).take(MOST).collect()
}

/// Whether a folded text speaks of one of these concepts.
pub fn speaks_of(folded: &str, concepts: &[u32]) -> bool {
    heard(folded).iter().any(|it| concepts.contains(it))
}

/// Whether it is a word, where words are set apart by spaces.
fn is_a_word(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let spaced = |at: Option<usize>| at.and_then(|at| bytes.get(at)).map(|it| it.is_ascii_alphanumeric());
    // Most of what is spaced is ASCII; the rest is looked at letter by letter.
    let joins = |left: Option<usize>, right: usize| match (spaced(left), spaced(Some(right))) {
        (None, _) | (_, None) => false,
        (Some(true), Some(true)) => true,
        _ => {
            let (before, after) = text.split_at_checked(right).unwrap_or_default();
            let (left, right) = (before.chars().next_back(), after.chars().next());
            left.is_some_and(is_spaced) && right.is_some_and(is_spaced)
        }
    };
    !joins(start.checked_sub(1), start) && !joins(end.checked_sub(1), end)
}
