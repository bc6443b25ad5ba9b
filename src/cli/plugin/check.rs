//! `nightclerk plugin check`.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use super::{
    super::output::{field, say},
    subject::{Around, waiting},
};
use crate::{
    config::PluginsConfig,
    plugin::{
        contract::{PluginError, Setting, Trust, extension, plugin_name},
        host::{self, CheckReport, Entries, PluginState, PluginStatus, folder, workbench::Workbench},
        shipped::SHIPPED,
    },
};

#[derive(Args)]
pub struct CheckArgs {
    /// The .wasm, .js or .ts files; unless given, all of the plugins folder, and whether each entry of plugins.toml has its plugin.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Fails where the daemon would refuse one of them.
pub fn run(args: &CheckArgs, config_dir: &Path) -> Result<(), Report> {
    let around = Around::of(config_dir)?;
    let config = around.plugins();
    let workbench = around.workbench()?;
    let (files, mut refused) = match (&args.files[..], config) {
        ([], Some(config)) => {
            let files = of_folder(&config.dir)?;
            let orphans = say_orphans(config, &files)?;
            if files.is_empty() {
                say!("there are no plugins in {}; those that come with the clerk are good", config.dir.display())?;
            }
            (files.iter().map(|file| config.dir.join(file)).collect(), orphans)
        }
        ([], None) => return Err(miette!("name the files to check: there is no {}", config_dir.display())),
        (files, _) => (files.to_vec(), 0),
    };
    for file in &files {
        refused += usize::from(!check(file, config, &workbench)?);
    }
    match refused {
        0 => Ok(()),
        1 => Err(miette!("1 of them would be refused")),
        count => Err(miette!("{count} of them would be refused")),
    }
}

/// The plugins' files of a folder. One that is not there yet is empty, as for `serve`, which makes it.
fn of_folder(dir: &Path) -> Result<Vec<String>, Report> {
    match folder::plugin_files(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        files => {
            files.into_diagnostic().wrap_err_with(|| format!("the plugins folder {} cannot be read", dir.display()))
        }
    }
}

/// Says which entries belong to no plugin, and counts them.
fn say_orphans(config: &PluginsConfig, files: &[String]) -> Result<usize, Report> {
    let shipped = SHIPPED.iter().map(|(file, _)| *file);
    let known: Vec<&str> = files.iter().map(String::as_str).chain(shipped).map(plugin_name).collect();
    let orphans = config.plugins.keys().filter(|name| !known.contains(&name.as_str()));
    let mut count = 0;
    for name in orphans {
        count += 1;
        say!(
            "plugins.toml: [{name}] is the entry of no plugin: {} has no {name}.wasm or {name}.js",
            config.dir.display()
        )?;
    }
    Ok(count)
}

/// Says what there is to say of a file; `false`: the daemon would refuse it.
fn check(file: &Path, config: Option<&PluginsConfig>, workbench: &Workbench) -> Result<bool, Report> {
    let shown = file.display();
    let mut name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(plugin) = config.and_then(|config| config.second_version_of(&name)) {
        // It would take that one's place.
        name = format!("{plugin}.{}", extension(&name));
    }
    let trust = config.map(PluginsConfig::trust).unwrap_or_default();
    let entries = config.map(|config| config.plugins.clone()).unwrap_or_default();
    let report = match load(file, &name, &entries, &trust, workbench) {
        Ok(loaded) => loaded,
        Err(why) => {
            say!("{shown}: {}", field(&why.to_string()))?;
            return Ok(false);
        }
    };
    say!("{shown}: {} {} for contract {} can be loaded", report.name, report.version, report.contract)?;
    for trial in &report.trial {
        say!("    {}: {}", trial.hook, field(&trial.outcome.to_string()))?;
    }
    if !report.settings.is_empty() {
        say!("    its settings:")?;
    }
    for (key, setting) in &report.settings {
        say!("        {key}: {}", describe(setting))?;
    }
    let status = host::foresee_checked(&name, &report, &entries);
    let standing = standing(&status, config.is_some());
    say!("    {}", field(&standing))?;
    Ok(status.state != PluginState::Refused)
}

fn load(
    file: &Path,
    name: &str,
    entries: &Entries,
    trust: &Trust,
    workbench: &Workbench,
) -> Result<CheckReport, PluginError> {
    let bytes = folder::read_there(file)?;
    trust.check(plugin_name(name), &bytes, folder::signatures(file).as_deref())?;
    waiting(workbench, name, || workbench.check(name, &bytes, |name| entries.get(name).cloned()))
}

/// `integer, 1 to 30, default 3: how long it waits`.
pub fn describe(setting: &Setting) -> String {
    let mut parts = vec![setting.kind.to_string()];
    if let Some(choices) = &setting.choices {
        let choices: Vec<_> = choices.iter().map(ToString::to_string).collect();
        parts.push(format!("one of {}", choices.join(", ")));
    }
    match (setting.minimum, setting.maximum) {
        (Some(minimum), Some(maximum)) => parts.push(format!("{minimum} to {maximum}")),
        (Some(minimum), None) => parts.push(format!("at least {minimum}")),
        (None, Some(maximum)) => parts.push(format!("at most {maximum}")),
        (None, None) => {}
    }
    parts.push(setting.default.as_ref().map_or("required".to_owned(), |default| format!("default {default}")));
    let described = parts.join(", ");
    if setting.description.is_empty() { described } else { format!("{described}: {}", setting.description) }
}

/// What `plugins.toml` makes of it.
fn standing(status: &PluginStatus, is_a_shop: bool) -> String {
    match (status.state, &status.reason) {
        (PluginState::Waiting, Some(what_to_write)) if is_a_shop => format!("it waits: {what_to_write}"),
        (_, Some(reason)) => reason.clone(),
        (PluginState::Disabled, None) => "plugins.toml turns it off".to_owned(),
        (_, None) => format!("its entry in plugins.toml is good; granted: {}", list_of(&status.granted)),
    }
}

fn list_of<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|it| it.to_string()).collect();
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}
