//! One call of one plugin: a fresh instance, what it asks, what comes of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use wasmtime::{Store, UpdateDeadline};

use super::{
    answer::Bounds,
    failure::{self, Broke},
    guest::{ASKED, Guest},
    logbook::LogLine,
    outcome::Outcome,
    quota::check_waiting,
    sandbox::Sandbox,
    text::line,
    tools::Tools,
    version::{Seated, Version},
};
use crate::{
    model::{Failure, HookCall, KvWrite, OutsideQuestion, TraceStep},
    plugin::{contract::world::types, script},
};

/// What a call came to.
pub struct Called {
    pub result: Result<Outcome, Failure>,
    /// What the plugin wrote; nothing where it failed.
    pub kv: Vec<KvWrite>,
    /// What it asked and was told.
    pub trace: Vec<TraceStep>,
    /// It asked the outside something that is not answered yet: the rest counts for nothing.
    pub question: Option<OutsideQuestion>,
    pub log: Vec<LogLine>,
    pub took: Duration,
    /// Its memory at its largest.
    pub memory_bytes: usize,
}

/// Calls the plugin on its seat. Never fails otherwise than in the result.
pub fn call(sandbox: &Sandbox, tools: &Arc<Tools>, seated: &Seated, asked: &HookCall<'_>) -> Called {
    let began = Instant::now();
    let Seated { version, seat, .. } = seated;
    let name = seat.name();
    let (answer, mut guest) = run(sandbox, tools, version, seated, asked);
    let result = answer.and_then(|outcome| {
        let bounds = Bounds { seat, asked };
        match outcome {
            types::Outcome::Pass => Ok(Outcome::Pass),
            types::Outcome::Also(actions) => bounds.accept(actions).map(Outcome::Also),
            types::Outcome::Handled(actions) => bounds.accept(actions).map(Outcome::Handled),
        }
        .and_then(|outcome| check_waiting(name, asked, outcome.actions()).map(|()| outcome))
        .map_err(Failure::Refused)
    });
    let took = began.elapsed();
    if !seat.in_shadow && !seat.on_trial {
        metrics::histogram!("nightclerk_plugin_call_seconds", "plugin" => name.to_owned()).record(took);
    }
    let question = guest.question.take();
    if question.is_none() {
        guest.file_log();
    }
    let kv = if result.is_ok() { guest.keys.into_writes(name) } else { Vec::new() };
    let memory_bytes = guest.limits.memory_bytes;
    Called { kv, trace: guest.trace, result, question, log: guest.log_lines, took, memory_bytes }
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
        let call = || ASKED.set(asked, || version.exports.call(&version.pre, &mut store, asked));
        // A fault of the host's own in answering it costs this call alone.
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(Broke("the host failed".to_owned()).into()))
    };
    let answer = match answer {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(why)) if store.data().was_told && why.starts_with(script::OVERTIME) => {
            Err(Failure::OvertimeAt(line(why.trim_start_matches(script::OVERTIME).trim_start())))
        }
        Ok(Err(why)) => Err(Failure::Said(line(&why))),
        Err(error) => Err(failure::of(&error)),
    };
    (answer, store.into_data())
}
