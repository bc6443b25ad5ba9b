//! `nightclerk plugin`: make, build, check and list plugins.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use indicatif::{HumanBytes, ProgressBar};
use miette::{IntoDiagnostic, Report, WrapErr, miette};

use crate::{
    config::Config,
    plugin::{
        contract::{
            manifest::{self, Manifest},
            world::{self, ExportedHook},
        },
        host::{self, CallLimits},
        make::{build, dist, install, scaffold, toolchain::Toolchain},
        shipped,
    },
    template,
};

#[derive(Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin in Rust: a folder that builds, with a test.
    New(NewArgs),
    /// Build plugins from their sources into the plugins folder.
    Build(BuildArgs),
    /// Check .wasm files as the daemon does before it loads them, with a trial call for each hook.
    Check {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List what lies in the plugins folder and what each may do.
    List,
}

#[derive(Args)]
pub struct NewArgs {
    /// 1 to 64 of a-z, 0-9 and `-`, a letter first.
    name: String,
    /// Make it in this folder; the plugins folder unless given.
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Depend on the Rust SDK in this folder; looked for upwards, else the published one.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,
}

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
    /// Write the .wasm here; into the plugins folder, or with --dist into plugins/dist, unless given.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Install a compiler first where none is: the toolchain's own target with rustup, else Debian's packages.
    #[arg(long)]
    install: bool,
}

pub fn run(command: PluginCommand, config_dir: &Path) -> Result<(), Report> {
    match command {
        PluginCommand::New(args) => new(&args, config_dir),
        PluginCommand::Build(args) => build(args, config_dir),
        PluginCommand::Check { files } => check(&files),
        PluginCommand::List => list(&Config::load(config_dir)?),
    }
}

fn new(args: &NewArgs, config_dir: &Path) -> Result<(), Report> {
    let parent = match &args.dir {
        Some(dir) => dir.clone(),
        None => Config::load(config_dir)?.plugins.dir,
    };
    let folder = scaffold::create(&args.name, &parent, args.sdk.as_deref())?;
    let (name, folder) = (&args.name, folder.display());
    println!(
        "{folder} is ready. Next:\n\n    \
         cd {folder} && cargo test            run its test\n    \
         nightclerk plugin build {folder}     make {name}.wasm in the plugins folder\n\n\
         and in plugins.toml:\n\n    [{name}]\n    grants = [\"reply\"]"
    );
    Ok(())
}

fn build(args: BuildArgs, config_dir: &Path) -> Result<(), Report> {
    if args.install && Toolchain::find(&args.path).is_none() {
        install::install(&args.path, &|line| println!("$ {line}"))?;
    }
    if args.dist {
        let out = args.out.unwrap_or_else(|| args.path.join(dist::FOLDER));
        return report(with_spinner(|tell| dist::build(&args.path, &out, tell))?);
    }
    let plugins_dir = match &args.out {
        Some(out) if !args.all => out.clone(),
        _ => Config::load(config_dir)?.plugins.dir,
    };
    let folders = if args.all { build::sources(&plugins_dir)? } else { vec![args.path] };
    if folders.is_empty() {
        println!("no plugin sources stand in {}", plugins_dir.display());
    }
    let out = args.out.as_deref().unwrap_or(&plugins_dir);
    report(with_spinner(|tell| build::build(&folders, out, tell))?)
}

/// Shows what is under way.
fn with_spinner<T>(work: impl FnOnce(&dyn Fn(&str)) -> T) -> T {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    let outcome = work(&|step| spinner.set_message(step.to_owned()));
    spinner.finish_and_clear();
    outcome
}

fn report(built: Vec<build::Built>) -> Result<(), Report> {
    for plugin in built {
        let (file, size) = (plugin.file.display(), HumanBytes(plugin.bytes as u64));
        println!("{} {}  built  {file} ({size})", plugin.name, plugin.version);
    }
    Ok(())
}

fn check(files: &[PathBuf]) -> Result<(), Report> {
    let mut refused = 0;
    for file in files {
        let shown = file.display();
        let bytes = fs::read(file).into_diagnostic().wrap_err_with(|| format!("{shown} cannot be read"))?;
        match host::check(&bytes, |_| None, CallLimits::default(), template::render) {
            Ok(report) => {
                println!("{shown}: {} {} for contract {} can be loaded", report.name, report.version, report.contract);
                for trial in report.trial {
                    println!("    {}: {}", trial.hook, trial.outcome);
                }
            }
            Err(why) => {
                refused += 1;
                println!("{shown}: {why}");
            }
        }
    }
    if refused > 0 { Err(miette!("{refused} of {} files cannot be loaded", files.len())) } else { Ok(()) }
}

fn list(config: &Config) -> Result<(), Report> {
    let folder = &config.plugins.dir;
    // No folder, no files; the daemon makes it.
    let files = host::folder::plugin_files(folder).unwrap_or_default();
    let shipped = shipped::beside(folder).map(|(file, bytes)| (format!("{file}, shipped"), read(bytes)));
    let lying = files.into_iter().map(|file| {
        let manifest = fs::read(folder.join(&file)).into_diagnostic().and_then(|component| read(&component));
        (file, manifest)
    });
    for (shown, manifest) in shipped.chain(lying) {
        match manifest {
            Err(why) => println!("{shown}: {why}"),
            Ok((manifest, hooks)) => {
                println!("{shown}: {}", summary(&manifest, &hooks));
                println!("    {}", standing(config, &manifest));
            }
        }
    }
    Ok(())
}

/// What plugins.toml says of it.
fn standing(config: &Config, manifest: &Manifest) -> String {
    match config.plugins.plugins.get(&manifest.name) {
        None => format!("waits: plugins.toml has no [{}]", manifest.name),
        Some(entry) if !entry.enabled => "switched off in plugins.toml".to_owned(),
        Some(_) => "has its entry in plugins.toml".to_owned(),
    }
}

fn read(component: &[u8]) -> Result<(Manifest, Vec<ExportedHook>), Report> {
    Ok((manifest::read(component).into_diagnostic()?, world::hooks(component).into_diagnostic()?))
}

fn summary(manifest: &Manifest, hooks: &[ExportedHook]) -> String {
    let hooks: Vec<_> = hooks.iter().map(|it| it.hook.to_string()).collect();
    let wishes: Vec<_> = manifest.capabilities.iter().map(ToString::to_string).collect();
    let wishes = if wishes.is_empty() { "nothing".to_owned() } else { wishes.join(", ") };
    let Manifest { name, version, description, .. } = manifest;
    format!("{name} {version}: {description} (hooks {}; wants {wishes})", hooks.join(", "))
}
