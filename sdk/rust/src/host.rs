//! The host's functions: the daemon's in a component, the bench's in a test.

#[cfg(target_arch = "wasm32")]
pub use crate::bindings::nightclerk::plugin::host::*;
#[cfg(not(target_arch = "wasm32"))]
pub use crate::testing::host::*;
