//! The clerk's words, compiled once.

mod texts;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use minijinja::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use self::texts::{Placeholders, Texts, placeholders};
use super::samples;
use crate::{
    language::{ByLanguage, Language, Tag},
    setting::{PathStep, Problem, hint},
    template::{Gaps, Templates},
};

pub(super) const FILE: &str = "phrases.toml";
/// What the clerk says where the store says nothing else, as a `phrases.toml` of its own.
pub static BUILT_IN: &str = concat!(include_str!("builtin/phrases.toml"), include_str!("builtin/intents.toml"));
/// The same in more languages, a file for each: the phrase's name and its text. Traditional Chinese is made from simplified.
pub static TRANSLATIONS: [(&str, &str); 6] = [
    ("es", include_str!("builtin/phrases/es.toml")),
    ("id", include_str!("builtin/phrases/id.toml")),
    ("ja", include_str!("builtin/phrases/ja.toml")),
    ("ko", include_str!("builtin/phrases/ko.toml")),
    ("th", include_str!("builtin/phrases/th.toml")),
    ("vi", include_str!("builtin/phrases/vi.toml")),
];

/// What the clerk says: each phrase stands in the place of the built-in one of its name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PhrasesSettings {
    /// A phrase by its name, as `nightclerk phrases` lists them: what the clerk says in place of its own words.
    pub phrase: BTreeMap<String, Wording>,
    /// A quick phrase by its short code: what people say to a customer with `/phrase` and the code.
    pub quick: BTreeMap<String, Wording>,
}

/// One thing, said in each language it is said in.
pub type Wording = ByLanguage<Variants>;

/// A text that holds no placeholders: a label, a title.
pub type Label = ByLanguage<String>;

/// One text, or several that are said in turn.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub enum Variants {
    One(String),
    Many(Vec<String>),
}

impl JsonSchema for Variants {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Variants".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let many = generator.subschema_for::<Vec<String>>();
        json_schema!({ "anyOf": [{ "type": "string" }, many], "x-type": "text or list of texts" })
    }
}

/// The tags of Chinese that readers of another script are given their own texts for.
const CHINESE: [&str; 3] = ["zh", "zh-Hant", "zh-Hant-HK"];

/// A wording, compiled.
#[derive(Clone, Debug, Default)]
pub struct Words {
    variants: ByLanguage<Texts>,
    /// The clerk's own words in whose place the store's stand, for where those cannot be filled.
    built_in: Option<Box<Words>>,
}

/// All phrases, and the templates of the rules' own texts.
#[derive(Default)]
pub struct Phrasebook {
    /// The store's language, which texts without a tag are in.
    language: Tag,
    templates: Templates,
    phrases: BTreeMap<String, Words>,
    /// By code, in small letters.
    quick: BTreeMap<String, Words>,
    built_in: BTreeSet<String>,
    /// What the clerk has words in by itself.
    languages: BTreeSet<Tag>,
}

/// What a code means.
pub enum Quick<'a> {
    One(&'a str, &'a Words),
    /// It is how several begin.
    Several(Vec<&'a str>),
    None,
}

impl Words {
    /// The clerk's own, which its tests have tried.
    fn own(wording: &Wording, language: &Tag) -> Self {
        let own = |(tag, variants): (Option<&Tag>, &Variants)| {
            (tag.unwrap_or(language).clone(), Texts::own(variants.as_slice().to_vec()))
        };
        let mut variants = wording.entries().map(own).collect();
        add_scripts(wording, language, |_| true, &mut variants);
        Self { variants, built_in: None }
    }

    /// Whether a placeholder stands in one of its texts.
    pub fn speaks_of(&self, variable: &str) -> bool {
        self.variants.entries().any(|(_, texts)| texts.speak_of(variable))
    }

    /// The clerk's own words, in whose place these stand.
    pub fn built_in(&self) -> Option<&Self> {
        self.built_in.as_deref()
    }
}

impl Variants {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl Phrasebook {
    /// The built-in phrases with the store's in their places; notes each mistake.
    pub fn compile(settings: &PhrasesSettings, language: Tag, problems: &mut Vec<Problem>) -> Self {
        let mut book = Self { language, ..Self::default() };
        let built_in = built_in();
        match &built_in {
            Ok(built_in) => {
                for (name, wording) in &built_in.phrase {
                    book.built_in.insert(name.clone());
                    for tag in wording.entries().filter_map(|(tag, _)| tag) {
                        if !book.languages.contains(tag) {
                            book.languages.insert(tag.clone());
                        }
                    }
                    if !settings.phrase.contains_key(name) {
                        book.phrases.insert(name.clone(), Words::own(wording, &book.language));
                    }
                }
            }
            Err(error) => problems.push(Problem::new(FILE, [], format!("the built-in phrases: {error}"))),
        }
        let built_in = built_in.unwrap_or_default();
        for (name, wording) in &settings.phrase {
            let mut words = book.words(FILE, &phrase_path(name), wording, problems);
            words.built_in = built_in.phrase.get(name).map(|wording| Box::new(Words::own(wording, &book.language)));
            book.phrases.insert(name.clone(), words);
        }
        for (code, wording) in &settings.quick {
            let path = [PathStep::from("quick"), code.as_str().into()];
            if code.is_empty() || code.chars().any(|it| it.is_whitespace() || it == ':') {
                let problem = Problem::new(FILE, path.clone(), format!("`{code}` cannot be typed as a code"));
                problems.push(problem.hint("write letters and digits without a space between them"));
            }
            let words = book.words(FILE, &path, wording, problems);
            book.quick.insert(code.to_lowercase(), words);
        }
        book
    }

    pub fn quick_codes(&self) -> impl Iterator<Item = &str> {
        self.quick.keys().map(String::as_str)
    }

    pub fn has_quick(&self) -> bool {
        !self.quick.is_empty()
    }

    /// The quick phrase of a code, or of the one code that begins so.
    pub fn quick(&self, code: &str) -> Quick<'_> {
        let code = code.to_lowercase();
        if let Some((code, words)) = self.quick.get_key_value(&code) {
            return Quick::One(code, words);
        }
        let fit: Vec<_> = self.quick.iter().filter(|(it, _)| it.starts_with(&code)).collect();
        match fit[..] {
            [] => Quick::None,
            [(code, words)] if !code.is_empty() => Quick::One(code, words),
            _ => Quick::Several(fit.into_iter().map(|(code, _)| code.as_str()).collect()),
        }
    }

    /// Compiles a wording of the store's that stands at `path` of `file`; notes each mistake.
    pub fn words(
        &mut self,
        file: &'static str,
        path: &[PathStep],
        wording: &Wording,
        problems: &mut Vec<Problem>,
    ) -> Words {
        self.compiled(file, path, wording, false, problems)
    }

    /// The same for words that are said only where there is an order to speak of.
    pub fn words_on_an_order(
        &mut self,
        file: &'static str,
        path: &[PathStep],
        wording: &Wording,
        problems: &mut Vec<Problem>,
    ) -> Words {
        self.compiled(file, path, wording, true, problems)
    }

    fn compiled(
        &mut self,
        file: &'static str,
        path: &[PathStep],
        wording: &Wording,
        with_order: bool,
        problems: &mut Vec<Problem>,
    ) -> Words {
        let mut compiled = ByLanguage::default();
        for (tag, variants) in wording.entries() {
            let path = [path, &tag.map(|tag| PathStep::from(tag.as_str())).into_iter().collect::<Vec<_>>()].concat();
            let mut ids = Vec::new();
            let mut asked = Placeholders::new();
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
                        asked.extend(placeholders(&names));
                        let mistakes = samples::mistakes(&self.templates, &id, text, with_order).into_iter();
                        problems.extend(
                            mistakes.map(|(message, hint)| Problem::new(file, path.clone(), message).hint(hint)),
                        );
                        ids.push(id);
                    }
                    Err(error) => problems.push(
                        Problem::new(file, path, format!("not a good template: {error}"))
                            .hint("`nightclerk phrases` shows what can be written"),
                    ),
                }
            }
            if !ids.is_empty() {
                let texts = Texts::Tried { ids, placeholders: asked };
                compiled.insert(tag.unwrap_or(&self.language).clone(), texts);
            }
        }
        // What is no good template is no better in another script.
        let is_good = |text: &String| !text.trim().is_empty() && self.templates.is_known(text);
        add_scripts(wording, &self.language, is_good, &mut compiled);
        if wording.entries().all(|(_, variants)| variants.as_slice().is_empty()) {
            problems.push(Problem::new(file, path.to_vec(), "says nothing").hint("write `zh`, `en` or both"));
        }
        Words { variants: compiled, built_in: None }
    }

    pub fn get(&self, name: &str) -> Option<&Words> {
        self.phrases.get(name)
    }

    /// What the clerk has words in by itself.
    pub fn languages(&self) -> impl Iterator<Item = &Tag> {
        self.languages.iter()
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

    /// The words for a language, the `turn`th of their variants, filled with what `variable` gives in the language that
    /// they turn out to be in.
    ///
    /// # Errors
    /// The template could not be filled; in words for the trace.
    pub fn render<'a>(
        &'a self,
        words: &'a Words,
        language: Language<'a>,
        turn: u64,
        gaps: Gaps,
        variable: impl Fn(&'static str, Language<'a>) -> Value,
    ) -> Result<String, String> {
        let found = words.variants.find(language).ok_or("there are no words")?;
        let spoken = language.spoken_by(found.tag);
        let ready = found.value.ready(&self.templates);
        let id = ready.at(turn).ok_or("there are no words")?;
        let variables = ready.placeholders.iter().map(|name| (*name, variable(name, spoken)));
        ready.templates.render_discreetly(id, variables, gaps)
    }
}

/// Adds texts in one script of Chinese, for the readers of the other.
fn add_scripts(wording: &Wording, language: &Tag, is_good: impl Fn(&String) -> bool, variants: &mut ByLanguage<Texts>) {
    for to in CHINESE {
        let language = Language::new(to, None, language);
        let Some(found) = wording.find(language).filter(|_| !wording.speaks(to, language)) else { continue };
        let texts: Vec<_> = found.value.as_slice().iter().filter(|it| is_good(it)).cloned().collect();
        if let (false, Ok(tag)) = (texts.is_empty(), Tag::parse(to)) {
            variants.insert(tag, Texts::rewritten(texts, found.tag, to));
        }
    }
}

/// All that the clerk says by itself, in all its languages.
fn built_in() -> Result<PhrasesSettings, String> {
    let mut settings: PhrasesSettings = toml::from_str(BUILT_IN).map_err(|error| error.message().to_owned())?;
    for (language, text) in TRANSLATIONS {
        let tag = Tag::parse(language).map_err(|error| error.to_string())?;
        let texts: BTreeMap<String, Variants> =
            toml::from_str(text).map_err(|error| format!("{language}: {}", error.message()))?;
        for (name, variants) in texts {
            let wording = settings.phrase.get_mut(&name).ok_or(format!("{language}: there is no phrase `{name}`"))?;
            wording.insert(tag.clone(), variants);
        }
    }
    Ok(settings)
}

fn phrase_path(name: &str) -> [PathStep; 2] {
    ["phrase".into(), name.into()]
}

#[cfg(test)]
mod tests;
