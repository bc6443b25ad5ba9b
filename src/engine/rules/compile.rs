//! From `rules.toml` to `Rules`, with every mistake noted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{BY_ID, ChoiceSettings, NotifySettings, Rule, RuleSettings, Rules, RulesSettings};
use crate::{
    engine::{
        intents::Intents,
        phrases::{Phrasebook, Wording, Words},
        shop::{REACH_HINT, Shop, cannot_be_told},
        vocabulary::VocabularyBuilder,
    },
    setting::{PathStep, Problem, WEB_URL_HINT, hint, web_url},
};

pub(in crate::engine) const FILE: &str = "rules.toml";
const BUILT_IN: &str = include_str!("../builtin/rules.toml");

/// What rules refer to.
struct Compiler<'a> {
    shop: &'a Shop,
    intents: &'a Intents,
    phrases: &'a mut Phrasebook,
    problems: &'a mut Vec<Problem>,
    vocabulary: VocabularyBuilder,
    used_phrases: BTreeSet<String>,
    ids: BTreeSet<String>,
}

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
        let own: BTreeSet<_> = settings.rule.iter().map(|it| it.id.clone()).collect();
        let kept = built_in.rule.iter().filter(|it| !own.contains(&it.id));
        let mut all: Vec<(usize, &RuleSettings)> =
            settings.rule.iter().enumerate().chain(kept.map(|it| (0, it))).collect();
        all.sort_by_key(|(_, rule)| Reverse(rule.priority));

        let ids = all.iter().map(|(_, rule)| rule.id.clone()).collect();
        let vocabulary = VocabularyBuilder::default();
        let used_phrases = BTreeSet::new();
        let mut compiler = Compiler { shop, intents, phrases, problems, vocabulary, used_phrases, ids };
        compiler.check_ids(&settings.rule);
        let rules: Vec<_> = all.iter().map(|(index, rule)| compiler.rule(*index, rule)).collect();
        let menu = if settings.menu.is_empty() { &built_in.menu } else { &settings.menu };
        compiler.check_menu(&["menu".into()], menu);
        let Compiler { phrases, problems, vocabulary, used_phrases, .. } = compiler;
        phrases.check_unused(&used_phrases, problems);

        let mut by_keyword: Vec<Vec<usize>> = Vec::new();
        let mut by_pattern: Vec<Vec<usize>> = Vec::new();
        let mut by_intent: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, rule) in rules.iter().enumerate() {
            // Where one of several must occur they lead to the rule; else the first of those that all must.
            let keywords = if rule.any.is_empty() && rule.patterns.is_empty() {
                rule.all.get(..1).unwrap_or_default()
            } else {
                &rule.any
            };
            keywords.iter().for_each(|it| enter(&mut by_keyword, *it, number));
            rule.patterns.iter().for_each(|it| enter(&mut by_pattern, *it, number));
            if rule.any.is_empty() && rule.patterns.is_empty() && rule.all.is_empty() {
                let intents = rule.settings.intent.as_slice();
                intents.iter().for_each(|it| by_intent.entry(it.clone()).or_default().push(number));
            }
        }
        let vocabulary =
            vocabulary.build().map_err(|error| problems.push(Problem::new(FILE, ["rule".into()], error))).ok();
        let ids: BTreeMap<_, _> =
            rules.iter().enumerate().map(|(number, rule)| (rule.id().to_owned(), number)).collect();
        Self { rules, ids, vocabulary, by_keyword, by_pattern, by_intent, main_menu: menu.clone() }
    }
}

fn enter(index: &mut Vec<Vec<usize>>, at: usize, rule: usize) {
    if index.len() <= at {
        index.resize_with(at + 1, Vec::new);
    }
    if let Some(rules) = index.get_mut(at) {
        rules.push(rule);
    }
}

impl Compiler<'_> {
    fn check_ids(&mut self, rules: &[RuleSettings]) {
        let mut seen = BTreeSet::new();
        for (index, rule) in rules.iter().enumerate() {
            if rule.id.trim().is_empty() {
                self.wrong(path(index, "id"), "a rule needs an `id`", "the trace names the rule by it");
            } else if !seen.insert(&rule.id) {
                let message = format!("a second rule has the id `{}`", rule.id);
                self.wrong(path(index, "id"), message, "give each rule an id of its own");
            }
        }
    }

    fn rule(&mut self, index: usize, settings: &RuleSettings) -> Rule {
        let mut keywords = |key: &str, words: &[String]| -> Vec<usize> {
            let numbers = words.iter().enumerate().filter_map(|(at, word)| {
                let number = self.vocabulary.keyword(word);
                if number.is_none() {
                    let path = path(index, key).into_iter().chain([at.into()]);
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
        for (at, pattern) in settings.patterns.iter().enumerate() {
            match self.vocabulary.pattern(pattern) {
                Ok(number) => patterns.push(number),
                Err(error) => {
                    let path = path(index, "patterns").into_iter().chain([at.into()]);
                    let hint = "see https://docs.rs/regex for what can be written; single quotes keep backslashes";
                    self.problems
                        .push(Problem::new(FILE, path, format!("not a regular expression: {error}")).hint(hint));
                }
            }
        }
        let by_words = !settings.any.is_empty() || !settings.all.is_empty() || !settings.patterns.is_empty();
        if !by_words && settings.intent.as_slice().is_empty() {
            let hint = "add `any`, `all`, `patterns` or `intent`";
            self.wrong(path(index, "id"), format!("nothing makes the rule `{}` fit", settings.id), hint);
        }
        for intent in settings.intent.as_slice().iter().filter(|it| !self.intents.knows(it)) {
            let hint = hint(intent, self.intents.names());
            self.wrong(path(index, "intent"), format!("there is no intent `{intent}`"), hint);
        }
        if *settings == only_conditions(settings) {
            let hint = "add `phrase`, `text` or another action";
            self.wrong(path(index, "id"), format!("the rule `{}` does nothing", settings.id), hint);
        }
        for (key, address) in [("link", &settings.link), ("image", &settings.image.as_ref().map(|it| it.url.clone()))] {
            if let Some(message) = address.as_deref().and_then(|text| web_url(text).err()) {
                self.wrong(path(index, key), message, WEB_URL_HINT);
            }
        }
        for (key, to) in [("assign", &settings.assign), ("transfer", &settings.transfer)] {
            if let Some(to) = to {
                self.check_member(path(index, key).into(), to);
                if self.shop.names_member(to) {
                    self.check_reach(path(index, key).into(), to);
                }
            }
        }
        if let Some(ticket) = &settings.ticket
            && ticket.kind.trim().is_empty()
        {
            self.wrong(path(index, "ticket"), "a ticket needs a `kind`", "such as \"returns\"");
        }
        let words = self.wording(&path(index, "phrase"), &path(index, "text"), &settings.phrase, &settings.text);
        let notice = settings.notify.as_ref().and_then(|it| self.notice(index, it));
        self.check_menu(&path(index, "menu"), &settings.menu);
        Rule { settings: settings.clone(), any, all, none, patterns, words, notice }
    }

    /// The words of a phrase that is named, or of a text that is given.
    fn wording(
        &mut self,
        phrase_path: &[PathStep],
        text_path: &[PathStep],
        phrase: &Option<String>,
        text: &Option<Wording>,
    ) -> Option<Words> {
        if let (Some(_), Some(_)) = (phrase, text) {
            self.wrong(text_path.to_vec(), "there is a phrase already", "keep either `phrase` or `text`");
        }
        if let Some(name) = phrase {
            self.used_phrases.insert(name.clone());
            let words = self.phrases.get(name).cloned();
            if words.is_none() {
                let hint = hint(name, self.phrases.names());
                self.wrong(phrase_path.to_vec(), format!("there is no phrase `{name}`"), hint);
            }
            return words;
        }
        let text = text.as_ref()?;
        Some(self.phrases.words(FILE, text_path, text, self.problems))
    }

    fn notice(&mut self, index: usize, settings: &NotifySettings) -> Option<Words> {
        let at = |key: &str| [&path(index, "notify")[..], &[key.into()]].concat();
        self.check_member(at("to"), &settings.to);
        self.check_reach(at("to"), &settings.to);
        if settings.phrase.is_none() && settings.text.is_none() {
            self.wrong(at("to"), "nothing is said", "add `text` or `phrase`");
        }
        self.wording(&at("phrase"), &at("text"), &settings.phrase, &settings.text)
    }

    fn check_menu(&mut self, path: &[PathStep], choices: &[ChoiceSettings]) {
        for (at, choice) in choices.iter().enumerate() {
            let path = |key: &str| [path, &[at.into(), key.into()]].concat();
            if choice.label.is_empty() {
                self.wrong(path("label"), "an empty label", "write what the customer sees");
            }
            if let Some(id) = choice.value.as_deref().and_then(|value| value.strip_prefix(BY_ID))
                && !self.ids.contains(id)
            {
                let hint = hint(id, self.ids.iter().map(String::as_str));
                self.wrong(path("value"), format!("there is no rule `{id}`"), hint);
            }
        }
    }

    fn check_member(&mut self, path: Vec<PathStep>, to: &str) {
        if !self.shop.knows(to) {
            let hint = hint(to, self.shop.names());
            self.wrong(path, format!("there is no team or person `{to}` in store.toml"), hint);
        }
    }

    /// What a rule hands to a member, somebody has to hear of. (A route without a member only marks the conversation.)
    fn check_reach(&mut self, path: Vec<PathStep>, to: &str) {
        if self.shop.knows(to) && self.shop.address_of(to).is_none() {
            self.wrong(path, cannot_be_told(self.shop.member(to)), REACH_HINT);
        }
    }

    fn wrong(&mut self, path: impl IntoIterator<Item = PathStep>, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Problem::new(FILE, path, message).hint(hint));
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
        intent: settings.intent.clone(),
        label: settings.label.clone(),
        hours: settings.hours,
        channels: settings.channels.clone(),
        cooldown: settings.cooldown,
        once: settings.once,
        small_talk: settings.small_talk,
        ..RuleSettings::default()
    }
}

fn path(index: usize, key: &str) -> [PathStep; 3] {
    ["rule".into(), index.into(), key.into()]
}
