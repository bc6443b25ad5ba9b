//! `nightclerk plugin test`: plays the scenarios that lie beside a plugin.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use miette::{IntoDiagnostic, Report, miette};

use super::super::{mistakes, output::field, test::play_all};
use crate::{
    daemon::{
        self,
        rehearsal::{Company, Failing},
    },
    plugin::{contract::plugin_name, host::PluginState},
    rehearsal::scenario,
};

#[derive(Args)]
pub struct TestArgs {
    /// The plugin's name, or its file: its scenarios are in NAME.test.toml beside it.
    #[arg(value_name = "NAME|FILE")]
    plugin: PathBuf,
    /// Write a report in JUnit's XML, for continuous integration.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Exit code 0: all went as expected; 1: not all did; 2: the configuration or a scenario cannot be read.
pub fn run(args: &TestArgs, config_dir: &Path) -> Result<ExitCode, Report> {
    let mut prepared = match daemon::prepare(config_dir) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, config_dir)),
    };
    let file = args.plugin.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = plugin_name(&file);
    if let Some(dir) = args.plugin.parent().filter(|dir| args.plugin.is_file() && !dir.as_os_str().is_empty()) {
        dir.clone_into(&mut prepared.plugins.dir);
    }
    let dir = prepared.plugins.dir.clone();
    let files = scenario::files_beside(&dir, Some(name));
    if files.is_empty() {
        return Err(miette!(
            help = "docs/rehearsal.md shows how one is written",
            "there are no scenarios of {}: {} is not there",
            field(name),
            dir.join(scenario::file_beside(name)).display()
        ));
    }
    let has_entry = prepared.plugins.plugins.contains_key(name);
    // Without an entry it is asked all the same, as `plugin run` asks it.
    prepared.plugins.plugins.entry(name.to_owned()).or_default();
    let mut company = Company::of(prepared, Failing::IsAskedAgain).into_diagnostic()?;
    if !has_entry {
        company.grant_wishes(name);
        eprintln!("{} may do all it wishes for here: plugins.toml has no entry of it", field(name));
    }
    match company.plugins.status().into_iter().find(|it| it.name == name) {
        Some(status) if status.state == PluginState::Active => {}
        Some(status) => {
            let why = status.reason.unwrap_or_default();
            return Err(miette!("the plugin {} is {}: {}", field(name), status.state, field(&why)));
        }
        None => return Err(miette!("there is no plugin `{}` in {}", field(name), dir.display())),
    }
    play_all(&company, &files, args.junit.as_deref())
}
