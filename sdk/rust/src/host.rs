//! The host's functions: the daemon's in a component, the bench's in a test.

#[cfg(target_arch = "wasm32")]
pub use crate::bindings::nightclerk::plugin::{catalogue, host as general, http, kv, orders, tickets};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::testing::host::{catalogue, general, http, kv, orders, tickets};
