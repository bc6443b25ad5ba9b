//! One plugin by itself, called as the daemon calls it, with nothing kept: for its author.

use std::{path::Path, sync::Arc, time::Duration};

use serde::Serialize;

use super::{
    call::Called,
    compiler::Compiler,
    limits::CallLimits,
    loader::{CheckReport, Loader},
    logbook::LogLine,
    outcome::Outcome,
    scene::{Facts, Scene},
    scripts::is_script,
    seat::{PluginEntry, Seat},
    tools::{Render, Tools},
    version::Seated,
};
use crate::{
    model::{Action, Finding, Hook, KvWrite, OutsideQuestion, Recorded, Reply, TraceStep},
    plugin::{
        contract::{Manifest, PluginError},
        profile::Profile,
    },
};

/// What plugins are run with that are tried one at a time.
pub struct Workbench {
    loader: Loader,
}

/// A plugin that can be called.
pub struct Loaded {
    pub manifest: Arc<Manifest>,
    pub hooks: Vec<Hook>,
    seated: Seated,
}

/// What one call came to.
#[derive(Clone, Debug)]
pub struct CallReport {
    pub ending: Ending,
    /// As the clerk would take them.
    pub actions: Vec<Action>,
    pub keys: Vec<KvWrite>,
    pub log: Vec<LogLine>,
    /// What it asked and was told.
    pub asked: Vec<TraceStep>,
    /// What it asked the outside, and whether that was answered.
    pub outside: Vec<(OutsideQuestion, bool)>,
    /// Of the last run of it, where it was run again with answers from outside.
    pub took: Duration,
    pub memory_bytes: usize,
}

/// How a call ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Ending {
    /// Left to others.
    Passed,
    /// Its actions go beside the clerk's answer.
    Added,
    /// Its actions go in the place of the clerk's answer.
    Took,
    /// The clerk's own answer goes out.
    Failed { why: String },
}

impl Workbench {
    /// `cache`: where compiled code is kept, if it is.
    ///
    /// # Errors
    /// The system lacks the address space, or the cache cannot be used.
    pub fn new(limits: CallLimits, render: Render, cache: Option<&Path>) -> Result<Self, PluginError> {
        let loader = Loader::new(Tools { limits, render }, cache.map(|dir| (dir, Compiler::Here)))?;
        Ok(Self { loader })
    }

    /// Whether a file of this name takes seconds to load, since what runs it has to be compiled first.
    pub fn is_slow_for(&self, file: &str) -> bool {
        is_script(file) && !self.loader.has_script_engine()
    }

    /// What the daemon would make of a file of this name, short of letting it answer.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn check(
        &self,
        file: &str,
        bytes: &[u8],
        entry: impl FnOnce(&str) -> Option<PluginEntry>,
    ) -> Result<CheckReport, PluginError> {
        self.loader.check(file, bytes, entry)
    }

    /// What a file of this name is and wants; nothing of it is called.
    ///
    /// # Errors
    /// It is no plugin's.
    pub fn profile(&self, file: &str, bytes: &[u8]) -> Result<Profile, PluginError> {
        let (manifest, hooks) = self.loader.describe(file, bytes)?;
        Ok(Profile::new(file, bytes, manifest, hooks))
    }

    /// Loads a plugin as the daemon does. Without an entry it may do all that it wishes for.
    ///
    /// # Errors
    /// Why the daemon would refuse it.
    pub fn load(&self, file: &str, bytes: &[u8], entry: Option<&PluginEntry>) -> Result<Loaded, PluginError> {
        if is_script(file) {
            self.loader.make_script_engine()?;
        }
        let (version, _) = self.loader.make(file, bytes, |_| entry.cloned())?;
        let manifest = version.manifest.clone();
        let seat = match entry {
            Some(entry) => Seat::new(&manifest, entry)?,
            None => {
                let grants = manifest.capabilities.iter().cloned().collect();
                Seat::new(&manifest, &PluginEntry { grants, ..PluginEntry::default() })?
            }
        };
        Ok(Loaded {
            hooks: version.hooks.clone(),
            seated: Seated { version: Arc::new(version), seat: Arc::new(seat) },
            manifest,
        })
    }

    /// Makes a call, and makes it again with each answer from outside. `outside` gives those; `Err` says why one is not
    /// given, which the plugin is told as a failure.
    pub fn call(
        &self,
        plugin: &Loaded,
        scene: &Scene,
        facts: &Facts,
        mut outside: impl FnMut(&OutsideQuestion) -> Result<Reply, String>,
    ) -> CallReport {
        let mut scene = scene.clone();
        let mut asked_outside = Vec::new();
        loop {
            let called = scene.ask(facts, |asked| self.loader.call(&plugin.seated, asked));
            let Some(question) = called.question else { return CallReport::of(called, asked_outside) };
            let answer = outside(&question);
            let number = u32::try_from(scene.recorded.len()).unwrap_or(u32::MAX);
            scene.recorded.push(Recorded {
                number,
                plugin: question.plugin.clone(),
                digest: question.digest,
                reply: answer.clone().unwrap_or_else(Reply::Failed),
            });
            asked_outside.push((question, answer.is_ok()));
        }
    }
}

impl CallReport {
    fn of(called: Called, outside: Vec<(OutsideQuestion, bool)>) -> Self {
        let Called { result, kv, trace, log, took, memory_bytes, .. } = called;
        let (ending, actions) = match result {
            Ok(Outcome::Pass) => (Ending::Passed, Vec::new()),
            Ok(Outcome::Also(actions)) => (Ending::Added, actions),
            Ok(Outcome::Handled(actions)) => (Ending::Took, actions),
            Err(failure) => (Ending::Failed { why: failure.to_string() }, Vec::new()),
        };
        let is_question = |step: &TraceStep| matches!(step.what, Finding::Asked { .. });
        let asked = trace.into_iter().filter(is_question).collect();
        Self { ending, actions, keys: kv, log, asked, outside, took, memory_bytes }
    }
}
