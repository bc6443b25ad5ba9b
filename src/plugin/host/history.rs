//! Which versions of a plugin have run, and which of them is to run now. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cache::Digest;

/// Versions of one plugin that are kept: the newest, and those that one can go back to.
const KEPT: usize = 3;

/// The versions of one plugin, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    versions: Vec<KeptVersion>,
    /// Of the one that runs.
    running: String,
}

/// A version that can be run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptVersion {
    /// As its manifest says.
    pub version: String,
    /// Of its file, in hex.
    pub sha256: String,
    /// What kind of file it was: `wasm`, `js`, ….
    #[serde(default = "component")]
    pub extension: String,
    /// Who vouched for it, as it lay beside its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<String>,
}

fn component() -> String {
    "wasm".to_owned()
}

impl KeptVersion {
    pub fn new(version: &str, digest: &Digest) -> Self {
        Self { version: version.to_owned(), sha256: hex::encode(digest), extension: component(), signatures: None }
    }

    /// The same, of a file of this kind.
    #[must_use]
    pub fn of_kind(self, extension: &str) -> Self {
        Self { extension: extension.to_owned(), ..self }
    }

    /// The same, with the signatures beside its file.
    #[must_use]
    pub fn signed(self, signatures: Option<&str>) -> Self {
        Self { signatures: signatures.map(str::to_owned), ..self }
    }

    /// `None` where the record of it is damaged.
    pub fn digest(&self) -> Option<Digest> {
        let mut digest = Digest::default();
        hex::decode_to_slice(&self.sha256, &mut digest).ok().map(|()| digest)
    }

    fn is_called(&self, name: &str) -> bool {
        self.version == name || self.to_string() == name || (name.len() >= 8 && self.sha256.starts_with(name))
    }
}

impl fmt::Display for KeptVersion {
    /// With the beginning of its hash, since authors build more often than they count: `0.1.1 (3f2a9c1b)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.version, self.sha256.get(..8).unwrap_or_default())
    }
}

impl History {
    /// A version has taken the plugin's place and is the newest now.
    pub fn installed(&mut self, version: KeptVersion) {
        self.running.clone_from(&version.sha256);
        self.versions.retain(|kept| kept.sha256 != version.sha256);
        self.versions.insert(0, version);
        self.versions.truncate(KEPT);
    }

    /// An older version runs again.
    pub fn runs(&mut self, version: &KeptVersion) {
        self.running.clone_from(&version.sha256);
    }

    pub fn versions(&self) -> &[KeptVersion] {
        &self.versions
    }

    pub fn running(&self) -> Option<&KeptVersion> {
        self.versions.iter().find(|kept| kept.sha256 == self.running)
    }

    /// Those that a roll-back can lead to, newest first.
    pub fn others(&self) -> impl Iterator<Item = &KeptVersion> {
        self.versions.iter().filter(|kept| kept.sha256 != self.running)
    }

    /// Whether this file is the newest of the plugin's.
    pub fn newest_is(&self, digest: &Digest) -> bool {
        self.versions.first().is_some_and(|newest| newest.sha256 == hex::encode(digest))
    }

    /// The newest version, where an older one runs in its place.
    pub fn rolled_back_from(&self) -> Option<&KeptVersion> {
        self.versions.first().filter(|newest| newest.sha256 != self.running)
    }

    /// Where a roll-back leads: to the version called `to`, else to the one before that which runs; never forward
    /// unless asked by name.
    pub fn back(&self, to: Option<&str>) -> Option<&KeptVersion> {
        match to {
            Some(name) => self.others().find(|kept| kept.is_called(name)),
            None => self.versions.iter().skip_while(|kept| kept.sha256 != self.running).nth(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u8) -> KeptVersion {
        KeptVersion::new(&format!("0.1.{number}"), &[number; 32])
    }

    fn after(numbers: &[u8]) -> History {
        let mut history = History::default();
        numbers.iter().for_each(|number| history.installed(version(*number)));
        history
    }

    #[test]
    fn a_second_roll_back_goes_further_back_and_not_forward() {
        let mut history = after(&[1, 2, 3]);
        for expected in [2, 1] {
            let to = history.back(None).unwrap().clone();
            assert_eq!(to, version(expected));
            history.runs(&to);
            assert_eq!(history.rolled_back_from(), Some(&version(3)));
        }
        assert_eq!(history.back(None), None);
    }

    #[test]
    fn a_version_is_chosen_by_its_number_or_its_hash() {
        let mut history = after(&[1, 2]);
        assert_eq!(history.back(Some("0.1.1")), Some(&version(1)));
        assert_eq!(history.back(Some("01010101")), Some(&version(1)));
        assert_eq!(history.back(Some("0.1.2")), None, "it runs already");
        assert_eq!(history.back(Some("0.1.9")), None);
        history.runs(&version(1));
        assert_eq!(history.back(Some("0.1.2")), Some(&version(2)), "forward, where asked");
        history.runs(&version(2));
        assert_eq!(history.rolled_back_from(), None);
    }

    #[test]
    fn a_new_file_ends_a_roll_back_and_old_versions_make_room() {
        let mut history = after(&[1, 2]);
        history.runs(&version(1));
        history.installed(version(3));
        assert_eq!(history.rolled_back_from(), None);
        assert_eq!(history.running(), Some(&version(3)));
        history.installed(version(4));
        assert_eq!(history.versions(), [version(4), version(3), version(2)]);
        history.installed(version(3));
        assert_eq!(history.versions(), [version(3), version(4), version(2)], "an old file put back is the newest");
    }
}
