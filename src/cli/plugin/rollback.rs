//! `nightclerk plugin rollback`.

use std::path::Path;

use clap::Args;
use miette::Report;

use super::super::{
    admin_client::{AdminClient, segment},
    output::say,
};
use crate::plugin::host::RolledBack;

#[derive(Args)]
pub struct RollbackArgs {
    /// The plugin's name.
    name: String,
    /// The version to run, or the first eight digits of its hash; the one before that which runs unless given.
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
}

pub fn run(args: &RollbackArgs, config_dir: &Path) -> Result<(), Report> {
    let client = AdminClient::of_folder(config_dir)?;
    let query = args.to.as_deref().map(|to| format!("?to={}", segment(to))).unwrap_or_default();
    let RolledBack { from, to } = client.post_for(&format!("/v1/plugins/{}/rollback{query}", segment(&args.name)))?;
    say!("{} is rolled back from {from} to {to}, until its file changes", args.name)?;
    Ok(())
}
