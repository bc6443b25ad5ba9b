//! Rules that can never answer, because another one hears the same words first.

use std::collections::BTreeMap;

use super::{Rule, RuleSettings};

/// The rule that takes every word of `rules[number]` first, if there is one for each of them. Judges only what is certain:
/// rules that fit by one of their words alone, against rules that hold always.
pub fn shadow<'a>(rules: &'a [Rule], number: usize, always: &BTreeMap<usize, Vec<usize>>) -> Option<&'a Rule> {
    let rule = rules.get(number)?;
    if rule.any.is_empty() || !rule.patterns.is_empty() || rule.settings.goes_on {
        return None;
    }
    let first = |word: &usize| {
        // The rules are in order of their priority, and then of the file.
        let before = always.get(word).into_iter().flatten().find(|other| **other < number)?;
        let other = rules.get(*before)?;
        let outranked = other.settings.priority > rule.settings.priority || rule.conditions() <= other.conditions();
        outranked.then_some(other)
    };
    let mut shadows = rule.any.iter().map(first);
    let shadow = shadows.next()??;
    shadows.all(|it| it.is_some()).then_some(shadow)
}

/// For each word, the rules that answer whenever it is heard.
pub fn holding_always(rules: &[Rule]) -> BTreeMap<usize, Vec<usize>> {
    let mut always: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| holds_always(rule)) {
        for word in &rule.any {
            always.entry(*word).or_default().push(number);
        }
    }
    always
}

fn holds_always(rule: &Rule) -> bool {
    let RuleSettings {
        intent, words_suffice, hours, channels, cooldown, once, small_talk, goes_on, stated, alone, ..
    } = &rule.settings;
    let by_words = intent.as_slice().is_empty() || *words_suffice;
    by_words
        && rule.all.is_empty()
        && rule.none.is_empty()
        && rule.unless_near.is_empty()
        && rule.when.count() == 0
        && hours.is_none()
        && channels.is_empty()
        && cooldown.is_none()
        && !(*once || *small_talk || *goes_on || *stated || *alone)
}
