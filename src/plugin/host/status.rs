use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{history::KeptVersion, shadow::Back};
use crate::{
    model::Hook,
    plugin::contract::{Capability, Manifest, Setting, plugin_name},
};

/// How a plugin fares.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PluginStatus {
    /// The file's name without its ending, which is the plugin's.
    pub name: String,
    pub file: String,
    /// The version that runs; empty where none can.
    pub version: String,
    pub description: String,
    pub author: String,
    /// The moments at which it is asked.
    #[schema(value_type = Vec<String>)]
    pub hooks: Vec<Hook>,
    /// What it wishes for.
    #[schema(value_type = Vec<String>)]
    pub wants: Vec<Capability>,
    /// What of that it was granted.
    #[schema(value_type = Vec<String>)]
    pub granted: BTreeSet<Capability>,
    /// The settings it knows.
    #[schema(value_type = Object)]
    pub settings: BTreeMap<String, Setting>,
    pub order: i32,
    pub state: PluginState,
    /// Why it is in that state, or what else a person should know.
    pub reason: Option<String>,
    /// While it is set aside: when it is tried again.
    pub set_aside_until_ms: Option<i64>,
    /// The newest version, while an older one runs in its place.
    pub rolled_back_from: Option<String>,
    /// The versions a roll-back can lead to, newest first.
    pub kept_versions: Vec<String>,
    /// Since this version was loaded.
    pub calls: u64,
    pub failures: u64,
    pub last_failure: Option<String>,
    /// The second version that its entry names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<ShadowStatus>,
}

/// How a second version fares.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ShadowStatus {
    pub file: String,
    /// Empty where none is run.
    pub version: String,
    /// Of a hundred contacts, how many it answers.
    pub canary: u8,
    /// Why it answers no more, if it did.
    pub back: Option<Back>,
    /// Why it, or its newest file, is not run.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    /// It is asked.
    Active,
    /// `plugins.toml` says nothing of it.
    Waiting,
    /// `plugins.toml` turns it off.
    Disabled,
    /// It is a script, and loaded as soon as the script engine is compiled.
    Preparing,
    /// It failed too often, and is tried again after a while.
    SetAside,
    /// No version of it can be used.
    Refused,
}

impl PluginStatus {
    /// Of a file that nothing is known of yet.
    pub fn unknown(file: &str) -> Self {
        Self {
            name: plugin_name(file).to_owned(),
            file: file.to_owned(),
            version: String::new(),
            description: String::new(),
            author: String::new(),
            hooks: Vec::new(),
            wants: Vec::new(),
            granted: BTreeSet::new(),
            settings: BTreeMap::new(),
            order: 0,
            state: PluginState::Refused,
            reason: None,
            set_aside_until_ms: None,
            rolled_back_from: None,
            kept_versions: Vec::new(),
            calls: 0,
            failures: 0,
            last_failure: None,
            shadow: None,
        }
    }

    /// Takes over what the plugin says of itself.
    pub fn describe(&mut self, manifest: &Manifest, hooks: &[Hook]) {
        self.version.clone_from(&manifest.version);
        self.description.clone_from(&manifest.description);
        self.author.clone_from(&manifest.author);
        self.hooks = hooks.to_vec();
        self.wants.clone_from(&manifest.capabilities);
        self.settings.clone_from(&manifest.settings);
    }
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Disabled => "disabled",
            Self::Preparing => "preparing",
            Self::SetAside => "set-aside",
            Self::Refused => "refused",
        })
    }
}

/// A roll-back that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RolledBack {
    /// The version that ran, with the beginning of its hash.
    pub from: String,
    /// The version that runs now.
    pub to: String,
}

impl RolledBack {
    pub fn new(from: &KeptVersion, to: &KeptVersion) -> Self {
        Self { from: from.to_string(), to: to.to_string() }
    }
}
