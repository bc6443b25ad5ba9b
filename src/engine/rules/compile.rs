//! From `rules.toml` to `Rules`, with every mistake noted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    BY_ID, FILE, Remark, Rule, RuleSettings, Rules, RulesSettings,
    adjust::adjust,
    compiler::{Compiler, at},
    said::{PATTERN_HINT, SLASHES_HINT, is_delimited},
    shadow::{holding_always, shadow},
    when::When,
};
use crate::{
    engine::{
        grouped::Grouped, intents::Intents, phrases::Phrasebook, shop::Shop, text::fold, vocabulary::VocabularyBuilder,
    },
    model::Contact,
    setting::{Delay, PathStep, Problem, hint},
};

/// The table of answers beside it.
pub const ANSWERS: &str = "answers.csv";
/// The step that leads to a row of it.
const ROW: &str = "answers";
/// The built-in rule that asks for the number of an order nobody knows.
pub(in crate::engine) const ORDER_UNKNOWN: &str = "order-unknown";
/// Asks for what is missing where only the number was said, or only the phone; and what any answer leads to.
pub(in crate::engine) const ORDER_TAIL: &str = "order-tail";
pub(in crate::engine) const ORDER_NUMBER: &str = "order-number";
pub(in crate::engine) const ORDER_TAKEN: &str = "order-taken";
const BUILT_IN: &str = include_str!("../builtin/rules.toml");
/// Lines of one thought follow each other within this time.
const GATHER_MS: i64 = 2_000;

impl Rules {
    /// The store's rules, with the built-in ones whose id it does not use; notes each mistake.
    pub fn compile(
        settings: &RulesSettings,
        shop: &Shop,
        intents: &Intents,
        phrases: &mut Phrasebook,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let built_in: RulesSettings = toml::from_str(BUILT_IN).unwrap_or_else(|error| {
            problems.push(Problem::new(FILE, [], format!("the built-in rules: {}", error.message())));
            RulesSettings::default()
        });
        let earlier = problems.len();
        let own: BTreeSet<_> = settings.rule.iter().chain(&settings.answers).map(|it| it.id.clone()).collect();
        let adjusted = adjust(built_in.rule, &settings.adjust, |id| own.contains(id), problems);
        let kept = adjusted.iter().filter(|(_, it)| !(it.off || own.contains(&it.id)));
        let mut all: Vec<(Vec<PathStep>, &RuleSettings)> = settings
            .rule
            .iter()
            .enumerate()
            .map(|(index, it)| (vec!["rule".into(), index.into()], it))
            .chain(settings.answers.iter().enumerate().map(|(row, it)| (vec![ROW.into(), row.into()], it)))
            .chain(kept.map(|(at, it)| (at.map_or_else(Vec::new, |at| vec!["adjust".into(), at.into()]), it)))
            .collect();
        all.sort_by_key(|(_, rule)| Reverse(rule.priority));

        let ids = all.iter().map(|(_, rule)| rule.id.clone()).collect();
        let vocabulary = VocabularyBuilder::default();
        let menu = if settings.menu.is_empty() { &built_in.menu } else { &settings.menu };
        let choices = all.iter().flat_map(|(_, rule)| &rule.menu).chain(menu);
        let chosen = choices.filter_map(|it| it.value.as_deref()?.strip_prefix(BY_ID));
        let followed = all.iter().filter_map(|(_, rule)| rule.ask.as_ref()?.then.as_deref());
        let asked_for = chosen
            .chain(followed)
            .chain([ORDER_UNKNOWN, ORDER_TAIL, ORDER_NUMBER, ORDER_TAKEN])
            .map(str::to_owned)
            .collect();
        let mut compiler = Compiler {
            shop,
            intents,
            phrases,
            problems,
            vocabulary,
            used_phrases: BTreeSet::new(),
            ids,
            asked_for,
            with_order: false,
        };
        compiler.check_ids(&settings.rule, &settings.answers);
        let rules: Vec<_> = all.iter().map(|(path, rule)| compiler.rule(path, rule)).collect();
        let mut doubts = compiler.shadows(&all, &rules);
        compiler.check_menu(&["menu".into()], menu);
        let Compiler { phrases, problems, vocabulary, used_phrases, .. } = compiler;
        phrases.check_unused(&used_phrases, problems);

        let gather_ms = settings.gather.map_or(GATHER_MS, Delay::as_ms);
        let (mut by_keyword, mut by_pattern) = (Vec::new(), Vec::new());
        let mut by_intent: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, rule) in rules.iter().enumerate() {
            // Where one of several must occur they lead to the rule; else the first of those that all must.
            let keywords = if rule.any.is_empty() && rule.patterns.is_empty() {
                rule.all.get(..1).unwrap_or_default()
            } else {
                &rule.any
            };
            by_keyword.extend(keywords.iter().map(|it| (*it, number)));
            by_pattern.extend(rule.patterns.iter().map(|it| (*it, number)));
            let by_meaning = rule.any.is_empty() && rule.patterns.is_empty() && rule.all.is_empty();
            if by_meaning || rule.settings.words_suffice {
                let intents = rule.settings.intent.as_slice();
                intents.iter().for_each(|it| by_intent.entry(it.clone()).or_default().push(number));
            }
        }
        let vocabulary =
            vocabulary.build().map_err(|error| problems.push(Problem::new(FILE, ["rule".into()], error))).ok();
        let found = problems.get_mut(earlier..).unwrap_or_default().iter_mut();
        for problem in found.chain(&mut doubts).filter(|it| it.path.first() == Some(&ROW.into())) {
            problem.file = ANSWERS.into();
        }
        let ids: BTreeMap<_, _> =
            rules.iter().enumerate().map(|(number, rule)| (rule.id().to_owned(), number)).collect();
        let [by_keyword, by_pattern] = [by_keyword, by_pattern].map(Grouped::new);
        Self { rules, ids, vocabulary, by_keyword, by_pattern, by_intent, main_menu: menu.clone(), gather_ms, doubts }
    }
}

impl Compiler<'_> {
    fn check_ids(&mut self, rules: &[RuleSettings], answers: &[RuleSettings]) {
        let mut seen = BTreeSet::new();
        let rows = answers.iter().enumerate().map(|(row, rule)| (ROW, row, rule));
        for (list, index, rule) in rules.iter().enumerate().map(|(index, rule)| ("rule", index, rule)).chain(rows) {
            let path = [list.into(), index.into(), "id".into()];
            if rule.id.trim().is_empty() {
                self.wrong(path, "a rule needs an `id`", "the trace names the rule by it");
            } else if !seen.insert(&rule.id) {
                let message = format!("a second rule has the id `{}`", rule.id);
                self.wrong(path, message, "give each rule an id of its own");
            }
        }
    }

    /// Rules of the store's that another one always answers before.
    fn shadows(&self, all: &[(Vec<PathStep>, &RuleSettings)], rules: &[Rule]) -> Vec<Problem> {
        let always = holding_always(rules);
        let mut found = Vec::new();
        for (number, (path, settings)) in all.iter().enumerate() {
            let own = [Some(&"rule".into()), Some(&ROW.into())].contains(&path.first())
                && !self.asked_for.contains(&settings.id);
            if let Some(other) = shadow(rules, number, &always).filter(|_| own) {
                let message =
                    format!("the rule `{}` never answers: `{}` hears its words first", settings.id, other.id());
                let hint = "give it a higher `priority`, longer words, or a condition that the other lacks";
                found.push(Problem::new(FILE, at(path, "any"), message).hint(hint));
            }
        }
        found
    }

    /// `path`: where the rule stands; empty for a built-in one.
    fn rule(&mut self, path: &[PathStep], settings: &RuleSettings) -> Rule {
        self.with_order = settings.when.wants_order();
        let mut keywords = |key: &str, words: &[String]| -> Vec<usize> {
            let numbers = words.iter().enumerate().filter_map(|(index, word)| {
                let number = self.vocabulary.keyword(word);
                if number.is_none() {
                    let path = at(path, key).into_iter().chain([index.into()]);
                    self.problems.push(Problem::new(FILE, path, "an empty keyword").hint("remove it"));
                }
                number
            });
            numbers.collect()
        };
        let any = keywords("any", &settings.any);
        let all = keywords("all", &settings.all);
        let none = keywords("none", &settings.none);
        let mut patterns = Vec::new();
        for (index, pattern) in settings.patterns.iter().enumerate() {
            let path = at(path, "patterns").into_iter().chain([index.into()]);
            if is_delimited(pattern) {
                let problem =
                    Problem::new(FILE, path, format!("the slashes of `{pattern}` would be part of the pattern"));
                self.problems.push(problem.hint(SLASHES_HINT));
                continue;
            }
            match self.vocabulary.pattern(pattern) {
                Ok(number) => patterns.push(number),
                Err(error) => {
                    let problem = Problem::new(FILE, path, format!("not a regular expression: {error}"));
                    self.problems.push(problem.hint(PATTERN_HINT));
                }
            }
        }
        let by_words = !settings.any.is_empty() || !settings.all.is_empty() || !settings.patterns.is_empty();
        let leads = self.asked_for.contains(&settings.id) || !settings.intent.as_slice().is_empty();
        if !by_words && !leads {
            let hint =
                "add `any`, `all`, `patterns` or `intent`; or let a menu or the `ask` of another rule lead to it";
            self.wrong(at(path, "id"), format!("nothing makes the rule `{}` fit", settings.id), hint);
        }
        for intent in settings.intent.as_slice().iter().filter(|it| !self.intents.knows(it)) {
            let hint = hint(intent, self.intents.names());
            self.wrong(at(path, "intent"), format!("there is no intent `{intent}`"), hint);
        }
        if *settings == only_conditions(settings) {
            let hint = "add `phrase`, `text` or another action";
            self.wrong(at(path, "id"), format!("the rule `{}` does nothing", settings.id), hint);
        }
        self.check_addresses(path, settings.link.as_deref(), settings.image.as_ref(), settings.file.as_ref());
        let more = settings.more.iter().enumerate().map(|(index, it)| self.more(path, index, it)).collect();
        for (key, to) in [("assign", &settings.assign), ("transfer", &settings.transfer)] {
            if let Some(to) = to {
                self.check_member(at(path, key), to);
                if self.shop.names_member(to) {
                    self.check_hand_over(at(path, key), to);
                }
            }
        }
        for tag in settings.tag.iter().filter(|it| Contact::tag(it).as_ref() != Some(it)) {
            let hint = "write one line without `;`; tiers and groups follow from what is bought";
            self.wrong(at(path, "tag"), format!("`{tag}` cannot be a tag"), hint);
        }
        let mut ticket = None;
        if let Some(it) = &settings.ticket {
            if it.kind.trim().is_empty() {
                self.wrong(at(path, "ticket"), "a ticket needs a `kind`", "such as \"returns\"");
            }
            let path = [&at(path, "ticket")[..], &["text".into()]].concat();
            ticket = it.text.as_ref().map(|text| self.words(&path, text));
        }
        let remark = match &settings.remark {
            Remark::Said(_) => None,
            Remark::Text(text) => Some(self.words(&at(path, "remark"), text)),
        };
        let words = self.wording(&at(path, "phrase"), &at(path, "text"), &settings.phrase, &settings.text);
        let notice = settings.notify.as_ref().and_then(|it| self.notice(path, it));
        let (wants, again) = settings.ask.as_ref().map(|it| self.ask(path, it, settings)).unwrap_or_default();
        self.check_menu(&at(path, "menu"), &settings.menu);
        let when = When::compile(&settings.when, FILE, &at(path, "when"), self.problems);
        let unless_near = settings.unless_near.iter().map(|it| fold(it)).filter(|it| !it.is_empty()).collect();
        let names = settings.names.iter().map(|it| fold(it)).filter(|it| !it.is_empty()).collect();
        let settings = settings.clone();
        Rule {
            settings,
            any,
            all,
            none,
            patterns,
            unless_near,
            names,
            when,
            words,
            more,
            notice,
            remark,
            ticket,
            wants,
            again,
        }
    }
}

/// The same rule without anything it does.
fn only_conditions(settings: &RuleSettings) -> RuleSettings {
    RuleSettings {
        id: settings.id.clone(),
        priority: settings.priority,
        any: settings.any.clone(),
        all: settings.all.clone(),
        none: settings.none.clone(),
        patterns: settings.patterns.clone(),
        stated: settings.stated,
        alone: settings.alone,
        unless_near: settings.unless_near.clone(),
        intent: settings.intent.clone(),
        words_suffice: settings.words_suffice,
        names: settings.names.clone(),
        label: settings.label.clone(),
        hours: settings.hours,
        channels: settings.channels.clone(),
        when: settings.when.clone(),
        cooldown: settings.cooldown,
        once: settings.once,
        small_talk: settings.small_talk,
        goes_on: settings.goes_on,
        ..RuleSettings::default()
    }
}
