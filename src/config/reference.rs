//! Every setting with its meaning, default and range, from the description of the files, to read.

use std::fmt::Write;

use serde_json::Value;

use super::{ranges, schema};

/// The settings of one table of one file.
pub struct Section {
    pub file: String,
    /// As it is written above its settings: `[server]`, `[[rule]]`; empty for what stands at the top of the file.
    pub heading: String,
    pub about: String,
    pub settings: Vec<Setting>,
    /// The way to it: the file without its ending, then the tables.
    path: Vec<String>,
}

/// One setting.
#[derive(Clone)]
pub struct Setting {
    pub key: String,
    /// What is written there, in words.
    pub kind: String,
    /// As it is written in TOML; `None` where there is none.
    pub default: Option<String>,
    /// Whether it must be there.
    pub is_required: bool,
    pub range: Option<String>,
    pub meaning: String,
}

/// All of them; those on the way `wanted`, such as `channels.telegram`, `server.listen` or `nightclerk.toml`, where it is
/// given.
pub fn sections(wanted: Option<&str>) -> Vec<Section> {
    let mut sections = Vec::new();
    for file in schema::files() {
        let stem = file.name.trim_end_matches(".toml").split('/').next().unwrap_or_default().to_owned();
        walk(
            &file.schema,
            &Place { file: &file.name, path: vec![stem], tables: Vec::new(), is_list: false },
            &mut sections,
        );
    }
    let Some(wanted) = wanted else { return sections };
    let wanted = wanted.replace(".toml", "").replace(['[', ']', ' '], "");
    let wanted: Vec<_> = wanted.split(['.', '/']).filter(|it| !it.is_empty()).collect();
    let keep = |mut section: Section| {
        if !is_within(&section.path, &wanted) {
            let path = |key: &str| [section.path.as_slice(), &[key.to_owned()]].concat();
            section.settings.retain(|it| is_within(&path(&it.key), &wanted));
            if section.settings.is_empty() {
                return None;
            }
        }
        Some(section)
    };
    sections.into_iter().filter_map(keep).collect()
}

/// The names by which settings can be asked for: files, tables, keys.
pub fn names() -> Vec<String> {
    let all = sections(None).into_iter();
    let mut names: Vec<_> =
        all.flat_map(|it| it.path.into_iter().chain(it.settings.into_iter().map(|it| it.key))).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether the steps `wanted` follow each other somewhere on the way.
fn is_within(path: &[String], wanted: &[&str]) -> bool {
    let fits = |(step, wanted): (&String, &&str)| step == wanted || step.starts_with('<');
    path.windows(wanted.len())
        .any(|steps| steps.iter().zip(wanted).all(fits) && steps.iter().any(|it| !it.starts_with('<')))
}

struct Place<'a> {
    file: &'a str,
    path: Vec<String>,
    tables: Vec<String>,
    is_list: bool,
}

impl Place<'_> {
    fn within(&self, table: &str, is_list: bool) -> Self {
        let and = |steps: &[String]| [steps, &[table.to_owned()]].concat();
        Self { file: self.file, path: and(&self.path), tables: and(&self.tables), is_list }
    }

    fn heading(&self) -> String {
        match (self.tables.join("."), self.is_list) {
            (tables, _) if tables.is_empty() => tables,
            (tables, true) => format!("[[{tables}]]"),
            (tables, false) => format!("[{tables}]"),
        }
    }
}

/// Notes a table's own settings, then those of the tables in it.
fn walk(schema: &Value, place: &Place<'_>, sections: &mut Vec<Section>) {
    if let Some(kinds) = schema["oneOf"].as_array() {
        for kind in kinds {
            let name = kind["properties"]["kind"]["const"].as_str().unwrap_or_default();
            let mut of_kind = Place { path: place.path.clone(), tables: place.tables.clone(), ..*place };
            // An entry is asked for by its platform, not by the list it is in.
            of_kind.path.pop();
            of_kind.path.push(name.to_owned());
            note(kind, &of_kind, format!("{} with `kind = \"{name}\"`", place.heading()), sections);
        }
        return;
    }
    note(schema, place, place.heading(), sections);
}

fn note(schema: &Value, place: &Place<'_>, heading: String, sections: &mut Vec<Section>) {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let any = schema.get("additionalProperties").filter(|it| it.is_object());
    let named = schema["properties"].as_object().into_iter().flatten().map(|(key, it)| (key.as_str(), it));
    let mut settings = Vec::new();
    let mut tables = Vec::new();
    let mut described_any = any.cloned();
    if let Some(any) = described_any.as_mut().and_then(Value::as_object_mut) {
        // What stands under any name is what the table is there for.
        any.entry("description").or_insert_with(|| text(schema).into());
    }
    for (key, described) in named.chain(described_any.as_ref().map(|it| ("<name>", it))) {
        let inner = schema::without_null(described);
        match (table(inner), schema::items(inner).and_then(table)) {
            (Some(table), _) => tables.push((key, table, described, false)),
            (_, Some(table)) => tables.push((key, table, described, true)),
            _ => settings.push(setting(key, described, required.contains(&key))),
        }
    }
    let about = text(schema);
    if !settings.is_empty() || !place.tables.is_empty() && tables.is_empty() {
        let path = place.path.clone();
        sections.push(Section { file: place.file.to_owned(), heading, about, settings, path });
    }
    for (key, table, described, is_list) in tables {
        let mut table = table.clone();
        // What the setting is there for says more than what its type is.
        if let (Some(table), about) = (table.as_object_mut(), text(described))
            && !about.is_empty()
        {
            table.insert("description".to_owned(), about.into());
        }
        walk(&table, &place.within(key, is_list), sections);
    }
}

/// The description, where it is that of a table with keys of its own.
fn table(schema: &Value) -> Option<&Value> {
    let has_keys = schema["properties"].is_object() || schema["additionalProperties"].is_object() || has_kinds(schema);
    (has_keys && schema["x-type"].is_null()).then_some(schema)
}

fn has_kinds(schema: &Value) -> bool {
    schema["oneOf"].as_array().is_some_and(|kinds| kinds.iter().all(|it| it["properties"].is_object()))
}

fn setting(key: &str, described: &Value, is_required: bool) -> Setting {
    let inner = schema::without_null(described);
    let mut meaning = text(described);
    for (word, about) in choices(inner).into_iter().filter(|(_, about)| !about.is_empty()) {
        let _ = write!(meaning, " `{word}`: {about}");
    }
    let default = Some(&described["default"]).filter(|it| !it.is_null()).map(in_toml);
    Setting {
        key: key.to_owned(),
        kind: kind(inner),
        default: default.filter(|_| !is_required),
        is_required,
        range: ranges::in_words(described).or_else(|| ranges::in_words(inner)),
        meaning: meaning.trim().to_owned(),
    }
}

fn text(schema: &Value) -> String {
    let text = schema["description"].as_str().or_else(|| schema["title"].as_str()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is written there, in words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["x-type"].as_str() {
        return words.to_owned();
    }
    if let Some(only) = schema["const"].as_str() {
        return format!("`{only}`");
    }
    let words: Vec<_> = choices(schema).into_iter().map(|(word, _)| format!("`{word}`")).collect();
    if !words.is_empty() {
        return words.join(" or ");
    }
    let name = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match name {
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "array" => format!("list of: {}", kind(&schema["items"])),
        "object" => "table".to_owned(),
        other => other.to_owned(),
    }
}

/// The words of which one stands there, each with what it means.
fn choices(schema: &Value) -> Vec<(String, String)> {
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut choices: Vec<_> = listed.map(|word| (word.to_owned(), String::new())).collect();
    for option in schema["oneOf"].as_array().into_iter().flatten() {
        choices.extend(option["const"].as_str().map(|word| (word.to_owned(), text(option))));
        choices.extend(self::choices(option));
    }
    choices
}

/// A value as it is written in a file.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{key} = {}", in_toml(value))).collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        Value::Array(list) => format!("[{}]", list.iter().map(in_toml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The whole as `docs/configuration.md` has it.
pub fn markdown() -> String {
    let mut page = PREFACE.to_owned();
    let mut file = String::new();
    for section in sections(None) {
        if section.file != file {
            let about = text(schema::of_file(&section.file));
            let _ = write!(page, "\n## {}\n\n{about}\n", section.file);
            file.clone_from(&section.file);
        }
        if !section.heading.is_empty() {
            let heading = match section.heading.split_once(" with ") {
                Some((table, kind)) => format!("`{table}` with {kind}"),
                None => format!("`{}`", section.heading),
            };
            let _ = write!(page, "\n### {heading}\n\n{}\n", section.about);
        }
        page.push_str("\n| key | what is written there | default | meaning |\n| --- | --- | --- | --- |\n");
        for it in &section.settings {
            let default = match (&it.default, it.is_required) {
                (_, true) => "required".to_owned(),
                (Some(default), _) => format!("`{default}`"),
                (None, _) => String::new(),
            };
            let range = it.range.as_ref().map(|range| format!(", {range}")).unwrap_or_default();
            let cells = [format!("`{}`", it.key), format!("{}{range}", it.kind), default, it.meaning.clone()];
            let _ = writeln!(page, "| {} |", cells.map(|it| it.replace('|', "\\|")).join(" | "));
        }
    }
    page
}

const PREFACE: &str = "\
# Every setting

Made from the types that read the files, by `nightclerk config --markdown`; `nightclerk config channels.telegram` shows a part
of it in the terminal, and `nightclerk config --json` is the same as JSON Schema, for editors. The commented files in
[`config/`](../config) say how things are used.

What is left out has its default. A time is written \"500ms\", \"30m\", \"12h\", \"3d\". A text may be one, in the store's language,
or one for each: `{ zh = \"…\", en = \"…\" }`.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_meaning_and_a_word_for_what_is_written_there() {
        for section in sections(None) {
            for it in &section.settings {
                let place = format!("{} {} {}", section.file, section.heading, it.key);
                assert!(!it.meaning.is_empty(), "{place} means nothing: write a doc comment");
                assert!(!it.kind.is_empty() && !it.kind.contains("null"), "{place}: {}", it.kind);
            }
            assert!(section.heading.is_empty() || !section.about.is_empty(), "{} {}", section.file, section.heading);
        }
    }

    #[test]
    fn a_part_is_found_by_file_table_platform_and_key() {
        let keys = |wanted: &str| -> Vec<String> {
            sections(Some(wanted)).into_iter().flat_map(|it| it.settings).map(|it| it.key).collect()
        };
        assert!(keys("channels.telegram").contains(&"secret_token".to_owned()));
        assert!(!keys("channels.telegram").contains(&"channel_secret".to_owned()));
        assert_eq!(keys("server.listen"), ["listen"]);
        assert_eq!(keys("listen"), ["listen", "listen"]);
        assert!(keys("orders.toml").contains(&"max_age".to_owned()));
        assert_eq!(keys("plugins.greeting.keep_kb"), ["keep_kb"]);
        assert!(keys("no-such-thing").is_empty());
    }

    #[test]
    fn defaults_and_ranges_are_those_that_are_in_force() {
        let one = |wanted: &str| sections(Some(wanted)).remove(0).settings.remove(0);
        assert_eq!(one("server.header_timeout").default.as_deref(), Some("\"10s\""));
        assert_eq!(one("server.header_timeout").range.as_deref(), Some("at least 1ms"));
        assert_eq!(one("plugins.memory_mb").range.as_deref(), Some("1 to 1024"));
        assert_eq!(one("payment-reminder.allowed").default.as_deref(), Some("\"09:00-21:30\""));
        assert!(one("telegram.token").is_required);
    }
}
