//! Words that come to the same in a shop: a parcel is a package is 快递.

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::engine::text::{fold, is_spaced};

/// Concepts of one text that are looked at; their pairs are many.
const MOST: usize = 12;

static CONCEPTS: LazyLock<Concepts> = LazyLock::new(Concepts::load);

struct Concepts {
    words: Option<AhoCorasick>,
    /// For each word, its concept.
    of_word: Vec<String>,
}

impl Concepts {
    fn load() -> Self {
        let all: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("concepts.toml")).unwrap_or_default();
        let (mut words, mut of_word) = (Vec::new(), Vec::new());
        for (concept, of_concept) in all {
            for word in of_concept {
                words.push(fold(&word));
                of_word.push(concept.clone());
            }
        }
        let words = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words).ok();
        Self { words, of_word }
    }
}

/// The concepts of a folded text in the order in which they are first spoken of.
pub fn heard(folded: &str) -> Vec<&'static str> {
    let Concepts { words: Some(words), of_word } = &*CONCEPTS else { return Vec::new() };
    let mut found: Vec<(usize, &str)> = Vec::new();
    for hit in words.find_overlapping_iter(folded).filter(|it| is_a_word(folded, it.start(), it.end())) {
        let Some(concept) = of_word.get(hit.pattern().as_usize()) else { continue };
        if !found.iter().any(|(_, known)| known == concept) {
            found.push((hit.start(), concept));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, concept)| concept).take(MOST).collect()
}

/// Whether it is a word, where words are set apart by spaces.
fn is_a_word(text: &str, start: usize, end: usize) -> bool {
    let joins = |left: Option<char>, right: Option<char>| {
        left.zip(right).is_some_and(|(left, right)| is_spaced(left) && is_spaced(right))
    };
    let ends = |range: Option<&str>| range.map(|it| (it.chars().next(), it.chars().next_back())).unwrap_or_default();
    let ((_, before), (first, last), (after, _)) =
        (ends(text.get(..start)), ends(text.get(start..end)), ends(text.get(end..)));
    !joins(before, first) && !joins(last, after)
}
