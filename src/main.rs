//! The `nightclerk` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    nightclerk::cli::run(nightclerk::cli::Command::parse())
}
