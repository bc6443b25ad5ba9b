//! A plugin's second version, put in the place of the first or done without: for the command line and the console alike.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::prepare::second_version;
use crate::{
    config::{PluginsConfig, SwitchError, unset_in_plugin},
    plugin::{
        contract::{PluginError, extension},
        host::{CheckReport, folder, would_stand},
        profile::Profile,
        supply::{Lock, LockError, Locked, discard, put_aside, seat},
    },
    setting::Problem,
};

/// What an entry says of a second version.
const KEYS: [&str; 2] = ["shadow", "canary"];

/// The second version that a plugin's entry in `plugins.toml` names.
pub struct SecondVersion<'a> {
    config_dir: &'a Path,
    config: &'a PluginsConfig,
    plugin: &'a str,
    file: &'a str,
}

/// What is in place now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promoted {
    pub file: String,
    pub version: String,
}

/// Why a second version is not put in place or done without. Unless it says otherwise, everything is as it was.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SecondVersionError {
    #[error("plugins.toml names no second version of {plugin}")]
    #[diagnostic(help("write `shadow = \"{plugin}-next.js\"` under [{plugin}]"))]
    None { plugin: String },
    #[error("{message}")]
    Unfit {
        message: String,
        #[help]
        hint: Option<String>,
    },
    #[error("{} is not put in place: {why}", path.display())]
    Refused { path: PathBuf, why: PluginError },
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("{} cannot be written: {why}", path.display())]
    NotWritten { path: PathBuf, why: io::Error },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Entry(#[from] SwitchError),
    #[error("{} cannot be removed: {why}", path.display())]
    NotRemoved { path: PathBuf, why: io::Error },
    /// What was begun could not be ended.
    #[error("{file} is in place, but {why}")]
    InPlace { file: String, why: Box<SecondVersionError> },
    #[error("{plugin} goes on without its second version, but {} cannot be moved: {why}", path.display())]
    NotMoved { plugin: String, path: PathBuf, why: io::Error },
}

impl<'a> SecondVersion<'a> {
    /// # Errors
    /// The plugin's entry names none, or a file that cannot be one.
    pub fn of(plugin: &'a str, config: &'a PluginsConfig, config_dir: &'a Path) -> Result<Self, SecondVersionError> {
        let entry = config.plugins.get(plugin);
        // The file is moved and deleted: a name that leads elsewhere, or to the first version, would cost another's file.
        if let Some(Problem { message, hint, .. }) = entry.and_then(|entry| second_version(plugin, entry)) {
            return Err(SecondVersionError::Unfit { message, hint });
        }
        let file = entry.and_then(|entry| entry.shadow.as_deref());
        let file = file.ok_or_else(|| SecondVersionError::None { plugin: plugin.to_owned() })?;
        Ok(Self { config_dir, config, plugin, file })
    }

    /// Its file's name in the plugins folder.
    pub fn file(&self) -> &str {
        self.file
    }

    /// Puts it in the place of the first version once it is vouched for and tried. `check` does with a file what loading does.
    ///
    /// # Errors
    /// It would be refused there, or the folder cannot be written to.
    pub fn promote(
        &self,
        check: impl FnOnce(&str, &[u8]) -> Result<CheckReport, PluginError>,
    ) -> Result<Promoted, SecondVersionError> {
        let path = self.path();
        let refused = |why| SecondVersionError::Refused { path: path.clone(), why };
        let bytes = folder::read_there(&path).map_err(refused)?;
        let signatures = folder::signatures(&path);
        let file = format!("{}.{}", self.plugin, extension(self.file));
        let (entries, trust) = (&self.config.plugins, self.config.trust());
        let stands = would_stand(&file, &bytes, signatures.as_deref(), entries, &trust, check);
        let (report, _) = stands.map_err(refused)?;
        // A lock that cannot be read is not written over.
        let lock = Lock::read(&self.config.dir)?;
        let put = seat(&self.config.dir, self.plugin, &file, &bytes, signatures.as_deref());
        put.map_err(|why| SecondVersionError::NotWritten { path: self.config.dir.join(&file), why })?;
        let version = report.version.clone();
        let profile = Profile::new(&file, &bytes, (*report.manifest).clone(), report.hooks);
        match self.note_in_place(lock, &profile, &file) {
            Ok(()) => Ok(Promoted { file, version }),
            Err(why) => Err(SecondVersionError::InPlace { file, why: Box::new(why) }),
        }
    }

    /// Runs it no more; where its file lies then, if there was one.
    ///
    /// # Errors
    /// A folder cannot be written to.
    pub fn abort(&self) -> Result<Option<PathBuf>, SecondVersionError> {
        unset_in_plugin(self.config_dir, self.plugin, &KEYS)?;
        let path = self.path();
        if !path.exists() {
            return Ok(None);
        }
        let aside = put_aside(&self.config.dir, self.file);
        aside.map(Some).map_err(|why| SecondVersionError::NotMoved { plugin: self.plugin.to_owned(), path, why })
    }

    /// Writes down that it is the first version now, and no second one.
    fn note_in_place(&self, mut lock: Lock, profile: &Profile, file: &str) -> Result<(), SecondVersionError> {
        if let Some(locked) = lock.plugins.get_mut(self.plugin) {
            *locked = Locked::of(profile, file, std::mem::take(&mut locked.source));
            lock.write(&self.config.dir)?;
        }
        unset_in_plugin(self.config_dir, self.plugin, &KEYS)?;
        let discarded = discard(&self.config.dir, self.file);
        discarded.map_err(|why| SecondVersionError::NotRemoved { path: self.path(), why })
    }

    fn path(&self) -> PathBuf {
        self.config.dir.join(self.file)
    }
}
