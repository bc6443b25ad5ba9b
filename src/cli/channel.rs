//! `nightclerk channel setup`: lets a platform post here.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, Report};

use super::{
    Global, mistakes,
    output::{field, say},
};
use crate::{
    channel::{Finding, Health},
    config::PublicUrl,
    daemon::{self, checkup},
};

#[derive(Subcommand)]
pub enum ChannelCommand {
    /// Set the webhook where the platform lets us, else say what to do in its console.
    Setup(SetupArgs),
}

#[derive(Args)]
pub struct SetupArgs {
    /// The channel's id in channels.toml.
    id: String,
    /// Where the internet reaches the clerk, in place of `public_url` in nightclerk.toml.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub fn run(global: &Global, command: &ChannelCommand) -> Result<ExitCode, Report> {
    let ChannelCommand::Setup(args) = command;
    let prepared = match daemon::prepare(&global.config) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, &global.config)),
    };
    let in_force = &prepared.in_force;
    let Some(handle) = in_force.channels.get(&args.id) else { return Ok(no_such(&args.id)) };
    let configured = prepared.daemon.server.public_url.as_ref().map(PublicUrl::as_str);
    let Some(public_url) = args.url.as_deref().or(configured) else {
        eprintln!("where the internet reaches the clerk is not known");
        eprintln!("  give it as `--url https://…`, or as `public_url` under [server] in nightclerk.toml");
        return Ok(ExitCode::from(2));
    };
    let webhook_url = match checkup::webhook_url(in_force, &args.id, public_url) {
        Ok(url) => url,
        Err(mistake) => {
            eprintln!("the public URL: {}", field(&mistake));
            return Ok(ExitCode::from(2));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().into_diagnostic()?;
    let report = runtime.block_on(checkup::set_up(handle, &webhook_url));
    show(&args.id, &report.findings)?;
    if !report.by_hand.is_empty() {
        say!("left to do by hand:")?;
        for step in &report.by_hand {
            say!("  {}", field(step))?;
        }
    }
    Ok(if checkup::health(&report.findings) == Health::Ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One line for each finding.
pub fn show(id: &str, findings: &[Finding]) -> Result<(), Report> {
    for Finding { health, words } in findings {
        say!("{health:<5} {id}: {}", field(words))?;
    }
    Ok(())
}

pub fn no_such(id: &str) -> ExitCode {
    eprintln!("there is no channel `{}` in channels.toml", field(id));
    ExitCode::from(2)
}
