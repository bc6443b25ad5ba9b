//! What `plugins.toml` makes of a plugin.

use std::{collections::BTreeMap, sync::Arc};

use super::seat::{PluginEntry, Seat};
use crate::plugin::contract::{Manifest, PluginError};

/// `plugins.toml`: an entry for each plugin by its name.
pub type Entries = BTreeMap<String, PluginEntry>;

pub enum Standing {
    /// There is no entry.
    Waiting,
    Disabled,
    Seated(Arc<Seat>),
    /// It has not had a usable entry yet.
    Unfit,
}

impl Standing {
    /// # Errors
    /// The entry's settings are not this version's.
    pub fn of(manifest: &Arc<Manifest>, entries: &Entries) -> Result<Self, PluginError> {
        match entries.get(&manifest.name) {
            None => Ok(Self::Waiting),
            Some(entry) if !entry.enabled => Ok(Self::Disabled),
            Some(entry) => Seat::new(manifest, entry).map(|seat| Self::Seated(Arc::new(seat))),
        }
    }
}

/// The entry that would let a plugin do all it wishes.
pub fn what_to_write(manifest: &Manifest) -> String {
    let grants: Vec<_> = manifest.capabilities.iter().map(|wish| format!("\"{wish}\"")).collect();
    format!("add [{}] to plugins.toml with grants = [{}]", manifest.name, grants.join(", "))
}
