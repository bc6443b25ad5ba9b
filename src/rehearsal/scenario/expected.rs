//! What came of a step, held against what was expected.

use toml::Spanned;

use super::file::Step;
use crate::{
    model::{Action, Finding, Source, TraceStep},
    rehearsal::{Played, words},
};

/// Something that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// Where in the file it was expected, in bytes.
    pub at: usize,
    /// `contains "09:00"`.
    pub expected: String,
    /// What was there in its place.
    pub instead: String,
}

/// All that was expected in vain. `told`: what the customer was told; `played`: all that came of the step.
pub fn misses(step: &Step, told: &[String], played: &[Played]) -> Vec<Miss> {
    let all = told.join("\n");
    let folded = all.to_lowercase();
    let heard = if told.is_empty() { "nothing was said".to_owned() } else { format!("“{all}”") };
    let mut misses = Vec::new();
    let mut miss = |at: usize, expected: String, instead: &str| {
        misses.push(Miss { at, expected, instead: instead.to_owned() });
    };
    if let Some(texts) = &step.contains {
        for text in texts.get_ref().0.iter().filter(|text| !folded.contains(&text.to_lowercase())) {
            miss(texts.span().start, format!("contains “{text}”"), &heard);
        }
    }
    if let Some(texts) = &step.lacks {
        for text in texts.get_ref().0.iter().filter(|text| folded.contains(&text.to_lowercase())) {
            miss(texts.span().start, format!("lacks “{text}”"), &heard);
        }
    }
    if let Some(answer) = step.answer.as_ref().filter(|answer| answer.get_ref().trim() != all.trim()) {
        miss(answer.span().start, format!("the answer “{}”", answer.get_ref().trim()), &heard);
    }
    if let Some(silent) = step.silent.as_ref().filter(|silent| *silent.get_ref() != told.is_empty()) {
        let expected = if *silent.get_ref() { "nothing is said" } else { "something is said" };
        miss(silent.span().start, expected.to_owned(), &heard);
    }
    let trace: Vec<&TraceStep> = played.iter().flat_map(|it| &it.decision.trace).collect();
    if let Some(intent) = &step.intent {
        let meant = meant(&trace);
        if !meant.contains(&intent.get_ref().as_str()) {
            let instead = if meant.is_empty() { "nothing it knows".to_owned() } else { meant.join(", ") };
            miss(intent.span().start, format!("the intent {}", intent.get_ref()), &instead);
        }
    }
    if let Some(by) = &step.by {
        let answered = answered(&trace);
        if !answered.iter().any(|source| source == by.get_ref()) {
            let instead =
                if answered.is_empty() { "by nobody".to_owned() } else { format!("by {}", answered.join(", ")) };
            miss(by.span().start, format!("answered by {}", by.get_ref()), &instead);
        }
    }
    let actions: Vec<&Action> = played.iter().flat_map(|it| &it.decision.actions).collect();
    let done: Vec<String> = actions.iter().filter_map(|action| words::action(action)).collect();
    let all_done = || if done.is_empty() { "nothing was done".to_owned() } else { done.join(", ") };
    for wanted in &step.actions {
        let words = &wanted.get_ref().0;
        let is_it = |done: &String| {
            done.strip_prefix(words.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        if !done.iter().any(is_it) {
            miss(wanted.span().start, format!("the action {words}"), &all_done());
        }
    }
    if let Some(kind) = &step.ticket {
        let kinds: Vec<&str> = actions.iter().filter_map(|action| opened(action)).collect();
        if !kinds.contains(&kind.get_ref().as_str()) {
            let instead =
                if kinds.is_empty() { "no ticket".to_owned() } else { format!("a ticket {}", kinds.join(", ")) };
            miss(kind.span().start, format!("a ticket {}", kind.get_ref()), &instead);
        }
    }
    misses
}

fn opened(action: &Action) -> Option<&str> {
    match action {
        Action::OpenTicket { kind, .. } => Some(kind),
        _ => None,
    }
}

/// What the customer most likely meant, in each of their clauses.
fn meant<'a>(trace: &[&'a TraceStep]) -> Vec<&'a str> {
    let first = |step: &&'a TraceStep| match &step.what {
        Finding::Means { intents, .. } => intents.first().map(|(intent, _)| intent.as_str()),
        _ => None,
    };
    trace.iter().filter_map(first).collect()
}

/// Who had a part in it: rules and plugins that answered, and the clerk's own parts.
fn answered(trace: &[&TraceStep]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for step in trace {
        let took_part = match &step.by {
            Source::Plugin(_) => matches!(step.what, Finding::Took { .. } | Finding::Added { .. }),
            Source::Rule(_) | Source::Engine(_) => true,
        };
        let name = step.by.to_string();
        if took_part && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The place of a step, for what belongs to all of it.
pub fn place<T>(spanned: &Spanned<T>) -> usize {
    spanned.span().start
}
