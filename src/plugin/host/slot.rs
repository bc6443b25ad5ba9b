//! One file of the plugins folder: which version of it runs, which ran before, and what stands in the way.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    PluginState, PluginStatus,
    cache::Digest,
    seat::{PluginEntry, Seat},
    version::{Seated, Version},
};
use crate::plugin::contract::{Manifest, PluginError};

pub type Entries = BTreeMap<String, PluginEntry>;

/// The file's contents last looked at, with the versions they made.
#[derive(Default)]
pub struct Slot {
    /// Of the contents last looked at, good or bad.
    pub seen: Option<Digest>,
    /// Why these contents are not what runs.
    pub file_refused: Option<String>,
    /// Why the newest entry in `plugins.toml` is not in force.
    entry_refused: Option<String>,
    current: Option<Current>,
    previous: Option<Arc<Version>>,
    rolled_back: bool,
}

struct Current {
    plugin: Arc<Version>,
    standing: Standing,
}

/// What `plugins.toml` makes of a plugin.
enum Standing {
    /// It says nothing.
    Unknown,
    Disabled,
    Seated(Arc<Seat>),
    /// It has not had a usable entry yet.
    Unfit,
}

impl Standing {
    fn of(manifest: &Arc<Manifest>, entries: &Entries) -> Result<Self, PluginError> {
        match entries.get(&manifest.name) {
            None => Ok(Self::Unknown),
            Some(entry) if !entry.enabled => Ok(Self::Disabled),
            Some(entry) => Seat::new(manifest, entry).map(|seat| Self::Seated(Arc::new(seat))),
        }
    }
}

impl Slot {
    pub fn name(&self) -> Option<&str> {
        self.current.as_ref().map(|current| current.plugin.manifest.name.as_str())
    }

    pub fn plugin(&self) -> Option<&Arc<Version>> {
        self.current.as_ref().map(|current| &current.plugin)
    }

    /// Versions that run or may run again.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.plugin().into_iter().chain(&self.previous).map(|plugin| plugin.digest)
    }

    /// The plugin, if it is to be asked.
    pub fn seated(&self) -> Option<Seated> {
        let current = self.current.as_ref()?;
        let Standing::Seated(seat) = &current.standing else { return None };
        Some(Seated { version: current.plugin.clone(), seat: seat.clone() })
    }

    /// Puts a new version in the place of the one before.
    ///
    /// # Errors
    /// The settings in force are not for this version; the one before stays.
    pub fn install(&mut self, plugin: Version, entries: &Entries) -> Result<(), PluginError> {
        let standing = match Standing::of(&plugin.manifest, entries) {
            Ok(standing) => standing,
            Err(why) if self.current.is_some() => return Err(why),
            Err(why) => {
                self.entry_refused = Some(why.to_string());
                Standing::Unfit
            }
        };
        if !matches!(standing, Standing::Unfit) {
            self.entry_refused = None;
        }
        self.previous = self
            .current
            .take()
            .map(|before| before.plugin)
            .filter(|before| before.manifest.name == plugin.manifest.name);
        self.current = Some(Current { plugin: Arc::new(plugin), standing });
        self.rolled_back = false;
        Ok(())
    }

    /// Takes the newest entry into force; one that does not fit leaves that before.
    pub fn reconfigure(&mut self, entries: &Entries) {
        let Some(current) = &mut self.current else { return };
        match Standing::of(&current.plugin.manifest, entries) {
            Ok(standing) => {
                current.standing = standing;
                self.entry_refused = None;
            }
            Err(why) => {
                if matches!(current.standing, Standing::Unknown | Standing::Disabled) {
                    current.standing = Standing::Unfit;
                }
                tracing::warn!(plugin = current.plugin.manifest.name, "plugins.toml is not in force for it: {why}");
                self.entry_refused = Some(why.to_string());
            }
        }
    }

    /// Changes places with the version that ran before.
    pub fn roll_back(&mut self, entries: &Entries) -> Result<(), PluginError> {
        let (Some(current), Some(previous)) = (&mut self.current, &mut self.previous) else {
            return Err(PluginError::NothingToRollBackTo(self.name().unwrap_or_default().to_owned()));
        };
        let standing = Standing::of(&previous.manifest, entries)?;
        previous.record.reinstate();
        std::mem::swap(&mut current.plugin, previous);
        current.standing = standing;
        self.entry_refused = None;
        self.rolled_back = !self.rolled_back;
        Ok(())
    }

    pub fn status(&self, file: &str) -> PluginStatus {
        let mut status = PluginStatus {
            name: file.strip_suffix(".wasm").unwrap_or(file).to_owned(),
            file: file.to_owned(),
            version: String::new(),
            description: String::new(),
            author: String::new(),
            hooks: Vec::new(),
            wants: Vec::new(),
            granted: Default::default(),
            order: 0,
            state: PluginState::Refused,
            reason: self.file_refused.clone(),
            calls: 0,
            failures: 0,
            last_failure: None,
        };
        let Some(current) = &self.current else { return status };
        let manifest = &current.plugin.manifest;
        let tally = current.plugin.record.tally();
        status.name.clone_from(&manifest.name);
        status.version.clone_from(&manifest.version);
        status.description.clone_from(&manifest.description);
        status.author.clone_from(&manifest.author);
        status.hooks.clone_from(&current.plugin.hooks);
        status.wants.clone_from(&manifest.capabilities);
        (status.calls, status.failures, status.last_failure) = (tally.calls, tally.failures, tally.last_failure);
        let mut reasons = Vec::new();
        status.state = match &current.standing {
            Standing::Unknown => {
                reasons.push(what_to_write(manifest));
                PluginState::Waiting
            }
            Standing::Disabled => PluginState::Disabled,
            Standing::Unfit => PluginState::Refused,
            Standing::Seated(seat) => {
                status.granted.clone_from(&seat.granted);
                status.order = seat.order;
                match tally.set_aside {
                    Some(why) => {
                        reasons.push(why);
                        PluginState::SetAside
                    }
                    None => PluginState::Active,
                }
            }
        };
        if self.rolled_back {
            reasons.push(format!("rolled back to {} until the file changes", manifest.version));
        }
        reasons.extend(self.entry_refused.iter().map(|why| format!("its entry in plugins.toml is refused: {why}")));
        reasons.extend(self.file_refused.iter().map(|why| format!("the newest {file} is refused: {why}")));
        status.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        status
    }
}

/// The entry that would let a plugin do all it wishes.
fn what_to_write(manifest: &Manifest) -> String {
    let grants: Vec<_> = manifest.capabilities.iter().map(|wish| format!("\"{wish}\"")).collect();
    format!("add [{}] to plugins.toml with grants = [{}]", manifest.name, grants.join(", "))
}
