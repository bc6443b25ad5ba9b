//! Turns a plugin on or off in `plugins.toml`, and leaves everything else there as its owner wrote it.

use std::{collections::BTreeMap, fs, io, path::Path};

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use crate::{atomic_file, setting::hint};

const FILE: &str = "plugins.toml";

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switched {
    Changed,
    /// There was nothing to do.
    WasSo,
}

/// Why a plugin was not switched; the file is as it was.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SwitchError {
    #[error("plugins.toml has no [{name}]")]
    NoEntry {
        name: String,
        #[help]
        hint: String,
    },
    #[error("plugins.toml is not usable: {0}")]
    #[diagnostic(help("`nightclerk check` shows where"))]
    Toml(String),
    #[error("plugins.toml cannot be {deed}: {why}")]
    File { deed: &'static str, why: io::Error },
}

/// Sets or removes `enabled = false` in the plugin's entry in the configuration folder `dir`.
///
/// # Errors
/// There is no such entry, or the file cannot be read or written.
pub fn switch_plugin(dir: &Path, name: &str, on: bool) -> Result<Switched, SwitchError> {
    edit(dir, |text| switched(text, name, on))
}

/// Takes keys out of the plugin's entry in the configuration folder `dir`.
///
/// # Errors
/// As for [`switch_plugin`].
pub fn unset_in_plugin(dir: &Path, name: &str, keys: &[&str]) -> Result<Switched, SwitchError> {
    edit(dir, |text| {
        let mut document = parsed(text)?;
        let entry = entry_of(&mut document, name)?;
        let removed = keys.iter().filter(|key| entry.remove(key).is_some()).count();
        Ok((removed > 0).then(|| document.to_string()))
    })
}

/// The text of `plugins.toml` with other settings in a plugin's entry; what is not named stays, and so does every comment.
///
/// # Errors
/// There is no such entry, or it is no TOML.
pub fn with_settings(
    text: &str,
    name: &str,
    settings: &BTreeMap<String, Option<toml::Value>>,
) -> Result<String, SwitchError> {
    let mut document = parsed(text)?;
    let entry = entry_of(&mut document, name)?;
    let table = entry.entry("settings").or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else {
        return Err(SwitchError::Toml(format!("`settings` of [{name}] is no table")));
    };
    for (key, wanted) in settings {
        match wanted {
            None => drop(table.remove(key)),
            Some(wanted) => {
                let written = format!("it = {wanted}");
                let mut written = parsed(&written)?;
                let Some(Item::Value(mut new)) = written.remove("it") else { continue };
                // What stands around the old one, such as a comment, stays.
                if let Some(old) = table.get(key).and_then(Item::as_value) {
                    *new.decor_mut() = old.decor().clone();
                }
                table.insert(key, Item::Value(new));
            }
        }
    }
    Ok(document.to_string())
}

/// Replaces the file by what `change` makes of it; `None` leaves it.
fn edit(dir: &Path, change: impl FnOnce(&str) -> Result<Option<String>, SwitchError>) -> Result<Switched, SwitchError> {
    // A link stays one.
    let path = fs::canonicalize(dir.join(FILE)).unwrap_or_else(|_| dir.join(FILE));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(why) => return Err(SwitchError::File { deed: "read", why }),
    };
    match change(&text)? {
        None => Ok(Switched::WasSo),
        Some(new) => {
            let write = atomic_file::replace_durably(&path, new.as_bytes());
            write.map_err(|why| SwitchError::File { deed: "written", why })?;
            Ok(Switched::Changed)
        }
    }
}

fn parsed(text: &str) -> Result<DocumentMut, SwitchError> {
    text.parse().map_err(|error: toml_edit::TomlError| SwitchError::Toml(error.message().to_owned()))
}

fn entry_of<'a>(document: &'a mut DocumentMut, name: &str) -> Result<&'a mut dyn TableLike, SwitchError> {
    let known: Vec<String> = document.iter().map(|(key, _)| key.to_owned()).collect();
    let entry = document.get_mut(name).and_then(Item::as_table_like_mut);
    entry.ok_or_else(|| SwitchError::NoEntry { name: name.to_owned(), hint: no_entry_hint(name, &known) })
}

/// The text with the plugin switched; `None` where it was so already.
fn switched(text: &str, name: &str, on: bool) -> Result<Option<String>, SwitchError> {
    let mut document = parsed(text)?;
    let entry = entry_of(&mut document, name)?;
    let is_on = entry.get("enabled").and_then(Item::as_bool).unwrap_or(true);
    if is_on == on {
        return Ok(None);
    }
    if on {
        entry.remove("enabled");
    } else {
        entry.insert("enabled", value(false));
    }
    Ok(Some(document.to_string()))
}

fn no_entry_hint(name: &str, known: &[String]) -> String {
    let known = hint(name, known.iter().map(String::as_str));
    format!(
        "a plugin without an entry waits for one: add [{name}] with its grants; `nightclerk plugin list` says which. If it is another: {known}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# What each plugin may do.

[greeting]   # says hello
grants = [\"reply\"]  # and nothing else

[greeting.settings]
text = '晚上好'

[other]
order = 3
enabled = false
";

    #[test]
    fn a_plugin_is_turned_off_and_on_and_every_comment_stays() {
        let off = switched(TEXT, "greeting", false).unwrap().unwrap();
        assert_eq!(off, TEXT.replace("else\n", "else\nenabled = false\n"));
        assert_eq!(switched(&off, "greeting", false).unwrap(), None);
        assert_eq!(switched(&off, "greeting", true).unwrap().unwrap(), TEXT);
        let on = switched(TEXT, "other", true).unwrap().unwrap();
        assert_eq!(on, TEXT.replace("enabled = false\n", ""));
    }

    #[test]
    fn a_setting_is_changed_and_everything_else_stays() {
        let said = |text: &str| Some(toml::Value::String(text.to_owned()));
        let new = with_settings(TEXT, "greeting", &BTreeMap::from([("text".to_owned(), said("早上好"))])).unwrap();
        assert_eq!(new, TEXT.replace("'晚上好'", "\"早上好\""));
        let unset = with_settings(TEXT, "greeting", &BTreeMap::from([("text".to_owned(), None)])).unwrap();
        assert_eq!(unset, TEXT.replace("text = '晚上好'\n", ""));
        let added = with_settings(TEXT, "other", &BTreeMap::from([("days".to_owned(), Some(toml::Value::Integer(3)))]));
        let table: toml::Table = toml::from_str(&added.unwrap()).unwrap();
        assert_eq!(table["other"]["settings"]["days"].as_integer(), Some(3));
        assert!(matches!(with_settings(TEXT, "nobody", &BTreeMap::new()), Err(SwitchError::NoEntry { .. })));
    }

    #[test]
    fn an_entry_on_one_line_is_an_entry_too() {
        let off = switched("greeting = { grants = [\"reply\"] }\n", "greeting", false).unwrap().unwrap();
        let entry: toml::Table = toml::from_str(&off).unwrap();
        assert_eq!(entry["greeting"]["enabled"].as_bool(), Some(false));
    }

    #[test]
    fn what_has_no_entry_is_not_given_one() {
        let Err(SwitchError::NoEntry { hint, .. }) = switched(TEXT, "greetin", false) else { panic!("it has none") };
        assert!(hint.contains("did you mean `greeting`?"), "{hint}");
        assert!(matches!(switched("", "greeting", true), Err(SwitchError::NoEntry { .. })));
        assert!(matches!(switched("[greeting", "greeting", true), Err(SwitchError::Toml(_))));
    }

    #[test]
    fn a_linked_file_stays_linked() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("real.toml"), TEXT).unwrap();
        std::os::unix::fs::symlink("real.toml", folder.path().join(FILE)).unwrap();
        assert_eq!(switch_plugin(folder.path(), "greeting", false).unwrap(), Switched::Changed);
        assert_eq!(switch_plugin(folder.path(), "greeting", false).unwrap(), Switched::WasSo);
        assert!(folder.path().join(FILE).is_symlink());
        assert!(fs::read_to_string(folder.path().join("real.toml")).unwrap().contains("enabled = false"));
    }
}
