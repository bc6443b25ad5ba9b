//! From files to plugins: what is loaded, refused, removed and rolled back. One file at a time; calls go on meanwhile.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, MutexGuard, PoisonError},
};

use super::{
    PluginHost, Registry,
    cache::{self, Digest},
    folder,
    history::{History, KeptVersion},
    loader::CheckReport,
    roster::Roster,
    seat::PluginEntry,
    slot::Slot,
    status::{PluginState, RolledBack},
    version::Version,
};
use crate::plugin::contract::{PluginError, files_of, plugin_name};

/// A plugin's file.
struct Found {
    /// As it is called.
    file: String,
    bytes: Cow<'static, [u8]>,
    /// Who vouches for it, as it lies beside the file.
    signatures: Option<String>,
}

impl PluginHost {
    /// Looks at every file there is or was.
    pub fn refresh_all(&self) {
        let mut names: Vec<String> = self.registry().slots.keys().cloned().collect();
        match folder::plugin_files(&self.dir) {
            Ok(found) => {
                let plugins = found.iter().filter(|file| self.shadowed_by(file).is_none());
                names.extend(plugins.map(|file| plugin_name(file).to_owned()));
            }
            Err(error) => tracing::warn!(%error, dir = %self.dir.display(), "the plugins folder cannot be read"),
        }
        names.extend(self.embedded.iter().map(|(file, _)| plugin_name(file).to_owned()));
        names.sort_unstable();
        names.dedup();
        names.iter().for_each(|name| self.look_at(name));
        self.look_at_shadows();
        self.prune_cache();
    }

    /// Looks at the files of the plugins that `plugins.toml` lets do something.
    pub(super) fn load_enabled(&self) {
        let enabled: Vec<String> = {
            let registry = self.registry();
            let entries = registry.entries.iter().filter(|(_, entry)| entry.enabled);
            entries.map(|(name, _)| name.clone()).collect()
        };
        enabled.iter().for_each(|name| self.look_at(name));
    }

    /// Looks at one file now, whether it is watched or not, with all that it waits for.
    pub fn look_again(&self, file: &str) {
        self.refresh(file);
        self.finish_awaiting();
    }

    /// Compiles the script engine where a script waits for it, and loads that.
    pub(super) fn finish_awaiting(&self) {
        if self.registry().slots.values().any(|slot| slot.awaits_engine) {
            if let Err(error) = self.loader.make_script_engine() {
                tracing::warn!(%error, "scripts cannot be run");
            }
            self.retry_awaiting();
        }
    }

    /// Looks at one file: loads it if it is new or changed, unloads it if it is gone.
    pub(super) fn refresh(&self, file: &str) {
        match self.shadowed_by(file) {
            Some(name) => self.look_at_shadow(&name),
            None => self.look_at(plugin_name(file)),
        }
        self.prune_cache();
    }

    /// Looks again at files that were refused: the reason may have lain in the entry.
    pub(super) fn retry_refused(&self) {
        let mut refused = Vec::new();
        for (name, slot) in &mut self.registry().slots {
            if slot.file_refused.is_some() {
                slot.seen = None;
                refused.push(name.clone());
            }
        }
        refused.iter().for_each(|name| self.look_at(name));
    }

    /// Looks again at scripts that waited for their engine.
    pub(super) fn retry_awaiting(&self) {
        let mut awaiting = Vec::new();
        for (name, slot) in &mut self.registry().slots {
            if slot.awaits_engine {
                slot.seen = None;
                awaiting.push(name.clone());
            }
        }
        awaiting.iter().for_each(|name| self.look_at(name));
        self.retry_awaiting_shadows();
    }

    /// Runs a version that ran before, until the file changes: the one before that which runs, or the one called
    /// `to`, by its version or the beginning of its hash. A restart does not end it.
    ///
    /// # Errors
    /// There is no such plugin or version, or it does not do with the entry in force; what runs goes on.
    pub fn roll_back(&self, name: &str, to: Option<&str>) -> Result<RolledBack, PluginError> {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, target) = {
            let registry = self.registry();
            let slot = registry.slots.get(name).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
            let found = slot.history.running().zip(slot.history.back(to));
            let (from, target) = found.ok_or_else(|| nowhere_to_go(name, to, slot.history.versions()))?;
            (from.clone(), target.clone())
        };
        let plugin = self.load_kept(name, &target)?;
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        let slot = slots.get_mut(name).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
        slot.put_back(plugin, &target, entries)?;
        let history = slot.history.clone();
        self.publish(registry);
        self.archive_version(name, &history, None);
        self.follow_with_shadow(name);
        tracing::info!(plugin = name, %from, to = %target, "rolled back");
        Ok(RolledBack::new(&from, &target))
    }

    fn look_at(&self, name: &str) {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match self.contents(name) {
            Ok(None) => return self.remove(name),
            Ok(Some(found)) => match self.check_trust(name, &found.bytes, found.signatures.as_deref()) {
                Ok(()) => {
                    let digest = cache::digest(&found.bytes);
                    if !self.is_news(name, &found.file, digest) {
                        return;
                    }
                    self.take(name, &found, &digest)
                }
                Err(why) => {
                    self.add_slot(name, &found.file);
                    self.run_what_ran_before(name);
                    Err(why)
                }
            },
            Err(error) => {
                let file = format!("{name}.wasm");
                self.add_slot(name, files_of(&self.dir, name).first().unwrap_or(&file));
                self.run_what_ran_before(name);
                Err(error)
            }
        };
        self.conclude(name, outcome);
        self.follow_with_shadow(name);
    }

    /// The version in place may be another one now, with which its second one is compared.
    fn follow_with_shadow(&self, name: &str) {
        let is_due = {
            let registry = self.registry();
            let wants = registry.entries.get(name).is_some_and(|entry| entry.shadow.is_some());
            wants && self.is_loaded()
        };
        if is_due {
            self.look_at_shadow_alone(name);
        }
    }

    /// The folder's file, else the embedded component of its name, and what it is called.
    fn contents(&self, name: &str) -> Result<Option<Found>, PluginError> {
        let files = files_of(&self.dir, name);
        if files.len() > 1 {
            return Err(PluginError::Twice(files));
        }
        if let Some(file) = files.into_iter().next()
            && let path = self.dir.join(&file)
            && let Some(bytes) = folder::read(&path)?
        {
            return Ok(Some(Found { file, bytes: Cow::Owned(bytes), signatures: folder::signatures(&path) }));
        }
        let found =
            |(file, bytes): (&str, _)| Found { file: file.to_owned(), bytes: Cow::Borrowed(bytes), signatures: None };
        Ok(self.embedded(name).map(found))
    }

    /// Whether somebody trusted vouches for a file. What comes with the clerk is as good as the clerk.
    fn check_trust(&self, name: &str, bytes: &[u8], signatures: Option<&str>) -> Result<(), PluginError> {
        match self.embedded(name) {
            Some((_, own)) if own == bytes => Ok(()),
            _ => self.trust.check(name, bytes, signatures),
        }
    }

    fn embedded(&self, name: &str) -> Option<(&'static str, &'static [u8])> {
        self.embedded.iter().copied().find(|(file, _)| plugin_name(file) == name)
    }

    fn remove(&self, name: &str) {
        let mut registry = self.registry();
        if let Some(slot) = registry.slots.remove(name) {
            self.publish(registry);
            tracing::info!(file = slot.file, "the plugin was removed");
        }
    }

    /// Whether the file's contents are others than when it was last looked at.
    fn is_news(&self, name: &str, file: &str, digest: Digest) -> bool {
        self.add_slot(name, file);
        let mut registry = self.registry();
        let Some(slot) = registry.slots.get_mut(name) else { return false };
        let is_same_file = slot.file == file;
        file.clone_into(&mut slot.file);
        slot.seen.replace(digest) != Some(digest) || !is_same_file
    }

    fn add_slot(&self, name: &str, file: &str) {
        let slot = || {
            Slot::new(file.to_owned(), self.archive.as_ref().map(|archive| archive.history(name)).unwrap_or_default())
        };
        self.registry().slots.entry(name.to_owned()).or_insert_with(slot);
    }

    /// Makes these contents what runs, or says why not.
    fn take(&self, name: &str, found: &Found, digest: &Digest) -> Result<(), PluginError> {
        let Found { file, bytes, signatures } = found;
        if let Some(version) = self.rolled_back_to(name, digest) {
            match self.run_again(name, &version) {
                Ok(()) => return Ok(()),
                Err(why) => tracing::error!(file, "the roll-back to {version} is over: {why}"),
            }
        }
        let plugin = match self.load(file, bytes) {
            Ok(plugin) => plugin,
            Err(why) => {
                self.run_what_ran_before(name);
                return Err(why);
            }
        };
        let history = {
            let mut registry = self.registry();
            let Registry { entries, slots } = &mut *registry;
            let Some(slot) = slots.get_mut(name) else { return Ok(()) };
            slot.install(plugin, signatures.as_deref(), entries)?;
            let history = slot.history.clone();
            self.publish(registry);
            history
        };
        self.archive_version(name, &history, Some(bytes));
        Ok(())
    }

    fn archive_version(&self, name: &str, history: &History, newest: Option<&[u8]>) {
        if let Some(archive) = &self.archive {
            archive.keep(name, history, newest);
        }
    }

    fn kept_bytes(&self, name: &str, version: &KeptVersion) -> Result<Vec<u8>, PluginError> {
        let archive = self.archive.as_ref().ok_or_else(|| PluginError::NothingToRollBackTo(name.to_owned()))?;
        archive.bytes(name, version)
    }

    /// The version that a roll-back from just these contents, before a restart, led to.
    fn rolled_back_to(&self, name: &str, digest: &Digest) -> Option<KeptVersion> {
        let registry = self.registry();
        let slot = registry.slots.get(name).filter(|slot| !slot.has_version() && slot.history.newest_is(digest))?;
        slot.history.rolled_back_from()?;
        slot.history.running().cloned()
    }

    /// After a restart a bad file leaves the old version running, as it does without one; where none ran yet, the
    /// embedded one.
    fn run_what_ran_before(&self, name: &str) {
        let before = {
            let registry = self.registry();
            let slot = registry.slots.get(name).filter(|slot| !slot.has_version());
            slot.and_then(|slot| slot.history.running().cloned())
        };
        let ran = before.map(|version| self.run_again(name, &version));
        if let Some(Err(why)) = &ran {
            tracing::warn!(plugin = name, "{why}");
        }
        if !matches!(ran, Some(Ok(())))
            && !self.has_version(name)
            && let Some((file, bytes)) = self.embedded(name)
        {
            let done = self.load(file, bytes).and_then(|version| self.seat(name, version));
            if let Err(why) = done {
                tracing::warn!(file, "the embedded one: {why}");
            }
        }
    }

    fn has_version(&self, name: &str) -> bool {
        self.registry().slots.get(name).is_some_and(Slot::has_version)
    }

    /// Lets an embedded version run; the files kept for a roll-back are others.
    fn seat(&self, name: &str, version: Version) -> Result<(), PluginError> {
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        slots.get_mut(name).map_or(Ok(()), |slot| slot.seat(version, entries))
    }

    fn run_again(&self, name: &str, version: &KeptVersion) -> Result<(), PluginError> {
        let plugin = self.load_kept(name, version)?;
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        let Some(slot) = slots.get_mut(name) else { return Ok(()) };
        slot.put_back(plugin, version, entries)
    }

    /// A version that ran before, if it is still trusted.
    fn load_kept(&self, name: &str, version: &KeptVersion) -> Result<Version, PluginError> {
        let bytes = self.kept_bytes(name, version)?;
        self.check_trust(name, &bytes, version.signatures.as_deref())?;
        self.load(&format!("{name}.{}", version.extension), &bytes)
    }

    /// A version of the plugin, of its file's bytes. Nothing a file can hold stops the daemon or the watcher.
    pub(super) fn load(&self, file: &str, bytes: &[u8]) -> Result<Version, PluginError> {
        let entry = |name: &str| self.registry().entries.get(name).cloned();
        catch_unwind(AssertUnwindSafe(|| self.loader.load(file, bytes, entry))).unwrap_or(Err(PluginError::Panicked))
    }

    /// Does with a file of this name and these bytes all that loading does, and leaves what runs alone.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn check(
        &self,
        file: &str,
        bytes: &[u8],
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<CheckReport, PluginError> {
        catch_unwind(AssertUnwindSafe(|| self.loader.check(file, bytes, entry))).unwrap_or(Err(PluginError::Panicked))
    }

    /// Notes what came of a file, and says it.
    fn conclude(&self, name: &str, outcome: Result<(), PluginError>) {
        let mut registry = self.registry();
        let Some(slot) = registry.slots.get_mut(name) else { return };
        slot.awaits_engine = matches!(outcome, Err(PluginError::EngineAwaited));
        if slot.awaits_engine {
            self.engine_wanted.give();
        }
        if let Err(why) = &outcome
            && (why.is_of_trust() || matches!(why, PluginError::Twice(_) | PluginError::Io(_)))
        {
            // Whatever is there next is worth a look, also what was there before.
            slot.seen = None;
        }
        slot.file_refused = outcome.err().map(|error| error.to_string());
        let (file, status) = (slot.file.clone(), slot.status());
        let (plugin, version, state) = (&status.name, &status.version, status.state);
        match (&slot.file_refused, state, &status.reason) {
            (Some(why), ..) if slot.awaits_engine => tracing::info!(file, "{file} waits: {why}"),
            (Some(why), ..) => tracing::warn!(file, "{file} is refused: {why}"),
            (None, PluginState::Refused, Some(why)) => tracing::warn!(plugin, version, "{why}"),
            (None, _, Some(why)) => tracing::info!(plugin, version, %state, "loaded: {why}"),
            (None, _, None) => tracing::info!(plugin, version, %state, "loaded"),
        }
        self.publish(registry);
    }

    pub(super) fn publish(&self, registry: MutexGuard<'_, Registry>) {
        self.roster.store(Arc::new(Roster::of(&registry.slots)));
        self.changed.ring();
    }

    /// Drops compiled code of versions that neither run nor can be gone back to.
    fn prune_cache(&self) {
        if self.archive.is_none() {
            return;
        }
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: Vec<Digest> = self.registry().slots.values().flat_map(Slot::digests).collect();
        self.loader.keep_only(&kept);
    }
}

fn nowhere_to_go(name: &str, to: Option<&str>, kept: &[KeptVersion]) -> PluginError {
    match to {
        None => PluginError::NothingToRollBackTo(name.to_owned()),
        Some(wanted) => PluginError::NoSuchVersion {
            name: name.to_owned(),
            wanted: wanted.to_owned(),
            kept: kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        },
    }
}
