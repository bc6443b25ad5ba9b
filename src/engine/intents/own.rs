//! An owner's own sentences: a message much like one of them means what it means.

use super::{IntentFile, features::features, model::Model};
use crate::{engine::text::fold, setting::Problem};

/// How much a message must be like a sentence (the cosine of their features) to count at all.
const ALIKE: f32 = 0.5;

#[derive(Default)]
pub struct OwnSentences {
    sentences: Vec<Sentence>,
}

struct Sentence {
    intent: String,
    urgent: bool,
    features: Vec<u32>,
}

impl OwnSentences {
    /// Notes each mistake.
    pub fn compile(files: &[IntentFile], problems: &mut Vec<Problem>) -> Self {
        let mut sentences = Vec::new();
        for IntentFile { id, file, settings } in files {
            if settings.examples.values().all(Vec::is_empty) {
                let problem = Problem::new(file.clone(), ["examples".into()], "there is no example sentence");
                problems.push(problem.hint("write [examples] and, such as, en = [\"where is my order\"]"));
            }
            for (language, texts) in &settings.examples {
                for (at, text) in texts.iter().enumerate() {
                    let folded = fold(text);
                    if folded.is_empty() {
                        let path = ["examples".into(), language.as_str().into(), at.into()];
                        problems.push(Problem::new(file.clone(), path, "an empty sentence").hint("remove it"));
                        continue;
                    }
                    let features = features(&folded);
                    sentences.push(Sentence { intent: id.clone(), urgent: settings.urgent, features });
                }
            }
        }
        Self { sentences }
    }

    /// Intents with a sentence like these features, how well they fit on the model's scale, and whether they are urgent.
    pub fn like(&self, model: &Model, features: &[u32]) -> impl Iterator<Item = (&str, f32, bool)> {
        let mut sorted = if self.sentences.is_empty() { Vec::new() } else { features.to_vec() };
        sorted.sort_unstable();
        let alike = move |sentence: &Sentence| model.cosine(&sentence.features, &sorted);
        let close = self.sentences.iter().map(move |it| (it, alike(it))).filter(|(_, alike)| *alike >= ALIKE);
        // What is half like it is as likely meant as not, and the very sentence is beyond doubt.
        close.map(|(it, alike)| (it.intent.as_str(), alike * 4.0 - 2.4, it.urgent))
    }
}
