//! Typed settings, read from the files of one folder.
//!
//! A folder is read whole: either every file is right and a `Config` comes out, or nothing does and
//! `ConfigError` shows each mistake with file, line, column and what to do about it.

mod channels;
mod mistake;
mod plugins;
mod redact;
mod server;
mod source;
mod switch;
mod watch;

use std::path::{Path, PathBuf};

pub use channels::ChannelEntry;
pub use mistake::{ConfigError, Mistake};
pub use plugins::PluginsConfig;
pub use server::{AdminConfig, LogConfig, LogFormat, ServerConfig};
pub use switch::{SwitchError, Switched, switch_plugin};
pub use watch::watch;

use crate::{
    engine::{Playbook, PlaybookSettings},
    outbox::OutboxSettings,
};
use source::Folder;

/// Everything the daemon is told.
pub struct Config {
    pub server: ServerConfig,
    pub admin: AdminConfig,
    pub log: LogConfig,
    pub outbox: OutboxSettings,
    /// Where the store and the caches live.
    pub data_dir: PathBuf,
    pub plugins: PluginsConfig,
    pub channels: Vec<ChannelEntry>,
    pub playbook: Playbook,
}

impl Config {
    /// Reads the folder `dir`. A file that is absent stands for its defaults.
    ///
    /// # Errors
    /// All mistakes in all files, or that the folder cannot be read.
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        let mut folder = Folder::open(dir)?;
        let server = server::read(&mut folder);
        let channels = channels::read(&mut folder);
        let plugins = plugins::read(&mut folder);
        let settings = PlaybookSettings {
            store: folder.read("store.toml"),
            hours: folder.read("hours.toml"),
            rules: folder.read("rules.toml"),
            phrases: folder.read("phrases.toml"),
            catalogue: folder.read("catalogue.toml"),
            orders: folder.read("orders.toml"),
        };
        let playbook = Playbook::compile(settings).map_err(|problems| folder.report(problems)).ok();
        folder.finish()?;
        let playbook = playbook.ok_or_else(ConfigError::default)?;
        Ok(Self {
            data_dir: dir.join(&server.data.dir),
            plugins: PluginsConfig::new(dir, &server.plugins, plugins),
            server: server.server,
            admin: server.admin,
            log: server.log,
            outbox: server.outbox.into(),
            channels,
            playbook,
        })
    }
}

#[cfg(test)]
mod tests;
