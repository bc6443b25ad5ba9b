//! Makes a file's bytes into a version that can be called: everything between reading it and giving it a seat.

use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use serde::Serialize;
use serde_json::{Map, Value};
use wasmtime::component::{Component, InstancePre, Linker};

use super::{
    cache::{self, Cache, Digest},
    call::{self, Called},
    compiler::Compiler,
    exports::Exports,
    folder,
    guest::Guest,
    limits::CallLimits,
    record::Record,
    sandbox::Sandbox,
    scripts::{Made, Scripts, is_script},
    seat::{PluginEntry, Seat},
    text::line,
    tools::{Render, Tools},
    trial::{self, TrialOutcome, TrialResult},
    version::{Seated, Version},
};
use crate::{
    model::{Failure, Hook, HookCall},
    plugin::{
        contract::{
            self, Capability, Manifest, PluginError, Setting, manifest,
            world::{self, ExportedHook},
        },
        script::Described,
    },
};

/// What `check` found out about a file that can be loaded.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    pub name: String,
    pub version: String,
    pub contract: String,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    /// Its settings, as its manifest declares them.
    pub settings: BTreeMap<String, Setting>,
    /// What it made of a sample of each moment it hooks.
    pub trial: Vec<TrialResult>,
    #[serde(skip)]
    pub manifest: Arc<Manifest>,
}

/// Does with a plugin file all that loading does, without loading it: with these bytes, as the file of this name.
///
/// # Errors
/// Why the host would refuse the file.
pub fn check(
    file: &str,
    bytes: &[u8],
    entry: impl FnOnce(&str) -> Option<PluginEntry>,
    limits: CallLimits,
    render: Render,
) -> Result<CheckReport, PluginError> {
    let loader = Loader::new(Tools { limits, render }, None)?;
    loader.check(file, bytes, entry)
}

pub struct Loader {
    sandbox: Sandbox,
    tools: Arc<Tools>,
    cache: Option<Cache>,
    scripts: Scripts,
}

/// A file's contents, ready to be called.
struct Ready {
    manifest: Manifest,
    hooks: Vec<ExportedHook>,
    component: Component,
    pre: InstancePre<Guest>,
}

impl Loader {
    /// `cache`: where compiled code is kept, and who compiles.
    pub fn new(tools: Tools, cache: Option<(&Path, Compiler)>) -> Result<Self, PluginError> {
        let open = |(dir, compiler): (&Path, Compiler)| {
            Cache::open(dir, compiler).map_err(|error| PluginError::Io(format!("the cache {}: {error}", dir.display())))
        };
        Ok(Self {
            sandbox: Sandbox::new(&tools.limits)?,
            tools: Arc::new(tools),
            cache: cache.map(open).transpose()?,
            scripts: Scripts::default(),
        })
    }

    pub fn limits(&self) -> &CallLimits {
        &self.tools.limits
    }

    /// Whether scripts can be run at once.
    pub fn has_script_engine(&self) -> bool {
        self.scripts.ready(&self.sandbox, self.cache.as_ref()).is_ok()
    }

    /// Compiles what scripts are run by, unless that is there.
    pub fn make_script_engine(&self) -> Result<(), PluginError> {
        self.scripts.make_ready(&self.sandbox, self.cache.as_ref()).map(drop)
    }

    /// What loading a file would come to.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn check(
        &self,
        file: &str,
        bytes: &[u8],
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<CheckReport, PluginError> {
        if is_script(file) {
            self.make_script_engine()?;
        }
        let (version, trial) = self.make(file, bytes, entry)?;
        let manifest = version.manifest.clone();
        Ok(CheckReport {
            manifest: manifest.clone(),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            contract: manifest.contract.to_string(),
            hooks: version.hooks.clone(),
            capabilities: manifest.capabilities.clone(),
            settings: manifest.settings.clone(),
            trial,
        })
    }

    /// A version of a plugin, of a file's name and bytes. `entry` gives what the store says of the plugin, to try it with.
    ///
    /// # Errors
    /// What is wrong with them: manifest, world, code, or what came of a trial.
    pub fn load(
        &self,
        file: &str,
        bytes: &[u8],
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<Version, PluginError> {
        self.make(file, bytes, entry).map(|(version, _)| version)
    }

    /// What a file says of itself, without a trial of it.
    ///
    /// # Errors
    /// What is wrong with it, as far as that shows.
    pub fn describe(&self, file: &str, bytes: &[u8]) -> Result<(Manifest, Vec<Hook>), PluginError> {
        if is_script(file) {
            self.make_script_engine()?;
            let Ready { manifest, hooks, .. } = self.script(file, bytes)?;
            return Ok((manifest, hooks.into_iter().map(|it| it.hook).collect()));
        }
        let manifest = manifest::read(bytes)?;
        world::check_version(manifest.contract)?;
        Ok((manifest, world::hooks(bytes)?.into_iter().map(|it| it.hook).collect()))
    }

    pub fn call(&self, seated: &Seated, asked: &HookCall<'_>) -> Called {
        call::call(&self.sandbox, &self.tools, seated, asked)
    }

    /// Forgets compiled code that none of these need.
    pub fn keep_only(&self, kept: &[Digest]) {
        if let Some(cache) = &self.cache {
            let kept: Vec<_> = kept.iter().copied().chain([self.scripts.digest()]).collect();
            cache.keep_only(&self.sandbox.engine, &kept);
        }
    }

    /// The same, with what came of the trial.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn make(
        &self,
        file: &str,
        bytes: &[u8],
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<(Version, Vec<TrialResult>), PluginError> {
        let digest = cache::digest(bytes);
        // Nothing a file can hold stops the daemon, not even what makes the compiler panic.
        let ready = catch_unwind(AssertUnwindSafe(|| match is_script(file) {
            true => self.script(file, bytes),
            false => self.component(file, bytes, &digest),
        }));
        let Ready { manifest, hooks, component, pre } =
            ready.unwrap_or_else(|panic| Err(PluginError::Compile(panicked(&*panic))))?;
        let version = Version {
            exports: Exports::find(&component, &hooks)?,
            hooks: hooks.into_iter().map(|it| it.hook).collect(),
            digest,
            extension: contract::extension(file).to_owned(),
            record: Record::default(),
            logbook: Arc::default(),
            pre,
            manifest: Arc::new(manifest),
        };
        self.try_out(version, entry)
    }

    fn component(&self, file: &str, bytes: &[u8], digest: &Digest) -> Result<Ready, PluginError> {
        let manifest = manifest::read(bytes)?;
        folder::check_name(file, &manifest)?;
        world::check_version(manifest.contract)?;
        let hooks = world::hooks(bytes)?;
        let component = match &self.cache {
            Some(cache) => cache.component(&self.sandbox, bytes, digest),
            None => Component::new(&self.sandbox.engine, bytes).map_err(|error| line(&format!("{error:#}"))),
        };
        let component = component.map_err(PluginError::Compile)?;
        let pre = link(&self.sandbox.linker, &component)?;
        Ok(Ready { manifest, hooks, component, pre })
    }

    fn script(&self, file: &str, bytes: &[u8]) -> Result<Ready, PluginError> {
        let engine = self.scripts.ready(&self.sandbox, self.cache.as_ref())?;
        let Made { described: Described { manifest, hooks }, component } = engine.make(&self.sandbox, file, bytes)?;
        folder::check_name(file, &manifest)?;
        world::check_version(manifest.contract)?;
        let pre = link(engine.linker(), &component)?;
        Ok(Ready { manifest, hooks: hooks.into_iter().map(ExportedHook::of_this_version).collect(), component, pre })
    }

    /// Calls each hook once with a sample, on the store's settings where they fit. What no store could run is an
    /// error, and so is a plugin that fails whatever it is asked.
    fn try_out(
        &self,
        version: Version,
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<(Version, Vec<TrialResult>), PluginError> {
        let TrialSettings { settings, made_up } = TrialSettings::choose(&version.manifest, entry);
        let seat = Arc::new(Seat::on_trial(&version.manifest, settings));
        let seated = Seated { version: Arc::new(version), seat };
        let mut trial = Vec::new();
        for &hook in &seated.version.hooks {
            let called = trial::with_sample(hook, |asked| call::call(&self.sandbox, &self.tools, &seated, asked));
            let why = match &called.result {
                // It works up to there, and no trial goes further.
                _ if called.question.is_some() => None,
                Err(Failure::Shape(why)) => return Err(PluginError::WrongWorld(why.clone())),
                Err(
                    failure @ (Failure::Trapped(_) | Failure::Overtime | Failure::OvertimeAt(_) | Failure::Limit(_)),
                ) => Some(failure),
                _ => None,
            };
            if let Some(failure) = why {
                return Err(PluginError::Trial { hook, why: failure.to_string() });
            }
            trial.push(TrialResult { hook, outcome: TrialOutcome::of(&called) });
        }
        // A made-up value may be one the author has every reason to reject.
        if !made_up && let Some((hook, why)) = always_fails(&trial) {
            return Err(PluginError::Trial { hook, why: why.to_owned() });
        }
        let Seated { version, .. } = seated;
        let version = Arc::into_inner(version).ok_or_else(|| PluginError::Host("a trial call is under way".into()))?;
        Ok((version, trial))
    }
}

fn link(linker: &Linker<Guest>, component: &Component) -> Result<InstancePre<Guest>, PluginError> {
    linker.instantiate_pre(component).map_err(|error| PluginError::WrongWorld(line(&format!("{error:#}"))))
}

/// The settings of a trial.
struct TrialSettings {
    settings: Map<String, Value>,
    /// Whether one of them is nobody's, only allowed.
    made_up: bool,
}

impl TrialSettings {
    /// The store's, where it has said something usable; else the defaults, and some allowed value where there is
    /// none.
    fn choose(manifest: &Manifest, entry: impl FnOnce(&str) -> Option<PluginEntry>) -> Self {
        let given = entry(&manifest.name).map(|entry| entry.settings).unwrap_or_default();
        match contract::settle(&manifest.settings, &given) {
            Ok(settings) => Self { settings, made_up: false },
            Err(_) => Self {
                settings: contract::samples(&manifest.settings),
                made_up: manifest.settings.values().any(|setting| setting.default.is_none()),
            },
        }
    }
}

/// The first of the trials, if every one ended with an error that is the plugin's fault.
fn always_fails(trial: &[TrialResult]) -> Option<(Hook, &str)> {
    let all = trial.iter().all(|it| matches!(it.outcome, TrialOutcome::Failed { at_fault: true, .. }));
    let first = trial.first().filter(|_| all)?;
    let TrialOutcome::Failed { why, .. } = &first.outcome else { return None };
    Some((first.hook, why))
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the compiler gave up on it: {}", line(words.unwrap_or("it panicked")))
}
