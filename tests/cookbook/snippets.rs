//! The scripts that the documents for plugin authors show, each with its entry of `plugins.toml`.

use std::{collections::BTreeMap, fs};

use crate::{harness::root, hosted::Bench};

/// A script as it stands in a document.
#[derive(Clone)]
pub struct Snippet {
    /// `cookbook.zh-CN.md`
    pub document: String,
    /// `coupon.js`
    pub file: String,
    pub source: String,
    /// Its entry of `plugins.toml`, as it stands there.
    pub lines: String,
    /// The scenarios that stand beside it, if any do.
    pub scenarios: Option<String>,
}

impl Snippet {
    /// The plugin's name.
    pub fn name(&self) -> &str {
        self.file.split('.').next().unwrap_or_default()
    }

    /// Of what is said in two languages, that of its document.
    pub fn says<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        if self.is_chinese() { chinese } else { english }
    }

    pub fn is_chinese(&self) -> bool {
        self.document.contains("zh-CN")
    }

    /// A bench with the script, granted and set as the document says.
    pub fn bench(&self) -> Bench {
        let all: toml::Table = self.lines.parse().unwrap();
        let entry = &all[self.name()];
        let texts =
            |it: &toml::Value| it.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        let grants: Vec<String> = texts(&entry["grants"]);
        let settings =
            entry.get("settings").map_or_else(|| serde_json::json!({}), |it| serde_json::to_value(it).unwrap());
        let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
        let language = self.says("en", "zh-Hans");
        Bench::of(self.name(), (self.file.clone(), self.source.clone().into_bytes()), &grants)
            .settings(settings)
            .language(language)
    }
}

/// All of them, by document.
///
/// # Panics
/// One stands there in a way in which nothing can run it.
pub fn all() -> Vec<Snippet> {
    let mut documents: Vec<_> =
        fs::read_dir(root().join("docs/plugins")).unwrap().map(|it| it.unwrap().path()).collect();
    documents.sort();
    documents.iter().filter(|it| it.extension().is_some_and(|it| it == "md")).flat_map(|path| of(path)).collect()
}

fn of(path: &std::path::Path) -> Vec<Snippet> {
    let document = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap();
    let mut scripts = BTreeMap::new();
    let mut entries = BTreeMap::new();
    let mut scenarios = BTreeMap::new();
    for (language, block) in blocks(&text) {
        let (first, rest) = block.split_once('\n').unwrap_or((&block, ""));
        match language.as_str() {
            "js" | "ts" => {
                let file = first.strip_prefix("// plugins/");
                let file =
                    file.unwrap_or_else(|| panic!("{document}: a script begins with `// plugins/NAME.js`: {first}"));
                let before = scripts.insert(file.to_owned(), block.clone());
                assert!(before.is_none(), "{document}: two scripts are called {file}");
            }
            "toml" if first.ends_with(".test.toml") => {
                let name = first.strip_prefix("# plugins/").and_then(|it| it.strip_suffix(".test.toml"));
                let name = name
                    .unwrap_or_else(|| panic!("{document}: scenarios begin with `# plugins/NAME.test.toml`: {first}"));
                scenarios.insert(name.to_owned(), block.clone());
            }
            "toml" => {
                assert_eq!(first, "# config/plugins.toml", "{document}");
                let entry: toml::Table = rest.parse().unwrap_or_else(|error| panic!("{document}: {error}"));
                for name in entry.keys() {
                    entries.insert(name.clone(), rest.to_owned());
                }
            }
            other => panic!("{document}: nothing runs what is written in `{other}`"),
        }
    }
    let snippets: Vec<_> = scripts
        .into_iter()
        .map(|(file, source)| {
            let name = file.split('.').next().unwrap_or_default();
            let lines =
                entries.remove(name).unwrap_or_else(|| panic!("{document}: {file} has no entry of plugins.toml"));
            let scenarios = scenarios.remove(name);
            Snippet { document: document.clone(), file, source, lines, scenarios }
        })
        .collect();
    assert!(entries.is_empty(), "{document}: entries of no script: {entries:?}");
    assert!(scenarios.is_empty(), "{document}: scenarios of no script: {scenarios:?}");
    snippets
}

/// What stands between fences: its language, and its lines.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.trim().strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, block))) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}
