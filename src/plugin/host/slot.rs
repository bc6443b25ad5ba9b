//! One plugin: which version of it runs, which ran before, and what stands in the way.

use std::sync::Arc;

use super::{
    cache::Digest,
    history::{History, KeptVersion},
    logbook::LogLine,
    shadow::Shadow,
    standing::{Entries, Standing, what_to_write},
    status::{PluginState, PluginStatus, ShadowStatus},
    version::{Seated, Version},
};
use crate::plugin::contract::PluginError;

/// A plugin's place, whether or not one runs in it.
pub struct Slot {
    /// The file as it was last looked at.
    pub file: String,
    /// Of the file as it was last looked at, good or bad.
    pub seen: Option<Digest>,
    /// Why that file is not what runs.
    pub file_refused: Option<String>,
    /// It is loaded as soon as there is an engine to run it in.
    pub awaits_engine: bool,
    pub history: History,
    /// Why the newest entry in `plugins.toml` is not in force.
    entry_refused: Option<String>,
    current: Option<Current>,
    /// Its second version, where the entry names one that can be run.
    pub shadow: Option<Arc<Shadow>>,
    /// Why the second version that the entry names is not run.
    pub shadow_refused: Option<String>,
    /// That is loaded as soon as there is an engine to run it in.
    pub shadow_awaits_engine: bool,
}

struct Current {
    version: Arc<Version>,
    standing: Standing,
}

impl Slot {
    pub fn new(file: String, history: History) -> Self {
        Self {
            file,
            seen: None,
            file_refused: None,
            awaits_engine: false,
            history,
            entry_refused: None,
            current: None,
            shadow: None,
            shadow_refused: None,
            shadow_awaits_engine: false,
        }
    }

    /// Whether any version could be asked, if it had its entry.
    pub fn has_version(&self) -> bool {
        self.current.is_some()
    }

    /// Whose compiled code is worth keeping: what runs, may run again, or waits for its settings.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        let running = self.current.as_ref().map(|current| current.version.digest);
        let kept = self.history.versions().iter().filter_map(KeptVersion::digest);
        let second = self.shadow.as_ref().map(|shadow| shadow.version().digest);
        running.into_iter().chain(self.seen).chain(kept).chain(second)
    }

    /// The plugin, if it is to be asked.
    pub fn seated(&self) -> Option<Seated> {
        let current = self.current.as_ref()?;
        let Standing::Seated(seat) = &current.standing else { return None };
        Some(Seated { version: current.version.clone(), seat: seat.clone() })
    }

    /// Puts a new version in the place of the one that runs.
    ///
    /// # Errors
    /// The settings in force are not for this version; the one before stays.
    pub fn install(&mut self, plugin: Version, signatures: Option<&str>, entries: &Entries) -> Result<(), PluginError> {
        let version = KeptVersion::new(&plugin.manifest.version, &plugin.digest).of_kind(&plugin.extension);
        let version = version.signed(signatures);
        self.seat(plugin, entries)?;
        self.history.installed(version);
        Ok(())
    }

    /// Lets a version run again that ran before.
    ///
    /// # Errors
    /// As for [`Self::install`].
    pub fn put_back(&mut self, plugin: Version, version: &KeptVersion, entries: &Entries) -> Result<(), PluginError> {
        self.seat(plugin, entries)?;
        self.history.runs(version);
        Ok(())
    }

    /// Lets a version run without a word in the history.
    ///
    /// # Errors
    /// As for [`Self::install`].
    pub fn seat(&mut self, plugin: Version, entries: &Entries) -> Result<(), PluginError> {
        let standing = match Standing::of(&plugin.manifest, entries) {
            Ok(standing) => {
                self.entry_refused = None;
                standing
            }
            Err(why) if self.current.is_some() => return Err(why),
            Err(why) => {
                self.entry_refused = Some(why.to_string());
                Standing::Unfit
            }
        };
        self.current = Some(Current { version: Arc::new(plugin), standing });
        Ok(())
    }

    /// Takes the newest entry into force; one that does not fit leaves that before. A changed entry is a new chance.
    pub fn reconfigure(&mut self, before: &Entries, entries: &Entries) {
        let Some(current) = &mut self.current else { return };
        let name = &current.version.manifest.name;
        match Standing::of(&current.version.manifest, entries) {
            Ok(standing) => {
                current.standing = standing;
                self.entry_refused = None;
                if before.get(name) != entries.get(name) && current.version.record.reinstate() {
                    tracing::info!(plugin = name, "its entry was changed: it is asked again");
                }
            }
            Err(why) => {
                if matches!(current.standing, Standing::Waiting | Standing::Disabled) {
                    current.standing = Standing::Unfit;
                }
                tracing::warn!(plugin = name, "plugins.toml is not in force for it: {why}");
                self.entry_refused = Some(why.to_string());
            }
        }
    }

    /// The version that runs, or could.
    pub fn version(&self) -> Option<&Arc<Version>> {
        self.current.as_ref().map(|current| &current.version)
    }

    /// Asks it again if it was set aside. `false`: it was not.
    pub fn reinstate(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.version.record.reinstate())
    }

    /// The newest lines of the version that runs.
    pub fn logs(&self, count: usize) -> Vec<LogLine> {
        self.current.as_ref().map(|current| current.version.logbook.recent(count)).unwrap_or_default()
    }

    /// Those after the line of this number.
    pub fn logs_after(&self, number: i64) -> Vec<LogLine> {
        self.current.as_ref().map(|current| current.version.logbook.after(number)).unwrap_or_default()
    }

    fn shadow_status(&self) -> Option<ShadowStatus> {
        let refused = self.shadow_refused.clone().filter(|_| !self.shadow_awaits_engine);
        match &self.shadow {
            Some(shadow) => Some(ShadowStatus {
                file: shadow.file.clone(),
                version: shadow.version().called(),
                canary: shadow.share(),
                back: shadow.back(),
                reason: refused,
            }),
            None => refused.map(|why| ShadowStatus { reason: Some(why), ..ShadowStatus::default() }),
        }
    }

    pub fn status(&self) -> PluginStatus {
        let file = &self.file;
        let mut status = PluginStatus::unknown(file);
        status.reason.clone_from(&self.file_refused);
        status.shadow = self.shadow_status();
        // One of which nothing is known yet is being compiled.
        if self.awaits_engine || self.file_refused.is_none() {
            status.state = PluginState::Preparing;
        }
        let Some(current) = &self.current else { return status };
        status.describe(&current.version.manifest, &current.version.hooks);
        let mut reasons = Vec::new();
        status.state = match &current.standing {
            Standing::Waiting => {
                reasons.push(what_to_write(&current.version.manifest));
                PluginState::Waiting
            }
            Standing::Disabled => PluginState::Disabled,
            Standing::Unfit => PluginState::Refused,
            Standing::Seated(seat) => {
                status.granted.clone_from(&seat.granted);
                status.order = seat.order;
                PluginState::Active
            }
        };
        let counts = current.version.record.counts();
        (status.calls, status.failures, status.last_failure) = (counts.calls, counts.failures, counts.last_failure);
        if let (PluginState::Active, Some(aside)) = (status.state, counts.set_aside) {
            status.state = PluginState::SetAside;
            status.set_aside_until_ms = Some(aside.until_ms);
            reasons.push(aside.why);
        }
        if let (Some(from), Some(to)) = (self.history.rolled_back_from(), self.history.running()) {
            reasons.push(format!("rolled back from {from} to {to} until the file changes"));
            status.rolled_back_from = Some(from.to_string());
        }
        status.kept_versions = self.history.others().map(ToString::to_string).collect();
        reasons.extend(self.entry_refused.iter().map(|why| format!("its entry in plugins.toml is refused: {why}")));
        let newest = if self.awaits_engine { "waits" } else { "is refused" };
        reasons.extend(self.file_refused.iter().map(|why| format!("the newest {file} {newest}: {why}")));
        status.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_not_refused_while_it_is_looked_at_for_the_first_time() {
        let mut slot = Slot::new("greeting.wasm".to_owned(), History::default());
        assert_eq!(slot.status().state, PluginState::Preparing);
        slot.file_refused = Some("it is no component".to_owned());
        assert_eq!(slot.status().state, PluginState::Refused);
    }
}
