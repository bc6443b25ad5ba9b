//! The configuration folder, for whoever edits it in a browser. The files stay the truth: what is saved is what an editor
//! would have saved.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    prepare::{prepare, prepare_edited},
    second_version::{SecondVersion, SecondVersionError},
};
use crate::{
    atomic_file,
    config::{ConfigError, Edit, Mistake, PluginsConfig, quick_phrases, with_quick_phrase, with_settings},
    http::admin::{NotSaved, QuickChange, QuickPhrase, Slip, Workshop},
    plugin::host::PluginHost,
};

const PLUGINS: &str = "plugins.toml";

/// The folder of the running daemon.
pub struct ConfigFolder {
    dir: PathBuf,
    /// Tries what is to run.
    plugins: Arc<PluginHost>,
    /// One edit at a time: it is looked at and written without another between.
    editing: Mutex<()>,
}

impl ConfigFolder {
    pub fn new(dir: &Path, plugins: Arc<PluginHost>) -> Self {
        Self { dir: dir.to_owned(), plugins, editing: Mutex::new(()) }
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.editing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, file: &str) -> PathBuf {
        // A link stays one.
        fs::canonicalize(self.dir.join(file)).unwrap_or_else(|_| self.dir.join(file))
    }

    /// `change` makes the new text of the one that is there.
    fn edit(&self, file: &str, change: impl FnOnce(&str) -> Result<String, NotSaved>) -> Result<(), NotSaved> {
        let _one_at_a_time = self.alone();
        let failed = |error: io::Error| NotSaved::Failed(format!("{file} cannot be written: {error}"));
        let text = change(&self.text(file).map_err(failed)?)?;
        let slips = self.slips(file, &text);
        if !slips.is_empty() {
            return Err(NotSaved::Slips(slips));
        }
        atomic_file::replace_durably(&self.path(file), text.as_bytes()).map_err(failed)
    }

    /// What is said of plugins now. A folder with a mistake is not taken in force, so nothing is begun that needs to be.
    fn plugins_config(&self) -> Result<PluginsConfig, NotSaved> {
        let prepared = prepare(&self.dir).map_err(|error| NotSaved::Slips(slips_of(error)))?;
        Ok(prepared.plugins)
    }
}

fn slips_of(error: ConfigError) -> Vec<Slip> {
    let slip = |mistake: Mistake| Slip {
        file: mistake.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        place: mistake.place(),
        message: mistake.words.say(&mistake.message).into_owned(),
        hint: mistake.hint.as_ref().map(|hint| mistake.words.say(hint).into_owned()),
    };
    error.mistakes.into_iter().map(slip).collect()
}

fn not_done(error: SecondVersionError) -> NotSaved {
    NotSaved::Failed(error.to_string())
}

impl Workshop for ConfigFolder {
    fn text(&self, file: &str) -> io::Result<String> {
        match fs::read_to_string(self.path(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            other => other,
        }
    }

    fn slips(&self, file: &str, text: &str) -> Vec<Slip> {
        let edit = Edit { file: file.to_owned(), text: text.into() };
        prepare_edited(&self.dir, edit).err().map(slips_of).unwrap_or_default()
    }

    fn save(&self, file: &str, was: &str, text: &str) -> Result<(), NotSaved> {
        self.edit(file, |now| if now == was { Ok(text.to_owned()) } else { Err(NotSaved::Moved) })
    }

    fn quick_phrases(&self, text: &str) -> Result<Vec<QuickPhrase>, String> {
        quick_phrases(text)
    }

    fn with_quick_phrase(&self, text: &str, change: &QuickChange) -> Result<String, String> {
        with_quick_phrase(text, change)
    }

    fn set_plugin(&self, name: &str, settings: &BTreeMap<String, Option<toml::Value>>) -> Result<(), NotSaved> {
        self.edit(PLUGINS, |now| {
            with_settings(now, name, settings).map_err(|error| NotSaved::Failed(error.to_string()))
        })
    }

    fn plugin_settings(&self, name: &str) -> toml::Table {
        let text = self.text(PLUGINS).unwrap_or_default();
        let Ok(mut all) = text.parse::<toml::Table>() else { return toml::Table::new() };
        let Some(toml::Value::Table(mut entry)) = all.remove(name) else { return toml::Table::new() };
        match entry.remove("settings") {
            Some(toml::Value::Table(settings)) => settings,
            _ => toml::Table::new(),
        }
    }

    fn switch_plugin(&self, name: &str, on: bool) -> Result<(), NotSaved> {
        let _one_at_a_time = self.alone();
        crate::config::switch_plugin(&self.dir, name, on).map(drop).map_err(|error| NotSaved::Failed(error.to_string()))
    }

    fn promote_plugin(&self, name: &str) -> Result<String, NotSaved> {
        let _one_at_a_time = self.alone();
        let config = self.plugins_config()?;
        let second = SecondVersion::of(name, &config, &self.dir).map_err(not_done)?;
        let entry = |name: &str| config.plugins.get(name).cloned();
        let promoted = second.promote(|file, bytes| self.plugins.check(file, bytes, entry));
        promoted.map(|it| it.file).map_err(not_done)
    }

    fn abort_plugin(&self, name: &str) -> Result<(), NotSaved> {
        let _one_at_a_time = self.alone();
        let config = self.plugins_config()?;
        let second = SecondVersion::of(name, &config, &self.dir).map_err(not_done)?;
        second.abort().map(drop).map_err(not_done)
    }
}
