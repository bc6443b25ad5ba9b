//! `nightclerk plugin`: one file for each command.

use std::path::Path;

use clap::{Args, Subcommand};
use miette::Report;

use super::Global;
use crate::config::Config;

mod build;
mod check;
mod dev;
mod list;
mod logs;
mod new;
mod pack;
mod reinstate;
mod rollback;
mod switch;

#[derive(Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin in Rust: a folder that builds, with a test.
    New(new::NewArgs),
    /// Build plugins from their sources into the plugins folder.
    Build(build::BuildArgs),
    /// Make a plugin of a component that other tools made: attach its manifest.
    Pack(pack::PackArgs),
    /// Check plugins as the daemon does before it loads them, and list their settings.
    Check(check::CheckArgs),
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

pub fn run(command: PluginCommand, global: &Global) -> Result<(), Report> {
    match command {
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
}

/// The configuration, where there is one: an author's folder need not be a shop's.
fn configuration(dir: &Path) -> Result<Option<Config>, Report> {
    if dir.is_dir() { Ok(Some(Config::load(dir)?)) } else { Ok(None) }
}
