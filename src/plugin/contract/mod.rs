//! The words that the daemon and its plugins share: the world a component is of, its manifest, its settings, and
//! what it may be granted.

mod binary;
mod capability;
mod error;
pub mod manifest;
mod setting;
pub mod world;

pub use capability::Capability;
pub use error::PluginError;
pub use manifest::Manifest;
pub use setting::{Setting, SettingKind, samples, settle};

/// A plugin file of more bytes is refused unread.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
