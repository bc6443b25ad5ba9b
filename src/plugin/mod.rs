//! Plugins: sandboxed WebAssembly components that answer in the engine's place.

pub mod build;
mod capability;
pub mod manifest;
pub mod package;
pub mod scaffold;
pub mod setting;
pub mod toolchain;

pub use capability::Capability;
pub use setting::{Setting, SettingKind};
