//! One call of one plugin: a fresh instance, what it asks, what comes of it.

use std::{sync::Arc, time::Instant};

use wasmtime::{Store, UpdateDeadline};

use super::{
    answer::Bounds,
    failure::Failure,
    guest::{ASKED, Guest},
    sandbox::Sandbox,
    text::line,
    tools::Tools,
    version::{Seated, Version},
};
use crate::{
    model::{Action, HookCall, KvWrite, TraceStep},
    plugin::contract::world::types,
};

/// What a call came to.
pub struct Called {
    pub result: Result<Outcome, Failure>,
    /// What the plugin wrote; nothing where it failed.
    pub kv: Vec<KvWrite>,
    /// What it asked and was told, then what it made of it.
    pub trace: Vec<TraceStep>,
    /// Whether it called the outside, or would have.
    pub reached_out: bool,
}

/// What a plugin made of a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Pass,
    /// Adds to the answer.
    Also(Vec<Action>),
    /// Takes the built-in answer's place.
    Handled(Vec<Action>),
}

/// Calls the plugin on its seat. Never fails otherwise than in the result.
pub fn call(sandbox: &Sandbox, tools: &Arc<Tools>, seated: &Seated, asked: &HookCall<'_>) -> Called {
    let began = Instant::now();
    let Seated { version, seat } = seated;
    let name = seat.name();
    let (answer, guest) = run(sandbox, tools, version, seated, asked);
    let result = answer.and_then(|outcome| {
        let bounds = Bounds { seat, asked };
        match outcome {
            types::Outcome::Pass => Ok(Outcome::Pass),
            types::Outcome::Also(actions) => bounds.accept(actions).map(Outcome::Also),
            types::Outcome::Handled(actions) => bounds.accept(actions).map(Outcome::Handled),
        }
        .map_err(Failure::Refused)
    });
    metrics::histogram!("nightclerk_plugin_call_seconds").record(began.elapsed());
    let reached_out = guest.fetched.times > 0;
    let kv = if result.is_ok() { guest.keys.into_writes(name) } else { Vec::new() };
    Called { kv, trace: trace(name, guest.trace, &result), result, reached_out }
}

/// Runs a fresh instance until it has answered.
fn run(
    sandbox: &Sandbox,
    tools: &Arc<Tools>,
    version: &Version,
    seated: &Seated,
    asked: &HookCall<'_>,
) -> (Result<types::Outcome, Failure>, Guest) {
    let guest = Guest::new(
        seated.seat.clone(),
        tools.clone(),
        version.logbook.clone(),
        sandbox.store_limits(),
        sandbox.ticks(),
    );
    let mut store = Store::new(&sandbox.engine, guest);
    store.limiter(|guest| &mut guest.limits);
    store.set_hostcall_fuel(tools.limits.output_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        store.data_mut().tick()?;
        Ok(UpdateDeadline::Continue(1))
    });
    let answer = {
        let _running = sandbox.running();
        ASKED.set(asked, || version.exports.call(&version.pre, &mut store, asked))
    };
    let answer = match answer {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(why)) => Err(Failure::Said(line(&why))),
        Err(error) => Err(error.into()),
    };
    (answer, store.into_data())
}

fn trace(plugin: &str, questions: Vec<String>, result: &Result<Outcome, Failure>) -> Vec<TraceStep> {
    let last = match result {
        Ok(outcome) => outcome.to_string(),
        Err(failure) => format!("skipped: it {failure}"),
    };
    let by = format!("plugin:{plugin}");
    questions.into_iter().chain([last]).map(|what| TraceStep { by: by.clone(), what }).collect()
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted = |verb: &str, actions: &[Action]| match actions.len() {
            1 => format!("{verb} 1 action"),
            count => format!("{verb} {count} actions"),
        };
        f.write_str(&match self {
            Self::Pass => "passed".to_owned(),
            Self::Also(actions) => counted("added", actions),
            Self::Handled(actions) => counted("took it with", actions),
        })
    }
}
