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
    history::KeptVersion,
    roster::Roster,
    slot::Slot,
    status::{PluginState, RolledBack},
    version::Version,
};
use crate::plugin::contract::{PluginError, manifest};

impl PluginHost {
    /// Looks at every file there is or was.
    pub fn refresh_all(&self) {
        let mut files: Vec<String> = self.registry().slots.keys().cloned().collect();
        match folder::plugin_files(&self.dir) {
            Ok(found) => files.extend(found),
            Err(error) => tracing::warn!(%error, dir = %self.dir.display(), "the plugins folder cannot be read"),
        }
        files.extend(self.embedded.iter().map(|(file, _)| (*file).to_owned()));
        files.sort_unstable();
        files.dedup();
        files.iter().for_each(|file| self.look_at(file));
        self.prune_cache();
    }

    /// Looks at the files of the plugins that `plugins.toml` lets do something.
    pub(super) fn load_enabled(&self) {
        let enabled: Vec<String> = {
            let registry = self.registry();
            let entries = registry.entries.iter().filter(|(_, entry)| entry.enabled);
            entries.map(|(name, _)| format!("{name}.wasm")).collect()
        };
        enabled.iter().for_each(|file| self.look_at(file));
    }

    /// Looks at one file: loads it if it is new or changed, unloads it if it is gone.
    pub(super) fn refresh(&self, file: &str) {
        self.look_at(file);
        self.prune_cache();
    }

    /// Looks again at files that were refused: the reason may have lain in the entry.
    pub(super) fn retry_refused(&self) {
        let mut refused = Vec::new();
        for (file, slot) in &mut self.registry().slots {
            if slot.file_refused.is_some() {
                slot.seen = None;
                refused.push(file.clone());
            }
        }
        refused.iter().for_each(|file| self.look_at(file));
    }

    /// Runs a version that ran before, until the file changes: the one before that which runs, or the one called
    /// `to`, by its version or the beginning of its hash. A restart does not end it.
    ///
    /// # Errors
    /// There is no such plugin or version, or it does not do with the entry in force; what runs goes on.
    pub fn roll_back(&self, name: &str, to: Option<&str>) -> Result<RolledBack, PluginError> {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let file = format!("{name}.wasm");
        let (from, target) = {
            let registry = self.registry();
            let slot = registry.slots.get(&file).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
            let found = slot.history.running().zip(slot.history.back(to));
            let (from, target) = found.ok_or_else(|| nowhere_to_go(name, to, slot.history.versions()))?;
            (from.clone(), target.clone())
        };
        let bytes = self.archive.bytes(name, &target)?;
        let plugin = self.load(&file, &bytes)?;
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        let slot = slots.get_mut(&file).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
        slot.put_back(plugin, &target, entries)?;
        let history = slot.history.clone();
        self.publish(registry);
        self.archive.keep(name, &history, None);
        tracing::info!(plugin = name, %from, to = %target, "rolled back");
        Ok(RolledBack::new(&from, &target))
    }

    fn look_at(&self, file: &str) {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = match self.contents(file) {
            Ok(None) => return self.remove(file),
            Ok(Some(bytes)) => {
                let digest = cache::digest(&bytes);
                if !self.is_news(file, digest) {
                    return;
                }
                self.take(file, &bytes, &digest)
            }
            Err(error) => {
                self.add_slot(file);
                self.run_what_ran_before(file);
                Err(error)
            }
        };
        self.conclude(file, outcome);
    }

    /// The folder's file, else the embedded component of its name.
    fn contents(&self, file: &str) -> Result<Option<Cow<'static, [u8]>>, PluginError> {
        let lying = folder::read(&self.dir.join(file))?.map(Cow::Owned);
        Ok(lying.or_else(|| self.embedded(file).map(Cow::Borrowed)))
    }

    fn embedded(&self, file: &str) -> Option<&'static [u8]> {
        self.embedded.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes)
    }

    fn remove(&self, file: &str) {
        let mut registry = self.registry();
        if registry.slots.remove(file).is_some() {
            self.publish(registry);
            tracing::info!(file, "the plugin was removed");
        }
    }

    /// Whether the file's contents are others than when it was last looked at.
    fn is_news(&self, file: &str, digest: Digest) -> bool {
        self.add_slot(file);
        let mut registry = self.registry();
        registry.slots.get_mut(file).is_some_and(|slot| slot.seen.replace(digest) != Some(digest))
    }

    fn add_slot(&self, file: &str) {
        let slot = || Slot::new(self.archive.history(folder::name_of(file)));
        self.registry().slots.entry(file.to_owned()).or_insert_with(slot);
    }

    /// Makes these contents what runs, or says why not.
    fn take(&self, file: &str, bytes: &[u8], digest: &Digest) -> Result<(), PluginError> {
        if let Some(version) = self.rolled_back_to(file, digest) {
            match self.run_again(file, &version) {
                Ok(()) => return Ok(()),
                Err(why) => tracing::error!(file, "the roll-back to {version} is over: {why}"),
            }
        }
        let plugin = match self.load(file, bytes) {
            Ok(plugin) => plugin,
            Err(why) => {
                self.run_what_ran_before(file);
                return Err(why);
            }
        };
        let history = {
            let mut registry = self.registry();
            let Registry { entries, slots } = &mut *registry;
            let Some(slot) = slots.get_mut(file) else { return Ok(()) };
            slot.install(plugin, entries)?;
            let history = slot.history.clone();
            self.publish(registry);
            history
        };
        self.archive.keep(folder::name_of(file), &history, Some(bytes));
        Ok(())
    }

    /// The version that a roll-back from just these contents, before a restart, led to.
    fn rolled_back_to(&self, file: &str, digest: &Digest) -> Option<KeptVersion> {
        let registry = self.registry();
        let slot = registry.slots.get(file).filter(|slot| !slot.has_version() && slot.history.newest_is(digest))?;
        slot.history.rolled_back_from()?;
        slot.history.running().cloned()
    }

    /// After a restart a bad file leaves the old version running, as it does without one; where none ran yet, the
    /// embedded one.
    fn run_what_ran_before(&self, file: &str) {
        let before = {
            let registry = self.registry();
            let slot = registry.slots.get(file).filter(|slot| !slot.has_version());
            slot.and_then(|slot| slot.history.running().cloned())
        };
        let ran = before.map(|version| self.run_again(file, &version));
        if let Some(Err(why)) = &ran {
            tracing::warn!(file, "{why}");
        }
        if !matches!(ran, Some(Ok(())))
            && !self.has_version(file)
            && let Some(bytes) = self.embedded(file)
        {
            let done = self.load(file, bytes).and_then(|version| self.seat(file, version));
            if let Err(why) = done {
                tracing::warn!(file, "the embedded one: {why}");
            }
        }
    }

    fn has_version(&self, file: &str) -> bool {
        self.registry().slots.get(file).is_some_and(Slot::has_version)
    }

    /// Lets an embedded version run; the files kept for a roll-back are others.
    fn seat(&self, file: &str, version: Version) -> Result<(), PluginError> {
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        slots.get_mut(file).map_or(Ok(()), |slot| slot.seat(version, entries))
    }

    fn run_again(&self, file: &str, version: &KeptVersion) -> Result<(), PluginError> {
        let bytes = self.archive.bytes(folder::name_of(file), version)?;
        let plugin = self.load(file, &bytes)?;
        let mut registry = self.registry();
        let Registry { entries, slots } = &mut *registry;
        let Some(slot) = slots.get_mut(file) else { return Ok(()) };
        slot.put_back(plugin, version, entries)
    }

    /// A version of the plugin, of its file's bytes. Nothing a file can hold stops the daemon or the watcher.
    fn load(&self, file: &str, bytes: &[u8]) -> Result<Version, PluginError> {
        folder::check_name(file, &manifest::read(bytes)?)?;
        let entry = |name: &str| self.registry().entries.get(name).cloned();
        catch_unwind(AssertUnwindSafe(|| self.loader.load(bytes, entry))).unwrap_or(Err(PluginError::Panicked))
    }

    /// Notes what came of a file, and says it.
    fn conclude(&self, file: &str, outcome: Result<(), PluginError>) {
        let mut registry = self.registry();
        let Some(slot) = registry.slots.get_mut(file) else { return };
        slot.file_refused = outcome.err().map(|error| error.to_string());
        let status = slot.status(file);
        let (plugin, version, state) = (&status.name, &status.version, status.state);
        match (&slot.file_refused, state, &status.reason) {
            (Some(why), ..) => tracing::warn!(file, "{file} is refused: {why}"),
            (None, PluginState::Refused, Some(why)) => tracing::warn!(plugin, version, "{why}"),
            (None, _, Some(why)) => tracing::info!(plugin, version, %state, "loaded: {why}"),
            (None, _, None) => tracing::info!(plugin, version, %state, "loaded"),
        }
        self.publish(registry);
    }

    pub(super) fn publish(&self, registry: MutexGuard<'_, Registry>) {
        self.roster.store(Arc::new(Roster::of(&registry.slots)));
    }

    /// Drops compiled code of versions that neither run nor can be gone back to.
    fn prune_cache(&self) {
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
