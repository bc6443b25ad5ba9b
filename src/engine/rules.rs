//! What is answered to what: the store's rules, and what the clerk understands by itself.

mod compile;
mod settings;

use std::collections::BTreeMap;

pub use settings::{
    Answer, ChoiceSettings, Hours, ImageSettings, NotifySettings, RuleSettings, RulesSettings, TicketSettings,
};

use super::{
    phrases::{Label, Words},
    vocabulary::{Heard, Vocabulary},
};
use crate::model::{Choice, Finding};

/// The prefix of a message that asks for a rule by its id: what the buttons of menus send.
pub const BY_ID: &str = "rule:";

/// All rules, the first to be tried first.
pub struct Rules {
    rules: Vec<Rule>,
    ids: BTreeMap<String, usize>,
    vocabulary: Option<Vocabulary>,
    /// For each keyword and pattern, the rules that may fit where it is heard, by number.
    by_keyword: Vec<Vec<usize>>,
    by_pattern: Vec<Vec<usize>>,
    main_menu: Vec<MenuItem>,
}

/// One rule, compiled. Words are numbers of the vocabulary.
#[derive(Debug, Default)]
pub struct Rule {
    pub id: String,
    any: Vec<usize>,
    all: Vec<usize>,
    none: Vec<usize>,
    patterns: Vec<usize>,
    pub hours: Option<Hours>,
    pub channels: Vec<String>,
    pub cooldown_ms: Option<i64>,
    pub once: bool,
    pub small_talk: bool,
    pub words: Option<Words>,
    pub link: Option<String>,
    pub image: Option<ImageSettings>,
    pub menu: Vec<MenuItem>,
    pub main_menu: bool,
    pub answer: Option<Answer>,
    pub tag: Vec<String>,
    pub untag: Vec<String>,
    pub assign: Option<String>,
    pub transfer: Option<String>,
    pub ticket: Option<TicketSettings>,
    pub notify: Option<(String, Words)>,
    pub remark: bool,
}

/// A choice in both languages.
#[derive(Clone, Debug)]
pub struct MenuItem {
    label: Label,
    value: Option<String>,
}

impl MenuItem {
    pub fn choice(&self, language: &str) -> Choice {
        let label = self.label.get(language).to_owned();
        Choice { value: self.value.clone().unwrap_or_else(|| label.clone()), label }
    }
}

impl Rules {
    /// The first rule that fits a folded text and is permitted now.
    pub fn find(&self, folded: &str, permitted: impl Fn(&Rule) -> bool) -> Option<(&Rule, Finding)> {
        let vocabulary = self.vocabulary.as_ref()?;
        let heard = vocabulary.listen(folded);
        let by_keyword = heard.keywords.iter().filter_map(|it| self.by_keyword.get(*it));
        let by_pattern = heard.patterns.iter().filter_map(|it| self.by_pattern.get(*it));
        let mut candidates: Vec<usize> = by_keyword.chain(by_pattern).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let fitting = candidates.into_iter().filter_map(|it| self.rules.get(it));
        let rule = fitting.into_iter().find(|rule| rule.fits(&heard) && permitted(rule))?;
        Some((rule, rule.why(&heard, vocabulary)))
    }

    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.get(*self.ids.get(id)?)
    }

    pub fn main_menu(&self) -> &[MenuItem] {
        &self.main_menu
    }
}

impl Rule {
    fn fits(&self, heard: &Heard) -> bool {
        let one = (self.any.is_empty() && self.patterns.is_empty())
            || self.any.iter().any(|it| heard.keyword(*it))
            || self.patterns.iter().any(|it| heard.pattern(*it));
        one && self.all.iter().all(|it| heard.keyword(*it)) && !self.none.iter().any(|it| heard.keyword(*it))
    }

    /// What was heard, for the trace.
    fn why(&self, heard: &Heard, vocabulary: &Vocabulary) -> Finding {
        let keywords = self.any.iter().chain(&self.all).filter(|it| heard.keyword(**it));
        let words: Vec<_> = keywords.map(|it| vocabulary.word(*it).to_owned()).collect();
        if words.is_empty() { Finding::PatternFits } else { Finding::Heard { words } }
    }
}
