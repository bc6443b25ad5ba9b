//! The clerk's words, compiled once.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::Deserialize;

use crate::{
    setting::{PathStep, Problem, hint},
    template::{TemplateId, Templates},
};

const FILE: &str = "phrases.toml";
/// What the clerk says where the store says nothing else, as a `phrases.toml` of its own.
pub const BUILT_IN: &str = include_str!("builtin/phrases.toml");

/// The placeholders that can be filled; `variables::value` has a value for each.
pub const VARIABLES: [&str; 18] = [
    "also",
    "attempt",
    "back",
    "clerk",
    "customer",
    "hot",
    "last",
    "open",
    "order",
    "orders",
    "products",
    "promotions",
    "store",
    "substitutes",
    "team",
    "text",
    "time",
    "url",
];

/// `phrases.toml`: each stands in the place of the built-in one of its name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhrasesSettings {
    pub phrase: BTreeMap<String, Wording>,
}

/// One thing said in both languages; where one is missing the other stands in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wording {
    pub zh: Option<Variants>,
    pub en: Option<Variants>,
}

/// One text, or several that are said in turn.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub enum Variants {
    One(String),
    Many(Vec<String>),
}

/// A text that holds no placeholders: a label, a title.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Label {
    pub zh: Option<String>,
    pub en: Option<String>,
}

/// A wording, compiled.
#[derive(Clone, Debug, Default)]
pub struct Words {
    zh: Vec<TemplateId>,
    en: Vec<TemplateId>,
    /// The placeholders its texts have.
    needs: BTreeSet<&'static str>,
}

/// All phrases, and the templates of the rules' own texts.
#[derive(Default)]
pub struct Phrasebook {
    templates: Templates,
    phrases: BTreeMap<String, Words>,
    built_in: BTreeSet<String>,
}

impl Variants {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl Label {
    pub fn get(&self, language: &str) -> &str {
        let (first, second) = if language == "en" { (&self.en, &self.zh) } else { (&self.zh, &self.en) };
        first.as_deref().or(second.as_deref()).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.get("zh").trim().is_empty()
    }
}

impl Phrasebook {
    /// The built-in phrases with the store's in their places; notes each mistake.
    pub fn compile(settings: &PhrasesSettings, problems: &mut Vec<Problem>) -> Self {
        let mut book = Self::default();
        match toml::from_str::<PhrasesSettings>(BUILT_IN) {
            Ok(built_in) => {
                for (name, wording) in &built_in.phrase {
                    book.built_in.insert(name.clone());
                    if !settings.phrase.contains_key(name) {
                        let words = book.words(FILE, &phrase_path(name), wording, problems);
                        book.phrases.insert(name.clone(), words);
                    }
                }
            }
            Err(error) => problems.push(Problem::new(FILE, [], format!("the built-in phrases: {}", error.message()))),
        }
        for (name, wording) in &settings.phrase {
            let words = book.words(FILE, &phrase_path(name), wording, problems);
            book.phrases.insert(name.clone(), words);
        }
        book
    }

    /// Compiles a wording that stands at `path` of `file`; notes each mistake.
    pub fn words(
        &mut self,
        file: &'static str,
        path: &[PathStep],
        wording: &Wording,
        problems: &mut Vec<Problem>,
    ) -> Words {
        let mut words = Words::default();
        for (language, variants) in [("zh", &wording.zh), ("en", &wording.en)] {
            let Some(variants) = variants else { continue };
            let path = [path, &[language.into()]].concat();
            for (index, text) in variants.as_slice().iter().enumerate() {
                let mut path = path.clone();
                if matches!(variants, Variants::Many(_)) {
                    path.push(index.into());
                }
                if text.trim().is_empty() {
                    let hint = "write a text, or leave the language out";
                    problems.push(Problem::new(file, path, "an empty text says nothing").hint(hint));
                    continue;
                }
                match self.templates.add(text) {
                    Ok((id, names)) => {
                        if language == "zh" {
                            words.zh.push(id)
                        } else {
                            words.en.push(id)
                        }
                        for name in names {
                            match VARIABLES.iter().find(|known| **known == name) {
                                Some(known) => drop(words.needs.insert(known)),
                                None if name == "range" || name == "dict" || name == "namespace" => {}
                                None => problems.push(
                                    Problem::new(file, path.clone(), format!("nothing fills the placeholder `{name}`"))
                                        .hint(hint(&name, VARIABLES)),
                                ),
                            }
                        }
                    }
                    Err(error) => problems.push(
                        Problem::new(file, path, format!("not a good template: {error}"))
                            .hint("`nightclerk phrases` shows what can be written"),
                    ),
                }
            }
        }
        if words.is_empty() && wording.zh.is_none() && wording.en.is_none() {
            problems.push(Problem::new(file, path.to_vec(), "says nothing").hint("write `zh`, `en` or both"));
        }
        words
    }

    pub fn get(&self, name: &str) -> Option<&Words> {
        self.phrases.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.phrases.keys().map(String::as_str)
    }

    /// Phrases of the store that neither the clerk nor a rule (`used`) ever says: most likely misspelt.
    pub fn check_unused(&self, used: &BTreeSet<String>, problems: &mut Vec<Problem>) {
        for name in self.phrases.keys().filter(|name| !self.built_in.contains(*name) && !used.contains(*name)) {
            let hint = hint(name, self.built_in.iter().map(String::as_str));
            let message = format!("no rule says the phrase `{name}`, and the clerk does not know it");
            problems.push(Problem::new(FILE, phrase_path(name), message).hint(hint));
        }
    }

    /// The words in a language, the `turn`th of their variants, filled with what `variable` gives.
    ///
    /// # Errors
    /// The template could not be filled; in words for the trace.
    pub fn render(
        &self,
        words: &Words,
        language: &str,
        turn: u64,
        variable: impl Fn(&'static str) -> Value,
    ) -> Result<String, String> {
        let (first, second) = if language == "en" { (&words.en, &words.zh) } else { (&words.zh, &words.en) };
        let variants = if first.is_empty() { second } else { first };
        let count = u64::try_from(variants.len()).unwrap_or(1).max(1);
        let index = usize::try_from(turn % count).unwrap_or(0);
        let id = variants.get(index).ok_or("there are no words")?;
        self.templates.render(id, Value::from_pairs(words.needs.iter().map(|name| (*name, variable(name)))))
    }
}

impl Words {
    fn is_empty(&self) -> bool {
        self.zh.is_empty() && self.en.is_empty()
    }
}

fn phrase_path(name: &str) -> [PathStep; 2] {
    ["phrase".into(), name.into()]
}
