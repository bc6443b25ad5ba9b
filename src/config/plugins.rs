//! `plugins.toml`: what each plugin may do, and its settings.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{daemon::PluginsFolder, source::Folder};
use crate::plugin::{
    host::{CallLimits, Compiler, HostSettings, PluginEntry, Render},
    shipped::SHIPPED,
};

/// The plugins folder with all that is said of plugins.
#[derive(Clone, Debug)]
pub struct PluginsConfig {
    pub dir: PathBuf,
    pub folder: PluginsFolder,
    pub plugins: BTreeMap<String, PluginEntry>,
}

impl PluginsConfig {
    pub fn new(config_dir: &Path, folder: &PluginsFolder, plugins: BTreeMap<String, PluginEntry>) -> Self {
        Self { dir: config_dir.join(&folder.dir), folder: folder.clone(), plugins }
    }

    /// What one call may take.
    pub fn limits(&self) -> CallLimits {
        CallLimits {
            timeout: self.folder.timeout.into(),
            memory_bytes: self.folder.memory_mb << 20,
            output_bytes: self.folder.output_kb << 10,
            failures_before_set_aside: self.folder.failures_before_set_aside,
        }
    }

    /// The plugin host's settings for a daemon whose data lies in `data_dir`.
    pub fn host_settings(&self, data_dir: &Path, render: Render) -> HostSettings {
        HostSettings {
            dir: self.dir.clone(),
            embedded: SHIPPED,
            cache_dir: data_dir.join("plugin-cache"),
            compiler: Compiler::child_of_this(),
            archive_dir: data_dir.join("plugin-versions"),
            limits: self.limits(),
            plugins: self.plugins.clone(),
            render,
        }
    }
}

pub fn read(folder: &mut Folder) -> BTreeMap<String, PluginEntry> {
    folder.read("plugins.toml")
}
