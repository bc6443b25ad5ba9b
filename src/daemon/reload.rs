//! Takes changes of the configuration into force while the daemon runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwapOption;
use miette::Report;

use super::prepare;
use crate::{
    config::{self, DaemonConfig},
    in_force,
    outbox::Outbox,
    plugin::host::PluginHost,
};

/// What a change has to reach.
pub struct Reload {
    pub config_dir: PathBuf,
    /// `nightclerk.toml` as it was at the start.
    pub running: DaemonConfig,
    pub in_force: in_force::Current,
    pub plugins: Arc<PluginHost>,
    pub outbox: Outbox,
    /// Why the newest change is not in force.
    pub error: Arc<ArcSwapOption<String>>,
}

impl Reload {
    /// Follows the edits of the configuration, as long as what is returned lives.
    ///
    /// # Errors
    /// The system cannot watch the folders.
    pub fn watch(self, plugins_dir: &Path) -> Result<[config::Watch; 2], Report> {
        let reload = Arc::new(self);
        let again = reload.clone();
        let settings = config::watch(&reload.config_dir.clone(), "toml", move || reload.take())?;
        // A plugin that was missing when its entry was written may be there now.
        let plugins = config::watch(plugins_dir, "wasm", move || {
            if again.error.load().is_some() {
                again.take();
            }
        })?;
        Ok([settings, plugins])
    }

    /// Reads the folder and takes it into force whole, or leaves everything as it is and says why.
    fn take(&self) {
        let prepared = match prepare(&self.config_dir) {
            Ok(prepared) => prepared,
            Err(mistakes) => {
                tracing::error!(
                    "the configuration was changed and is not usable; the old one stays in force: {mistakes}"
                );
                self.error.store(Some(Arc::new(mistakes.to_string())));
                return;
            }
        };
        let waits = self.running.waits_for_restart(&prepared.daemon);
        self.plugins.reconfigure(prepared.plugins.plugins);
        self.in_force.store(Arc::new(prepared.in_force));
        for (channel, _) in self.outbox.stopped_channels() {
            self.outbox.resume_channel(&channel);
        }
        self.error.store(None);
        match waits[..] {
            [] => tracing::info!("the new configuration is in force"),
            _ => tracing::warn!("the new configuration is in force; waits for a restart: {}", waits.join(", ")),
        }
    }
}
