//! `nightclerk plugin list`.

use std::path::Path;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use miette::{IntoDiagnostic, Report};

use super::super::{
    admin_client::AdminClient,
    output::{field, say},
};
use crate::{
    config::{PluginsConfig, Reading},
    plugin::{
        host::{self, PluginState, PluginStatus, ShadowStatus, folder},
        shipped,
    },
};

#[derive(Args)]
pub struct ListArgs {
    /// All that is known of them, as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ListArgs, config_dir: &Path) -> Result<(), Report> {
    let config = Reading::of(config_dir)?;
    let client = AdminClient::of(&config);
    let (plugins, is_running) = match client.and_then(|client| client.get::<Vec<PluginStatus>>("/v1/plugins")) {
        Ok(plugins) => (plugins, true),
        Err(error) if error.nobody_is_there() => (from_files(&config.plugins), false),
        Err(error) => return Err(error.into()),
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&plugins).into_diagnostic()?)?;
        return Ok(());
    }
    if plugins.is_empty() {
        say!("no plugin lies in {}", config.plugins.dir.display())?;
        return Ok(());
    }
    if !is_running {
        say!("no clerk runs; this is how its plugins would stand by their files:\n")?;
    }
    let width = plugins.iter().map(|plugin| plugin.name.chars().count()).max().unwrap_or_default();
    for plugin in &plugins {
        say!("{:width$}  {:10}  {}", field(&plugin.name), field(&plugin.version), state(plugin))?;
        for line in details(plugin) {
            say!("    {}", field(&line))?;
        }
    }
    Ok(())
}

fn from_files(config: &PluginsConfig) -> Vec<PluginStatus> {
    // No folder, no files; the daemon makes it.
    let mut files = folder::plugin_files(&config.dir).unwrap_or_default();
    files.retain(|file| config.second_version_of(file).is_none());
    files.extend(shipped::beside(&config.dir).map(|(file, _)| file.to_owned()));
    files.sort_unstable();
    files.iter().map(|file| host::foresee(&config.dir, file, &config.plugins, &config.trust())).collect()
}

fn state(plugin: &PluginStatus) -> String {
    let mut state = plugin.state.to_string();
    if let Some(until_ms) = plugin.set_aside_until_ms {
        state.push_str(&format!(" until {}", clock_time(until_ms)));
    }
    if plugin.rolled_back_from.is_some() {
        state.push_str(", rolled back");
    }
    state
}

fn details(plugin: &PluginStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if !plugin.description.is_empty() {
        lines.push(plugin.description.clone());
    }
    if plugin.state != PluginState::Refused {
        let wishes = if plugin.granted.is_empty() {
            format!("wishes for {}", join(&plugin.wants))
        } else {
            format!("granted {}", join(&plugin.granted))
        };
        lines.push(format!("asked at {}; {wishes}", join(&plugin.hooks)));
    }
    if plugin.failures > 0 {
        let last = plugin.last_failure.as_deref().unwrap_or("failed");
        lines.push(format!("failed {} of {} times; at last it {last}", plugin.failures, plugin.calls));
    }
    lines.extend(plugin.reason.clone());
    lines.extend(plugin.shadow.as_ref().map(second));
    lines
}

/// How its second version fares.
fn second(shadow: &ShadowStatus) -> String {
    let ShadowStatus { file, version, canary, back, reason } = shadow;
    if version.is_empty() {
        return format!("its second version is not run: {}", reason.as_deref().unwrap_or_default());
    }
    let answers = match (canary, back) {
        (_, Some(back)) => format!("answers no more: {}", back.why),
        (0, None) => "is heard by nobody".to_owned(),
        (share, None) => format!("answers {share} of a hundred contacts"),
    };
    let newest = reason.as_ref().map(|why| format!("; the newest file is refused: {why}")).unwrap_or_default();
    format!("its second version, {version} in {file}, {answers}{newest}")
}

fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|it| it.to_string()).collect();
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}

/// On this machine's clock.
fn clock_time(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => time.to_zoned_datetime(TimeZone::system()).strftime("%H:%M").to_string(),
        Err(_) => ms.to_string(),
    }
}
