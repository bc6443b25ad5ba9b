//! `nightclerk completions`: what a shell needs to complete the commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use miette::Report;

use super::{Command, output::whole};

#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> Result<(), Report> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Command::command(), "nightclerk", &mut script);
    Ok(whole(&script)?)
}
