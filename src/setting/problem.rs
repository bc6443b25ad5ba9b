use std::{borrow::Cow, fmt};

use super::Words;

/// Something wrong in the configuration, found after it was read, at a place named by keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name within the configuration folder: `rules.toml`, `intents/late.toml`.
    pub file: Cow<'static, str>,
    /// The way to the value from the top of the file.
    pub path: Vec<PathStep>,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    Key(String),
    Index(usize),
}

impl From<&str> for PathStep {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for PathStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// What is wrong and what to do about it in one text, for errors that carry no more, such as serde's.
pub fn advised(message: &str, hint: &str) -> String {
    format!("{message}{ADVICE}{hint}")
}

/// What `advised` joined.
pub fn split_advice(text: &str) -> (&str, Option<&str>) {
    text.split_once(ADVICE).map_or((text, None), |(message, hint)| (message, Some(hint)))
}

const ADVICE: &str = "; instead: ";

impl Problem {
    pub fn new(
        file: impl Into<Cow<'static, str>>,
        path: impl IntoIterator<Item = PathStep>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        #[cfg(test)]
        super::expect_chinese(&message);
        Self { file: file.into(), path: path.into_iter().collect(), message, hint: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        #[cfg(test)]
        super::expect_chinese(&hint);
        self.hint = Some(hint);
        self
    }
}

impl Problem {
    /// As `Display` has it, with its message in these words.
    pub fn say(&self, words: Words) -> String {
        let message = words.say(&self.message).into_owned();
        Self { message, ..self.clone() }.to_string()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        for (depth, step) in self.path.iter().enumerate() {
            match step {
                PathStep::Key(key) if depth == 0 => write!(f, "{key}")?,
                PathStep::Key(key) => write!(f, ".{key}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, ": {}", self.message)
    }
}
