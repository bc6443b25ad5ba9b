//! `[[adjust]]`: a built-in rule changed a little, which keeps what later versions make better of it.

use super::settings::{AdjustSettings, FILE, RuleSettings};
use crate::setting::{PathStep, Problem, hint};

/// Changes the built-in rules; each comes with the number of its adjustment, where it has one.
pub fn adjust(
    built_in: Vec<RuleSettings>,
    adjustments: &[AdjustSettings],
    own: impl Fn(&str) -> bool,
    problems: &mut Vec<Problem>,
) -> Vec<(Option<usize>, RuleSettings)> {
    let mut rules: Vec<_> = built_in.into_iter().map(|rule| (None, rule)).collect();
    for (index, adjustment) in adjustments.iter().enumerate() {
        let mut wrong = |key: &str, at: Option<usize>, message: String, hint: String| {
            let path = ["adjust".into(), index.into(), PathStep::from(key)].into_iter().chain(at.map(PathStep::from));
            problems.push(Problem::new(FILE, path, message).hint(hint));
        };
        let id = &adjustment.rule;
        if own(id) {
            let hint = "change the rule itself, or remove it to have the clerk's own again".to_owned();
            wrong("rule", None, format!("`{id}` is a rule of your own"), hint);
            continue;
        }
        let known: Vec<String> = rules.iter().map(|(_, rule)| rule.id.clone()).collect();
        let Some((adjusted, rule)) = rules.iter_mut().find(|(_, rule)| rule.id == *id) else {
            let hint = hint(id, known.iter().map(String::as_str));
            wrong("rule", None, format!("the clerk has no rule `{id}` by itself"), hint);
            continue;
        };
        if adjusted.replace(index).is_some() {
            wrong("rule", None, format!("`{id}` is adjusted twice"), "write one [[adjust]] for it".to_owned());
        }
        for (at, word) in adjustment.remove.iter().enumerate() {
            let words = || rule.any.iter().chain(&rule.all).chain(&rule.none);
            if !words().any(|it| it == word) {
                let known: Vec<String> = words().cloned().collect();
                let hint = hint(word, known.iter().map(String::as_str));
                wrong("remove", Some(at), format!("`{id}` has no word `{word}`"), hint);
            }
        }
        for list in [&mut rule.any, &mut rule.all, &mut rule.none] {
            list.retain(|it| !adjustment.remove.contains(it));
        }
        let had_words = !(rule.any.is_empty() && rule.all.is_empty() && rule.patterns.is_empty());
        rule.words_suffice = !had_words && !rule.intent.as_slice().is_empty();
        rule.any.extend(adjustment.any.iter().cloned());
        rule.none.extend(adjustment.none.iter().cloned());
        rule.patterns.extend(adjustment.patterns.iter().cloned());
        rule.unless_near.extend(adjustment.unless_near.iter().cloned());
        rule.priority = adjustment.priority.unwrap_or(rule.priority);
        if adjustment.phrase.is_some() || adjustment.text.is_some() {
            rule.phrase.clone_from(&adjustment.phrase);
            rule.text.clone_from(&adjustment.text);
        }
        rule.off = adjustment.off;
        if *adjustment == (AdjustSettings { rule: id.clone(), ..AdjustSettings::default() }) {
            wrong("rule", None, "nothing is changed".to_owned(), "add `off = true`, words, or a `text`".to_owned());
        }
    }
    rules
}
