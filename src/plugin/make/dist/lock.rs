//! The lock beside the tracked components.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// What the components were made from, by what, and what came out.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// In its own words. The same compiler makes the same bytes of the same inputs.
    pub compiler: String,
    /// That of the script engine, which is written in C.
    pub c_compiler: String,
    /// SHA-256 of each file that reaches a component, and of the parts of Cargo.toml and Cargo.lock that do.
    pub inputs: BTreeMap<String, String>,
    /// SHA-256 of each component, and of the script engine.
    pub outputs: BTreeMap<String, String>,
}

impl Lock {
    pub const FILE: &str = "lock.toml";
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# Written by `cargo run --release -- plugin build --dist`, together with the components.\n")?;
        f.write_str(&toml::to_string(self).map_err(|_| fmt::Error)?)
    }
}
