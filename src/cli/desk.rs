//! `nightclerk desk`: who is there, what waits, who has what.

use clap::Args;
use miette::Report;

use super::{
    Global,
    admin_client::AdminClient,
    output::{field, say},
};
use crate::http::admin::{ConversationView, Desk, PersonView, TeamView};

#[derive(Args)]
pub struct DeskArgs {
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, args: &DeskArgs) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    if args.json {
        let all: serde_json::Value = client.get("/v1/desk")?;
        say!("{all:#}")?;
        return Ok(());
    }
    let Desk { people, teams } = client.get("/v1/desk")?;
    if people.is_empty() && teams.is_empty() {
        say!("nobody is in store.toml: add [[team]] and [[person]]")?;
    }
    for PersonView { name, teams, away, at_console, assigned, capacity, holds } in people {
        let state = match (away, at_console) {
            (true, _) => "away",
            (false, true) => "at the console",
            (false, false) => "there",
        };
        let capacity = capacity.map_or_else(String::new, |most| format!(" of {most}"));
        let out = if assigned || teams.is_empty() { "" } else { ", out of assignment" };
        let of = if teams.is_empty() { String::new() } else { format!("  ({})", field(&teams.join(", "))) };
        say!("{}{of}  {state}{out}, has {}{capacity}", field(&name), holds.len())?;
        conversations(&holds)?;
    }
    for TeamView { name, open, waiting } in teams {
        let state = if open { "open" } else { "closed" };
        say!("team {}  {state}, {} in line", field(&name), waiting.len())?;
        conversations(&waiting)?;
    }
    Ok(())
}

fn conversations(all: &[ConversationView]) -> Result<(), Report> {
    for ConversationView { channel, chat, since_ms } in all {
        let since = jiff::Timestamp::from_millisecond(*since_ms).unwrap_or_default();
        say!("      {}/{}  since {since:.0}", field(channel), field(chat))?;
    }
    Ok(())
}
