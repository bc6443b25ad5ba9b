//! A file of example sentences: the clerk's own as an owner's.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Sentences by which the clerk learns what customers mean, one file for each meaning.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IntentSettings {
    /// Whether somebody is waiting for help who must not be left waiting.
    pub urgent: bool,
    /// Sentences by language tag.
    pub examples: BTreeMap<String, Vec<String>>,
}

/// One such file, as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntentFile {
    /// The intent, after which the file is called.
    pub id: String,
    /// The file, for mistakes.
    pub file: String,
    pub settings: IntentSettings,
}
