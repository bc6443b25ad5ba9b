//! Scripts in the host: the engine that all of them share, made ready once for a machine, and a component for each.

use std::{
    sync::{Arc, Condvar, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use wasmtime::{
    Module,
    component::{Component, Linker},
};

use super::{
    PluginHost,
    cache::{self, Cache, Digest},
    guest::Guest,
    sandbox::Sandbox,
};
use crate::plugin::{
    contract::{FileKind, PluginError, plugin_name},
    script::{self, Described, Evaluation, Mold},
};

/// The engine is compiled this long after the start even if no script is there, so that the first one waits for nothing;
/// customers who write at once go first.
const WARM_UP: Duration = Duration::from_secs(20);
/// What a script may take to be evaluated, and how much later it is ended from outside.
const LOAD_TIME: Duration = Duration::from_secs(2);
const LOAD_GRACE: Duration = Duration::from_millis(200);

/// The engine of a loader, once it is there.
#[derive(Default)]
pub struct Scripts {
    digest: OnceLock<Digest>,
    engine: Mutex<Option<Result<Arc<Engine>, String>>>,
}

/// The engine, ready to run scripts.
pub struct Engine {
    code: Module,
    /// Its memory before anything ran.
    image: Vec<u8>,
    mold: Mold,
    /// The memory of what takes types out, once that was needed.
    stripper: OnceLock<Result<Vec<u8>, String>>,
    /// What every plugin is linked with, and what only the engine knows.
    linker: Linker<Guest>,
}

/// A script, made a plugin like any other.
pub struct Made {
    pub described: Described,
    pub component: Component,
}

impl Scripts {
    /// The engine, if it is there or was compiled before.
    pub fn ready(&self, sandbox: &Sandbox, cache: Option<&Cache>) -> Result<Arc<Engine>, PluginError> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if engine.is_none()
            && let Some(code) = cache.and_then(|cache| cache.cached_module(&sandbox.engine, &self.digest()))
        {
            *engine = Some(Engine::new(sandbox, code).map(Arc::new));
        }
        engine.clone().ok_or(PluginError::EngineAwaited)?.map_err(PluginError::NoEngine)
    }

    /// Compiles the engine where it is not there yet, which takes seconds.
    pub fn make_ready(&self, sandbox: &Sandbox, cache: Option<&Cache>) -> Result<Arc<Engine>, PluginError> {
        match self.ready(sandbox, cache) {
            Err(PluginError::EngineAwaited) => {}
            there => return there,
        }
        let made = script::code(script::ENGINE).map_err(|error| error.to_string()).and_then(|code| {
            let code = match cache {
                Some(cache) => cache.module(sandbox, &code, &self.digest()),
                None => Module::new(&sandbox.engine, &code).map_err(|error| format!("{error:#}")),
            };
            Engine::new(sandbox, code?).map(Arc::new)
        });
        *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        made.map_err(PluginError::NoEngine)
    }

    /// What its compiled code is kept under.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| cache::digest(script::ENGINE))
    }
}

impl Engine {
    fn new(sandbox: &Sandbox, code: Module) -> Result<Self, String> {
        let mut linker = sandbox.linker.clone();
        let mut link = || -> wasmtime::Result<()> {
            linker.root().module(script::CODE, &code)?;
            linker
                .instance(script::CLOCK)?
                .func_wrap(script::EXPIRED, |mut store: wasmtime::StoreContextMut<'_, Guest>, (): ()| {
                    Ok((store.data_mut().is_nearly_over(),))
                })
        };
        link().map_err(|error| format!("{error:#}"))?;
        let image = script::image(script::ENGINE).map_err(|error| error.to_string())?;
        Ok(Self { code, image, mold: Mold::of(script::ENGINE)?, stripper: OnceLock::new(), linker })
    }

    pub fn linker(&self) -> &Linker<Guest> {
        &self.linker
    }

    /// Evaluates a script, and makes a plugin of what it leaves.
    ///
    /// # Errors
    /// What is wrong with it, with its place where there is one.
    pub fn make(&self, sandbox: &Sandbox, file: &str, bytes: &[u8]) -> Result<Made, PluginError> {
        let source = str::from_utf8(bytes).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            PluginError::Script(format!("{file}:{line}: it is not UTF-8"))
        })?;
        let _running = sandbox.running();
        let stripped;
        let source = match FileKind::of(file) {
            Some(FileKind::TypedScript) => {
                stripped = self.strip(sandbox, file, source)?;
                stripped.as_str()
            }
            _ => source,
        };
        let (exports, memory) =
            self.evaluation(sandbox, &self.image).run("load", file, source).map_err(script_error)?;
        let described = script::describe(plugin_name(file), &exports, source)?;
        let component = self.mold.component(&memory).map_err(|error| PluginError::Compile(error.to_string()))?;
        let component =
            Component::new(&sandbox.engine, component).map_err(|error| PluginError::Compile(format!("{error:#}")))?;
        Ok(Made { described, component })
    }

    /// The JavaScript in a source with types.
    fn strip(&self, sandbox: &Sandbox, file: &str, source: &str) -> Result<String, PluginError> {
        let load = || self.evaluation(sandbox, &self.image).run("load", "strip-types.js", script::STRIPPER);
        let memory = self.stripper.get_or_init(|| load().map(|(_, memory)| memory));
        let memory = memory.as_ref().map_err(|why| PluginError::NoEngine(why.clone()))?;
        self.evaluation(sandbox, memory).run("strip", file, source).map(|(source, _)| source).map_err(script_error)
    }

    fn evaluation<'a>(&'a self, sandbox: &'a Sandbox, memory: &'a [u8]) -> Evaluation<'a> {
        let until = Instant::now() + LOAD_TIME;
        Evaluation {
            engine: &sandbox.engine,
            code: &self.code,
            memory,
            max_memory_bytes: sandbox.memory().bytes,
            until,
            at_last: until + LOAD_GRACE,
        }
    }
}

fn script_error(why: String) -> PluginError {
    PluginError::Script(super::text::line(&why))
}

impl PluginHost {
    /// Compiles the script engine where that was never done on this machine: as soon as a script waits for it, or a while
    /// after the start. Then loads what waits.
    pub fn make_scripts_ready(&self) {
        if self.loader.has_script_engine() {
            return;
        }
        self.engine_wanted.wait(WARM_UP);
        match self.loader.make_script_engine() {
            Ok(()) => tracing::debug!("the script engine is ready"),
            Err(error) => tracing::warn!(%error, "scripts cannot be run"),
        }
        self.retry_awaiting();
    }
}

/// Something that is waited for.
#[derive(Default)]
pub struct Signal {
    given: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    pub fn give(&self) {
        *self.given.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Returns when it is given, or after so long.
    fn wait(&self, at_most: Duration) {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(given, at_most, |given| !*given));
    }
}

/// Whether a file is a script.
pub fn is_script(file: &str) -> bool {
    matches!(FileKind::of(file), Some(FileKind::Script | FileKind::TypedScript))
}
