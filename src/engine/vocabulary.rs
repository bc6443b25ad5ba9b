//! Keywords and patterns, looked for all at once: the cost goes by the length of the text, not by their number.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexSet, RegexSetBuilder};

use super::text::{fold, is_spaced, simplified};

/// Collects words; the same word gets the same number.
#[derive(Default)]
pub struct VocabularyBuilder {
    numbers: BTreeMap<String, usize>,
    words: Vec<String>,
    patterns: Vec<String>,
}

/// What to listen for.
pub struct Vocabulary {
    keywords: AhoCorasick,
    words: Vec<String>,
    patterns: RegexSet,
}

/// What was heard: numbers in ascending order.
#[derive(Debug, Default, PartialEq)]
pub struct Heard {
    pub keywords: Vec<usize>,
    pub patterns: Vec<usize>,
}

impl VocabularyBuilder {
    /// `None` for a keyword without a letter.
    pub fn keyword(&mut self, keyword: &str) -> Option<usize> {
        let word = fold(keyword);
        if word.is_empty() {
            return None;
        }
        if let Some(number) = self.numbers.get(&word) {
            return Some(*number);
        }
        let number = self.words.len();
        self.numbers.insert(word.clone(), number);
        self.words.push(word);
        Some(number)
    }

    /// # Errors
    /// The pattern is not a regular expression, in the words of the regex crate.
    pub fn pattern(&mut self, pattern: &str) -> Result<usize, String> {
        let pattern: String = pattern.chars().map(simplified).collect();
        // The error draws the pattern over several lines; the last says what is wrong.
        Regex::new(&pattern)
            .map_err(|error| error.to_string().lines().last().unwrap_or_default().replace("error: ", ""))?;
        self.patterns.push(pattern);
        Ok(self.patterns.len() - 1)
    }

    /// # Errors
    /// The words or patterns are too many or too large together.
    pub fn build(self) -> Result<Vocabulary, String> {
        Ok(Vocabulary {
            keywords: AhoCorasick::new(&self.words).map_err(|error| error.to_string())?,
            patterns: RegexSetBuilder::new(&self.patterns)
                .case_insensitive(true)
                .build()
                .map_err(|error| error.to_string())?,
            words: self.words,
        })
    }
}

impl Vocabulary {
    /// Everything that occurs in a folded text.
    pub fn listen(&self, folded: &str) -> Heard {
        let mut keywords: Vec<_> = self
            .keywords
            .find_overlapping_iter(folded)
            .filter(|found| stands_alone(folded, found.start(), found.end()))
            .map(|found| found.pattern().as_usize())
            .collect();
        keywords.sort_unstable();
        keywords.dedup();
        let patterns =
            if self.patterns.is_empty() { Vec::new() } else { self.patterns.matches(folded).into_iter().collect() };
        Heard { keywords, patterns }
    }

    /// A folded text without the keywords that occur in it.
    pub fn without(&self, folded: &str) -> String {
        let mut rest = String::with_capacity(folded.len());
        let mut end = 0;
        let mut found: Vec<_> = self
            .keywords
            .find_overlapping_iter(folded)
            .filter(|found| stands_alone(folded, found.start(), found.end()))
            .map(|found| found.range())
            .collect();
        found.sort_unstable_by_key(|range| range.start);
        for range in found {
            rest.push_str(folded.get(end..range.start).unwrap_or_default());
            end = end.max(range.end);
        }
        rest.push_str(folded.get(end..).unwrap_or_default());
        rest
    }

    /// A keyword, folded.
    pub fn word(&self, number: usize) -> &str {
        self.words.get(number).map_or("", String::as_str)
    }
}

impl Heard {
    pub fn keyword(&self, number: usize) -> bool {
        self.keywords.binary_search(&number).is_ok()
    }

    pub fn pattern(&self, number: usize) -> bool {
        self.patterns.binary_search(&number).is_ok()
    }
}

/// Whether what was found is a word, not a part of one: `ship` is not in `worship`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joined = |left: Option<char>, right: Option<char>| {
        left.zip(right).is_some_and(|(left, right)| is_spaced(left) && is_spaced(right))
    };
    let (Some(before), Some(found), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..)) else {
        return false;
    };
    !joined(before.chars().next_back(), found.chars().next())
        && !joined(found.chars().next_back(), after.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(keywords: &[&str], text: &str) -> Vec<String> {
        let mut builder = VocabularyBuilder::default();
        for keyword in keywords {
            builder.keyword(keyword).unwrap();
        }
        let vocabulary = builder.build().unwrap();
        vocabulary.listen(&fold(text)).keywords.iter().map(|it| vocabulary.word(*it).to_owned()).collect()
    }

    #[test]
    fn latin_words_match_whole_and_chinese_ones_anywhere() {
        assert_eq!(heard(&["ship"], "do you worship"), [""; 0]);
        assert_eq!(heard(&["ship"], "Ship, please"), ["ship"]);
        assert_eq!(heard(&["ship"], "可以ship吗"), ["ship"]);
        assert_eq!(heard(&["国外"], "你们发到国外吗"), ["国外"]);
        assert_eq!(heard(&["c++", "c"], "c++ book"), ["c++", "c"]);
    }

    #[test]
    fn words_within_words_are_all_heard() {
        assert_eq!(heard(&["快递", "我的快递", "快递到哪"], "我的快遞到哪了"), ["快递", "我的快递", "快递到哪"]);
    }

    #[test]
    fn a_pattern_is_as_blind_to_case_and_script_as_a_keyword() {
        let mut builder = VocabularyBuilder::default();
        builder.pattern("發到.*國").unwrap();
        builder.pattern(r"\bSHIP\b").unwrap();
        assert!(builder.pattern("(").is_err());
        let vocabulary = builder.build().unwrap();
        assert_eq!(vocabulary.listen(&fold("能发到美國吗")).patterns, [0]);
        assert_eq!(vocabulary.listen(&fold("ship it")).patterns, [1]);
    }
}
