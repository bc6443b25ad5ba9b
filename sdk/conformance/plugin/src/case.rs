//! A case of the suite as it stands in `sdk/conformance/cases`. The daemon's tests read this file too.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What is so, what the plugin does, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// The capabilities of its manifest.
    #[serde(default)]
    pub wishes: Vec<String>,
    /// What the store grants; all wishes, unless said.
    pub grants: Option<Vec<String>>,
    #[serde(default = "megabyte")]
    pub keep_kb: usize,
    #[serde(default)]
    pub hook: CaseHook,
    /// The message: a text of so many bytes, and so many pictures.
    #[serde(default)]
    pub text_bytes: usize,
    #[serde(default)]
    pub media: usize,
    /// The plugin's keys before, with their JSON strings.
    #[serde(default)]
    pub kept: BTreeMap<String, String>,
    /// The customer's orders, and somebody else's, by their numbers at `shop`, each shipped, of one `Teapot`.
    #[serde(default)]
    pub orders: Vec<String>,
    #[serde(default)]
    pub foreign_orders: Vec<String>,
    pub steps: Value,
    #[serde(default = "handled")]
    pub outcome: String,
    pub expect: Expectation,
}

fn megabyte() -> usize {
    1024
}

fn handled() -> String {
    "handled".to_owned()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseHook {
    #[default]
    Message,
    /// The order `A1` at `shop` was shipped.
    Order,
    Timer,
    Daily,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// `passed`, `added 1`, `took 2`, or why the daemon skips it.
    pub outcome: String,
    /// What came of each step.
    #[serde(default)]
    pub log: Vec<String>,
    /// Its keys afterwards; as before, unless said.
    pub kept: Option<BTreeMap<String, String>>,
}

/// All cases of a folder, with their files' names.
pub fn all(folder: &std::path::Path) -> Vec<(String, Case)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let of_file: Vec<Case> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        cases.extend(of_file.into_iter().map(|case| (name.clone(), case)));
    }
    assert!(!cases.is_empty(), "there are cases in {}", folder.display());
    cases
}
