//! Makes a file's bytes into a plugin that can be called: everything between reading it and giving it a seat.

use std::{path::Path, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::Value;
use wasmtime::component::Component;

use super::{
    cache::{self, Cache, Digest},
    call::{self, Called, Guest},
    fetch::Fetch,
    logbook::Logbook,
    record::Record,
    sandbox::Sandbox,
    seat::{Seat, Seated},
    trial,
};
use crate::{
    model::{Failure, Hook, HookCall},
    plugin::contract::{
        Capability, Manifest, PluginError, manifest,
        world::{self, PluginPre},
    },
};

/// What one call may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Running time; what the host does in its place is not counted.
    pub timeout: Duration,
    pub memory_bytes: usize,
    /// Of what it hands to the host at once: an answer, or the arguments of a question.
    pub output_bytes: usize,
    /// After so many failures in a row a plugin is set aside.
    pub failures_before_set_aside: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_millis(100),
            memory_bytes: 16 << 20,
            output_bytes: 64 << 10,
            failures_before_set_aside: 5,
        }
    }
}

/// Fills a template in the store's template language.
pub type Render = fn(&str, &Value) -> Result<String, String>;

/// What the host does for guests beside looking things up.
#[derive(Clone)]
pub struct Tools {
    pub limits: Limits,
    pub render: Render,
    /// `None`: there is no network.
    pub fetch: Option<Arc<dyn Fetch>>,
}

/// A version of a plugin, checked, compiled and linked.
pub struct Plugin {
    pub manifest: Arc<Manifest>,
    pub digest: Digest,
    pub record: Record,
    pub logbook: Arc<Logbook>,
    pre: PluginPre<Guest>,
}

/// What `check` found out about a file that can be loaded.
#[derive(Clone, Debug, Serialize)]
pub struct CheckReport {
    pub name: String,
    pub version: String,
    pub contract: String,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    /// The keys of its settings.
    pub settings: Vec<String>,
    /// What it made of a sample of each moment it hooks.
    pub trial: Vec<TrialResult>,
}

#[derive(Clone, Debug, Serialize)]
pub struct TrialResult {
    pub hook: Hook,
    pub result: String,
}

/// Does with a plugin file all that loading does, without loading it.
///
/// # Errors
/// Why the host would refuse the file.
pub fn check(bytes: &[u8], limits: Limits, render: Render) -> Result<CheckReport, PluginError> {
    let workshop = Workshop::new(Tools { limits, render, fetch: None }, None)?;
    let (plugin, trial) = workshop.make(bytes)?;
    let manifest = &plugin.manifest;
    Ok(CheckReport {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        contract: manifest.contract.to_string(),
        hooks: manifest.hooks.clone(),
        capabilities: manifest.capabilities.clone(),
        settings: manifest.settings.keys().cloned().collect(),
        trial,
    })
}

pub struct Workshop {
    sandbox: Sandbox,
    tools: Arc<Tools>,
    /// The same without network.
    trial_tools: Arc<Tools>,
    cache: Option<Cache>,
}

impl Workshop {
    pub fn new(tools: Tools, cache_dir: Option<&Path>) -> Result<Self, PluginError> {
        let open = |dir: &Path| {
            Cache::open(dir).map_err(|error| PluginError::Io(format!("the cache {}: {error}", dir.display())))
        };
        Ok(Self {
            sandbox: Sandbox::new(&tools.limits)?,
            trial_tools: Arc::new(Tools { fetch: None, ..tools.clone() }),
            tools: Arc::new(tools),
            cache: cache_dir.map(open).transpose()?,
        })
    }

    pub fn limits(&self) -> &Limits {
        &self.tools.limits
    }

    /// A plugin of a file's bytes.
    ///
    /// # Errors
    /// What is wrong with them: manifest, world, code, or what came of a trial.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, PluginError> {
        self.make(bytes).map(|(plugin, _)| plugin)
    }

    pub fn call(&self, seated: &Seated, asked: &HookCall<'_>) -> Called {
        let Seated { plugin, seat } = seated;
        call::call(&self.sandbox, &self.tools, &plugin.pre, seat, &plugin.logbook, asked)
    }

    /// Forgets compiled code that none of these need.
    pub fn keep_only(&self, kept: &[Digest]) {
        if let Some(cache) = &self.cache {
            cache.keep_only(&self.sandbox.engine, kept);
        }
    }

    fn make(&self, bytes: &[u8]) -> Result<(Plugin, Vec<TrialResult>), PluginError> {
        let manifest = Arc::new(manifest::read(bytes)?);
        world::check_version(manifest.contract)?;
        world::check_world(bytes)?;
        let digest = cache::digest(bytes);
        let component = match &self.cache {
            Some(cache) => cache.component(&self.sandbox.engine, bytes, &digest),
            None => Component::new(&self.sandbox.engine, bytes),
        };
        let component = component.map_err(|error| PluginError::Compile(call::line(&format!("{error:#}"))))?;
        let linked = self.sandbox.linker.instantiate_pre(&component).and_then(PluginPre::new);
        let pre = linked.map_err(|error| PluginError::WrongWorld(call::line(&format!("{error:#}"))))?;
        let trial = self.try_out(&manifest, &pre)?;
        Ok((Plugin { manifest, digest, record: Record::default(), logbook: Arc::default(), pre }, trial))
    }

    /// Calls each hook once with a sample. Only what no store could run is an error.
    fn try_out(&self, manifest: &Arc<Manifest>, pre: &PluginPre<Guest>) -> Result<Vec<TrialResult>, PluginError> {
        let seat = Arc::new(Seat::on_trial(manifest));
        let logbook = Arc::default();
        let attempt = |&hook: &Hook| {
            let called = trial::with_sample(hook, |asked| {
                call::call(&self.sandbox, &self.trial_tools, pre, &seat, &logbook, asked)
            });
            match called.result {
                Err(failure @ (Failure::Trapped(_) | Failure::Overtime)) => {
                    Err(PluginError::Trial { hook, why: failure.to_string() })
                }
                _ => {
                    let result = called.trace.into_iter().last().map(|step| step.what.to_string()).unwrap_or_default();
                    Ok(TrialResult { hook, result })
                }
            }
        };
        manifest.hooks.iter().map(attempt).collect()
    }
}
