//! The command line: one file per command, no logic of the product.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use miette::{MietteHandlerOpts, Report};

mod admin_client;
mod audit;
mod backup;
mod bench;
mod channel;
mod check;
mod completions;
mod config;
mod console;
mod contact;
mod conversation;
mod customer;
mod desk;
mod doctor;
mod explain;
mod health;
mod help;
mod init;
mod kept;
mod logging;
mod man;
mod mistakes;
mod outbox;
mod output;
mod phrases;
mod plugin;
mod reload;
mod replay;
mod report;
mod serve;
mod status;
mod test;
mod tickets;
mod today;
mod understand;

use crate::plugin::host::compiler;
use output::OutputError;

/// The night clerk of your online store.
#[derive(Parser)]
#[command(name = "nightclerk", version, about, propagate_version = true, after_help = help::ALL)]
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
    #[command(after_help = help::SERVE)]
    Serve,
    /// Check the configuration and say what would run.
    #[command(after_help = help::CHECK)]
    Check,
    /// Play scenarios with the configuration and the plugins, and say what comes out otherwise than expected.
    #[command(after_help = help::TEST)]
    Test(test::TestArgs),
    /// Decide what really happened again, and show what customers would have been told otherwise.
    #[command(after_help = help::REPLAY)]
    Replay(replay::ReplayArgs),
    /// What was asked, answered, sold and left undone.
    #[command(after_help = help::REPORT)]
    Report(report::ReportArgs),
    /// Show every setting with its meaning, default and range.
    #[command(after_help = help::CONFIG)]
    Config(config::ConfigArgs),
    /// Write the configuration of a new store.
    #[command(after_help = help::INIT)]
    Init(init::InitArgs),
    /// Say what waits, what failed, and since when.
    #[command(after_help = help::STATUS)]
    Status(status::StatusArgs),
    /// Have the running clerk read its configuration again.
    #[command(after_help = help::RELOAD)]
    Reload,
    /// Set up the platforms' side of a channel.
    #[command(subcommand, after_help = help::CHANNEL)]
    Channel(channel::ChannelCommand),
    /// Ask each platform whether all is well.
    #[command(after_help = help::DOCTOR)]
    Doctor(doctor::DoctorArgs),
    /// Print what the clerk says by itself, to copy into phrases.toml and change.
    #[command(after_help = help::PHRASES)]
    Phrases {
        /// Print them in this language instead, such as `ja`
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
    },
    /// Who is at the desk: who is there, what waits, who has what.
    #[command(after_help = help::DESK)]
    Desk(desk::DeskArgs),
    /// Answer a customer, take their conversation, hand it on or back.
    #[command(subcommand, after_help = help::CONVERSATION)]
    Conversation(conversation::ConversationCommand),
    /// Say who of the store comes in at the console.
    #[command(subcommand, after_help = help::CONSOLE)]
    Console(console::ConsoleCommand),
    /// What the clerk takes a sentence for, and how often it is right.
    #[command(after_help = help::UNDERSTAND)]
    Understand(understand::UnderstandArgs),
    /// What waits for a person, the most urgent first.
    #[command(after_help = help::TICKETS)]
    Tickets(tickets::TicketsArgs),
    /// Show what waits for a person, most urgent first, and what the clerk did alone.
    #[command(after_help = help::TODAY)]
    Today(today::TodayArgs),
    /// Delete all that is kept of one customer.
    #[command(after_help = help::FORGET)]
    Forget(customer::Customer),
    /// Customers as persons, whatever channels they write on: look up, note, tag, merge, bring in a list.
    #[command(subcommand, after_help = help::CONTACT)]
    Contact(contact::ContactCommand),
    /// Print all that is kept of one customer, as JSON.
    #[command(after_help = help::EXPORT)]
    Export(customer::Customer),
    /// Copy the store while the clerk runs.
    #[command(after_help = help::BACKUP)]
    Backup(backup::BackupArgs),
    /// Put a backup in the store's place.
    #[command(after_help = help::RESTORE)]
    Restore(backup::RestoreArgs),
    /// Make, build, check, list and operate plugins.
    #[command(subcommand, after_help = help::PLUGIN)]
    Plugin(plugin::PluginCommand),
    /// Read what waits to be delivered; retry or drop what could not be.
    #[command(subcommand, after_help = help::OUTBOX)]
    Outbox(outbox::OutboxCommand),
    /// Who did what with whom, and who looked it up.
    #[command(after_help = help::AUDIT)]
    Audit(audit::AuditArgs),
    /// Show why the clerk said what it said.
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::ExplainArgs),
    /// Measure throughput, latency, memory and start on this machine.
    Bench(bench::BenchArgs),
    /// Say whether the running clerk takes webhooks.
    #[command(after_help = help::HEALTH)]
    Health,
    /// Print what a shell needs to complete these commands.
    #[command(after_help = help::COMPLETIONS)]
    Completions(completions::CompletionsArgs),
    /// What the daemon runs to compile a plugin apart from itself.
    #[command(name = compiler::COMMAND, hide = true)]
    CompilePlugin {
        memory_bytes: usize,
        #[arg(long = compiler::RESERVED)]
        reserved: bool,
    },
    /// Write the manual pages.
    #[command(after_help = help::MAN)]
    Man(man::ManArgs),
}

/// Runs a command and turns its outcome into an exit code: 0 done, 1 failed, 2 called or configured wrongly.
pub fn run(Command { global, command }: Command) -> ExitCode {
    // Each message stays on one line, for those who search for it, and what a compiler drew stays as it was drawn.
    // Refused only where a hook is set already, and then that one stays.
    let _ = miette::set_hook(Box::new(|_| Box::new(MietteHandlerOpts::new().wrap_lines(false).build())));
    let result = match command {
        Subcommands::Serve => match serve::run(&global) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Check => match check::run(&global.config) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Test(args) => match test::run(&global, &args) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Replay(args) => match replay::run(&global, &args) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Report(args) => match report::run(&global, &args) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Config(args) => config::run(&args),
        Subcommands::Init(args) => init::run(&global, &args),
        Subcommands::Status(args) => match status::run(&global, &args) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Reload => match reload::run(&global) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Desk(args) => desk::run(&global, &args),
        Subcommands::Console(command) => console::run(&global, &command),
        Subcommands::Conversation(command) => conversation::run(&global, &command),
        Subcommands::Channel(command) => match channel::run(&global, &command) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Doctor(args) => match doctor::run(&global, &args) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Phrases { language } => phrases::run(language.as_deref()),
        Subcommands::Understand(args) => understand::run(&global, &args),
        Subcommands::Today(args) => today::run(&global, &args),
        Subcommands::Tickets(args) => tickets::run(&global, &args),
        Subcommands::Contact(command) => contact::run(&global, &command),
        Subcommands::Forget(customer) => customer::forget(&global, &customer),
        Subcommands::Export(customer) => customer::export(&global, &customer),
        Subcommands::Backup(args) => backup::backup(&global, &args),
        Subcommands::Restore(args) => backup::restore(&global, &args),
        Subcommands::Plugin(command) => match plugin::run(command, &global) {
            Ok(code) => return code,
            Err(report) => Err(report),
        },
        Subcommands::Outbox(command) => outbox::run(&global, &command),
        Subcommands::Audit(args) => audit::run(&global, &args),
        Subcommands::Explain(args) => explain::run(&global, &args),
        Subcommands::Bench(args) => bench::run(&args, &global.config),
        Subcommands::Health => health::run(&global),
        Subcommands::Completions(args) => completions::run(&args),
        Subcommands::CompilePlugin { memory_bytes, reserved } => {
            match compiler::compile_as_child(memory_bytes, reserved) {
                Ok(()) => return ExitCode::SUCCESS,
                Err(why) => {
                    eprintln!("{why}");
                    return ExitCode::FAILURE;
                }
            }
        }
        Subcommands::Man(args) => man::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) if report.downcast_ref().is_some_and(OutputError::is_enough) => ExitCode::SUCCESS,
        Err(report) => fail(&report),
    }
}

fn fail(report: &Report) -> ExitCode {
    // Who reads it may be gone, too.
    let _ = writeln!(io::stderr(), "{report:?}");
    ExitCode::FAILURE
}
