//! From `rules.toml` to `Rules`, with every mistake noted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use regex::RegexBuilder;

use super::{
    AskSettings, BY_ID, ChoiceSettings, FILE, FileSettings, ImageSettings, MoreSettings, NotifySettings, Remark, Rule,
    RuleSettings, Rules, RulesSettings, Wanted, Wants,
    adjust::adjust,
    shadow::{holding_always, shadow},
    when::When,
};
use crate::{
    engine::{
        grouped::Grouped,
        intents::Intents,
        out_of_reach::{REACH_HINT, cannot_be_given, cannot_be_told},
        phrases::{Phrasebook, Wording, Words},
        shop::Shop,
        text::{fold, fold_pattern},
        vocabulary::VocabularyBuilder,
    },
    setting::{Delay, PathStep, Problem, WEB_URL_HINT, hint, web_url},
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
/// Pauses between the messages of a rule are at most so long: they hold back the answer to what is written meanwhile.
const LONGEST_PAUSE_MS: i64 = 30_000;
/// Lines of one thought follow each other within this time.
const GATHER_MS: i64 = 2_000;
const PATTERN_HINT: &str = "see https://docs.rs/regex for what can be written; single quotes keep backslashes";
const SLASHES_HINT: &str = "write what is between them; upper and lower case are the same anyway";

/// What rules refer to.
struct Compiler<'a> {
    shop: &'a Shop,
    intents: &'a Intents,
    phrases: &'a mut Phrasebook,
    problems: &'a mut Vec<Problem>,
    vocabulary: VocabularyBuilder,
    used_phrases: BTreeSet<String>,
    ids: BTreeSet<String>,
    /// Rules that a menu or a question of another rule leads to.
    asked_for: BTreeSet<String>,
    /// Whether the rule being compiled answers only where there is an order.
    with_order: bool,
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

    fn check_addresses(
        &mut self,
        path: &[PathStep],
        link: Option<&str>,
        image: Option<&ImageSettings>,
        file: Option<&FileSettings>,
    ) {
        let addresses = [("link", link), ("image", image.map(|it| &*it.url)), ("file", file.map(|it| &*it.url))];
        for (key, address) in addresses {
            if let Some(message) = address.and_then(|text| web_url(text).err()) {
                self.wrong(at(path, key), message, WEB_URL_HINT);
            }
        }
    }

    /// One more message: its words, if it has any.
    fn more(&mut self, path: &[PathStep], index: usize, more: &MoreSettings) -> Option<Words> {
        let path = [&at(path, "more")[..], &[index.into()]].concat();
        self.check_addresses(&path, more.link.as_deref(), more.image.as_ref(), more.file.as_ref());
        if more.pause.is_some_and(|pause| pause.as_ms() > LONGEST_PAUSE_MS) {
            let hint = "write 30 seconds at most; for what is to be said later, write a plugin that sets a timer";
            self.wrong(at(&path, "pause"), "the customer would wait for an answer as long", hint);
        }
        let says = MoreSettings { pause: None, ..more.clone() } != MoreSettings::default();
        if !says {
            self.wrong(path.clone(), "it says nothing", "add `text`, `link`, `image` or `file`");
        }
        more.text.as_ref().map(|text| self.words(&at(&path, "text"), text))
    }

    fn ask(&mut self, path: &[PathStep], ask: &AskSettings, rule: &RuleSettings) -> (Vec<Wants>, Option<Words>) {
        let at = |key: &str| [&at(path, "ask")[..], &[key.into()]].concat();
        let mut wants = Vec::new();
        for name in ask.wanted.as_slice() {
            match Wanted::named(name) {
                Some(wanted) => wants.push(Wants::Kind(wanted)),
                None => {
                    let hint = hint(name, Wanted::names());
                    self.wrong(at("for"), format!("nothing of the kind `{name}` can be asked for"), hint);
                }
            }
        }
        if let Some(pattern) = ask.pattern.as_ref().filter(|it| is_delimited(it)) {
            self.wrong(at("pattern"), format!("the slashes of `{pattern}` would be part of the pattern"), SLASHES_HINT);
        } else if let Some(pattern) = &ask.pattern {
            match RegexBuilder::new(&fold_pattern(pattern)).case_insensitive(true).build() {
                Ok(regex) => wants.push(Wants::Pattern(regex)),
                Err(_) => self.wrong(at("pattern"), "not a regular expression", PATTERN_HINT),
            }
        }
        if ask.wanted.as_slice().is_empty() && ask.pattern.is_none() {
            self.wrong(at("for"), "nothing is asked for", "add `for`, such as \"order\", or `pattern`");
        }
        if rule.phrase.is_none() && rule.text.is_none() && rule.answer.is_none() {
            self.wrong(at("for"), "the rule asks without a word", "add the question as `text` or `phrase`");
        }
        if let Some(then) = ask.then.as_ref().filter(|it| !self.ids.contains(*it)) {
            let hint = hint(then, self.ids.iter().map(String::as_str));
            self.wrong(at("then"), format!("there is no rule `{then}`"), hint);
        }
        if ask.expires.as_ms() == 0 {
            self.wrong(at("expires"), "nobody answers at once", "write a time such as \"10m\"");
        }
        let again = ask.again.as_ref().map(|it| self.words(&at("again"), it));
        (wants, again)
    }

    fn words(&mut self, path: &[PathStep], text: &Wording) -> Words {
        match self.with_order {
            true => self.phrases.words_on_an_order(FILE, path, text, self.problems),
            false => self.phrases.words(FILE, path, text, self.problems),
        }
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
        Some(self.words(text_path, text))
    }

    fn notice(&mut self, path: &[PathStep], settings: &NotifySettings) -> Option<Words> {
        let at = |key: &str| [&at(path, "notify")[..], &[key.into()]].concat();
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
    fn check_hand_over(&mut self, path: Vec<PathStep>, to: &str) {
        if !self.shop.people.can_be_told(to) {
            let (message, hint) = cannot_be_given(to, self.shop.people.is_of_console(to));
            self.wrong(path, message, hint);
        }
    }

    /// What a rule tells somebody has to arrive.
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
        stated: settings.stated,
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

fn at(path: &[PathStep], key: &str) -> Vec<PathStep> {
    [path, &[key.into()]].concat()
}

/// `/退款/i`, as other languages write patterns.
pub(in crate::engine) fn is_delimited(pattern: &str) -> bool {
    let flags = |end: &str| end.bytes().all(|it| matches!(it, b'g' | b'i' | b'm' | b's' | b'u' | b'x' | b'y'));
    pattern.strip_prefix('/').and_then(|it| it.rsplit_once('/')).is_some_and(|(_, end)| flags(end))
}
