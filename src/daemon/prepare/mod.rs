//! From a folder to what the daemon can run, or everything that is wrong with it: what `serve` runs, `check` accepts,
//! and what `check` refuses, `serve` refuses in the same words.

mod alerts;
mod channels;
mod data_folder;
mod plugins;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::{ChannelEntry, Config, ConfigError, DaemonConfig, Edit, Look, PluginsConfig, Reading},
    engine::Playbook,
    in_force::{Front, InForce, Intake},
    outbox::ChannelHandle,
    setting::{Problem, Words},
};
pub use data_folder::{STORE_FILE, is_open_to_others, lost_its_store, short_of_space, store_file};
pub use plugins::{PluginFile, second_version};

/// A configuration in which nothing is wrong, opened and compiled.
pub struct Prepared {
    /// `nightclerk.toml`.
    pub daemon: DaemonConfig,
    /// Where the store and the caches live.
    pub data_dir: PathBuf,
    pub plugins: PluginsConfig,
    /// What lies in the plugins folder.
    pub plugin_files: Vec<PluginFile>,
    /// The language in which the owner is told of the configuration.
    pub words: Words,
    /// What can run, and may not be what is meant.
    pub doubts: Vec<Problem>,
    /// What takes effect as soon as it is swapped in.
    pub in_force: InForce,
    /// How the files looked before they were read.
    pub seen: Look,
}

/// Reads the folder, opens the channels, compiles the playbook, and holds the files against each other and against the
/// plugins that are there.
///
/// # Errors
/// Every mistake, each at its place.
pub fn prepare(config_dir: &Path) -> Result<Prepared, ConfigError> {
    prepared(Reading::of(config_dir)?)
}

/// The same for a daemon that is to start: its data folder has to be usable too. One that runs has it, and an edit is taken
/// whatever became of the folder.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_to_start(config_dir: &Path) -> Result<Prepared, ConfigError> {
    let mut reading = Reading::of(config_dir)?;
    if reading.is_sound("nightclerk.toml") {
        let problems = data_folder::problems(&reading.data_dir);
        reading.report(problems);
    }
    prepared(reading)
}

/// The same as it would be with one file edited.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_edited(config_dir: &Path, edit: Edit) -> Result<Prepared, ConfigError> {
    prepared(Reading::edited(config_dir, Some(edit))?)
}

/// The same for a rehearsal, perhaps with another folder of plugins than the configuration's.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_beside(config_dir: &Path, plugins: Option<&Path>) -> Result<Prepared, ConfigError> {
    let mut reading = Reading::of(config_dir)?;
    if let Some(dir) = plugins {
        reading.plugins.dir = dir.to_owned();
    }
    prepared(reading)
}

fn prepared(mut reading: Reading) -> Result<Prepared, ConfigError> {
    let plugin_files = plugins::survey(&reading.plugins);
    let mut problems = plugins::problems(&reading.plugins.plugins, &plugin_files);
    if reading.is_sound("channels.toml") {
        let ids: Vec<_> = reading.channels.iter().map(|entry| entry.id.as_str()).collect();
        problems.extend(channels::problems(&reading.playbook, &ids));
        channels::address_as_platforms_do(&mut reading.playbook.store, &reading.channels);
        channels::open_rooms(&reading.playbook.store, &mut reading.channels);
        problems.extend(channels::open_topics(&reading.playbook.store, &mut reading.channels));
    }
    if reading.is_sound("store.toml") && reading.is_sound("plugins.toml") {
        problems.extend(plugins::unheard(&reading.plugins.plugins, &plugin_files, &reading.playbook.store));
    }
    let owner = alerts::owner(&reading.daemon.alerts, &reading.playbook.store, &mut problems);
    reading.report(problems);
    let (words, seen) = (reading.words(), reading.seen.clone());
    let mut doubts = channels::doubts(&reading.channels);
    let Config { daemon, data_dir, plugins, channels, playbook } = reading.finish()?;
    let intake = Intake { body_limit: daemon.server.body_limit, body_timeout: daemon.server.body_timeout.into() };
    let front = Front {
        public_url: daemon.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
        trusted_proxies: daemon.server.trusted_proxies.clone(),
    };
    let in_force = InForce { front, owner, ..in_force(playbook, channels, intake) };
    doubts.extend(in_force.playbook.doubts().iter().cloned());
    Ok(Prepared { daemon, data_dir, plugins, plugin_files, words, doubts, in_force, seen })
}

fn in_force(playbook: Playbook, entries: Vec<ChannelEntry>, intake: Intake) -> InForce {
    let mut in_force = InForce { intake, ..InForce::new(playbook) };
    for entry in entries {
        let ChannelEntry { id, path_token, per_second, allow_private_targets, channel, source, web_chat } = entry;
        if let Some(gate) = path_token {
            in_force.gates.insert(id.clone(), gate);
        }
        if let Some(source) = source {
            in_force.sources.insert(id.clone(), source);
        }
        in_force.web_chat = in_force.web_chat.or(web_chat);
        let handle = ChannelHandle { id: id.clone(), channel, allow_private_targets, per_second };
        in_force.channels.insert(id, Arc::new(handle));
    }
    in_force
}
