//! Plugins: sandboxed WebAssembly components that answer in the engine's place.
//!
//! `contract` holds the words that daemon and plugin share, `host` runs plugins, `script` makes them of
//! JavaScript, `make` begins, builds and packages them, `profile` tells what one wants, `supply` fetches and installs,
//! `shipped` has those that come with the clerk.

pub mod contract;
pub mod host;
pub mod make;
pub mod profile;
mod script;
pub mod shipped;
pub mod supply;
