//! All plugins together: which are asked at which moment, and how that changes while the daemon runs.
//!
//! A file's bytes become a `Version` in the `loader` (manifest, world, compiled code, a trial), get a `Seat` (what
//! `plugins.toml` lets it do), and stand in the line-up of the host until the file or its entry changes. A `call`
//! runs a fresh instance in the `sandbox`, lets it ask its `questions`, and holds its `answer` against its grants.

mod answer;
mod cache;
mod call;
mod convert;
mod exports;
mod failure;
mod fetch;
pub mod folder;
mod guest;
mod keys;
mod limits;
mod loader;
mod logbook;
mod questions;
mod record;
mod sandbox;
mod seat;
mod slot;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod tools;
mod trial;
mod version;
mod watch;

use std::{
    array,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

pub use convert::customer_id;
pub use fetch::Fetch;
pub use limits::CallLimits;
pub use loader::{CheckReport, check};
pub use logbook::{LogLevel, LogLine};
pub use seat::PluginEntry;
pub use status::{PluginState, PluginStatus};
pub use tools::Render;
pub use trial::{TrialOutcome, TrialResult, with_sample};
pub use watch::Watch;

use crate::{
    model::{Finding, Hook, HookAnswer, HookCall, Moment, Plugins, TraceStep},
    plugin::{contract::PluginError, shipped::Components},
};
use cache::Digest;
use call::{Called, Outcome};
use loader::Loader;
use slot::{Entries, Slot};
use tools::Tools;
use version::{Seated, Version};

/// What the host is set up with.
pub struct HostSettings {
    /// The watched folder.
    pub dir: PathBuf,
    /// Components that run where the folder has no file of their name.
    pub embedded: Components,
    /// Where compiled code is kept.
    pub cache_dir: PathBuf,
    pub limits: CallLimits,
    /// `plugins.toml`.
    pub plugins: BTreeMap<String, PluginEntry>,
    /// Fills a template for a plugin.
    pub render: Render,
    /// Sends a plugin's requests; `None` where there is no network for plugins.
    pub fetch: Option<Arc<dyn Fetch>>,
}

/// The plugin host.
pub struct PluginHost {
    dir: PathBuf,
    embedded: Components,
    loader: Loader,
    /// One file is looked at at a time; everything else goes on meanwhile.
    loading: Mutex<()>,
    book: Mutex<Book>,
    line_up: ArcSwap<LineUp>,
}

/// Everything that is known of plugins, running or not.
struct Book {
    entries: Entries,
    /// By file name.
    slots: BTreeMap<String, Slot>,
}

/// Who is asked at each moment, in order. Calls under way keep the one they began with.
#[derive(Default)]
struct LineUp([Vec<Seated>; HOOKS]);

const HOOKS: usize = Hook::ALL.len();

impl LineUp {
    fn of(slots: &BTreeMap<String, Slot>) -> Self {
        let mut seated: Vec<_> = slots.values().filter_map(Slot::seated).collect();
        seated.sort_by(|a, b| (a.seat.order, a.seat.name()).cmp(&(b.seat.order, b.seat.name())));
        Self(array::from_fn(|index| {
            let hooks_it = |it: &&Seated| it.version.hooks.iter().any(|hook| *hook as usize == index);
            seated.iter().filter(hooks_it).cloned().collect()
        }))
    }

    fn at(&self, hook: Hook) -> &[Seated] {
        self.0.get(hook as usize).map_or(&[], Vec::as_slice)
    }
}

impl PluginHost {
    /// Sets the host up; no plugin is loaded yet. The folders are made where they are missing.
    ///
    /// # Errors
    /// A folder cannot be used, or the system lacks the address space.
    pub fn new(settings: HostSettings) -> Result<Self, PluginError> {
        fs::create_dir_all(&settings.dir).map_err(|error| {
            PluginError::Io(format!("the plugins folder {} cannot be made: {error}", settings.dir.display()))
        })?;
        let tools = Tools { limits: settings.limits, render: settings.render, fetch: settings.fetch };
        Ok(Self {
            dir: settings.dir,
            embedded: settings.embedded,
            loader: Loader::new(tools, Some(&settings.cache_dir))?,
            loading: Mutex::default(),
            book: Mutex::new(Book { entries: settings.plugins, slots: BTreeMap::new() }),
            line_up: ArcSwap::default(),
        })
    }

    /// The watched folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Loads the embedded components and every `*.wasm` of the folder, and forgets compiled code that none of them
    /// needs. The embedded go first, so that a bad file in the place of one leaves that one running.
    pub fn load_dir(&self) -> Vec<PluginStatus> {
        {
            let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
            self.embedded.iter().for_each(|(file, bytes)| _ = self.take(file, Ok(bytes)));
        }
        self.refresh_all();
        let kept: Vec<Digest> = self.book().slots.values().flat_map(Slot::digests).collect();
        self.loader.keep_only(&kept);
        self.status()
    }

    /// How each file fares, in the order of the files' names.
    pub fn status(&self) -> Vec<PluginStatus> {
        self.book().slots.iter().map(|(file, slot)| slot.status(file)).collect()
    }

    /// Takes a new `plugins.toml` into force. A plugin whose entry does not fit keeps that before, and says so.
    pub fn reconfigure(&self, plugins: BTreeMap<String, PluginEntry>) {
        let mut book = self.book();
        book.entries = plugins;
        let Book { entries, slots } = &mut *book;
        slots.values_mut().for_each(|slot| slot.reconfigure(entries));
        self.publish(book);
        self.retry_refused();
    }

    /// Runs the version of the plugin that ran before, until the file changes.
    pub fn roll_back(&self, name: &str) -> Result<(), PluginError> {
        let mut book = self.book();
        let Book { entries, slots } = &mut *book;
        slot_of(slots, name)?.roll_back(entries)?;
        self.publish(book);
        tracing::info!(plugin = name, "rolled back");
        Ok(())
    }

    /// Asks a plugin again that was set aside.
    pub fn reinstate(&self, name: &str) -> Result<(), PluginError> {
        let mut book = self.book();
        let reinstated = slot_of(&mut book.slots, name)?.plugin().is_some_and(|plugin| plugin.record.reinstate());
        if reinstated { Ok(()) } else { Err(PluginError::NotSetAside(name.to_owned())) }
    }

    /// The newest lines that a plugin's running version wrote to the log, the oldest of them first.
    ///
    /// # Errors
    /// There is no such plugin.
    pub fn recent_log(&self, name: &str, lines: usize) -> Result<Vec<LogLine>, PluginError> {
        let mut book = self.book();
        Ok(slot_of(&mut book.slots, name)?.plugin().map(|version| version.logbook.recent(lines)).unwrap_or_default())
    }

    /// Looks at every file there is or was.
    pub(super) fn refresh_all(&self) {
        let mut files: Vec<String> = self.book().slots.keys().cloned().collect();
        match folder::plugin_files(&self.dir) {
            Ok(found) => files.extend(found),
            Err(error) => tracing::warn!(%error, dir = %self.dir.display(), "the plugins folder cannot be read"),
        }
        files.sort_unstable();
        files.dedup();
        files.iter().for_each(|file| self.refresh(file));
    }

    /// Looks at one file: loads it if it is new or changed, unloads it if it is gone.
    pub(super) fn refresh(&self, file: &str) {
        if self.look_at(file) == Looked::Gone {
            // Its name may be what another file waits for.
            self.retry_refused();
        }
    }

    fn look_at(&self, file: &str) -> Looked {
        let _one_at_a_time = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let embedded = self.embedded.iter().find(|(name, _)| *name == file);
        match (folder::read(&self.dir.join(file)), embedded) {
            (Ok(Some(bytes)), _) => self.take(file, Ok(&bytes)),
            (Ok(None), Some((_, bytes))) => self.take(file, Ok(bytes)),
            (Ok(None), None) => self.forget(file),
            (Err(error), _) => self.take(file, Err(error)),
        }
    }

    fn forget(&self, file: &str) -> Looked {
        let mut book = self.book();
        if book.slots.remove(file).is_none() {
            return Looked::Same;
        }
        self.publish(book);
        tracing::info!(file, "the plugin was removed");
        Looked::Gone
    }

    fn take(&self, file: &str, contents: Result<&[u8], PluginError>) -> Looked {
        let loaded = match contents {
            Ok(bytes) => {
                let digest = cache::digest(bytes);
                {
                    let mut book = self.book();
                    let slot = book.slots.entry(file.to_owned()).or_default();
                    if slot.seen.replace(digest) == Some(digest) {
                        return Looked::Same;
                    }
                }
                let entry = |name: &str| self.book().entries.get(name).cloned();
                self.loader.load(bytes, entry)
            }
            Err(error) => Err(error),
        };
        let mut book = self.book();
        let installed = loaded.and_then(|plugin| book.install(file, plugin));
        let slot = book.slots.entry(file.to_owned()).or_default();
        slot.file_refused = installed.err().map(|error| error.to_string());
        let status = slot.status(file);
        match &slot.file_refused {
            Some(why) => tracing::warn!(file, "{file} is refused: {why}"),
            None => {
                tracing::info!(file, plugin = status.name, version = status.version, state = %status.state, "loaded")
            }
        }
        self.publish(book);
        Looked::Changed
    }

    /// Looks again at files that were refused: the reason may have lain elsewhere.
    fn retry_refused(&self) {
        let mut refused = Vec::new();
        for (file, slot) in &mut self.book().slots {
            if slot.file_refused.is_some() {
                slot.seen = None;
                refused.push(file.clone());
            }
        }
        for file in refused {
            self.look_at(&file);
        }
    }

    fn publish(&self, book: MutexGuard<'_, Book>) {
        self.line_up.store(Arc::new(LineUp::of(&book.slots)));
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn install(&mut self, file: &str, plugin: Version) -> Result<(), PluginError> {
        let name = &plugin.manifest.name;
        let taken = self.slots.iter().find(|(other, slot)| *other != file && slot.name() == Some(name));
        if let Some((other, _)) = taken {
            return Err(PluginError::NameTaken { name: name.clone(), file: other.clone() });
        }
        self.slots.entry(file.to_owned()).or_default().install(plugin, &self.entries)
    }
}

impl Plugins for PluginHost {
    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        let line_up = self.line_up.load();
        let mut answer = HookAnswer::default();
        for seated in line_up.at(call.moment.hook()) {
            let (name, record) = (seated.seat.name(), &seated.version.record);
            if matches!(call.moment, Moment::Timer { timer } if timer.owner != name) {
                continue;
            }
            if record.is_set_aside() {
                answer.trace.push(TraceStep::plugin(name, Finding::SetAside));
                continue;
            }
            let Called { result, kv, trace, .. } = self.loader.call(seated, call);
            answer.trace.extend(trace);
            answer.kv.extend(kv);
            match &result {
                Ok(_) => record.succeeded(),
                Err(failure) => record.failed(name, failure, self.loader.limits().failures_before_set_aside),
            }
            match result {
                Ok(Outcome::Handled(actions)) => {
                    answer.actions = Some(actions);
                    break;
                }
                Ok(Outcome::Also(actions)) => answer.also.extend(actions),
                Ok(Outcome::Pass) | Err(_) => {}
            }
        }
        answer
    }
}

#[derive(PartialEq)]
enum Looked {
    Same,
    Changed,
    Gone,
}

fn slot_of<'a>(slots: &'a mut BTreeMap<String, Slot>, name: &str) -> Result<&'a mut Slot, PluginError> {
    let mut all = slots.values_mut();
    all.find(|slot| slot.name() == Some(name)).ok_or_else(|| PluginError::Unknown(name.to_owned()))
}
