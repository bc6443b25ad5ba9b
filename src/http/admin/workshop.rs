//! The configuration folder, as pages that edit it see it.

use std::{collections::BTreeMap, io};

/// Reads and writes files of the configuration. What it does may take its time: not for the threads that answer.
pub trait Workshop: Send + Sync {
    /// A file's text; empty where it is absent.
    ///
    /// # Errors
    /// It cannot be read.
    fn text(&self, file: &str) -> io::Result<String>;
    /// What would be wrong with the folder if a file held this text. Nothing is changed.
    fn slips(&self, file: &str, text: &str) -> Vec<Slip>;
    /// Puts a text in the place of the one that was read.
    ///
    /// # Errors
    /// The file is as it was.
    fn save(&self, file: &str, was: &str, text: &str) -> Result<(), NotSaved>;
    /// The quick phrases of a text of phrases.toml.
    ///
    /// # Errors
    /// It is no TOML: why.
    fn quick_phrases(&self, text: &str) -> Result<Vec<QuickPhrase>, String>;
    /// A text of phrases.toml with a quick phrase changed, added or taken out; nothing is written.
    ///
    /// # Errors
    /// It cannot be: why.
    fn with_quick_phrase(&self, text: &str, change: &QuickChange) -> Result<String, String>;
    /// Changes settings of a plugin in plugins.toml; `None` takes one out, so that its default holds.
    ///
    /// # Errors
    /// The file is as it was.
    fn set_plugin(&self, name: &str, settings: &BTreeMap<String, Option<toml::Value>>) -> Result<(), NotSaved>;
    /// The settings of a plugin that stand in plugins.toml.
    fn plugin_settings(&self, name: &str) -> toml::Table;
    /// Turns a plugin on or off in plugins.toml.
    ///
    /// # Errors
    /// The file is as it was.
    fn switch_plugin(&self, name: &str, on: bool) -> Result<(), NotSaved>;
    /// Puts a plugin's second version in the place of the first; the file that is in place then.
    ///
    /// # Errors
    /// It is refused, and everything is as it was; or it says what is not.
    fn promote_plugin(&self, name: &str) -> Result<String, NotSaved>;
    /// Does without a plugin's second version.
    ///
    /// # Errors
    /// As for [`Self::promote_plugin`].
    fn abort_plugin(&self, name: &str) -> Result<(), NotSaved>;
}

/// A quick phrase as it stands in phrases.toml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuickPhrase {
    pub code: String,
    /// By language, the empty tag for the store's own; several texts are said in turn.
    pub texts: Vec<(String, Vec<String>)>,
}

/// What becomes of a quick phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuickChange {
    /// It has these texts, of the languages that are named; empty takes one out. `was`: its code before.
    Put {
        was: Option<String>,
        code: String,
        texts: BTreeMap<String, String>,
    },
    Remove {
        code: String,
    },
}

/// A mistake in the configuration, in the store's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    pub file: String,
    /// Line and column, from 1.
    pub place: Option<(usize, usize)>,
    pub message: String,
    pub hint: Option<String>,
}

/// Why a file was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// Somebody else saved it meanwhile.
    Moved,
    Slips(Vec<Slip>),
    Failed(String),
}
