//! `nightclerk plugin build`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use indicatif::{HumanBytes, ProgressBar};
use miette::Report;

use super::{super::output::say, configuration};
use crate::{
    config::Config,
    plugin::make::{build, built::Built, dist, install, python, toolchain::Toolchain},
};

#[derive(Args)]
pub struct BuildArgs {
    /// The folder of the plugin's sources.
    #[arg(default_value = ".", value_name = "FOLDER")]
    path: PathBuf,
    /// Build every plugin whose sources stand in the plugins folder.
    #[arg(long, conflicts_with = "path")]
    all: bool,
    /// Build the plugins that nightclerk's own repository ships, and write the lock beside them.
    #[arg(long, conflicts_with_all = ["path", "all"])]
    dist: bool,
    /// Write the .wasm here; unless given, into the plugins folder of the configuration, or here where there is none;
    /// with --dist into plugins/dist.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Install a compiler first where none is: the toolchain's own target with rustup, else Debian's packages.
    #[arg(long)]
    install: bool,
}

pub fn run(args: BuildArgs, config_dir: &Path) -> Result<(), Report> {
    if args.install && !python::is_source(&args.path) && Toolchain::find(&args.path).is_none() {
        install::install(&args.path, &|line| eprintln!("$ {line}"))?;
    }
    if args.dist {
        let out = args.out.unwrap_or_else(|| args.path.join(dist::FOLDER));
        return report(with_spinner(|tell| dist::build(&args.path, &out, tell))?);
    }
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
    if folders.is_empty() {
        say!("no plugin sources stand in {}", out.display())?;
    }
    report(with_spinner(|tell| build::build(&folders, &out, tell))?)
}

/// Shows what is under way.
fn with_spinner<T>(work: impl FnOnce(&dyn Fn(&str)) -> T) -> T {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    let outcome = work(&|step| spinner.set_message(step.to_owned()));
    spinner.finish_and_clear();
    outcome
}

fn report(built: Vec<Built>) -> Result<(), Report> {
    for plugin in built {
        let (file, size) = (plugin.file.display(), HumanBytes(plugin.bytes as u64));
        say!("{} {}  built  {file} ({size})", plugin.name, plugin.version)?;
    }
    Ok(())
}
