//! Words that are looked for all at once.

/// That a word begins with no other.
const NONE: u32 = u32::MAX;

/// Words in order, each with the longest other one that it begins with.
///
/// The words that stand at a place of a text are all no greater than the text from there on, and what lies between one of them
/// and that text begins with it, too. So they are among the word just below the text and those that this one begins with:
/// a place costs one search, however many words stand there. An automaton of all words would cost less for each place, but
/// takes ten times the memory, and thirty times while it is made.
#[derive(Debug, Default)]
pub struct Forms {
    letters: String,
    /// Where each word ends.
    ends: Vec<u32>,
    /// The longest other word that each begins with.
    within: Vec<u32>,
    /// How many words there are before those that begin with each byte: a search begins among these alone.
    before: Vec<u32>,
}

impl Forms {
    /// Of words in ascending order, each once and none empty.
    ///
    /// # Errors
    /// They are longer together than 4 GB.
    pub fn new<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut forms = Self { before: vec![0; 257], ..Self::default() };
        // Those that the last word begins with, and itself.
        let mut open: Vec<(u32, &str)> = Vec::new();
        for (number, word) in (0..NONE).zip(words) {
            while open.pop_if(|(_, other)| !word.starts_with(*other)).is_some() {}
            forms.within.push(open.last().map_or(NONE, |(other, _)| *other));
            open.push((number, word));
            forms.letters.push_str(word);
            if let Some(first) = word.bytes().next() {
                forms.before[usize::from(first) + 1] = number + 1;
            }
            forms.ends.push(u32::try_from(forms.letters.len()).map_err(|_| "the words are too long together")?);
        }
        for first in 1..forms.before.len() {
            forms.before[first] = forms.before[first].max(forms.before[first - 1]);
        }
        forms.letters.shrink_to_fit();
        Ok(forms)
    }

    /// The words that a text begins with, by their numbers, the longest first.
    pub fn beginning<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
        let below = self.count_up_to(text).checked_sub(1);
        let ones = std::iter::successors(below, |number| {
            self.within.get(*number).filter(|it| **it != NONE).and_then(|it| usize::try_from(*it).ok())
        });
        ones.map(|number| (number, self.word(number))).filter(move |(_, word)| text.starts_with(word))
    }

    /// How many words are no greater than a text.
    fn count_up_to(&self, text: &str) -> usize {
        let before = |byte: usize| self.before.get(byte).and_then(|it| usize::try_from(*it).ok()).unwrap_or_default();
        let first = text.bytes().next().map_or(0, usize::from);
        let (mut from, mut to) = (before(first), before(first + 1));
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.word(middle) <= text {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// A word by its number.
    pub fn word(&self, number: usize) -> &str {
        let end = |number: usize| self.ends.get(number).and_then(|it| usize::try_from(*it).ok());
        let start = number.checked_sub(1).and_then(end).unwrap_or_default();
        end(number).and_then(|end| self.letters.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_begin_with_one_another_are_all_found() {
        let forms = Forms::new(["a", "ab", "abc", "abd", "b", "订", "订单"].into_iter()).unwrap();
        let found = |text| forms.beginning(text).map(|(_, word)| word).collect::<Vec<_>>();
        assert_eq!(found("abcd"), ["abc", "ab", "a"]);
        assert_eq!(found("abb"), ["ab", "a"]);
        assert_eq!(found("ac"), ["a"]);
        assert_eq!(found("订单号"), ["订单", "订"]);
        assert_eq!(found("c"), [""; 0]);
        assert_eq!(found(""), [""; 0]);
    }

    proptest! {
        #[test]
        fn the_words_found_are_those_the_text_begins_with(
            words in prop::collection::btree_set("[ab订]{1,5}", 0..40), text in "[abc订]{0,7}"
        ) {
            let forms = Forms::new(words.iter().map(String::as_str)).unwrap();
            let found: BTreeSet<_> = forms.beginning(&text).map(|(number, word)| {
                assert_eq!(forms.word(number), word);
                word.to_owned()
            }).collect();
            let plain: BTreeSet<_> = words.into_iter().filter(|word| text.starts_with(word.as_str())).collect();
            prop_assert_eq!(found, plain);
        }
    }
}
