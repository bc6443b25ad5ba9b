//! What is answered to what: the store's rules, and what the clerk understands by itself.

mod compile;
mod settings;

use std::collections::BTreeMap;

pub(super) use compile::FILE;
pub use settings::{Answer, ChoiceSettings, Hours, NotifySettings, RuleSettings, RulesSettings, TicketSettings};

use super::{
    phrases::{Label, Words},
    text::Folded,
    vocabulary::{Heard, Hit, Vocabulary},
};
use crate::model::Finding;

/// The prefix of a message that asks for a rule by its id: what the buttons of menus send.
pub const BY_ID: &str = "rule:";
/// The prefix of a message that says what is meant: what the buttons send where the clerk asks which it was.
pub const BY_INTENT: &str = "intent:";

/// All rules, the first to be tried first.
pub struct Rules {
    rules: Vec<Rule>,
    ids: BTreeMap<String, usize>,
    vocabulary: Option<Vocabulary>,
    /// For each keyword and pattern, the rules that may fit where it is heard, by number.
    by_keyword: Vec<Vec<usize>>,
    by_pattern: Vec<Vec<usize>>,
    /// For each intent, the rules that ask for nothing else.
    by_intent: BTreeMap<String, Vec<usize>>,
    main_menu: Vec<ChoiceSettings>,
}

/// One rule, compiled: what its settings say, with its words looked up and its texts ready to be filled.
#[derive(Debug, Default)]
pub struct Rule {
    pub settings: RuleSettings,
    // Numbers of the vocabulary.
    any: Vec<usize>,
    all: Vec<usize>,
    none: Vec<usize>,
    patterns: Vec<usize>,
    /// What the customer is told: the `phrase` or the `text`.
    pub words: Option<Words>,
    /// What `notify` tells.
    pub notice: Option<Words>,
}

impl Rules {
    /// The rule that fits a folded text best, of those that are permitted now: of the highest priority, the one whose
    /// words are more of the text, then the one with more conditions, then the first. `intent`: what was surely meant.
    pub fn find(
        &self,
        text: &Folded,
        intent: Option<&str>,
        permitted: impl Fn(&Rule) -> bool,
    ) -> Option<(&Rule, Finding)> {
        let vocabulary = self.vocabulary.as_ref()?;
        let heard = vocabulary.listen(text);
        let by_keyword = heard.keywords.iter().filter_map(|it| self.by_keyword.get(it.keyword));
        let by_pattern = heard.patterns.iter().filter_map(|it| self.by_pattern.get(*it));
        let by_intent = intent.and_then(|it| self.by_intent.get(it));
        let mut candidates: Vec<usize> = by_keyword.chain(by_pattern).chain(by_intent).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let fitting = candidates.into_iter().filter_map(|it| self.rules.get(it));
        let rank = |rule: &Rule| {
            let covered = rule.covered(&heard, vocabulary, text);
            (rule.settings.priority, covered, rule.all.len() + rule.none.len())
        };
        let mut best: Option<((i32, usize, usize), &Rule)> = None;
        for rule in fitting.filter(|rule| rule.fits(&heard, intent) && permitted(rule)) {
            let rank = rank(rule);
            if best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
                best = Some((rank, rule));
            }
        }
        let (_, rule) = best?;
        Some((rule, rule.why(&heard, vocabulary)))
    }

    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.get(*self.ids.get(id)?)
    }

    /// What an intent is called where the clerk asks whether it was meant.
    pub fn label(&self, intent: &str) -> Option<&Label> {
        let rules = self.by_intent.get(intent)?.iter().filter_map(|it| self.rules.get(*it));
        rules.filter_map(|rule| rule.settings.label.as_ref()).next()
    }

    pub fn main_menu(&self) -> &[ChoiceSettings] {
        &self.main_menu
    }
}

impl Rule {
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// Whether it still rests `age_ms` after it answered last in a conversation.
    pub fn rests(&self, age_ms: i64) -> bool {
        self.settings.once || self.settings.cooldown.is_some_and(|cooldown| age_ms < cooldown.as_ms())
    }

    fn fits(&self, heard: &Heard, intent: Option<&str>) -> bool {
        let intents = self.settings.intent.as_slice();
        if !intents.is_empty() && !intent.is_some_and(|it| intents.iter().any(|known| known == it)) {
            return false;
        }
        let one = (self.any.is_empty() && self.patterns.is_empty())
            || self.any.iter().any(|it| heard.keyword(*it))
            || self.patterns.iter().any(|it| heard.pattern(*it));
        one && self.all.iter().all(|it| heard.keyword(*it)) && !self.none.iter().any(|it| heard.keyword(*it))
    }

    /// Bytes of the text that its words and patterns stand for.
    fn covered(&self, heard: &Heard, vocabulary: &Vocabulary, text: &Folded) -> usize {
        let words = self.any.iter().chain(&self.all).flat_map(|it| heard.hits(*it)).map(Hit::range);
        let fitting = self.patterns.iter().filter(|it| heard.pattern(**it));
        let patterns = fitting.filter_map(|it| vocabulary.span(*it, text));
        let mut ranges: Vec<_> = words.chain(patterns).map(|it| (it.start, it.end)).collect();
        ranges.sort_unstable();
        let (mut covered, mut until) = (0, 0);
        for (start, end) in ranges {
            covered += end.saturating_sub(until.max(start));
            until = until.max(end);
        }
        covered
    }

    /// What was heard, for the trace.
    fn why(&self, heard: &Heard, vocabulary: &Vocabulary) -> Finding {
        let keywords = self.any.iter().chain(&self.all).filter(|it| heard.keyword(**it));
        let words: Vec<_> = keywords.map(|it| vocabulary.word(*it).to_owned()).collect();
        if !words.is_empty() {
            Finding::Heard { words }
        } else if self.patterns.is_empty() {
            Finding::MeantIt
        } else {
            Finding::PatternFits
        }
    }
}
