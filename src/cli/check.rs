//! `nightclerk check`: prepares the configuration as `serve` does, and says what would run.

use std::{path::Path, process::ExitCode, sync::Arc};

use miette::Report;

use super::{
    mistakes,
    output::{field, say},
};
use crate::{
    config::PluginsConfig,
    daemon::{self, PluginFile, Prepared},
    plugin::{
        contract::{Capability, Manifest},
        host::{self, workbench::Workbench},
    },
};

/// Exit code 0: the configuration is good; 2: it is not, and every mistake was shown.
pub fn run(dir: &Path) -> Result<ExitCode, Report> {
    let prepared = match daemon::prepare_to_start(dir) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, dir)),
    };
    let Prepared { daemon, data_dir, plugins, plugin_files, words, doubts, in_force, .. } = prepared;
    say!("the configuration in {} is good", dir.display())?;
    say!("  webhooks on {}, admin API on {}", daemon.server.listen, daemon.admin.listen)?;
    if in_force.web_chat.is_some() {
        say!("  web chat at {}", daemon.server.web_chat(daemon.server.listen))?;
    }
    say!("  data in {}", data_dir.display())?;
    let least = in_force.owner.disk_free_bytes;
    if let Some(free) = daemon::short_of_space(&data_dir, least) {
        let what = format!("only {} MB are free there", free / 1_000_000);
        let hint = format!("`disk_free_mb` of [alerts] wants {}", least / 1_000_000);
        eprintln!("  doubtful: {} ({})", words.say(&what), words.say(&hint));
    }
    let mut channels: Vec<_> = in_force.channels.keys().collect();
    channels.sort_unstable();
    for channel in channels {
        say!("  channel {channel}")?;
    }
    for gap in in_force.playbook.gaps() {
        say!("  note: {}", gap.say(words))?;
    }
    for doubt in &doubts {
        let hint = words.say(doubt.hint.as_deref().unwrap_or_default());
        eprintln!("  doubtful: {} ({hint})", field(&doubt.say(words)));
    }
    let mut refused = 0;
    let workbench = super::plugin::workbench(&plugins, Some(&data_dir))?;
    for file in &plugin_files {
        match try_out(file, &plugins, &workbench) {
            Ok(manifest) => {
                say!("  plugin {} {}: {}", manifest.name, manifest.version, standing(&manifest, &plugins))?;
            }
            Err(why) => {
                refused += 1;
                eprintln!("  plugin file {} would be refused: {}", file.path.display(), field(&why));
            }
        }
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Does with a plugin file what loading it does, short of letting it answer.
fn try_out(file: &PluginFile, config: &PluginsConfig, workbench: &Workbench) -> Result<Arc<Manifest>, String> {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    host::check_trust(&file.path, &config.trust()).map_err(|error| error.to_string())?;
    let bytes = file.bytes().map_err(|error| error.to_string())?;
    let entry = |name: &str| config.plugins.get(name).cloned();
    let report = workbench.check(&name, &bytes, entry);
    report.map(|report| report.manifest).map_err(|error| error.to_string())
}

/// What plugins.toml makes of a plugin.
fn standing(manifest: &Manifest, config: &PluginsConfig) -> String {
    let Some(entry) = config.plugins.get(&manifest.name) else {
        return format!("waits for [{}] in plugins.toml", manifest.name);
    };
    if !entry.enabled {
        return "disabled".to_owned();
    }
    let granted = entry.granted(&manifest.capabilities);
    let withheld: Vec<_> =
        manifest.capabilities.iter().filter(|wish| !granted.iter().any(|grant| grant.covers(wish))).collect();
    let granted: Vec<_> = granted.iter().collect();
    let words =
        |capabilities: &[&Capability]| capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match withheld.is_empty() {
        true => format!("granted {}", words(&granted)),
        false => format!("granted {}; it also wants {}", words(&granted), words(&withheld)),
    }
}
