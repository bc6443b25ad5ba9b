//! Takes changes of the configuration into force while the daemon runs.

mod emptied;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;
use miette::Report;
use notify::RecursiveMode;

use super::{Prepared, prepare};
use crate::{
    config::{self, DaemonConfig},
    engine::Playbook,
    in_force,
    outbox::Outbox,
    plugin::host::PluginHost,
};
use emptied::Filled;

/// Says what in the configuration is likely not meant.
pub fn tell_doubts(playbook: &Playbook) {
    for doubt in playbook.doubts() {
        tracing::warn!(%doubt, "the configuration may not do what is meant");
    }
}

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
        let config_dir = self.config_dir.clone();
        let filled = Mutex::new(Filled::of(&config_dir));
        let reload = Arc::new(Watched { reload: self, filled });
        let again = reload.clone();
        let settings = config::watch(&config_dir, RecursiveMode::Recursive, "toml", move || reload.take())?;
        // A plugin that was missing when its entry was written may be there now.
        let plugins = config::watch(plugins_dir, RecursiveMode::NonRecursive, "wasm", move || {
            if again.reload.error.load().is_some() {
                again.take();
            }
        })?;
        Ok([settings, plugins])
    }

    /// Brings a configuration into force whole.
    fn apply(&self, prepared: Prepared) {
        tell_doubts(&prepared.in_force.playbook);
        let waits = self.running.waits_for_restart(&prepared.daemon);
        self.plugins.reconfigure(prepared.plugins.plugins);
        self.in_force.store(Arc::new(prepared.in_force));
        for (channel, _) in self.outbox.stopped_channels() {
            self.outbox.resume_channel(&channel);
        }
        self.error.store(None);
        metrics::counter!("nightclerk_config_reloads_total", "result" => "applied").increment(1);
        match waits[..] {
            [] => tracing::info!("the new configuration is in force"),
            _ => tracing::warn!("the new configuration is in force; waits for a restart: {}", waits.join(", ")),
        }
    }

    /// Leaves everything as it is and says why.
    fn refuse(&self, why: String) {
        tracing::error!("the configuration was changed and is not usable; the old one stays in force: {why}");
        metrics::counter!("nightclerk_config_reloads_total", "result" => "refused").increment(1);
        self.error.store(Some(Arc::new(why)));
    }
}

/// The folder as it was when it was last taken, and what a change of it has to reach.
struct Watched {
    reload: Reload,
    filled: Mutex<Filled>,
}

impl Watched {
    /// Reads the folder and takes it into force, or says what stands in the way.
    fn take(&self) {
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = filled.emptied() {
            let file = file.display();
            return self.reload.refuse(format!(
                "{file}: nothing is left in it (it is being written, or take the file away if it is to be empty)"
            ));
        }
        match prepare(&self.reload.config_dir) {
            Ok(prepared) => {
                *filled = Filled::of(&self.reload.config_dir);
                self.reload.apply(prepared);
            }
            Err(mistakes) => self.reload.refuse(mistakes.to_string()),
        }
    }
}
