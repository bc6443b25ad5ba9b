//! The command line: one file per command, no logic of the product.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use miette::{MietteHandlerOpts, Report, ReportHandler};

mod admin_client;
mod bench;
mod check;
mod explain;
mod logging;
mod outbox;
mod plugin;
mod serve;

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
    Serve,
    /// Check the configuration and say what would run.
    Check,
    /// Make, build, check and list plugins.
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
    show_lines_whole();
    let result = match command {
        Subcommands::Serve => serve::run(&global),
        Subcommands::Check => return check::run(&global.config),
        Subcommands::Plugin(command) => plugin::run(command, &global.config),
        Subcommands::Outbox(command) => outbox::run(&global, &command),
        Subcommands::Explain(args) => explain::run(&global, &args),
        Subcommands::Bench(args) => bench::run(&args, &global.config),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => fail(&report),
    }
}

/// A line to type, or a compiler's drawing, is of no use broken at the terminal's width.
fn show_lines_whole() {
    let handler = |_: &_| -> Box<dyn ReportHandler> { Box::new(MietteHandlerOpts::new().wrap_lines(false).build()) };
    // It fails only where one was set before, and then that one counts.
    let _ = miette::set_hook(Box::new(handler));
}

fn fail(report: &Report) -> ExitCode {
    eprintln!("{report:?}");
    ExitCode::FAILURE
}
