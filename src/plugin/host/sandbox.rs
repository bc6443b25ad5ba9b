//! The machine plugins run in: the engine with its limits, and the clock that interrupts them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rlimit::Resource;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, StoreLimitsBuilder,
    WasmBacktraceDetails,
    component::{HasSelf, Linker},
};

use super::{guest::Guest, limits::CallLimits, measured::Measured};
use crate::plugin::contract::{PluginError, world::Imports};

/// How often running guests are looked at.
const TICK: Duration = Duration::from_millis(2);
/// Stack of a guest; the thread that calls has 2 MiB.
const STACK_BYTES: usize = 512 * 1024;
const WASM_PAGE: usize = 64 * 1024;
/// All that a guest's addresses can reach, and what it may add to one of them by itself.
const REACH: u64 = 1 << 32;
const BEYOND: u64 = 32 << 20;
/// A component made by `wit-component` has one main module and up to two shims; one of a language with a runtime of its own, such
/// as Python, some forty. An upper bound takes no memory by itself.
const MODULES: u32 = 64;
const TABLES: u32 = 16;
const TABLE_ELEMENTS: usize = 20_000;
/// Bytes of pages a guest touched that are wiped by hand rather than given back to the system: what a small one does.
const KEEP_RESIDENT: usize = 256 * 1024;
/// Slots that stay warm when idle.
const WARM_SLOTS: u32 = 8;

/// The engine, linked with what the host offers.
pub struct Sandbox {
    pub engine: Engine,
    pub linker: Linker<Guest>,
    clock: Clock,
    memory: GuestMemory,
    ticks: u64,
}

/// What a guest's memory may be, which decides how code is compiled.
#[derive(Clone, Copy, Debug)]
pub struct GuestMemory {
    /// What it may grow to.
    pub bytes: usize,
    /// Whether all addresses that a guest can name are kept for its memory. Then the processor stops it at the end of what it
    /// has, and its code need not look at each address before it uses it. They are addresses alone, not memory.
    pub is_reserved: bool,
}

impl GuestMemory {
    fn new(limits: &CallLimits, is_reserved: bool) -> Self {
        Self { bytes: limits.memory_bytes.next_multiple_of(WASM_PAGE), is_reserved }
    }
}

impl Sandbox {
    pub fn new(limits: &CallLimits) -> Result<Self, PluginError> {
        let host = |error: wasmtime::Error| PluginError::Host(format!("{error:#}"));
        let (engine, memory) = engine(limits).map_err(PluginError::Host)?;
        let mut linker = Linker::new(&engine);
        Imports::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest| guest).map_err(host)?;
        let clock = Clock::start(engine.clone()).map_err(|error| PluginError::Host(error.to_string()))?;
        let ticks = limits.timeout.as_nanos().div_ceil(TICK.as_nanos());
        Ok(Self { engine, linker, clock, memory, ticks: u64::try_from(ticks).unwrap_or(u64::MAX) })
    }

    /// Keeps the clock going while a guest runs.
    pub fn running(&self) -> Running<'_> {
        self.clock.run()
    }

    /// What one instance may take.
    pub fn store_limits(&self) -> Measured {
        let limits = StoreLimitsBuilder::new()
            .memory_size(self.memory.bytes)
            .memories(1)
            .tables(TABLES as usize)
            .table_elements(TABLE_ELEMENTS)
            .instances(MODULES as usize)
            .build();
        Measured::new(limits)
    }

    pub fn memory(&self) -> GuestMemory {
        self.memory
    }

    /// How many looks of the clock a call may last.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }
}

/// An engine with these limits, in which code can be compiled and run; where there is address space for it, with room kept
/// for all calls that may be under way at once, so that none waits for the system.
///
/// # Errors
/// In words: the system does not give what it takes.
fn engine(limits: &CallLimits) -> Result<(Engine, GuestMemory), String> {
    // What is kept for plugins would be missing for all else.
    let is_limited = Resource::AS.get_soft().is_ok_and(|most| most != rlimit::INFINITY);
    if !is_limited {
        let pooled = |is_reserved: bool| {
            let memory = GuestMemory::new(limits, is_reserved);
            let mut config = config(memory);
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(memory.bytes)));
            Engine::new(&config).map(|engine| (engine, memory))
        };
        // A system with few addresses may have enough for what the memories may grow to.
        match pooled(true).or_else(|_| pooled(false)) {
            Ok(made) => return Ok(made),
            Err(error) => tracing::warn!(
                %error,
                "no room can be kept for plugins, so each call asks the system; a lower `memory_mb` in [plugins] may help"
            ),
        }
    }
    let memory = GuestMemory::new(limits, false);
    Ok((compiling_engine(memory)?, memory))
}

/// The same without room kept: what the compiler needs, which runs nothing.
///
/// # Errors
/// In words.
pub fn compiling_engine(memory: GuestMemory) -> Result<Engine, String> {
    Engine::new(&config(memory)).map_err(|error| format!("{error:#}"))
}

/// Room for the calls that may be under way at once: a fresh instance in microseconds.
fn pool(memory_bytes: usize) -> PoolingAllocationConfig {
    // Lanes that decide are twice the processors; a call waits for no slot.
    let slots = thread::available_parallelism().map_or(4, usize::from).saturating_mul(4).clamp(32, 256) as u32;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * MODULES)
        .total_memories(slots)
        .total_tables(slots * TABLES)
        .max_core_instances_per_component(MODULES)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES)
        .max_memory_size(memory_bytes)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        .pagemap_scan(Enabled::Auto)
        .max_unused_warm_slots(WARM_SLOTS);
    pool
}

/// The engine's configuration: pure, deterministic guests. Code compiled under it runs with and without a pool.
fn config(memory: GuestMemory) -> Config {
    let (reserved, guard) = if memory.is_reserved { (REACH, BEYOND) } else { (memory.bytes as u64, WASM_PAGE as u64) };
    let mut config = Config::new();
    config
        .memory_init_cow(true)
        .memory_reservation(reserved)
        .memory_reservation_for_growth(0)
        .memory_guard_size(guard)
        .guard_before_linear_memory(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .native_unwind_info(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// Moves the engine's epoch on while guests run, and sleeps while none does.
struct Clock {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    stopped: AtomicBool,
}

impl Clock {
    fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let seen = shared.clone();
        let thread = thread::Builder::new().name("plugin-clock".to_owned()).spawn(move || {
            while !seen.stopped.load(Ordering::Acquire) {
                if seen.running.load(Ordering::Acquire) == 0 {
                    thread::park();
                } else {
                    thread::sleep(TICK);
                    engine.increment_epoch();
                }
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    fn run(&self) -> Running<'_> {
        if self.shared.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake();
        }
        Running(&self.shared)
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked, and there is nothing to do if it had.
            let _ = thread.join();
        }
    }
}

/// While this lives, the clock ticks.
pub struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
