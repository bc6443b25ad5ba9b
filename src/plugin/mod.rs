//! Plugins: sandboxed WebAssembly components that answer in the engine's place.
//!
//! A file's bytes become a `Plugin` in the `workshop` (manifest, world, compiled code, a trial), get a `Seat` (what
//! `plugins.toml` lets it do), and stand in the line-up of the `host` until the file or its entry changes. A `call`
//! runs a fresh instance in the `sandbox`, lets it ask its `questions`, and holds its `answer` against its grants.

mod answer;
mod binary;
pub mod build;
mod cache;
mod call;
mod capability;
mod contract;
mod convert;
mod error;
mod fetch;
mod host;
pub mod manifest;
pub mod package;
mod questions;
mod record;
mod sandbox;
pub mod scaffold;
mod seat;
mod setting;
mod slot;
mod status;
#[cfg(test)]
mod tests;
pub mod toolchain;
mod trial;
mod watch;
mod workshop;

pub use capability::Capability;
pub use error::PluginError;
pub use fetch::Fetch;
pub use host::{HostSettings, PluginHost};
pub use seat::PluginEntry;
pub use setting::{Setting, SettingKind};
pub use status::{PluginState, PluginStatus};
pub use trial::with_sample;
pub use watch::Watch;
pub use workshop::{CheckReport, Limits, Render, TrialResult, check};
