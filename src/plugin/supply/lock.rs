//! `plugins.lock`: which plugins were installed, from where, and what they wished for then.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    atomic_file,
    plugin::{contract::Capability, profile::Profile},
};

/// The file's name, in the plugins folder.
pub const LOCK: &str = "plugins.lock";
const HEAD: &str = "# Written by `nightclerk plugin install` and `remove`: what was installed, and from where.\n\n";

/// What was installed, by the plugin's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lock {
    pub plugins: BTreeMap<String, Locked>,
}

/// One plugin that was installed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// As it is called in the plugins folder.
    pub file: String,
    pub version: String,
    /// A URL, or a path on this machine.
    pub source: String,
    /// Of the file.
    pub sha256: String,
    /// What it wished for.
    pub wishes: Vec<Capability>,
}

impl Locked {
    /// Of a file that came from `source`, and is called `file` in the plugins folder.
    pub fn of(profile: &Profile, file: &str, source: String) -> Self {
        Self {
            file: file.to_owned(),
            version: profile.manifest.version.clone(),
            source,
            sha256: profile.sha256.clone(),
            wishes: profile.wishes().to_vec(),
        }
    }
}

/// Why the lock cannot be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{LOCK} cannot be {deed}: {why}")]
    File { deed: &'static str, why: io::Error },
    #[error("{LOCK} is not what `nightclerk plugin install` writes: {0}")]
    Damaged(String),
}

impl Lock {
    /// That of a plugins folder; nothing where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(dir: &Path) -> Result<Self, LockError> {
        let text = match fs::read_to_string(dir.join(LOCK)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(why) => return Err(LockError::File { deed: "read", why }),
        };
        toml::from_str(&text).map_err(|error| LockError::Damaged(error.message().to_owned()))
    }

    /// Puts it in the place of the one before, in one step.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, dir: &Path) -> Result<(), LockError> {
        let text = toml::to_string(self).map_err(|error| LockError::Damaged(error.to_string()))?;
        let write = atomic_file::replace_durably(&dir.join(LOCK), format!("{HEAD}{text}").as_bytes());
        write.map_err(|why| LockError::File { deed: "written", why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_is_written_and_no_other_file_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Lock::default());
        let locked = Locked {
            file: "hello.js".to_owned(),
            version: "1.0.0".to_owned(),
            source: "https://example.com/hello.js".to_owned(),
            sha256: "00".repeat(32),
            wishes: vec!["reply".parse().unwrap(), "http:api.example.com".parse().unwrap()],
        };
        let lock = Lock { plugins: [("hello".to_owned(), locked)].into() };
        lock.write(folder.path()).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), lock);
        fs::write(folder.path().join(LOCK), "[hello]\nfile = 3\n").unwrap();
        assert!(matches!(Lock::read(folder.path()), Err(LockError::Damaged(_))));
    }
}
