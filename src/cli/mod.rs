//! The command line: one file per command, no logic of the product.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use miette::Report;

mod admin_client;
mod bench;
mod check;
mod explain;
mod logging;
mod outbox;
mod output;
mod plugin;
mod serve;

use output::OutputError;

/// The night clerk of your online store.
#[derive(Parser)]
#[command(name = "nightclerk", version, about, propagate_version = true)]
pub struct Command {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Subcommands,
}

/// Options every command takes.
#[derive(Args, Clone)]
pub struct Global {
    /// The folder with the configuration.
    #[arg(long, short, global = true, default_value = "config", env = "NIGHTCLERK_CONFIG", value_name = "FOLDER")]
    pub config: PathBuf,
    /// Say more in the log; twice for everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Run the clerk.
    Serve(serve::ServeArgs),
    /// Check the configuration and say what would run.
    Check,
    /// Make, build, check, list and operate plugins.
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Read, retry or drop messages that could not be delivered.
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// Show why the clerk said what it said.
    Explain(explain::ExplainArgs),
    /// Measure throughput, latency, memory and start on this machine.
    Bench(bench::BenchArgs),
}

/// Runs a command and turns its outcome into an exit code: 0 done, 1 failed, 2 called or configured wrongly.
pub fn run(Command { global, command }: Command) -> ExitCode {
    let result = match command {
        Subcommands::Serve(args) => serve::run(&global, &args),
        Subcommands::Check => return check::run(&global.config),
        Subcommands::Plugin(command) => plugin::run(command, &global),
        Subcommands::Outbox(command) => outbox::run(&global, &command),
        Subcommands::Explain(args) => explain::run(&global, &args),
        Subcommands::Bench(args) => bench::run(&args, &global.config),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) if report.downcast_ref().is_some_and(OutputError::is_enough) => ExitCode::SUCCESS,
        Err(report) => fail(&report),
    }
}

fn fail(report: &Report) -> ExitCode {
    eprintln!("{report:?}");
    ExitCode::FAILURE
}
