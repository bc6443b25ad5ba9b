//! The store's own texts that are not there in a language it wants to speak, and what is right and yet seldom meant.

use super::{
    PlaybookSettings,
    phrases::FILE as PHRASES,
    rules::{FILE as RULES, is_delimited},
    schedule::{Window, zone_oddity},
};
use crate::{
    language::{ByLanguage, Language, is_same_language},
    setting::{PathStep, Problem},
};

/// A note for each text and each of `languages` of store.toml that it lacks. Traditional and simplified Chinese are made from
/// each other, so one of them is enough.
pub fn gaps(settings: &PlaybookSettings) -> Vec<Problem> {
    let store = &settings.store.store;
    let mut gaps = Gaps { settings, found: Vec::new() };
    for (name, label) in [("name", &store.name), ("clerk", &store.clerk)] {
        gaps.look("store.toml", &["store".into(), name.into()], name, label);
    }
    for (name, wording) in &settings.phrases.phrase {
        gaps.look(PHRASES, &["phrase".into(), name.as_str().into()], &format!("the phrase `{name}`"), wording);
    }
    for (index, rule) in settings.rules.rule.iter().enumerate() {
        if let Some(text) = &rule.text {
            gaps.look(RULES, &["rule".into(), index.into(), "text".into()], &format!("the rule `{}`", rule.id), text);
        }
    }
    for (index, choice) in settings.rules.menu.iter().enumerate() {
        gaps.look(RULES, &["menu".into(), index.into(), "label".into()], "a label of the menu", &choice.label);
    }
    for (index, promotion) in settings.catalogue.promotion.iter().enumerate() {
        gaps.look("catalogue.toml", &["promotion".into(), index.into(), "text".into()], "an offer", &promotion.text);
    }
    let mut found = gaps.found;
    found.extend(oddities(settings));
    found
}

/// What is as it is written, and hardly as it is meant.
fn oddities(settings: &PlaybookSettings) -> Vec<Problem> {
    let mut found = Vec::new();
    let hours = &settings.hours;
    if let Some(oddity) = zone_oddity(&hours.timezone) {
        found.push(Problem::new("hours.toml", ["timezone".into()], oddity));
    }
    for (index, _) in hours.shift.iter().enumerate().filter(|(_, shift)| shift.from == shift.until) {
        let path = ["shift".into(), index.into(), "until".into()];
        found.push(Problem::new("hours.toml", path, "it ends when it begins, so it is worked for 24 hours"));
    }
    for (file, path, window) in windows(settings) {
        if window.ends_as_it_begins() {
            found.push(Problem::new(file, path, "it ends when it begins, so it is the whole day"));
        }
    }
    for (index, rule) in settings.rules.rule.iter().enumerate() {
        for (key, words) in [("any", &rule.any), ("all", &rule.all), ("none", &rule.none)] {
            for (number, word) in words.iter().enumerate().filter(|(_, word)| is_delimited(word)) {
                let path = ["rule".into(), index.into(), key.into(), number.into()];
                let message = format!("`{word}` fits only where a customer writes it so, with its slashes");
                let hint = "words stand by themselves; a pattern goes into `patterns`, without slashes";
                found.push(Problem::new(RULES, path, message).hint(hint));
            }
        }
    }
    found
}

/// Every stretch of the day that the files name, and where.
fn windows(settings: &PlaybookSettings) -> Vec<(&'static str, Vec<PathStep>, Window)> {
    const ORDERS: &str = "orders.toml";
    let orders = &settings.orders;
    let mut windows = vec![
        (ORDERS, vec!["notices".into(), "allowed".into()], orders.notices.allowed),
        (ORDERS, vec!["payment-reminder".into(), "allowed".into()], orders.payment_reminder.allowed),
        (ORDERS, vec!["review-request".into(), "allowed".into()], orders.review_request.allowed),
    ];
    for (index, holiday) in settings.hours.holiday.iter().enumerate() {
        let at = |number: usize| vec!["holiday".into(), index.into(), "hours".into(), number.into()];
        windows.extend(holiday.hours.iter().enumerate().map(|(number, it)| ("hours.toml", at(number), *it)));
    }
    for (index, rule) in settings.rules.rule.iter().enumerate() {
        let path = vec!["rule".into(), index.into(), "when".into(), "time".into()];
        windows.extend(rule.when.time.map(|it| (RULES, path, it)));
    }
    windows
}

struct Gaps<'a> {
    settings: &'a PlaybookSettings,
    found: Vec<Problem>,
}

impl Gaps<'_> {
    fn look<T>(&mut self, file: &'static str, path: &[PathStep], what: &str, texts: &ByLanguage<T>) {
        let identity = &self.settings.store.store;
        let language = Language::new(&identity.language, None, &identity.language);
        // One text without a tag is meant for everybody.
        if texts.entries().all(|(tag, _)| tag.is_none()) {
            return;
        }
        for wanted in &identity.languages {
            if !texts.iter(language).any(|found| is_same_language(found.tag, wanted)) {
                let problem = Problem::new(file, path.to_vec(), format!("{what} has no `{wanted}`"));
                self.found.push(problem.hint("`languages` of store.toml names it; another language stands in"));
            }
        }
    }
}
