//! `nightclerk plugin`: one file for each command.

use std::{path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use miette::Report;

use super::Global;
use crate::config::Config;

mod bench;
mod build;
mod call;
mod check;
mod dev;
mod inspect;
mod install;
mod list;
mod logs;
mod new;
mod pack;
mod reinstate;
mod rollback;
mod run;
mod second;
mod sign;
mod subject;
mod switch;
mod test;

pub(super) use subject::workbench;

#[derive(Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin: in Rust a folder that builds, with a test; with --js, --ts or --python in that language.
    New(new::NewArgs),
    /// Build plugins from their sources into the plugins folder.
    Build(build::BuildArgs),
    /// Make a plugin of a component that other tools made: attach its manifest.
    Pack(pack::PackArgs),
    /// Check plugins as the daemon does before it loads them, and list their settings.
    Check(check::CheckArgs),
    /// Say in plain words what a plugin may do, and what changes against the version in place.
    Inspect(inspect::InspectArgs),
    /// Call a plugin once, as the daemon does, and show what comes of it.
    Run(run::RunArgs),
    /// Play the scenarios that lie beside a plugin.
    Test(test::TestArgs),
    /// Measure what a call of a plugin takes.
    Bench(bench::BenchArgs),
    /// Look at a plugin, and put it into the plugins folder if you like what it may do.
    Install(install::InstallArgs),
    /// Take a plugin out of the plugins folder.
    Remove(install::RemoveArgs),
    /// Show a plugin and its second version side by side.
    Compare(second::CompareArgs),
    /// Put a plugin's second version in place.
    Promote(Named),
    /// Run a plugin's second version no more.
    Abort(Named),
    /// Make a pair of keys to sign plugins with.
    Keygen(sign::KeygenArgs),
    /// Vouch for a plugin's file.
    Sign(sign::SignArgs),
    /// Say who vouches for a plugin's file.
    Verify(sign::VerifyArgs),
    /// Write a plugin and talk to the clerk with it: what is saved is taken in at once, and nothing is sent.
    Dev(dev::DevArgs),
    /// List the plugins, and how each fares in the running clerk.
    List(list::ListArgs),
    /// Show what a plugin wrote to the log lately.
    Logs(logs::LogsArgs),
    /// Ask a plugin again that `plugins.toml` turned off.
    Enable(Named),
    /// Turn a plugin off in `plugins.toml`, and keep its entry.
    Disable(Named),
    /// Run the version that ran before, until the file changes.
    Rollback(rollback::RollbackArgs),
    /// Ask a plugin again at once that was set aside for failing.
    Reinstate(Named),
}

#[derive(Args)]
pub struct Named {
    /// The plugin's name.
    name: String,
}

pub fn run(command: PluginCommand, global: &Global) -> Result<ExitCode, Report> {
    match command {
        PluginCommand::Run(args) => return run::run(&args, &global.config),
        PluginCommand::Test(args) => return test::run(&args, &global.config),
        PluginCommand::Inspect(args) => inspect::run(&args, &global.config),
        PluginCommand::Keygen(args) => sign::keygen(&args),
        PluginCommand::Sign(args) => sign::sign(&args),
        PluginCommand::Verify(args) => sign::verify(&args, &global.config),
        PluginCommand::Install(args) => install::install(&args, &global.config),
        PluginCommand::Remove(args) => install::remove(&args, &global.config),
        PluginCommand::Compare(args) => second::compare(&args, &global.config),
        PluginCommand::Promote(Named { name }) => second::promote(&name, &global.config),
        PluginCommand::Abort(Named { name }) => second::abort(&name, &global.config),
        PluginCommand::Bench(args) => bench::run(&args, &global.config),
        PluginCommand::New(args) => new::run(&args, &global.config),
        PluginCommand::Build(args) => build::run(args, &global.config),
        PluginCommand::Pack(args) => pack::run(&args),
        PluginCommand::Check(args) => check::run(&args, &global.config),
        PluginCommand::Dev(args) => dev::run(&args, &global.config),
        PluginCommand::List(args) => list::run(&args, &global.config),
        PluginCommand::Logs(args) => logs::run(&args, &global.config),
        PluginCommand::Enable(Named { name }) => switch::run(&name, true, &global.config),
        PluginCommand::Disable(Named { name }) => switch::run(&name, false, &global.config),
        PluginCommand::Rollback(args) => rollback::run(&args, &global.config),
        PluginCommand::Reinstate(Named { name }) => reinstate::run(&name, &global.config),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// The configuration, where there is one: an author's folder need not be a shop's.
fn configuration(dir: &Path) -> Result<Option<Config>, Report> {
    if dir.is_dir() { Ok(Some(Config::load(dir)?)) } else { Ok(None) }
}
