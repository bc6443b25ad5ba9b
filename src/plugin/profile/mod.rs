//! What a plugin is and wants, told before it is let in.

mod difference;
mod language;
mod words;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::contract::{Capability, Manifest};
use crate::model::Hook;

pub use difference::{Difference, SettingChange};
pub use language::language;
pub use words::{asked_when, change_in_words, may};

/// A plugin's file, and what it says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    pub manifest: Manifest,
    pub hooks: Vec<Hook>,
    /// What it is written in, as far as the file tells.
    pub language: Option<String>,
    pub bytes: usize,
    /// Of the file.
    pub sha256: String,
}

impl Profile {
    /// Of a file of this name, with what was found in it.
    pub fn new(file: &str, bytes: &[u8], manifest: Manifest, hooks: Vec<Hook>) -> Self {
        Self {
            manifest,
            hooks,
            language: language(file, bytes),
            bytes: bytes.len(),
            sha256: hex::encode(Sha256::digest(bytes)),
        }
    }

    /// `1.2.0 (3f2a9c1b)`, since authors build more often than they count.
    pub fn version(&self) -> String {
        format!("{} ({})", self.manifest.version, self.sha256.get(..8).unwrap_or_default())
    }

    /// What it wishes for.
    pub fn wishes(&self) -> &[Capability] {
        &self.manifest.capabilities
    }
}
