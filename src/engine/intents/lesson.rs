//! The tracked model: what it is learned from, what comes out, and a lock that holds the two together.
//!
//! The lock is of what the learner sees rather than of files: another comment changes nothing, another way to take a
//! sentence apart does.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    features::features,
    learn::{Example, Label, learn},
    settings::IntentSettings,
};
use crate::engine::text::fold;

/// Where the example sentences lie within the folder of this room.
const EXAMPLES: &str = "examples";

/// A model as it was learned, with its lock.
pub struct Learned {
    pub model: Vec<u8>,
    pub lock: Lock,
}

/// What the tracked model was learned from, and what came out.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// SHA-256 of all that the learner sees: intents, and the features of each example.
    pub examples: String,
    /// SHA-256 of the learner.
    pub learner: String,
    /// SHA-256 of the model.
    pub model: String,
}

impl Lock {
    pub const FILE: &str = "model.lock";
    pub const MODEL: &str = "model.bin";

    /// As it is tracked.
    ///
    /// # Errors
    /// TOML refuses it, which nothing in it gives a reason for.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        Ok(format!(
            "# Written by `cargo run -- understand --learn`, together with the model.\n{}",
            toml::to_string(self)?
        ))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    #[error("{0} cannot be read: {1}")]
    Read(String, io::Error),
    #[error("{0}: {1}")]
    Parse(String, toml::de::Error),
}

/// Learns from the examples of the folder of this room.
///
/// # Errors
/// A file cannot be read, or is none of examples.
pub fn learned(folder: &Path) -> Result<Learned, LessonError> {
    let (labels, examples) = lesson(folder)?;
    let model = learn(&labels, &examples);
    let lock = Lock { examples: seen(&labels, &examples), learner: learner(), model: digest(&model) };
    Ok(Learned { model, lock })
}

/// What is to be learned.
fn lesson(folder: &Path) -> Result<(Vec<Label>, Vec<Example>), LessonError> {
    let folder = folder.join(EXAMPLES);
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error| LessonError::Read(path, error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
        files.push(entry.map_err(unreadable(&folder))?.path());
    }
    files.retain(|it| it.extension().is_some_and(|it| it == "toml"));
    files.sort();
    let (mut labels, mut examples) = (Vec::new(), Vec::new());
    for path in &files {
        let text = fs::read_to_string(path).map_err(unreadable(path))?;
        let intent: IntentSettings =
            toml::from_str(&text).map_err(|error| LessonError::Parse(path.display().to_string(), error))?;
        for sentence in intent.examples.values().flatten() {
            let features = features(&fold(sentence));
            examples.push(Example { intent: labels.len(), urgent: intent.urgent, features });
        }
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        labels.push(Label { id, urgent: intent.urgent });
    }
    Ok((labels, examples))
}

fn seen(labels: &[Label], examples: &[Example]) -> String {
    let mut hash = Sha256::new();
    for label in labels {
        hash.update([u8::from(label.urgent)]);
        hash.update(&label.id);
        hash.update([0]);
    }
    for example in examples {
        hash.update((example.intent as u64).to_le_bytes());
        hash.update((example.features.len() as u64).to_le_bytes());
        example.features.iter().for_each(|it| hash.update(it.to_le_bytes()));
    }
    hex::encode(hash.finalize())
}

/// The learner's own source, its line ends aside.
fn learner() -> String {
    digest([include_str!("learn.rs"), include_str!("layout.rs")].concat().replace('\r', "").as_bytes())
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::intents::model::Model;

    #[test]
    fn the_tracked_model_was_learned_from_the_examples_as_they_are() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/intents");
        let lock: Lock = toml::from_str(&fs::read_to_string(folder.join(Lock::FILE)).unwrap()).unwrap();
        let (labels, examples) = lesson(&folder).unwrap();
        let now = Lock { examples: seen(&labels, &examples), learner: learner(), model: digest(Model::bytes()) };
        assert_eq!(now, lock, "the model is of other examples: `cargo run -- understand --learn` learns it anew");
    }

    #[test]
    fn a_folder_that_is_none_is_named() {
        let error = learned(Path::new("/nowhere/at/all")).err().unwrap();
        assert!(error.to_string().starts_with("/nowhere/at/all/examples cannot be read"), "{error}");
    }
}
