//! What customers mean, where no rule of the store says it: learned from example sentences.
//!
//! `build.rs` learns a linear model from `examples/`, which is built into the clerk; an owner's own sentences
//! (`config/intents/`) are compared with what is said as they are. Nothing here is random, and nothing asks the outside.

mod concepts;
mod evaluate;
mod features;
mod layout;
mod model;
mod own;
mod settings;

use std::{collections::BTreeSet, sync::LazyLock};

pub use evaluate::{Case, CasesError, Report, Share, read_cases};
pub use settings::IntentFile;

use super::text::fold;
use crate::setting::Problem;
use model::Model;
use own::OwnSentences;

/// Without it, and where it stands alone, the clerk is sure of what was meant.
const SURE: f32 = -0.35;
const LEAD: f32 = 0.08;
/// What may have been meant, so that it is worth asking.
const POSSIBLE: f32 = -0.78;
/// How urgent a text must sound; it errs on the side of those who wait for help.
const URGENT: f32 = -0.15;
/// Choices that are offered where the clerk is not sure.
const CHOICES: usize = 3;

static MODEL: LazyLock<Option<Model>> = LazyLock::new(Model::built_in);

/// The intents of a store: the clerk's own and the owner's.
#[derive(Default)]
pub struct Intents {
    own: OwnSentences,
    names: BTreeSet<String>,
}

/// What a text most likely means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understanding {
    /// The likeliest intents, the best first.
    pub candidates: Vec<Candidate>,
    pub verdict: Verdict,
    /// Whether somebody waits for help who must not be left waiting.
    pub urgent: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub intent: String,
    /// From 0 to 100; the clerk is sure from about 50.
    pub score: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    Sure(String),
    /// One of these, likely.
    Unsure(Vec<String>),
    #[default]
    Miss,
}

impl Intents {
    /// Notes each mistake.
    pub fn compile(files: &[IntentFile], problems: &mut Vec<Problem>) -> Self {
        let built_in = MODEL.iter().flat_map(|model| &model.labels).map(|label| label.id.to_owned());
        let names = built_in.chain(files.iter().map(|it| it.id.clone())).collect();
        Self { own: OwnSentences::compile(files, problems), names }
    }

    /// Whether rules may name it.
    pub fn knows(&self, intent: &str) -> bool {
        self.names.contains(intent)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// What was chosen of what the clerk offered.
    pub fn chosen(&self, intent: &str) -> Understanding {
        let urgent = MODEL.iter().flat_map(|model| &model.labels).any(|label| label.id == intent && label.urgent);
        let candidates = vec![Candidate { intent: intent.to_owned(), score: 100 }];
        Understanding { candidates, verdict: Verdict::Sure(intent.to_owned()), urgent }
    }

    pub fn understand(&self, text: &str) -> Understanding {
        let Some(model) = &*MODEL else { return Understanding::default() };
        let folded = fold(text);
        let features = features::features(&folded);
        if folded.is_empty() {
            return Understanding::default();
        }
        let scores = model.score(&features);
        let labels = model.labels.iter().map(|label| label.id);
        let mut ranked: Vec<(&str, f32)> = labels.zip(scores.intents).collect();
        let mut urgent = scores.urgency >= URGENT;
        for (intent, score, is_urgent) in self.own.like(model, &features) {
            match ranked.iter_mut().find(|(known, _)| *known == intent) {
                Some((_, known)) => *known = known.max(score),
                None => ranked.push((intent, score)),
            }
            urgent |= is_urgent && score >= SURE;
        }
        ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then_with(|| left.0.cmp(right.0)));
        let verdict = verdict(&ranked);
        if let Verdict::Sure(intent) = &verdict {
            urgent |= model.labels.iter().any(|label| label.id == intent && label.urgent);
        }
        let candidates = ranked.iter().take(5).map(|(intent, score)| Candidate {
            intent: (*intent).to_owned(),
            score: ((score - POSSIBLE) / (SURE - POSSIBLE) * 50.0).clamp(0.0, 100.0).round() as u8,
        });
        Understanding { candidates: candidates.filter(|it| it.score > 0).collect(), verdict, urgent }
    }
}

impl Understanding {
    /// What was meant, where the clerk is sure.
    pub fn sure(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Sure(intent) => Some(intent),
            _ => None,
        }
    }
}

fn verdict(ranked: &[(&str, f32)]) -> Verdict {
    let score = |at: usize| ranked.get(at).map_or(f32::NEG_INFINITY, |(_, score)| *score);
    if score(0) >= SURE && score(0) - score(1) >= LEAD {
        return ranked.first().map_or(Verdict::Miss, |(intent, _)| Verdict::Sure((*intent).to_owned()));
    }
    let possible = ranked.iter().take(CHOICES).take_while(|(_, score)| *score >= POSSIBLE);
    let possible: Vec<_> = possible.map(|(intent, _)| (*intent).to_owned()).collect();
    if possible.is_empty() { Verdict::Miss } else { Verdict::Unsure(possible) }
}
