//! Keywords and patterns, looked for all at once: the cost goes by the length of the text, not by their number.

mod forms;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::OnceLock,
};

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::{
    entities::Captured,
    grouped::Grouped,
    text::{Folded, LooseWords, fold, fold_pattern, half_width, is_spaced, loosen},
};
use forms::Forms;

/// Patterns that are looked for at once. What a text must have so that one of them may fit is found out when they are
/// compiled, and that takes time by the square of their number.
const AT_ONCE: usize = 100;

/// Collects words; the same word gets the same number.
#[derive(Default)]
pub struct VocabularyBuilder {
    numbers: HashMap<String, usize>,
    codes: HashSet<usize>,
    patterns: Vec<String>,
}

/// What to listen for.
pub struct Vocabulary {
    /// Each keyword as it is, and in its loose form.
    forms: Forms,
    /// For each form, the keywords it stands for.
    of_form: Grouped,
    /// For each keyword, the form that it is.
    form_of: Vec<usize>,
    loose: LooseWords,
    /// For each keyword, whether it is heard as it is written alone.
    is_code: Vec<bool>,
    patterns: Vec<RegexSet>,
    fitting: Vec<Pattern>,
}

/// A keyword in a form in which it is heard.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    text: String,
    keyword: usize,
    /// Whether it is the keyword itself.
    is_word: bool,
    is_loose: bool,
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
        let next = self.numbers.len();
        (!word.is_empty()).then(|| *self.numbers.entry(word).or_insert(next))
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
        let Self { numbers, codes, patterns } = self;
        let keywords = numbers.len();
        let mut listed = Vec::with_capacity(keywords);
        for (word, number) in numbers {
            let loose = loosen(&word);
            let is_loose = word == loose;
            if !is_loose && !codes.contains(&number) {
                listed.push(Form { text: loose, keyword: number, is_word: false, is_loose: true });
            }
            listed.push(Form { text: word, keyword: number, is_word: true, is_loose });
        }
        listed.sort_unstable();
        let uncoded = listed.iter().filter(|form| form.is_loose && !codes.contains(&form.keyword));
        let loose = LooseWords::new(uncoded.map(|form| form.text.as_str()));

        let mut form_of = vec![0; keywords];
        let mut noted = Vec::with_capacity(listed.len());
        let groups = listed.chunk_by(|form, next| form.text == next.text);
        for (at, group) in groups.clone().enumerate() {
            for form in group {
                noted.push((at, form.keyword));
                if let Some(form_of) = form_of.get_mut(form.keyword).filter(|_| form.is_word) {
                    *form_of = at;
                }
            }
        }
        let forms = Forms::new(groups.filter_map(|group| group.first()).map(|form| form.text.as_str()))?;
        let sets = patterns.chunks(AT_ONCE).map(|some| RegexSetBuilder::new(some).case_insensitive(true).build());
        let sets = sets.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let fitting = patterns.into_iter().map(Pattern::new).collect();
        let is_code = (0..keywords).map(|number| codes.contains(&number)).collect();
        Ok(Vocabulary { forms, of_form: Grouped::new(noted), form_of, loose, is_code, patterns: sets, fitting })
    }
}

impl Vocabulary {
    /// Everything that occurs in a text: as it stands, without spaces within words, and with small slips forgiven.
    pub fn listen(&self, text: &Folded) -> Heard {
        let mut keywords = Vec::new();
        self.look(text.as_str(), |_| true, |at| at, &mut keywords);
        if let Some(tight) = text.tight() {
            self.look(tight.text(), |_| true, |at| tight.origin(at), &mut keywords);
        }
        if let Some(loose) = self.loose.read(text.as_str()) {
            let uncoded = |number: &usize| self.is_code.get(*number) == Some(&false);
            self.look(loose.text(), uncoded, |at| loose.origin(at), &mut keywords);
        }
        keywords.sort_unstable();
        keywords.dedup();
        let sets = (0..).step_by(AT_ONCE).zip(&self.patterns);
        let fits = |(first, set): (usize, &RegexSet)| {
            set.matches(text.as_str()).into_iter().map(move |it| first + it).collect::<Vec<_>>()
        };
        Heard { keywords, patterns: sets.flat_map(fits).collect() }
    }

    fn look(&self, text: &str, wanted: impl Fn(&usize) -> bool, origin: impl Fn(usize) -> usize, hits: &mut Vec<Hit>) {
        let mut before = None;
        for (start, first) in text.char_indices() {
            let last = before.replace(first);
            let Some(rest) = text.get(start..).filter(|_| !is_one_word(last, Some(first))) else { continue };
            for (form, word) in self.forms.beginning(rest) {
                let after = rest.get(word.len()..).and_then(|it| it.chars().next());
                if is_one_word(word.chars().next_back(), after) {
                    continue;
                }
                let (start, end) = (origin(start), origin(start + word.len()));
                let numbers = self.of_form.of(form).filter(&wanted);
                hits.extend(numbers.map(|keyword| Hit { keyword, start, end }));
            }
        }
    }

    /// A keyword, folded.
    pub fn word(&self, number: usize) -> &str {
        self.form_of.get(number).map_or("", |form| self.forms.word(*form))
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

/// Whether two characters side by side are of one word, so that what begins or ends between them is none: `ship` is not in
/// `worship`.
fn is_one_word(left: Option<char>, right: Option<char>) -> bool {
    left.zip(right).is_some_and(|(left, right)| is_spaced(left) && is_spaced(right))
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
