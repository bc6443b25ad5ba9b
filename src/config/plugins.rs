//! `plugins.toml`: what each plugin may do, and its settings.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{daemon::PluginsFolder, source::Folder};
use crate::plugin::{
    contract::Trust,
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

    /// The plugin whose second version a file of the plugins folder is; such a file is no plugin of its own.
    pub fn second_version_of(&self, file: &str) -> Option<&str> {
        let found = self.plugins.iter().find(|(_, entry)| entry.shadow.as_deref() == Some(file));
        found.map(|(name, _)| name.as_str())
    }

    /// Whose plugins are loaded.
    pub fn trust(&self) -> Trust {
        Trust::new(self.folder.trust.clone())
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

    /// Where compiled code is kept, for a daemon whose data lies in `data_dir`.
    pub fn cache_dir(&self, data_dir: &Path) -> PathBuf {
        data_dir.join("plugin-cache")
    }

    /// Where versions are kept that one can roll back to.
    pub fn archive_dir(&self, data_dir: &Path) -> PathBuf {
        data_dir.join("plugin-versions")
    }

    /// The plugin host's settings for a daemon whose data lies in `data_dir`.
    pub fn host_settings(&self, data_dir: &Path, render: Render) -> HostSettings {
        HostSettings {
            dir: self.dir.clone(),
            embedded: SHIPPED,
            cache_dir: self.cache_dir(data_dir),
            compiler: Compiler::child_of_this(),
            archive_dir: self.archive_dir(data_dir),
            shadow_dir: data_dir.join("plugin-shadows"),
            limits: self.limits(),
            plugins: self.plugins.clone(),
            trust: self.trust(),
            render,
        }
    }
}

pub fn read(folder: &mut Folder) -> BTreeMap<String, PluginEntry> {
    folder.read("plugins.toml")
}
