//! Latin words as people write them in a hurry: without apostrophes, in the plural, with a slip of a finger.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
    sync::LazyLock,
};

/// Letters of a known word in which one slip is forgiven: in a shorter one it makes another word.
const LONG: usize = 5;

/// Words that are no slips of others, though one letter away from something a store may listen for.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common.txt").split_whitespace().collect());

/// Another reading of a folded text, of which each byte knows where in the text it comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    text: String,
    from: Vec<usize>,
}

impl Reading {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place in the folded text of a place in this reading.
    pub fn origin(&self, at: usize) -> usize {
        self.from.get(at).copied().unwrap_or_default()
    }

    pub(super) fn push_char(&mut self, character: char, from: usize) {
        self.text.push(character);
        self.from.resize(self.text.len(), from);
    }

    /// A part of the text as it stands.
    fn push_text(&mut self, text: &str, part: Range<usize>) {
        for (at, character) in text.get(part.clone()).unwrap_or_default().char_indices() {
            self.push_char(character, part.start + at);
        }
    }

    fn push_word(&mut self, word: &str, from: usize) {
        self.text.push_str(word);
        self.from.resize(self.text.len(), from);
    }

    /// Complete, with where the text ends.
    pub(super) fn end(mut self, end: usize) -> Self {
        self.from.push(end);
        self
    }
}

/// The words that are listened for, so that slips of them are recognised.
#[derive(Debug, Default)]
pub struct LooseWords {
    known: Vec<Box<str>>,
    /// Letters of the longest.
    longest: usize,
    /// What is left of each word without one of its letters, or with all, hashed; sorted. Two words that are a slip
    /// apart share one of these.
    remains: Vec<(u32, u32)>,
}

impl LooseWords {
    /// Of keywords in their loose form.
    pub fn new<'a>(keywords: impl Iterator<Item = &'a str>) -> Self {
        let known: BTreeSet<&str> = keywords
            .flat_map(|it| it.split(|it: char| !it.is_ascii_alphabetic()))
            .filter(|it| it.len() >= LONG)
            .collect();
        let longest = known.iter().map(|it| it.len()).max().unwrap_or_default();
        let mut all = Vec::with_capacity(known.iter().map(|it| it.len() + 1).sum());
        for (number, word) in known.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            all.extend(remains(word).map(|it| (it, number)));
        }
        all.sort_unstable();
        all.dedup();
        Self { known: known.into_iter().map(Box::from).collect(), longest, remains: all }
    }

    /// A folded text with each Latin word in its loose form, if that is another text.
    pub fn read(&self, folded: &str) -> Option<Reading> {
        let mut reading = Reading::default();
        let mut loose = String::new();
        let mut rest = 0;
        for (start, end) in words(folded) {
            let word = folded.get(start..end).unwrap_or_default();
            loosen_word(word, &mut loose);
            let mended = self.mended(&loose).unwrap_or(&loose);
            // Most words are as they should be.
            if mended != word {
                reading.push_text(folded, rest..start);
                reading.push_word(mended, start);
                rest = end;
            }
        }
        if rest == 0 {
            return None;
        }
        reading.push_text(folded, rest..folded.len());
        Some(reading.end(folded.len()))
    }

    /// The known word of which this is a slip; `None` if it is one itself, or none is near.
    fn mended(&self, word: &str) -> Option<&str> {
        // What is left of a word costs its length squared, and customers write words of thousands of letters.
        if !(LONG - 1..=self.longest + 1).contains(&word.len()) || COMMON.contains(word) {
            return None;
        }
        let found = |word: &str| self.known.binary_search_by(|it| (**it).cmp(word)).is_ok();
        if found(word) {
            return None;
        }
        let near = remains(word).flat_map(|hash| {
            let first = self.remains.partition_point(|(it, _)| *it < hash);
            self.remains.get(first..).unwrap_or_default().iter().take_while(move |(it, _)| *it == hash)
        });
        let known = near.filter_map(|(_, number)| self.known.get(usize::try_from(*number).ok()?));
        // Of several, the one that begins the same: people rarely slip at the first letter.
        let near: BTreeSet<(bool, &str)> = known
            .filter(|it| strsim::osa_distance(it, word) == 1)
            .map(|it| (it.get(..1) != word.get(..1), &**it))
            .collect();
        near.first().map(|(_, word)| *word)
    }
}

/// A folded keyword in its loose form.
pub fn loosen(folded: &str) -> String {
    let mut loose = String::with_capacity(folded.len());
    let (mut rest, mut word) = (0, String::new());
    for (start, end) in words(folded) {
        loose.push_str(folded.get(rest..start).unwrap_or_default());
        loosen_word(folded.get(start..end).unwrap_or_default(), &mut word);
        loose.push_str(&word);
        rest = end;
    }
    loose.push_str(folded.get(rest..).unwrap_or_default());
    loose
}

/// Where Latin words stand; those with digits beside them are parts of codes, and none of the business here.
fn words(folded: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = folded.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(|it| it.is_ascii_alphabetic() || *it == b'\'');
    let coded = |at: usize| bytes.get(at).is_some_and(|it| it.is_ascii_digit() || *it == b'_');
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            while at < bytes.len() && !letter(at) {
                at += 1;
            }
            if at >= bytes.len() {
                return None;
            }
            let start = at;
            while letter(at) {
                at += 1;
            }
            if !(coded(at) || start.checked_sub(1).is_some_and(coded)) {
                return Some((start, at));
            }
        }
    })
}

/// Without apostrophes, in the singular.
fn loosen_word(word: &str, loose: &mut String) {
    loose.clear();
    loose.extend(word.split('\''));
    let word = loose;
    if word.len() < 4 {
        return;
    }
    if word.len() > 4 && word.ends_with("ies") {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if ["sses", "xes", "ches", "shes", "zes"].iter().any(|it| word.ends_with(it)) {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !["ss", "us", "is"].iter().any(|it| word.ends_with(it)) {
        word.pop();
    }
}

/// The word, and all that is left of it without one letter, as hashes.
fn remains(word: &str) -> impl Iterator<Item = u32> {
    // FNV-1a: two words that share one by chance are told apart by their letters. Loose words are ASCII, so that each byte
    // is a letter.
    let hash = |print: u32, letter: &u8| (print ^ u32::from(*letter)).wrapping_mul(0x0100_0193);
    let letters = word.as_bytes();
    (0..=letters.len()).map(move |at| {
        let (before, from) = letters.split_at(at);
        before.iter().chain(from.iter().skip(1)).fold(0x811c_9dc5, hash)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(keywords: &[&str], text: &str) -> String {
        let keywords: Vec<_> = keywords.iter().map(|it| loosen(it)).collect();
        let words = LooseWords::new(keywords.iter().map(String::as_str));
        words.read(text).map_or_else(|| text.to_owned(), |it| it.text().to_owned())
    }

    #[test]
    fn plurals_and_apostrophes_are_one_word_with_the_others() {
        for (one, other) in [
            ("tea sets", "tea set"),
            ("wheres", "where's"),
            ("boxes", "box"),
            ("policies", "policy"),
            ("glasses", "glass"),
        ] {
            assert_eq!(loosen(one), loosen(other));
        }
        assert_eq!(loosen("status bus this"), "status bus this");
    }

    #[test]
    fn one_slip_in_a_long_word_is_forgiven() {
        for slip in ["discont", "discuont", "dscount", "discounnt", "discoumt", "idscount", "discounts"] {
            assert_eq!(read(&["discount"], slip), "discount", "{slip}");
        }
        assert_eq!(read(&["discount"], "dsicont"), "dsicont", "two slips");
        assert_eq!(read(&["ship"], "shpp"), "shpp", "a short word");
    }

    #[test]
    fn a_word_without_end_is_no_slip_and_takes_no_time_to_tell() {
        let endless = "x".repeat(4 << 20);
        assert!(read(&["discount"], &endless) == endless);
        assert_eq!(read(&["discount"], "discountsss"), "discountsss", "one letter more than a slip has");
        assert_eq!(read(&[], "discount"), "discount");
    }

    #[test]
    fn digits_codes_and_words_of_their_own_are_no_slips() {
        assert_eq!(read(&["order 1001", "parcel7"], "order 1002 parcel8"), "order 1002 parcel8");
        assert_eq!(read(&["abcde1"], "abcdf1"), "abcdf1");
        assert_eq!(read(&["where", "shipping"], "there shopping"), "there shopping");
    }

    proptest! {
        #[test]
        fn every_byte_of_a_reading_knows_where_it_comes_from(text in "[a-z's0-9 你]{0,30}") {
            let words = LooseWords::new(["parcel", "orders"].into_iter());
            if let Some(reading) = words.read(&text) {
                prop_assert_eq!(reading.origin(reading.text().len()), text.len());
                for at in 0..reading.text().len() {
                    prop_assert!(text.is_char_boundary(reading.origin(at)));
                }
            }
        }
    }
}
