//! One call of one plugin: a fresh instance, what it asks, what comes of it.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use scoped_tls_hkt::scoped_thread_local;
use wasmtime::{Store, StoreLimits, Trap, UpdateDeadline};

use super::{answer::Bounds, convert, logbook::Logbook, sandbox::Sandbox, seat::Seat, workshop::Tools};
use crate::{
    model::{Action, Failure, Finding, HookCall, KvWrite, TraceStep},
    plugin::contract::world::{PluginPre, types},
};

scoped_thread_local! {
    /// What the guest that runs on this thread was asked. A guest's own state must outlive every borrow; this
    /// lends it the call for exactly as long as it runs.
    pub(super) static ASKED: for<'a> &'a HookCall<'a>
}

/// Bytes of a reason that are kept.
const MAX_REASON: usize = 300;

/// The state behind a running instance.
pub struct Guest {
    pub(super) seat: Arc<Seat>,
    pub(super) tools: Arc<Tools>,
    pub(super) logbook: Arc<Logbook>,
    limits: StoreLimits,
    /// Looks of the clock it has left.
    ticks_left: u64,
    /// Staged writes by key.
    pub(super) staged: BTreeMap<String, Option<Vec<u8>>>,
    pub(super) staged_bytes: usize,
    pub(super) trace: Vec<TraceStep>,
    pub(super) questions: u32,
    pub(super) fetches: u32,
    pub(super) fetching: std::time::Duration,
}

/// What a call came to.
pub struct Called {
    pub result: Result<Option<Vec<Action>>, Failure>,
    /// What the plugin wrote; nothing unless it took the moment.
    pub kv: Vec<KvWrite>,
    /// What it asked and was told, then what it made of it.
    pub trace: Vec<TraceStep>,
}

/// The clock's way of ending a guest.
#[derive(Debug, thiserror::Error)]
#[error("out of time")]
struct Overtime;

/// A limit of the host's that a guest broke.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broke(pub String);

/// Calls the plugin on its seat. Never fails otherwise than in the result.
pub fn call(
    sandbox: &Sandbox,
    tools: &Arc<Tools>,
    pre: &PluginPre<Guest>,
    seat: &Arc<Seat>,
    logbook: &Arc<Logbook>,
    asked: &HookCall<'_>,
) -> Called {
    let began = Instant::now();
    let guest = Guest {
        seat: seat.clone(),
        tools: tools.clone(),
        logbook: logbook.clone(),
        limits: sandbox.store_limits(),
        ticks_left: sandbox.ticks(),
        staged: BTreeMap::new(),
        staged_bytes: 0,
        trace: Vec::new(),
        questions: 0,
        fetches: 0,
        fetching: std::time::Duration::ZERO,
    };
    let mut store = Store::new(&sandbox.engine, guest);
    store.limiter(|guest| &mut guest.limits);
    store.set_hostcall_fuel(tools.limits.output_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        // Time spent in the host passes as one tick: its own limits bound that.
        let guest = store.data_mut();
        guest.ticks_left = guest.ticks_left.checked_sub(1).ok_or(Overtime)?;
        Ok(UpdateDeadline::Continue(1))
    });
    let outcome = {
        let _running = sandbox.running();
        ASKED.set(asked, || {
            let plugin = pre.instantiate(&mut store)?;
            plugin.call_handle(&mut store, &convert::moment(&asked.moment), &convert::context(asked))
        })
    };
    let guest = store.into_data();
    let name = seat.name();
    let result = match outcome {
        Ok(Ok(types::Outcome::Pass)) => Ok(None),
        Ok(Ok(types::Outcome::Handled(actions))) => {
            let bounds = Bounds { plugin: name, granted: &seat.granted, now_ms: asked.now_ms };
            bounds.accept(actions).map(Some).map_err(Failure::Refused)
        }
        Ok(Err(why)) => Err(Failure::Said(line(&why))),
        Err(error) => Err(failure(&error)),
    };
    metrics::histogram!("nightclerk_plugin_call_seconds", "plugin" => name.to_owned()).record(began.elapsed());
    let mut trace = guest.trace;
    trace.push(TraceStep::plugin(name, finding(&result)));
    Called { kv: kv_writes(name, guest.staged, &result), trace, result }
}

/// The writes that are to be committed with the event: those of a call that took the moment.
fn kv_writes(
    plugin: &str,
    staged: BTreeMap<String, Option<Vec<u8>>>,
    result: &Result<Option<Vec<Action>>, Failure>,
) -> Vec<KvWrite> {
    if !matches!(result, Ok(Some(_))) {
        return Vec::new();
    }
    staged.into_iter().map(|(key, value)| KvWrite { plugin: plugin.to_owned(), key, value, expires_ms: None }).collect()
}

fn finding(result: &Result<Option<Vec<Action>>, Failure>) -> Finding {
    match result {
        Ok(None) => Finding::Passed,
        Ok(Some(actions)) => Finding::Took { actions: actions.len() },
        Err(failure) => Finding::Skipped { why: failure.clone() },
    }
}

fn failure(error: &wasmtime::Error) -> Failure {
    if error.is::<Overtime>() {
        return Failure::Overtime;
    }
    let why = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    Failure::Trapped(line(&why))
}

/// One line, of bounded length.
pub(super) fn line(text: &str) -> String {
    let mut line: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if line.len() > MAX_REASON {
        line.truncate(line.floor_char_boundary(MAX_REASON));
        line.push('…');
    }
    line
}
