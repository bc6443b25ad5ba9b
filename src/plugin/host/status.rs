use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use crate::{model::Hook, plugin::contract::Capability};

/// How a file in the plugins folder fares.
#[derive(Clone, Debug, Serialize)]
pub struct PluginStatus {
    /// As its manifest has it; the file's where the manifest cannot be read.
    pub name: String,
    pub file: String,
    pub version: String,
    pub description: String,
    pub author: String,
    pub hooks: Vec<Hook>,
    /// What it wishes for, and what of that it was granted.
    pub wants: Vec<Capability>,
    pub granted: BTreeSet<Capability>,
    pub order: i32,
    pub state: PluginState,
    /// Why it is in that state, or what else a person should know.
    pub reason: Option<String>,
    /// Since this version was loaded.
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    /// It is asked.
    Active,
    /// `plugins.toml` says nothing of it.
    Waiting,
    /// `plugins.toml` turns it off.
    Disabled,
    /// It failed too often.
    SetAside,
    /// No version of it can be used.
    Refused,
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Disabled => "disabled",
            Self::SetAside => "set-aside",
            Self::Refused => "refused",
        })
    }
}
