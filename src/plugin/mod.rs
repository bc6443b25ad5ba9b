//! Plugins: sandboxed WebAssembly components that answer in the engine's place.

mod capability;
pub mod manifest;
pub mod setting;

pub use capability::Capability;
pub use setting::{Setting, SettingKind};
