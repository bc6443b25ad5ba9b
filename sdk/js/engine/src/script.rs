//! The script of this instance: evaluated once, called as often as its memory is copied.

use std::cell::{Cell, RefCell};

use rquickjs::{
    CatchResultExt, Context, Ctx, Function, Module, Object, Persistent, Runtime, Value, function::Rest,
    promise::PromiseState,
};

use crate::{
    clerk, exact,
    failure::{OVERTIME, at, overtime, place_of, words},
    names, take,
    wit::{nightclerk::plugin::types::Outcome, nightclerk::script::clock},
};

/// Of the script's own; the rest of what the daemon lends is the engine's.
const MEMORY_BYTES: usize = 12 << 20;
/// The daemon's own stack for a guest ends a little after three times as much.
const STACK_BYTES: usize = 96 * 1024;

struct Script {
    context: Context,
    exports: Persistent<Object<'static>>,
    _runtime: Runtime,
}

thread_local! {
    static SCRIPT: RefCell<Option<Script>> = const { RefCell::new(None) };
    /// What was rejected and not awaited so far: the promise, and why.
    static REJECTED: RefCell<Vec<(usize, String)>> = const { RefCell::new(Vec::new()) };
    static NOW_US: Cell<f64> = const { Cell::new(0.0) };
}

/// The clock of the engine stands still at the moment it was asked for.
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    NOW_US.get()
}

pub fn load(name: String, source: String) -> Result<String, String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.set_memory_limit(MEMORY_BYTES);
    runtime.set_max_stack_size(STACK_BYTES);
    runtime.set_interrupt_handler(Some(Box::new(clock::expired)));
    runtime.set_host_promise_rejection_tracker(Some(Box::new(note_rejection)));
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    let (said, exports) = context.with(|ctx| {
        clerk::offer(&ctx).catch(&ctx).map_err(|error| words(error, None))?;
        let module = Module::declare(ctx.clone(), name, source).catch(&ctx).map_err(|error| words(error, None))?;
        let (module, promise) = module.eval().catch(&ctx).map_err(|error| words(error, None))?;
        settle(&ctx, promise.into_value(), None)?;
        let exports = module.namespace().catch(&ctx).map_err(|error| words(error, None))?;
        Ok::<_, String>((introduce(&ctx, &exports)?, Persistent::save(&ctx, exports)))
    })?;
    runtime.run_gc();
    SCRIPT.set(Some(Script { context, exports, _runtime: runtime }));
    Ok(said)
}

/// What the script exports: its manifest, its hooks, and whatever else.
fn introduce<'js>(ctx: &Ctx<'js>, exports: &Object<'js>) -> Result<String, String> {
    let mut found = Vec::new();
    let mut others = Vec::new();
    let mut manifest = "null".to_owned();
    for name in exports.keys::<String>() {
        let name = name.catch(ctx).map_err(|error| words(error, None))?;
        let value: Value = exports.get(&name).catch(ctx).map_err(|error| words(error, None))?;
        if name == "manifest" {
            manifest = exact::write(&value, "manifest").map_err(|why| caught(ctx, why, None))?;
        } else if let Some((hook, _)) = names::HOOKS.iter().find(|(_, function)| *function == name) {
            if !value.is_function() {
                return Err(format!("`{name}` is exported, but is {}, not a function", exact::kind(&value)));
            }
            found.push(*hook);
        } else {
            others.push(name);
        }
    }
    let (found, others) = (serde_json::json!(found), serde_json::json!(others));
    Ok(format!(r#"{{"manifest":{manifest},"hooks":{found},"others":{others}}}"#))
}

/// Calls the exported function of this name, and takes its answer.
pub fn call(
    name: &str,
    now_ms: i64,
    seed: &str,
    give: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<Vec<Value<'js>>>,
) -> Result<Outcome, String> {
    NOW_US.set(now_ms as f64 * 1000.0);
    clerk::open(now_ms, seed);
    with_export(name, |ctx, function| {
        let given = give(ctx).catch(ctx).map_err(|error| words(error, None))?;
        let answer: Value = function.call((Rest(given),)).catch(ctx).map_err(|error| words(error, Some(&function)))?;
        let answer = settle(ctx, answer, Some(&function))?;
        take::outcome(&answer).map_err(|why| caught(ctx, why, Some(&function)))
    })
}

/// The JavaScript of a source with types, by the script that knows how.
pub fn strip(name: &str, source: &str) -> Result<String, String> {
    with_export("strip", |ctx, function| {
        function.call((source, name)).catch(ctx).map_err(|error| match error {
            // It tells the place in the author's source itself.
            rquickjs::CaughtError::Exception(error) => error.message().unwrap_or_default(),
            error => words(error, None),
        })
    })
}

fn with_export<T>(
    name: &str,
    ask: impl for<'js> FnOnce(&Ctx<'js>, Function<'js>) -> Result<T, String>,
) -> Result<T, String> {
    SCRIPT.with_borrow(|script| {
        let script = script.as_ref().ok_or("no script is loaded")?;
        script.context.with(|ctx| {
            let exports = script.exports.clone().restore(&ctx).map_err(|error| error.to_string())?;
            let function = exports.get(name).map_err(|_| format!("`{name}` is exported no more"))?;
            ask(&ctx, function)
        })
    })
}

/// What a value comes to when all that was begun is done.
fn settle<'js>(ctx: &Ctx<'js>, value: Value<'js>, called: Option<&Function<'js>>) -> Result<Value<'js>, String> {
    while ctx.execute_pending_job() {
        if clock::expired() {
            return Err(overtime(called.and_then(place_of)));
        }
    }
    let value = match value.as_promise() {
        None => value,
        Some(promise) if promise.state() == PromiseState::Pending && clock::expired() => {
            return Err(overtime(called.and_then(place_of)));
        }
        Some(promise) => match promise.result::<Value>() {
            None => return Err(at(called.and_then(place_of), "its promise never settles")),
            Some(result) => result.catch(ctx).map_err(|error| words(error, called))?,
        },
    };
    match REJECTED.with_borrow_mut(Vec::pop) {
        Some((_, why)) if why.starts_with(OVERTIME) => Err(why),
        Some((_, why)) => Err(format!("{why}; the promise was not awaited")),
        None => Ok(value),
    }
}

/// Called when a promise is rejected that nobody has awaited, and again when somebody does.
fn note_rejection<'js>(ctx: Ctx<'js>, promise: Value<'js>, reason: Value<'js>, is_handled: bool) {
    // SAFETY: a promise is an object, whose value holds a pointer.
    #[allow(unsafe_code)]
    let which = unsafe { rquickjs::qjs::JS_VALUE_GET_PTR(promise.as_raw()) } as usize;
    REJECTED.with_borrow_mut(|rejected| {
        rejected.retain(|(other, _)| *other != which);
        if !is_handled {
            rejected.push((which, words(rquickjs::CaughtError::from_error(&ctx, ctx.throw(reason)), None)));
        }
    });
}

/// What a conversion says, said of the function whose answer it is.
fn caught(ctx: &Ctx<'_>, why: exact::Why, called: Option<&Function<'_>>) -> String {
    match why {
        exact::Why::Said(why) => at(called.and_then(place_of), &format!("TypeError: {why}")),
        exact::Why::Threw(error) => words(rquickjs::CaughtError::from_error(ctx, error), called),
    }
}
