//! `nightclerk completions`: what a shell needs to complete the commands.

use std::io::{Write, stdout};

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use miette::{IntoDiagnostic, Report};

use super::Command;

#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> Result<(), Report> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Command::command(), "nightclerk", &mut script);
    stdout().write_all(&script).into_diagnostic()
}
