//! `nightclerk doctor`: asks each platform whether all is well.

use std::process::ExitCode;

use clap::Args;
use miette::{IntoDiagnostic, Report};

use super::{
    Global,
    channel::{no_such, show},
    mistakes,
    output::{field, say},
};
use crate::{
    channel::Health,
    config::PublicUrl,
    daemon::{self, checkup},
};

#[derive(Args)]
pub struct DoctorArgs {
    /// These channels alone.
    #[arg(value_name = "ID")]
    channels: Vec<String>,
}

pub fn run(global: &Global, args: &DoctorArgs) -> Result<ExitCode, Report> {
    let prepared = match daemon::prepare(&global.config) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(mistakes::show(error, &global.config)),
    };
    let in_force = &prepared.in_force;
    if let Some(unknown) = args.channels.iter().find(|id| !in_force.channels.contains_key(*id)) {
        return Ok(no_such(unknown));
    }
    let public_url = prepared.daemon.server.public_url.as_ref().map(PublicUrl::as_str);
    if public_url.is_none() {
        say!(
            "look  write `public_url` under [server] in nightclerk.toml, so that it can be held against the webhooks"
        )?;
    }
    let mut handles: Vec<_> = in_force.channels.values().collect();
    handles.retain(|handle| args.channels.is_empty() || args.channels.contains(&handle.id));
    handles.sort_by(|a, b| a.id.cmp(&b.id));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().into_diagnostic()?;
    let mut worst = Health::Well;
    for handle in handles {
        let webhook_url = public_url.and_then(|url| checkup::webhook_url(in_force, &handle.id, url).ok());
        let findings = runtime.block_on(checkup::examine(handle, webhook_url.as_deref()));
        if findings.is_empty() {
            say!("{:<5} {}: there is no platform to ask", Health::Well, field(&handle.id))?;
        }
        show(&handle.id, &findings)?;
        worst = worst.max(checkup::health(&findings));
    }
    Ok(if worst == Health::Ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
