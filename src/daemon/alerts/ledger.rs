//! What the owner was told and is still to be told: once for each cause, and again when it is over.

use std::{
    collections::{BTreeMap, VecDeque},
    fs, io,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::troubles::Trouble;
use crate::{atomic_file, http::admin::TroubleView, model::Address};

/// What passes within so long is nobody's trouble.
const SETTLED_MS: i64 = 2_000;
/// What is gone for so long is over.
const OVER_MS: i64 = 4_000;
/// After a start, what was wrong before may take so long to show again.
const AFTER_START_MS: i64 = 20_000;
/// A notice that cannot be delivered is tried for a day.
const KEEP_TRYING_MS: i64 = 24 * 3_600_000;
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 600_000;
/// More waits for nobody: the oldest notices are dropped, further causes not noted.
const MOST_NOTICES: usize = 200;
const MOST_CAUSES: usize = 200;

/// Whom a notice is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Chat(Address),
    Webhook,
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same in each attempt.
    pub key: String,
    pub target: Target,
    pub cause: String,
    pub text: String,
    pub is_over: bool,
    pub since_ms: i64,
    pub at_ms: i64,
    pub attempts: u32,
    next_ms: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    what: String,
    since_ms: i64,
    last_seen_ms: i64,
    told: bool,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Ledger {
    known: BTreeMap<String, Known>,
    notices: VecDeque<Notice>,
}

impl Ledger {
    /// What an earlier run left; nothing where that cannot be read.
    pub fn read(file: &Path, now_ms: i64) -> Self {
        let mut ledger: Self =
            fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        for known in ledger.known.values_mut() {
            known.last_seen_ms = now_ms + AFTER_START_MS - OVER_MS;
        }
        ledger
    }

    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        atomic_file::replace(file, &serde_json::to_vec(self)?)
    }

    /// Notes what is wrong now, and what there is to tell of it. Whether there is something new to be kept.
    pub fn note(&mut self, troubles: Vec<Trouble>, targets: &[Target], is_chinese: bool, now_ms: i64) -> bool {
        let mut changed = false;
        for Trouble { cause, what } in troubles {
            if !self.known.contains_key(&cause) {
                if self.known.len() >= MOST_CAUSES {
                    continue;
                }
                changed = true;
                let new = Known { what: what.clone(), since_ms: now_ms, last_seen_ms: now_ms, told: false };
                self.known.insert(cause.clone(), new);
            }
            let Some(known) = self.known.get_mut(&cause) else { continue };
            known.what = what;
            known.last_seen_ms = known.last_seen_ms.max(now_ms);
            // The clock may have been set back.
            known.since_ms = known.since_ms.min(now_ms);
            if !known.told && now_ms - known.since_ms >= SETTLED_MS {
                known.told = true;
                changed = true;
                tracing::warn!(cause, "the owner is told of trouble");
                let text = if is_chinese {
                    format!("【夜小二】{}", known.what)
                } else {
                    format!("nightclerk: {}", known.what)
                };
                let since_ms = known.since_ms;
                self.add(targets, &cause, &text, false, since_ms, now_ms);
            }
        }
        let is_over = |known: &Known| now_ms - known.last_seen_ms >= OVER_MS;
        let over: Vec<_> = self.known.iter().filter(|(_, it)| is_over(it)).map(|(cause, _)| cause.clone()).collect();
        for cause in over {
            let Some(known) = self.known.remove(&cause) else { continue };
            changed = true;
            if known.told {
                tracing::info!(cause, "the trouble is over");
                let what = &known.what;
                let text = if is_chinese {
                    format!("【夜小二】已恢复：{what}")
                } else {
                    format!("nightclerk: over: {what}")
                };
                self.add(targets, &cause, &text, true, known.since_ms, now_ms);
            }
        }
        changed
    }

    fn add(&mut self, targets: &[Target], cause: &str, text: &str, is_over: bool, since_ms: i64, now_ms: i64) {
        for target in targets {
            while self.notices.len() >= MOST_NOTICES {
                self.notices.pop_front();
            }
            self.notices.push_back(Notice {
                key: uuid::Uuid::new_v4().to_string(),
                target: target.clone(),
                cause: cause.to_owned(),
                text: text.to_owned(),
                is_over,
                since_ms,
                at_ms: now_ms,
                attempts: 0,
                next_ms: now_ms,
            });
        }
    }

    /// The notices whose time has come: the first of each target, so that they arrive in order.
    pub fn due(&self, now_ms: i64) -> Vec<Notice> {
        let mut first: Vec<&Notice> = Vec::new();
        for notice in &self.notices {
            if !first.iter().any(|other| other.target == notice.target) {
                first.push(notice);
            }
        }
        first.into_iter().filter(|notice| notice.next_ms <= now_ms).cloned().collect()
    }

    /// Notes what became of an attempt.
    pub fn settle(&mut self, tried: &Notice, sent: bool, now_ms: i64) {
        if sent || now_ms - tried.at_ms >= KEEP_TRYING_MS {
            self.notices.retain(|notice| notice.key != tried.key);
        } else if let Some(notice) = self.notices.iter_mut().find(|notice| notice.key == tried.key) {
            let doubled = FIRST_PAUSE_MS << tried.attempts.min(20);
            notice.attempts = tried.attempts;
            notice.next_ms = now_ms + doubled.min(LONGEST_PAUSE_MS);
        }
    }

    /// Whether nothing is wrong, and nothing is still to be told.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.notices.is_empty()
    }

    /// What is wrong and has been for a moment.
    pub fn shown(&self) -> Vec<TroubleView> {
        let told = self.known.iter().filter(|(_, known)| known.told);
        told.map(|(cause, known)| TroubleView {
            cause: cause.clone(),
            what: known.what.clone(),
            since_ms: known.since_ms,
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(cause: &str) -> Vec<Trouble> {
        vec![Trouble { cause: cause.to_owned(), what: format!("{cause} is ill") }]
    }

    fn texts(ledger: &Ledger) -> Vec<&str> {
        ledger.notices.iter().map(|notice| notice.text.as_str()).collect()
    }

    #[test]
    fn a_trouble_is_told_once_and_again_when_it_is_over() {
        let mut ledger = Ledger::default();
        for second in 0..60 {
            ledger.note(trouble("disk"), &[Target::Webhook], false, second * 1000);
        }
        assert_eq!(texts(&ledger), ["nightclerk: disk is ill"]);
        for second in 60..120 {
            ledger.note(Vec::new(), &[Target::Webhook], false, second * 1000);
        }
        assert_eq!(texts(&ledger), ["nightclerk: disk is ill", "nightclerk: over: disk is ill"]);
    }

    #[test]
    fn what_passes_at_once_is_not_told() {
        let mut ledger = Ledger::default();
        ledger.note(trouble("disk"), &[Target::Webhook], false, 0);
        for second in 1..20 {
            ledger.note(Vec::new(), &[Target::Webhook], false, second * 1000);
        }
        assert!(ledger.notices.is_empty() && ledger.shown().is_empty());
    }

    #[test]
    fn a_restart_tells_nothing_twice_and_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("alerts.json");
        let mut ledger = Ledger::default();
        for second in 0..5 {
            ledger.note(trouble("disk"), &[Target::Webhook], false, second * 1000);
        }
        ledger.write(&file).unwrap();
        let mut ledger = Ledger::read(&file, 100_000);
        assert_eq!(ledger.notices.len(), 1, "it was not delivered yet");
        for second in 100..110 {
            ledger.note(trouble("disk"), &[Target::Webhook], false, second * 1000);
        }
        assert_eq!(ledger.notices.len(), 1);
    }

    #[test]
    fn notices_are_bounded_and_tried_less_and_less_often() {
        let mut ledger = Ledger::default();
        for number in 0..2 * MOST_NOTICES {
            ledger.add(&[Target::Webhook], "disk", &number.to_string(), false, 0, 0);
        }
        assert_eq!(ledger.notices.len(), MOST_NOTICES);
        let mut first = ledger.due(0).remove(0);
        first.attempts = 1;
        ledger.settle(&first, false, 0);
        assert!(ledger.due(FIRST_PAUSE_MS).is_empty(), "the others wait behind it");
        assert_eq!(ledger.due(2 * FIRST_PAUSE_MS)[0].key, first.key);
        ledger.settle(&first, true, 0);
        assert_ne!(ledger.due(0)[0].key, first.key);
    }
}
