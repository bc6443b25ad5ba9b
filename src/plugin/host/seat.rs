//! What a plugin may do and how it is set: its manifest's wishes met with the store's entry.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::prepared::Prepared;
use crate::plugin::contract::{self, Capability, Manifest, PluginError};

/// Kilobytes a plugin may keep unless the store says otherwise.
const KEEP_KB: u64 = 1024;

/// One `[<plugin name>]` of `plugins.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginEntry {
    /// Whether it is asked at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Plugins that hook the same moment are asked in this order, then by name.
    #[serde(default)]
    pub order: i32,
    /// What it may ask and do: `reply`, `orders`, `notify:warehouse`, `http:api.example.com/v1`, …
    #[serde(default)]
    pub grants: BTreeSet<Capability>,
    /// A file of the plugins folder with a second version: it is shown what the plugin is asked, and heard by nobody.
    #[serde(default)]
    pub shadow: Option<String>,
    /// Of a hundred contacts, how many the second version answers; always the same ones.
    #[serde(default)]
    #[schemars(range(max = 100), extend("x-above" = "there are no more than all contacts"))]
    pub canary: u8,
    /// Kilobytes of keys and values it may keep.
    #[serde(default = "keep_kb")]
    pub keep_kb: u64,
    /// The plugin's own settings, over its defaults; `nightclerk plugin check` lists them.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

fn yes() -> bool {
    true
}

fn keep_kb() -> u64 {
    KEEP_KB
}

impl Default for PluginEntry {
    fn default() -> Self {
        Self {
            enabled: true,
            order: 0,
            grants: BTreeSet::new(),
            shadow: None,
            canary: 0,
            keep_kb: KEEP_KB,
            settings: Map::new(),
        }
    }
}

impl PluginEntry {
    /// What is both wished for and granted.
    pub fn granted(&self, wishes: &[Capability]) -> BTreeSet<Capability> {
        let meet = |wish| self.grants.iter().filter_map(move |grant| Capability::meet(wish, grant));
        wishes.iter().flat_map(meet).collect()
    }
}

/// A plugin as it takes part in calls.
#[derive(Clone)]
pub struct Seat {
    manifest: Arc<Manifest>,
    pub order: i32,
    /// What it wishes for and was granted.
    pub granted: BTreeSet<Capability>,
    /// Bytes of keys and values it may keep.
    pub keep_bytes: u64,
    /// JSON, complete.
    pub settings: String,
    /// What the plugin made of them, from its first call on.
    pub prepared: OnceLock<Prepared>,
    /// Nobody hears it: what it asks outside is only answered from what was asked already.
    pub in_shadow: bool,
    /// It is called with a sample, before it meets anybody.
    pub on_trial: bool,
}

impl Seat {
    /// # Errors
    /// The entry's settings are not what the manifest declares.
    pub fn new(manifest: &Arc<Manifest>, entry: &PluginEntry) -> Result<Self, PluginError> {
        let settings = contract::settle(&manifest.settings, &entry.settings).map_err(PluginError::Settings)?;
        Ok(Self {
            manifest: manifest.clone(),
            order: entry.order,
            granted: entry.granted(&manifest.capabilities),
            keep_bytes: entry.keep_kb.saturating_mul(1024),
            settings: Value::Object(settings).to_string(),
            prepared: OnceLock::new(),
            in_shadow: false,
            on_trial: false,
        })
    }

    /// For a trial: all wishes granted, and these settings.
    pub fn on_trial(manifest: &Arc<Manifest>, settings: Map<String, Value>) -> Self {
        Self {
            manifest: manifest.clone(),
            order: 0,
            granted: manifest.capabilities.iter().cloned().collect(),
            keep_bytes: KEEP_KB * 1024,
            settings: Value::Object(settings).to_string(),
            prepared: OnceLock::new(),
            in_shadow: false,
            on_trial: true,
        }
    }

    /// The same where nobody hears it.
    #[must_use]
    pub fn unheard(&self) -> Self {
        Self { in_shadow: true, ..self.clone() }
    }

    /// With these settings, and nothing else: nothing is granted, and nobody hears it.
    #[must_use]
    pub fn with_settings_alone(&self) -> Self {
        Self { granted: BTreeSet::new(), keep_bytes: 0, in_shadow: true, on_trial: true, ..self.clone() }
    }

    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    pub fn has(&self, needed: &Capability) -> bool {
        self.granted.iter().any(|granted| granted.covers(needed))
    }

    /// Whether it may do what needs this; else what to write, and where.
    ///
    /// # Errors
    /// Its author does not wish for it, or the store does not grant it.
    pub fn permit(&self, needed: &Capability) -> Result<(), String> {
        if self.has(needed) {
            Ok(())
        } else if self.manifest.capabilities.iter().any(|wish| wish.covers(needed)) {
            Err(format!("add \"{needed}\" to the grants of [{}] in plugins.toml", self.name()))
        } else {
            Err(format!("declare `{needed}` in the capabilities of its manifest"))
        }
    }
}
