//! All plugins together: which are asked at which moment, and how that changes while the daemon runs.
//!
//! A file of the `folder` is `loading`: its bytes become a `Version` in the `loader` (manifest, world, compiled code, a
//! trial), get a `Standing` by what `plugins.toml` says, and take their `Slot`; the `archive` keeps them for a roll-back.
//! The `Roster` says who is asked. A `call` runs a fresh instance in the `sandbox`, lets it ask its `questions`, holds its
//! `answer` against its grants, and goes into the plugin's `record`, whose `breaker` sets a failing one aside for a while.

mod answer;
mod archive;
mod breaker;
mod cache;
mod call;
pub mod compiler;
mod convert;
mod exports;
mod failure;
mod first_load;
pub mod folder;
mod foresee;
mod guest;
mod history;
mod keys;
mod limits;
mod loader;
mod loading;
mod logbook;
mod measured;
mod outcome;
mod outside;
mod prepared;
mod questions;
mod quota;
mod record;
mod roster;
mod sandbox;
pub mod scene;
mod scripts;
mod seat;
mod second;
mod shadow;
mod slot;
mod standing;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod tools;
mod trial;
mod version;
mod watch;
pub mod workbench;

use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;

pub use answer::Bounds;
pub use archive::ran_last;
pub use compiler::Compiler;
pub use convert::{customer_id, message, order, order_details};
pub use foresee::{check_trust, foresee, foresee_checked, would_stand};
pub use limits::CallLimits;
pub use loader::{CheckReport, check};
pub use logbook::{LogLevel, LogLine, PluginLine};
pub use outside::offer_until_answered;
pub use seat::{PluginEntry, Seat};
pub use shadow::{Comparison, Example, Side, Unlikeness};
pub use standing::Entries;
pub use status::{PluginState, PluginStatus, RolledBack, ShadowStatus};
pub use tools::Render;
pub use trial::{TrialOutcome, TrialResult, with_sample};
pub use watch::Watch;

use crate::{
    bell::{Bell, Listener},
    model::{Address, Hook, HookAnswer, HookCall, Moment, Plugins},
    plugin::{
        contract::{PluginError, Trust},
        shipped::Components,
    },
};
use archive::Archive;
use first_load::FirstLoad;
use loader::Loader;
use outcome::Outcome;
use quota::Notices;
use roster::Roster;
use scripts::Signal;
use second::Asked;
use shadow::Runner;
use slot::Slot;
use tools::Tools;

/// What the host is set up with.
pub struct HostSettings {
    /// The watched folder.
    pub dir: PathBuf,
    /// Components that run where the folder has no file of their name.
    pub embedded: Components,
    /// Where compiled code is kept.
    pub cache_dir: PathBuf,
    /// Who compiles.
    pub compiler: Compiler,
    /// Where versions are kept that one can roll back to.
    pub archive_dir: PathBuf,
    /// Where is kept what is known of second versions.
    pub shadow_dir: PathBuf,
    pub limits: CallLimits,
    /// `plugins.toml`.
    pub plugins: Entries,
    /// Whose plugins are loaded.
    pub trust: Trust,
    /// Fills a template for a plugin.
    pub render: Render,
}

/// The plugin host.
pub struct PluginHost {
    dir: PathBuf,
    embedded: Components,
    trust: Trust,
    loader: Arc<Loader>,
    /// `None`: it is another's data folder, in which no version is kept and nothing removed.
    archive: Option<Archive>,
    shadow_dir: PathBuf,
    /// Calls second versions, from the first one on.
    runner: OnceLock<Option<Runner>>,
    /// One file is looked at at a time; everything else goes on meanwhile.
    loading: Mutex<()>,
    registry: Mutex<Registry>,
    roster: ArcSwap<Roster>,
    first_load: FirstLoad,
    /// A script waits for its engine.
    engine_wanted: Signal,
    all_loaded: AtomicBool,
    /// Some second version answers contacts.
    has_canaries: AtomicBool,
    notices: Notices,
    /// Rung when something about a plugin changed that its status shows.
    changed: Bell,
    /// Makes numbers of conversations, for the breakers.
    conversations: RandomState,
}

/// Everything that is known of plugins, running or not.
struct Registry {
    entries: Entries,
    /// By the plugin's name.
    slots: BTreeMap<String, Slot>,
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
        let archive = Archive::open(&settings.archive_dir).map_err(|error| {
            PluginError::Io(format!("the archive of plugins {}: {error}", settings.archive_dir.display()))
        })?;
        Self::with(settings, Some(archive))
    }

    /// The same for a rehearsal beside a daemon, perhaps with other plugins: it shares the cache of compiled code, and
    /// otherwise leaves the data folder alone.
    ///
    /// # Errors
    /// The cache cannot be used, or the system lacks the address space.
    pub fn beside_a_daemon(settings: HostSettings) -> Result<Self, PluginError> {
        Self::with(settings, None)
    }

    fn with(settings: HostSettings, archive: Option<Archive>) -> Result<Self, PluginError> {
        let tools = Tools { limits: settings.limits, render: settings.render };
        Ok(Self {
            dir: settings.dir,
            embedded: settings.embedded,
            trust: settings.trust,
            loader: Arc::new(Loader::new(tools, Some((&settings.cache_dir, settings.compiler)))?),
            archive,
            shadow_dir: settings.shadow_dir,
            runner: OnceLock::new(),
            loading: Mutex::default(),
            registry: Mutex::new(Registry { entries: settings.plugins, slots: BTreeMap::new() }),
            roster: ArcSwap::default(),
            first_load: FirstLoad::awaited(),
            engine_wanted: Signal::default(),
            all_loaded: AtomicBool::new(false),
            has_canaries: AtomicBool::new(false),
            notices: Notices::default(),
            changed: Bell::default(),
            conversations: RandomState::new(),
        })
    }

    /// The watched folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Loads the embedded plugins and those of the folder, and forgets kept versions of those that are not there any more.
    pub fn load_dir(&self) -> Vec<PluginStatus> {
        // Customers wait for these alone.
        self.load_enabled();
        self.first_load.done();
        self.refresh_all();
        self.all_loaded.store(true, Ordering::Release);
        self.changed.ring();
        if let Some(archive) = &self.archive {
            let names: Vec<String> = self.registry().slots.keys().cloned().collect();
            archive.keep_only(&names);
        }
        self.status()
    }

    /// Loads the plugins that `plugins.toml` lets do something, with all that they wait for, and no others.
    pub fn load_what_is_asked(&self) -> Vec<PluginStatus> {
        self.load_enabled();
        self.finish_awaiting();
        self.first_load.done();
        self.all_loaded.store(true, Ordering::Release);
        self.status()
    }

    /// Whether what was there at the start is loaded.
    pub fn is_loaded(&self) -> bool {
        self.all_loaded.load(Ordering::Acquire)
    }

    /// Rung when all that was there at the start is loaded, and when the state of a plugin changed.
    pub fn changes(&self) -> Listener {
        self.changed.listen()
    }

    /// How each plugin fares, by name.
    pub fn status(&self) -> Vec<PluginStatus> {
        self.registry().slots.values().map(Slot::status).collect()
    }

    /// Takes a new `plugins.toml` into force. A plugin whose entry does not fit keeps that before, and says so.
    pub fn reconfigure(&self, plugins: Entries) {
        let mut registry = self.registry();
        let before = std::mem::replace(&mut registry.entries, plugins);
        let Registry { entries, slots } = &mut *registry;
        slots.values_mut().for_each(|slot| slot.reconfigure(&before, entries));
        self.publish(registry);
        self.retry_refused();
        self.look_at_shadows();
    }

    /// Asks a plugin again that was set aside.
    ///
    /// # Errors
    /// There is no such plugin, or it is not set aside.
    pub fn reinstate(&self, name: &str) -> Result<(), PluginError> {
        let registry = self.registry();
        let slot = registry.slots.get(name).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
        if slot.reinstate() { Ok(()) } else { Err(PluginError::NotSetAside(name.to_owned())) }
    }

    /// What the running version of a plugin wrote to the log lately, at most `count` lines, the newest last.
    ///
    /// # Errors
    /// There is no such plugin.
    pub fn recent_log(&self, name: &str, count: usize) -> Result<Vec<LogLine>, PluginError> {
        let registry = self.registry();
        let slot = registry.slots.get(name).ok_or_else(|| PluginError::Unknown(name.to_owned()))?;
        Ok(slot.logs(count))
    }

    /// What plugins wrote to the log after the line of this number, in that order; `name`: this one alone.
    ///
    /// # Errors
    /// There is no such plugin.
    pub fn log_after(&self, name: Option<&str>, number: i64) -> Result<Vec<PluginLine>, PluginError> {
        let registry = self.registry();
        if let Some(name) = name.filter(|name| !registry.slots.contains_key(*name)) {
            return Err(PluginError::Unknown(name.to_owned()));
        }
        let slots = registry.slots.iter().filter(|(plugin, _)| name.is_none_or(|name| name == plugin.as_str()));
        let of = |(plugin, slot): (&String, &Slot)| {
            let lines = slot.logs_after(number).into_iter();
            lines.map(|line| PluginLine { plugin: plugin.clone(), line }).collect::<Vec<_>>()
        };
        let mut lines: Vec<_> = slots.flat_map(of).collect();
        lines.sort_by_key(|it| it.line.number);
        Ok(lines)
    }

    /// Whether anybody is asked at these moments.
    pub fn hooks(&self, hook: Hook) -> bool {
        !self.roster.load().at(hook).is_empty()
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plugins for PluginHost {
    /// Waits a little for plugins that are being loaded since the start.
    fn any_at(&self, hook: Hook) -> bool {
        self.first_load.wait();
        !self.roster.load().at(hook).is_empty()
    }

    fn awaits_word_of(&self, address: &Address) -> bool {
        self.has_canaries.load(Ordering::Relaxed) && self.shadows().iter().any(|shadow| shadow.awaits_word_of(address))
    }

    fn contradicted(&self, address: &Address, now_ms: i64) {
        for shadow in self.shadows().iter() {
            if shadow.contradicted(address, now_ms) {
                self.changed.ring();
            }
        }
        if self.has_canaries.load(Ordering::Relaxed) {
            self.stir_runner();
        }
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        self.offer_to(call, Counting::Counts)
    }
}

/// The running plugins for a rehearsal beside them: what fails here is not held against them, and nothing is counted.
pub struct Apart(pub Arc<PluginHost>);

impl Plugins for Apart {
    fn any_at(&self, hook: Hook) -> bool {
        self.0.any_at(hook)
    }

    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        self.0.offer_to(call, Counting::IsNoMatter)
    }
}

/// Whether what comes of a call has consequences for the plugin.
#[derive(Clone, Copy)]
enum Counting {
    Counts,
    IsNoMatter,
}

impl PluginHost {
    fn offer_to(&self, call: &HookCall<'_>, counting: Counting) -> HookAnswer {
        let roster = self.roster.load();
        let conversation = self.conversations.hash_one(call.customer.map(|customer| customer.address));
        let mut answer = HookAnswer::default();
        for plugin in roster.at(call.moment.hook()) {
            let name = plugin.in_place.seat.name();
            if matches!(call.moment, Moment::Timer { timer } if timer.owner != name) {
                continue;
            }
            let asked = match counting {
                Counting::Counts => {
                    let by_second = self.by_second_version(plugin, call, conversation, &mut answer);
                    by_second.or_else(|| self.by_version_in_place(plugin, call, conversation, &mut answer))
                }
                Counting::IsNoMatter => Some(self.without_consequences(&plugin.in_place, call, &mut answer)),
            };
            let result = match asked {
                Some(Asked::Answered(result)) => result,
                Some(Asked::AsksOutside(question)) => {
                    return HookAnswer { question: Some(question), ..HookAnswer::default() };
                }
                None => continue,
            };
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
