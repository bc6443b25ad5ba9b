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
    prepared,
    quota::check_waiting,
    sandbox::Sandbox,
    seat::Seat,
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
    let prepared = prepared::of(sandbox, tools, seated);
    let began = Instant::now();
    let Seated { version, seat, .. } = seated;
    let name = seat.name();
    let mut store = fresh(sandbox, tools, version, seat.clone(), prepared);
    let answer = run(sandbox, asked, || version.exports.call(&version.pre, &mut store, asked));
    let mut guest = store.into_data();
    let answer = match answer {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(why)) if guest.was_told && why.starts_with(script::OVERTIME) => {
            Err(Failure::OvertimeAt(line(why.trim_start_matches(script::OVERTIME).trim_start())))
        }
        Ok(Err(why)) => Err(Failure::Said(line(&why))),
        Err(error) => Err(failure::of(&error)),
    };
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
        version.record.took(name, took);
    }
    let question = guest.question.take();
    if question.is_none() {
        guest.file_log();
    }
    let kv = if result.is_ok() { guest.keys.into_writes(name) } else { Vec::new() };
    let memory_bytes = guest.limits.memory_bytes;
    Called { kv, trace: guest.trace, result, question, log: guest.log_lines, took, memory_bytes }
}

/// Where a fresh instance runs, within its limits.
pub fn fresh(
    sandbox: &Sandbox,
    tools: &Arc<Tools>,
    version: &Version,
    seat: Arc<Seat>,
    prepared: Option<Arc<[u8]>>,
) -> Store<Guest> {
    let limits = sandbox.store_limits();
    let guest = Guest::new(seat, tools.clone(), version.logbook.clone(), prepared, limits, sandbox.ticks());
    let mut store = Store::new(&sandbox.engine, guest);
    store.limiter(|guest| &mut guest.limits);
    store.set_hostcall_fuel(tools.limits.output_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        store.data_mut().tick()?;
        Ok(UpdateDeadline::Continue(1))
    });
    store
}

/// Lets a guest run that is asked this, until it has answered.
pub fn run<T>(
    sandbox: &Sandbox,
    asked: &HookCall<'_>,
    guest: impl FnOnce() -> wasmtime::Result<T>,
) -> wasmtime::Result<T> {
    let _running = sandbox.running();
    // A fault of the host's own in answering it costs this call alone.
    catch_unwind(AssertUnwindSafe(|| ASKED.set(asked, guest)))
        .unwrap_or_else(|_| Err(Broke("the host failed".to_owned()).into()))
}
