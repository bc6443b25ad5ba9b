//! Keywords and patterns, looked for all at once: the cost goes by the length of the text, not by their number.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::OnceLock,
};

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::{
    entities::Captured,
    text::{Folded, LooseWords, fold, fold_pattern, half_width, is_spaced, loosen},
};

/// Collects words; the same word gets the same number.
#[derive(Default)]
pub struct VocabularyBuilder {
    numbers: BTreeMap<String, usize>,
    words: Vec<String>,
    codes: BTreeSet<usize>,
    patterns: Vec<String>,
}

/// What to listen for.
pub struct Vocabulary {
    /// Looks for each keyword as it is, and in its loose form.
    forms: AhoCorasick,
    /// For each form, the keywords it stands for.
    of_form: Vec<Vec<usize>>,
    loose: LooseWords,
    words: Vec<String>,
    codes: BTreeSet<usize>,
    patterns: RegexSet,
    fitting: Vec<Pattern>,
}

struct Pattern {
    source: String,
    /// Bytes that any text has at least which it fits: how much it asks for.
    least: usize,
    /// Compiled when it first fits: most never do.
    regex: OnceLock<Option<Regex>>,
}

/// What was heard.
#[derive(Debug, Default, PartialEq)]
pub struct Heard {
    /// In ascending order of their numbers, and then of their places.
    pub keywords: Vec<Hit>,
    /// In ascending order.
    pub patterns: Vec<usize>,
}

/// A keyword, and where in the folded text it was heard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub keyword: usize,
    pub start: usize,
    pub end: usize,
}

impl Hit {
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
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

    /// A keyword that is heard as it is written alone: no plural of it, no slip.
    pub fn code(&mut self, code: &str) -> Option<usize> {
        let number = self.keyword(code)?;
        self.codes.insert(number);
        Some(number)
    }

    /// # Errors
    /// The pattern is not a regular expression, in the words of the regex crate.
    pub fn pattern(&mut self, pattern: &str) -> Result<usize, String> {
        let pattern = fold_pattern(pattern);
        // The error draws the pattern over several lines; the last says what is wrong.
        let what = |error: String| error.lines().last().unwrap_or_default().replace("error: ", "");
        regex_syntax::parse(&pattern).map_err(|error| what(error.to_string()))?;
        // What is counted can be too large to compile; what is not is no larger than it is long.
        if pattern.contains('{') {
            Regex::new(&pattern).map_err(|error| what(error.to_string()))?;
        }
        self.patterns.push(pattern);
        Ok(self.patterns.len() - 1)
    }

    /// # Errors
    /// The words or patterns are too many or too large together.
    pub fn build(self) -> Result<Vocabulary, String> {
        let Self { words, codes, patterns, .. } = self;
        let loose_forms: Vec<String> = words.iter().map(|word| loosen(word)).collect();
        let mut of_form: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, (word, loose)) in words.iter().zip(&loose_forms).enumerate() {
            of_form.entry(word).or_default().push(number);
            if word != loose && !codes.contains(&number) {
                of_form.entry(loose).or_default().push(number);
            }
        }
        let uncoded = loose_forms.iter().enumerate().filter(|(number, _)| !codes.contains(number));
        let loose = LooseWords::new(uncoded.map(|(_, form)| form.as_str()));
        let forms = AhoCorasick::new(of_form.keys()).map_err(|error| error.to_string())?;
        let of_form = of_form.into_values().collect();
        let set = RegexSetBuilder::new(&patterns).case_insensitive(true).build().map_err(|error| error.to_string())?;
        let fitting = patterns.into_iter().map(Pattern::new).collect();
        Ok(Vocabulary { forms, of_form, loose, words, codes, patterns: set, fitting })
    }
}

impl Vocabulary {
    /// Everything that occurs in a text: as it stands, without spaces within words, and with small slips forgiven.
    pub fn listen(&self, text: &Folded) -> Heard {
        let mut keywords = Vec::new();
        self.look(text.as_str(), Some, |at| at, &mut keywords);
        if let Some(tight) = text.tight() {
            self.look(tight.text(), Some, |at| tight.origin(at), &mut keywords);
        }
        if let Some(loose) = self.loose.read(text.as_str()) {
            let uncoded = |number| (!self.codes.contains(&number)).then_some(number);
            self.look(loose.text(), uncoded, |at| loose.origin(at), &mut keywords);
        }
        keywords.sort_unstable();
        keywords.dedup();
        let patterns = if self.patterns.is_empty() {
            Vec::new()
        } else {
            self.patterns.matches(text.as_str()).into_iter().collect()
        };
        Heard { keywords, patterns }
    }

    fn look(
        &self,
        text: &str,
        wanted: impl Fn(usize) -> Option<usize>,
        origin: impl Fn(usize) -> usize,
        hits: &mut Vec<Hit>,
    ) {
        for found in self.forms.find_overlapping_iter(text) {
            if !stands_alone(text, found.start(), found.end()) {
                continue;
            }
            let numbers = self.of_form.get(found.pattern().as_usize()).into_iter().flatten();
            let (start, end) = (origin(found.start()), origin(found.end()));
            hits.extend(numbers.filter_map(|it| wanted(*it)).map(|keyword| Hit { keyword, start, end }));
        }
    }

    /// A keyword, folded.
    pub fn word(&self, number: usize) -> &str {
        self.words.get(number).map_or("", String::as_str)
    }

    /// What the named groups of a pattern hold: as it was written, if the pattern fits that too, else folded.
    pub fn captures(&self, pattern: usize, text: &Folded, said: &str) -> Captured {
        let Some(regex) = self.fitting.get(pattern).and_then(Pattern::regex) else { return Captured::new() };
        let written = half_width(said);
        let Some(captures) = regex.captures(&written).or_else(|| regex.captures(text.as_str())) else {
            return Captured::new();
        };
        let names = regex.capture_names().flatten();
        let held = names.filter_map(|name| Some((name.to_owned(), captures.name(name)?.as_str().trim().to_owned())));
        held.filter(|(_, held)| !held.is_empty()).collect()
    }

    /// Where a pattern fits in a folded text. What it leaves open (`.*`) does not count: it is no more than it asks for.
    pub fn span(&self, pattern: usize, text: &Folded) -> Option<Range<usize>> {
        let pattern = self.fitting.get(pattern)?;
        let found = pattern.regex()?.find(text.as_str())?;
        Some(found.start()..found.end().min(found.start() + pattern.least))
    }
}

impl Pattern {
    fn new(source: String) -> Self {
        let least = regex_syntax::parse(&source).ok().and_then(|it| it.properties().minimum_len());
        Self { source, least: least.unwrap_or(0), regex: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || RegexBuilder::new(&self.source).case_insensitive(true).build().ok();
        self.regex.get_or_init(compile).as_ref()
    }
}

impl Heard {
    /// Where a keyword was heard.
    pub fn hits(&self, number: usize) -> &[Hit] {
        let first = self.keywords.partition_point(|it| it.keyword < number);
        let end = self.keywords.partition_point(|it| it.keyword <= number);
        self.keywords.get(first..end).unwrap_or_default()
    }

    pub fn keyword(&self, number: usize) -> bool {
        !self.hits(number).is_empty()
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
        let mut words: Vec<_> = vocabulary.listen(&Folded::new(text)).keywords.iter().map(|it| it.keyword).collect();
        words.dedup();
        words.into_iter().map(|it| vocabulary.word(it).to_owned()).collect()
    }

    #[test]
    fn latin_words_match_whole_and_chinese_ones_anywhere() {
        assert_eq!(heard(&["ship"], "do you worship"), [""; 0]);
        assert_eq!(heard(&["ship"], "Ship, please"), ["ship"]);
        assert_eq!(heard(&["ship"], "可以ship吗"), ["ship"]);
        assert_eq!(heard(&["国外"], "你们发到国外吗"), ["国外"]);
        assert_eq!(heard(&["c++", "c"], "c++ book"), ["c++", "c"]);
        assert_eq!(heard(&["vat"], "VAT123"), [""; 0]);
    }

    #[test]
    fn words_within_words_are_all_heard() {
        assert_eq!(heard(&["快递", "我的快递", "快递到哪"], "我的快遞到哪了"), ["快递", "我的快递", "快递到哪"]);
    }

    #[test]
    fn words_are_heard_through_spaces_plurals_apostrophes_and_slips() {
        assert_eq!(heard(&["退款"], "我要 退 款"), ["退款"]);
        assert_eq!(heard(&["发货"], "发\n货"), [""; 0]);
        assert_eq!(heard(&["tea set"], "any discont for 2 tea sets?"), ["tea set"]);
        assert_eq!(heard(&["offers"], "any offer today"), ["offers"]);
        assert_eq!(heard(&["where's my order"], "wheres my odrer"), ["where's my order"]);
        assert_eq!(heard(&["where is my parcel"], "where is my parcle?? its been 10 days"), ["where is my parcel"]);
    }

    #[test]
    fn a_code_is_heard_as_it_is_written_alone() {
        let mut builder = VocabularyBuilder::default();
        let code = builder.code("TEABOXS").unwrap();
        let vocabulary = builder.build().unwrap();
        assert!(vocabulary.listen(&Folded::new("teaboxs")).keyword(code));
        assert!(!vocabulary.listen(&Folded::new("teabox")).keyword(code));
        assert!(!vocabulary.listen(&Folded::new("teabocs")).keyword(code));
    }

    #[test]
    fn a_hit_tells_where_in_the_text_it_was_heard() {
        let mut builder = VocabularyBuilder::default();
        let parcel = builder.keyword("my parcel").unwrap();
        let refund = builder.keyword("退款").unwrap();
        let vocabulary = builder.build().unwrap();
        let text = Folded::new("退 款 for my parcles!");
        let heard = vocabulary.listen(&text);
        let at = |number: usize| heard.hits(number).iter().map(|it| &text.as_str()[it.range()]).collect::<Vec<_>>();
        assert_eq!(at(parcel), ["my parcles"]);
        assert_eq!(at(refund), ["退 款"]);
    }

    #[test]
    fn a_pattern_is_as_blind_to_case_and_script_as_a_keyword() {
        let mut builder = VocabularyBuilder::default();
        builder.pattern("發到.*國").unwrap();
        builder.pattern(r"\bSHIP\b").unwrap();
        assert!(builder.pattern("(").is_err());
        let vocabulary = builder.build().unwrap();
        assert_eq!(vocabulary.listen(&Folded::new("能发到美國吗")).patterns, [0]);
        assert_eq!(vocabulary.listen(&Folded::new("ship it")).patterns, [1]);
    }
}
