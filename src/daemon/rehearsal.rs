//! What a rehearsal is held with: a folder's configuration as `serve` prepares it, and its plugins, loaded beside the
//! daemon that may run.

use std::{path::PathBuf, sync::Arc};

use super::Prepared;
use crate::{
    config::PluginsConfig,
    in_force::InForce,
    plugin::{
        contract::PluginError,
        host::{PluginHost, PluginState, PluginStatus},
    },
    setting::Words,
    template,
};

/// A shop without its doors.
pub struct Company {
    pub in_force: Arc<InForce>,
    pub plugins: Arc<PluginHost>,
    /// What is said of the plugins, and where they lie.
    pub config: PluginsConfig,
    /// The store and the caches of the daemon of this folder.
    pub data_dir: PathBuf,
    /// The language in which the owner is told of mistakes.
    pub words: Words,
}

/// How plugins are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// One that fails is set aside for a while, as it would be at night.
    IsSetAside,
    /// It is asked each time: what is tried out does not hang on what was tried before.
    IsAskedAgain,
}

impl Company {
    /// Loads the plugins that have an entry.
    ///
    /// # Errors
    /// The cache of compiled code cannot be used.
    pub fn of(prepared: Prepared, failing: Failing) -> Result<Self, PluginError> {
        let Prepared { data_dir, plugins: config, words, in_force, .. } = prepared;
        let mut settings = config.host_settings(&data_dir, template::render);
        if failing == Failing::IsAskedAgain {
            settings.limits.failures_before_set_aside = u32::MAX;
        }
        let plugins = Arc::new(PluginHost::beside_a_daemon(settings)?);
        plugins.load_what_is_asked();
        Ok(Self { in_force: Arc::new(in_force), plugins, config, data_dir, words })
    }

    /// Lets a plugin do all that it wishes for: one of which `plugins.toml` says nothing, as nothing it does here reaches anybody.
    pub fn grant_wishes(&mut self, name: &str) {
        let Some(status) = self.plugins.status().into_iter().find(|it| it.name == name) else { return };
        self.config.plugins.entry(name.to_owned()).or_default().grants = status.wants.into_iter().collect();
        self.plugins.reconfigure(self.config.plugins.clone());
    }

    /// The plugins that have an entry and cannot be asked, with why: what is tried out without them says little.
    pub fn missing(&self) -> Vec<PluginStatus> {
        let mut all = self.plugins.status();
        all.retain(|it| matches!(it.state, PluginState::Refused | PluginState::Preparing));
        all
    }
}
