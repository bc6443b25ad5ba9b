//! `nightclerk reload`: has the running clerk read its configuration again, and says what came of it.

use std::process::ExitCode;

use miette::Report;

use super::{Global, admin_client::AdminClient, output::say};
use crate::http::admin::Reloaded;

/// Exit code 0: it is in force; 2: it has mistakes, and what was in force still is.
pub fn run(global: &Global) -> Result<ExitCode, Report> {
    let client = AdminClient::of_folder(&global.config)?;
    let Reloaded { refused, waits_for_restart } = client.post_for("/v1/reload")?;
    if let Some(why) = refused {
        say!("not in force; what was in force still is:\n{why}")?;
        return Ok(ExitCode::from(2));
    }
    match &waits_for_restart[..] {
        [] => say!("the configuration is in force")?,
        waits => say!("the configuration is in force, but for what waits for a restart: {}", waits.join(", "))?,
    }
    Ok(ExitCode::SUCCESS)
}
