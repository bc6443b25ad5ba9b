//! `nightclerk plugin build`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use indicatif::{HumanBytes, ProgressBar};
use miette::Report;

use super::{super::output::say, configuration};
use crate::{config::Config, plugin::make::build};

#[derive(Args)]
pub struct BuildArgs {
    /// The folder of the plugin's sources.
    #[arg(default_value = ".", value_name = "FOLDER")]
    path: PathBuf,
    /// Build every plugin whose sources stand in the plugins folder.
    #[arg(long, conflicts_with = "path")]
    all: bool,
    /// Leave alone what is newer than all it was made from.
    #[arg(long)]
    check_fresh: bool,
    /// Write the .wasm here; unless given, into the plugins folder of the configuration, or here where there is none.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub fn run(args: BuildArgs, config_dir: &Path) -> Result<(), Report> {
    let (folders, out) = if args.all {
        let plugins_dir = Config::load(config_dir)?.plugins.dir;
        (build::sources(&plugins_dir)?, args.out.unwrap_or(plugins_dir))
    } else {
        let out = match args.out {
            Some(out) => out,
            None => configuration(config_dir)?.map_or_else(|| PathBuf::from("."), |config| config.plugins.dir),
        };
        (vec![args.path], out)
    };
    build_into(&folders, &out, args.check_fresh)
}

/// Builds what is stale of the sources in the plugins folder.
pub fn build_all(plugins_dir: &Path) -> Result<(), Report> {
    build_into(&build::sources(plugins_dir)?, plugins_dir, true)
}

fn build_into(folders: &[PathBuf], out: &Path, only_stale: bool) -> Result<(), Report> {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    let built = build::build(folders, out, only_stale, &|step| spinner.set_message(step.to_owned()));
    spinner.finish_and_clear();
    let built = built?;
    if built.is_empty() {
        say!("no plugin sources stand in {}", out.display())?;
    }
    for plugin in built {
        let done = if plugin.was_fresh { "is up to date" } else { "built" };
        let (file, size) = (plugin.file.display(), HumanBytes(plugin.bytes));
        say!("{} {}  {done}  {file} ({size})", plugin.name, plugin.version)?;
    }
    Ok(())
}
