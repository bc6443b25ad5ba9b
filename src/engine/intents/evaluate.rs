//! How well sentences are understood of which it is known what they mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Verdict;

/// A sentence, and what it means.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub language: String,
    /// The accepted intents.
    pub intents: Vec<String>,
    #[serde(default)]
    pub urgent: bool,
    /// A wording that one would think of first.
    #[serde(default)]
    pub plain: bool,
    pub sentence: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("line {line}: {columns} columns where the first line names {names}")]
    Columns { line: usize, columns: usize, names: usize },
    #[error("the first line names no column `{0}`")]
    NoColumn(&'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CasesFile {
    case: Vec<Case>,
}

/// Cases from TOML (`[[case]]`), or from lines with tabs whose first names the columns.
///
/// # Errors
/// The file is neither.
pub fn read_cases(text: &str, is_toml: bool) -> Result<Vec<Case>, CasesError> {
    if is_toml {
        return Ok(toml::from_str::<CasesFile>(text)?.case);
    }
    let lines = text.trim_start_matches('\u{FEFF}').lines().enumerate();
    let mut lines = lines.filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    let names: Vec<_> = lines.next().map(|(_, line)| line.split('\t').map(str::trim).collect()).unwrap_or_default();
    let place = |name: &'static str| names.iter().position(|it| *it == name).ok_or(CasesError::NoColumn(name));
    let (language, intents, sentence) = (place("language")?, place("intents")?, place("sentence")?);
    let (urgent, plain) = (place("urgent").ok(), place("plain").ok());
    let mut cases = Vec::new();
    for (number, line) in lines {
        let columns: Vec<_> = line.split('\t').map(str::trim).collect();
        if columns.len() != names.len() {
            return Err(CasesError::Columns { line: number + 1, columns: columns.len(), names: names.len() });
        }
        let column = |at: usize| columns.get(at).copied().unwrap_or_default();
        let says_yes = |at: Option<usize>| at.is_some_and(|at| matches!(column(at), "yes" | "true" | "1"));
        cases.push(Case {
            language: column(language).to_owned(),
            intents: column(intents).split('|').map(|it| it.trim().to_owned()).collect(),
            urgent: says_yes(urgent),
            plain: says_yes(plain),
            sentence: column(sentence).to_owned(),
        });
    }
    Ok(cases)
}

/// What became of some cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub cases: usize,
    /// Sure, and of what is accepted.
    pub right: usize,
    /// Sure, and of something else.
    pub wrong: usize,
    /// Not sure, and what is accepted is among the choices.
    pub offered: usize,
    /// Neither.
    pub missing: usize,
    pub urgent: usize,
    /// Urgent, and not marked so.
    pub urgent_missed: usize,
    /// Marked urgent, and not.
    pub urgent_false: usize,
}

/// What became of all cases.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub all: Share,
    pub plain: Share,
    pub by_language: BTreeMap<String, Share>,
    /// By the intent that is accepted first.
    pub by_intent: BTreeMap<String, Share>,
    /// Accepted, taken for it, and how often.
    pub confused: Vec<(String, String, usize)>,
}

impl Report {
    /// `understand` gives what the clerk made of a sentence, and whether it was marked urgent.
    pub fn of(cases: &[Case], understand: impl Fn(&str) -> (Verdict, bool)) -> Self {
        let mut report = Self::default();
        let mut confused: BTreeMap<(String, String), usize> = BTreeMap::new();
        for case in cases {
            let (verdict, urgent) = understand(&case.sentence);
            let accepts = |intent: &String| case.intents.contains(intent);
            let mut share = Share { cases: 1, ..Share::default() };
            match &verdict {
                Verdict::Sure(intent) if accepts(intent) => share.right = 1,
                Verdict::Sure(intent) => {
                    share.wrong = 1;
                    let meant = case.intents.first().cloned().unwrap_or_default();
                    *confused.entry((meant, intent.clone())).or_default() += 1;
                }
                Verdict::Unsure(intents) if intents.iter().any(accepts) => share.offered = 1,
                Verdict::Unsure(_) | Verdict::Miss => share.missing = 1,
            }
            share.urgent = usize::from(case.urgent);
            share.urgent_missed = usize::from(case.urgent && !urgent);
            share.urgent_false = usize::from(!case.urgent && urgent);
            report.all.add(share);
            if case.plain {
                report.plain.add(share);
            }
            report.by_language.entry(case.language.clone()).or_default().add(share);
            let intent = case.intents.first().cloned().unwrap_or_default();
            report.by_intent.entry(intent).or_default().add(share);
        }
        report.confused = confused.into_iter().map(|((meant, taken), count)| (meant, taken, count)).collect();
        report.confused.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        report
    }
}

impl Share {
    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.right += other.right;
        self.wrong += other.wrong;
        self.offered += other.offered;
        self.missing += other.missing;
        self.urgent += other.urgent;
        self.urgent_missed += other.urgent_missed;
        self.urgent_false += other.urgent_false;
    }
}
