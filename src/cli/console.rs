//! `nightclerk console`: who comes in at the console.

use clap::Subcommand;
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::say,
};
use crate::http::admin::Invited;

#[derive(Subcommand)]
pub enum ConsoleCommand {
    /// Print a link by which a person of store.toml chooses a password; good once, for two days.
    Invite {
        /// The person's name in store.toml.
        name: String,
    },
    /// Take a person's password away, and sign them out.
    Revoke {
        /// The person's name.
        name: String,
    },
}

pub fn run(global: &Global, command: &ConsoleCommand) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    match command {
        ConsoleCommand::Invite { name } => {
            let invited: Invited = client.post_for(&format!("/v1/console/people/{}/invitation", segment(name)))?;
            say!("{}", invited.link)?;
        }
        ConsoleCommand::Revoke { name } => {
            client.remove(&format!("/v1/console/people/{}", segment(name)))?;
            say!("{name} cannot come in any more")?;
        }
    }
    Ok(())
}
