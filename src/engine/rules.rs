//! What is answered to what: the store's rules, and what the clerk understands by itself.

mod adjust;
mod compile;
mod compiler;
mod evidence;
mod reference;
mod said;
mod settings;
mod several;
mod shadow;
mod when;

use std::{collections::BTreeMap, ops::Range};

pub use compile::ANSWERS;
pub(super) use compile::{ORDER_NUMBER, ORDER_TAIL, ORDER_TAKEN, ORDER_UNKNOWN};
pub(super) use said::is_delimited;
pub(super) use settings::FILE;
pub use settings::{
    Answer, AskSettings, ChoiceSettings, FileSettings, Hours, ImageSettings, MoreSettings, NotifySettings, Remark,
    RuleSettings, RulesSettings, TicketSettings, Wanted, Wants,
};
pub use several::{clause_at, clauses};
pub use when::Circumstances;

use super::{
    entities::Captured,
    grouped::Grouped,
    phrases::{Label, Words},
    utterance::Utterance,
    vocabulary::{Heard, Vocabulary},
};
use crate::{model::Finding, setting::Problem};
use evidence::Evidence;
use when::When;

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
    by_keyword: Grouped,
    by_pattern: Grouped,
    /// For each intent, the rules that ask for nothing else.
    by_intent: BTreeMap<String, Vec<usize>>,
    main_menu: Vec<ChoiceSettings>,
    /// How long lines that say nothing by themselves wait for more.
    pub gather_ms: i64,
    /// What is likely not meant, though it can be run.
    pub doubts: Vec<Problem>,
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
    /// Folded words that undo a word they stand near.
    unless_near: Vec<String>,
    /// Folded, what it is called.
    names: Vec<String>,
    when: When,
    /// What the customer is told: the `phrase` or the `text`.
    pub words: Option<Words>,
    /// The texts of `more`, each at its place.
    pub more: Vec<Option<Words>>,
    /// What `notify` tells.
    pub notice: Option<Words>,
    /// What `remark` writes, where it has words of its own; the same of `ticket`.
    pub remark: Option<Words>,
    pub ticket: Option<Words>,
    /// What `ask` wants, and what it says when the answer was none.
    pub wants: Vec<Wants>,
    pub again: Option<Words>,
}

/// What a text surely means, or a clause of it.
pub struct Meant<'a> {
    pub intent: &'a str,
    /// `None` where the text as a whole means it.
    pub clause: Option<Range<usize>>,
}

/// A rule that fits, with why.
pub struct Match<'a> {
    pub rule: &'a Rule,
    pub why: Finding,
    /// Where in the folded text its words stand, in order.
    pub spans: Vec<Range<usize>>,
    /// What the named groups of its patterns hold.
    pub captured: Captured,
}

impl Rules {
    /// The rules that answer a text, in the order in which it asks, of those that are permitted now.
    ///
    /// The best answers: of the highest priority, the one whose words are more of the text, then the one with more
    /// conditions, then the first. What the text asks beside that, in clauses of its own, is answered too.
    pub fn find(&self, said: &Utterance, meant: &[Meant<'_>], permitted: impl Fn(&Rule) -> bool) -> Vec<Match<'_>> {
        let Some(vocabulary) = &self.vocabulary else { return Vec::new() };
        let (text, heard) = (said.folded(), said.heard_by_rules(vocabulary));
        let mut fitting: Vec<(&Rule, Evidence)> = self
            .candidates(heard, meant)
            .filter_map(|rule| Some((rule, rule.evidence(heard, vocabulary, text, meant)?)))
            .filter(|(rule, _)| permitted(rule))
            .collect();
        // Stable, so that of equals the first in the file stays the first.
        fitting.sort_by_key(|(rule, evidence)| {
            std::cmp::Reverse((rule.settings.priority, evidence.covered(), rule.conditions()))
        });
        let answering = several::choose(fitting, text.as_str());
        answering
            .into_iter()
            .map(|(rule, evidence)| {
                let words: Vec<_> = evidence.words.iter().map(|it| vocabulary.word(*it).to_owned()).collect();
                let why = match (words.is_empty(), evidence.patterns.is_empty()) {
                    (false, _) => Finding::Heard { words },
                    (true, false) => Finding::PatternFits,
                    (true, true) => Finding::MeantIt,
                };
                let captured =
                    evidence.patterns.iter().flat_map(|it| vocabulary.captures(*it, text, said.text())).collect();
                Match { rule, why, spans: evidence.places(), captured }
            })
            .collect()
    }

    fn candidates(&self, heard: &Heard, meant: &[Meant<'_>]) -> impl Iterator<Item = &Rule> {
        let by_keyword = heard.keywords.iter().flat_map(|it| self.by_keyword.of(it.keyword));
        let by_pattern = heard.patterns.iter().flat_map(|it| self.by_pattern.of(*it));
        let by_intent = meant.iter().filter_map(|it| self.by_intent.get(it.intent)).flatten().copied();
        let mut candidates: Vec<usize> = by_keyword.chain(by_pattern).chain(by_intent).collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().filter_map(|it| self.rules.get(it))
    }

    pub fn by_id(&self, id: &str) -> Option<&Rule> {
        self.rules.get(*self.ids.get(id)?)
    }

    /// Whether what answers an intent is no more than small talk.
    pub fn is_small_talk(&self, intent: &str) -> bool {
        let mut rules = self.by_intent.get(intent).into_iter().flatten().filter_map(|it| self.rules.get(*it));
        rules.all(|rule| rule.settings.small_talk)
    }

    /// Whether what answers an intent marks the customer, as who wants no more notices is marked.
    pub fn marks(&self, intent: &str) -> bool {
        let mut rules = self.by_intent.get(intent).into_iter().flatten().filter_map(|it| self.rules.get(*it));
        rules.any(|rule| !rule.settings.tag.is_empty())
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

    /// Whether it may answer under these circumstances.
    pub fn holds(&self, here: &Circumstances<'_>) -> bool {
        let hours = match self.settings.hours {
            None => true,
            Some(Hours::Open) => here.open,
            Some(Hours::Closed) => !here.open,
        };
        let channels = &self.settings.channels;
        let channel = channels.is_empty() || channels.iter().any(|it| it == here.channel);
        hours && channel && self.when.holds(here)
    }

    /// Whether it answers alone: what goes to people, or is urgent, leaves no room for anything beside it.
    pub fn is_alone(&self) -> bool {
        let RuleSettings { transfer, assign, ticket, .. } = &self.settings;
        transfer.is_some() || assign.is_some() || ticket.as_ref().is_some_and(|it| it.urgent)
    }

    /// How much it asks for beside one of its words.
    fn conditions(&self) -> usize {
        let RuleSettings { hours, channels, intent, .. } = &self.settings;
        let by_words = !(self.any.is_empty() && self.all.is_empty() && self.patterns.is_empty());
        self.all.len()
            + self.none.len()
            + self.when.count()
            + usize::from(hours.is_some())
            + usize::from(!channels.is_empty())
            + usize::from(by_words && !intent.as_slice().is_empty() && !self.settings.words_suffice)
    }
}
