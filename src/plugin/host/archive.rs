//! The files of versions that have run, so that one can go back to them whatever became of the plugins folder, also
//! after a restart.
//!
//! For each plugin a folder with `history.json` and a `<sha256>.wasm`, or `.js` and so on, for each version it names. A version's file is
//! written before the history that names it, and removed after the one that does not.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    cache,
    history::{History, KeptVersion},
};
use crate::{atomic_file, plugin::contract::PluginError};

const HISTORY: &str = "history.json";

pub struct Archive {
    dir: PathBuf,
}

impl Archive {
    /// Opens the folder, which only this user may enter; made where it is missing.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned() })
    }

    /// What is known of the plugin's versions; nothing where that cannot be read, which the log says.
    pub fn history(&self, name: &str) -> History {
        let path = self.dir.join(name).join(HISTORY);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return History::default(),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the versions of a plugin cannot be read");
                return History::default();
            }
        };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, path = %path.display(), "the versions of a plugin cannot be read");
            History::default()
        })
    }

    /// Keeps the history, and the bytes of the version that is new in it. What has no place in it any more is
    /// dropped. Where that fails the plugin runs all the same; the log says it.
    pub fn keep(&self, name: &str, history: &History, newest: Option<&[u8]>) {
        let folder = self.dir.join(name);
        let write = || -> io::Result<()> {
            atomic_file::make_folder(&folder)?;
            if let (Some(bytes), Some(version)) = (newest, history.versions().first()) {
                let path = version_file(&folder, version);
                if !path.exists() {
                    atomic_file::replace_durably(&path, bytes)?;
                }
            }
            // A start that changes nothing waits for no disk.
            let (path, text) = (folder.join(HISTORY), serde_json::to_vec(history)?);
            if fs::read(&path).is_ok_and(|old| old == text) {
                return Ok(());
            }
            atomic_file::replace_durably(&path, &text)
        };
        match write() {
            Ok(()) => drop_others(&folder, history),
            Err(error) => tracing::warn!(
                %error,
                plugin = name,
                folder = %folder.display(),
                "this version is not kept: there may be nothing to roll back to later"
            ),
        }
    }

    /// A version's file as it was.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn bytes(&self, name: &str, version: &KeptVersion) -> Result<Vec<u8>, PluginError> {
        let path = version_file(&self.dir.join(name), version);
        let lost =
            |why: String| PluginError::Io(format!("version {version} cannot be run again: {}: {why}", path.display()));
        let bytes = fs::read(&path).map_err(|error| lost(error.to_string()))?;
        if hex::encode(cache::digest(&bytes)) == version.sha256 {
            Ok(bytes)
        } else {
            Err(lost("it was changed or damaged".to_owned()))
        }
    }

    /// Forgets plugins that are not there any more.
    pub fn keep_only(&self, names: &[impl AsRef<str>]) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_none_or(|name| !names.iter().any(|kept| kept.as_ref() == name)) {
                // What stays lies there unused, as before.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// The file of the version that ran last, as it would be called in the plugins folder, for who only looks; `None` where none
/// is kept.
pub fn ran_last(dir: &Path, name: &str) -> Option<(String, Vec<u8>)> {
    let archive = Archive { dir: dir.to_owned() };
    let history = archive.history(name);
    let version = history.running()?;
    let bytes = archive.bytes(name, version).ok()?;
    Some((format!("{name}.{}", version.extension), bytes))
}

fn version_file(folder: &Path, version: &KeptVersion) -> PathBuf {
    folder.join(format!("{}.{}", version.sha256, version.extension))
}

fn drop_others(folder: &Path, history: &History) {
    let kept: Vec<_> = history.versions().iter().map(|version| version_file(folder, version)).collect();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() != HISTORY && !kept.contains(&path) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_version_is_not_run_again() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let mut history = History::default();
        for (number, bytes) in [("1", b"one"), ("2", b"two")] {
            history.installed(KeptVersion::new(number, &cache::digest(bytes)));
            archive.keep("greeting", &history, Some(bytes));
        }
        assert_eq!(archive.history("greeting"), history);
        let one = history.back(None).unwrap();
        assert_eq!(archive.bytes("greeting", one).unwrap(), b"one");
        fs::write(version_file(&folder.path().join("greeting"), one), b"0ne").unwrap();
        let refusal = archive.bytes("greeting", one).unwrap_err().to_string();
        assert!(refusal.starts_with("version 1 (") && refusal.contains("changed or damaged"), "{refusal}");
    }

    #[test]
    fn only_versions_that_can_be_gone_back_to_take_room() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let mut history = History::default();
        for number in 0..9_u8 {
            history.installed(KeptVersion::new("1", &cache::digest(&[number])));
            archive.keep("greeting", &history, Some(&[number]));
        }
        let files = fs::read_dir(folder.path().join("greeting")).unwrap().count();
        assert_eq!(files, history.versions().len() + 1);
        archive.keep_only(&["other"]);
        assert_eq!(archive.history("greeting"), History::default());
    }
}
