//! JavaScript files as plugins.
//!
//! One `engine`, QuickJS as a WebAssembly module, is shared by all scripts. A script is evaluated in it once
//! (`evaluate`); the memory as it is then, beside the engine's code, makes a `component` like any other: each call begins
//! with that memory, and what a script may do is granted and limited as for every plugin.

mod component;
mod engine;
mod evaluate;
mod exports;
mod sections;
mod wishes;

pub use component::Mold;
pub use engine::{code, image};
pub use evaluate::Evaluation;
pub use exports::{Described, describe};

/// The engine, a core module built from `sdk/js/engine`.
pub static ENGINE: &[u8] = include_bytes!("../../../plugins/dist/script-engine.wasm");

/// The script that takes the types out of TypeScript, built from `sdk/js/strip`.
pub const STRIPPER: &str = include_str!("../../../sdk/js/strip/strip-types.js");

/// The name under which a script's component imports the engine's code.
pub const CODE: &str = "engine-code";
/// The interface by which the engine asks whether time is up, and its function.
pub const CLOCK: &str = "nightclerk:script/clock@1.0.0";
pub const EXPIRED: &str = "expired";
/// How the engine's answer begins where a call was ended for its time.
pub const OVERTIME: &str = "ran out of time";
/// The version of the contract that the engine was made for.
pub const CONTRACT: &str = "1.0";
