//! What a plugin may do and how it is set: its manifest's wishes met with the store's entry.

use std::{collections::BTreeSet, sync::Arc};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::workshop::Plugin;
use crate::plugin::contract::{self, Capability, Manifest, PluginError};

/// One `[<plugin name>]` of `plugins.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginEntry {
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Plugins that hook the same moment are asked in this order, then by name.
    #[serde(default)]
    pub order: i32,
    /// What it may ask and do: `reply`, `orders`, `http:api.example.com`, …
    #[serde(default)]
    pub grants: BTreeSet<Capability>,
    /// Over the defaults of the plugin's own schema.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl Default for PluginEntry {
    fn default() -> Self {
        Self { enabled: true, order: 0, grants: BTreeSet::new(), settings: Map::new() }
    }
}

/// A plugin as it takes part in calls.
#[derive(Clone)]
pub struct Seat {
    manifest: Arc<Manifest>,
    pub order: i32,
    /// What it wishes for and was granted.
    pub granted: BTreeSet<Capability>,
    /// JSON, complete.
    pub settings: String,
}

impl Seat {
    /// # Errors
    /// The entry's settings are not what the manifest declares.
    pub fn new(manifest: &Arc<Manifest>, entry: &PluginEntry) -> Result<Self, PluginError> {
        let settings = contract::settle(&manifest.settings, &entry.settings).map_err(PluginError::Settings)?;
        Ok(Self {
            manifest: manifest.clone(),
            order: entry.order,
            granted: manifest.capabilities.iter().filter(|wish| entry.grants.contains(*wish)).cloned().collect(),
            settings: Value::Object(settings).to_string(),
        })
    }

    /// For a trial: all wishes granted, some allowed value for each setting.
    pub fn on_trial(manifest: &Arc<Manifest>) -> Self {
        Self {
            manifest: manifest.clone(),
            order: 0,
            granted: manifest.capabilities.iter().cloned().collect(),
            settings: Value::Object(contract::samples(&manifest.settings)).to_string(),
        }
    }

    pub fn name(&self) -> &str {
        &self.manifest.name
    }
}

/// A plugin that is asked, on its seat.
#[derive(Clone)]
pub struct Seated {
    pub plugin: Arc<Plugin>,
    pub seat: Arc<Seat>,
}
