//! The words that the daemon and its plugins share: the world a component is of, its manifest, its settings, and
//! what it may be granted.

mod binary;
mod capability;
mod error;
mod file_kind;
pub mod language;
mod limits;
pub mod manifest;
mod setting;
pub mod signature;
mod web_place;
pub mod world;

pub use capability::Capability;
pub use error::PluginError;
pub use file_kind::{FileKind, extension, files_of, plugin_name};
pub use limits::LIMITS;
pub use manifest::Manifest;
pub use setting::{Setting, SettingKind, samples, settle};
pub use signature::{PublicKey, SecretKey, Trust};
pub use web_place::WebPlace;

/// A plugin file of more bytes is refused unread.
pub const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
