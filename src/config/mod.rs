//! Typed settings, read from the files of one folder.
//!
//! A folder is read whole: either every file is right and a `Config` comes out, or nothing does and
//! `ConfigError` shows each mistake with file, line, column and what to do about it.

mod answers;
mod channels;
mod daemon;
mod forgiving;
mod look;
mod mistake;
mod plugins;
mod quick;
mod ranges;
mod redact;
pub mod reference;
pub mod schema;
mod slips;
mod source;
mod switch;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::de::DeserializeOwned;

pub use channels::ChannelEntry;
pub use daemon::{AlertsConfig, DaemonConfig, LogConfig, LogFormat, PublicUrl, ServerConfig};
pub use look::{Contents, Look, Loss, config_files, folders};
pub use mistake::{ConfigError, Mistake};
pub use plugins::PluginsConfig;
pub use quick::{quick_phrases, with_quick_phrase};
pub use source::{Edit, words_of};
pub use switch::{SwitchError, Switched, switch_plugin, unset_in_plugin, with_settings};
pub use watch::EditWatch;

use crate::{
    engine::{IntentFile, Playbook, PlaybookSettings, RulesSettings},
    setting::{Problem, Words},
};
use source::Folder;

/// The folder of the owner's own sentences.
const INTENTS: &str = "intents";
/// The files that are read.
const FILES: [&str; 10] = [
    "nightclerk.toml",
    "store.toml",
    "hours.toml",
    "channels.toml",
    "rules.toml",
    "phrases.toml",
    "catalogue.toml",
    "orders.toml",
    "contacts.toml",
    "plugins.toml",
];

/// Everything the daemon is told.
pub struct Config {
    /// `nightclerk.toml`.
    pub daemon: DaemonConfig,
    /// Where the store and the caches live.
    pub data_dir: PathBuf,
    pub plugins: PluginsConfig,
    pub channels: Vec<ChannelEntry>,
    pub playbook: Playbook,
}

impl Config {
    /// Reads the folder `dir`, each file for itself; `daemon::prepare` also holds the files against each other.
    ///
    /// # Errors
    /// All mistakes in all files, or that the folder cannot be read.
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        Reading::of(dir)?.finish()
    }
}

/// A folder whose files are read, and may still be found to contradict each other.
pub struct Reading {
    folder: Folder,
    /// How the files looked before they were read: whatever looks otherwise since may not be in it.
    pub seen: Look,
    pub daemon: DaemonConfig,
    pub data_dir: PathBuf,
    pub plugins: PluginsConfig,
    pub channels: Vec<ChannelEntry>,
    pub playbook: PlaybookSettings,
}

impl Reading {
    /// Reads the files of `dir`. One that is absent, or has a mistake, stands in with its defaults.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn of(dir: &Path) -> Result<Self, ConfigError> {
        Self::edited(dir, None)
    }

    /// The same as it would be with one file edited.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn edited(dir: &Path, edit: Option<Edit>) -> Result<Self, ConfigError> {
        let seen = Look::at(config_files(dir));
        let mut folder = Folder::open(dir)?.edited(edit);
        folder.misnamed(&FILES);
        let daemon = DaemonConfig::read(&mut folder);
        let channels = channels::read(&mut folder);
        let plugins = plugins::read(&mut folder);
        let playbook = PlaybookSettings {
            store: folder.read("store.toml"),
            hours: folder.read("hours.toml"),
            rules: RulesSettings { answers: answers::read(&mut folder), ..folder.read("rules.toml") },
            phrases: folder.read("phrases.toml"),
            catalogue: folder.read("catalogue.toml"),
            orders: folder.read("orders.toml"),
            contacts: folder.read("contacts.toml"),
            intents: read_intents(&mut folder),
        };
        for file in FILES {
            let problems = folder.text_of(file).map(|text| ranges::out_of_range(file, text));
            folder.report(problems.unwrap_or_default());
        }
        folder.report(daemon.contradictions());
        Ok(Self {
            data_dir: dir.join(&daemon.data.dir),
            plugins: PluginsConfig::new(dir, &daemon.plugins, plugins),
            folder,
            seen,
            daemon,
            channels,
            playbook,
        })
    }

    /// Whether nothing wrong was found in a file so far, so that what it says can be held against others.
    pub fn is_sound(&self, file: &str) -> bool {
        self.folder.is_sound(file)
    }

    /// The language in which mistakes are told.
    pub fn words(&self) -> Words {
        self.folder.words
    }

    /// Notes problems found between the files.
    pub fn report(&mut self, problems: Vec<Problem>) {
        self.folder.report(problems);
    }

    /// Where the store and the caches live, whatever is wrong in other files.
    ///
    /// # Errors
    /// The mistakes of the file that says it.
    pub fn where_data_lies(self) -> Result<PathBuf, ConfigError> {
        if !self.is_sound(daemon::FILE) {
            self.folder.finish()?;
        }
        Ok(self.data_dir)
    }

    /// Compiles what is to be compiled.
    ///
    /// # Errors
    /// All mistakes found.
    pub fn finish(mut self) -> Result<Config, ConfigError> {
        let playbook = Playbook::compile(self.playbook).map_err(|problems| self.folder.report(problems)).ok();
        self.folder.finish()?;
        let playbook = playbook.ok_or_else(ConfigError::default)?;
        let Self { daemon, data_dir, plugins, channels, .. } = self;
        Ok(Config { daemon, data_dir, plugins, channels, playbook })
    }
}

/// Reads a file that is none of the configuration's, such as a scenario, and shows its mistakes as theirs are shown. `held`
/// holds what it says, under the file's name, against what it must agree with. Its text comes with it.
///
/// # Errors
/// All mistakes in it.
pub fn read_other<T: DeserializeOwned + Default>(
    path: &Path,
    words: Words,
    held: impl FnOnce(&str, &T) -> Vec<Problem>,
) -> Result<(T, Arc<str>), ConfigError> {
    let dir = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut folder = Folder::of_others(dir, words);
    if !path.exists() {
        folder.add(name.clone(), None, "there is no such file".to_owned(), None);
    }
    let value: T = folder.read(name.clone());
    folder.report(held(&name, &value));
    let text = folder.text(name);
    folder.finish()?;
    Ok((value, text))
}

/// The owner's own sentences: `intents/<id>.toml`.
fn read_intents(folder: &mut Folder) -> Vec<IntentFile> {
    let names = folder.files_in(INTENTS);
    let read = |name: String| {
        let file = format!("{INTENTS}/{name}");
        let settings = folder.read(file.clone());
        IntentFile { id: name.trim_end_matches(".toml").to_owned(), file, settings }
    };
    names.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests;
