//! `nightclerk tickets`: what waits for a person.

use clap::{Args, Subcommand};
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    conversation::query,
    output::{field, say},
};
use crate::model::{Ticket, Urgency};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TicketsArgs {
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<TicketCommand>,
}

#[derive(Subcommand)]
enum TicketCommand {
    /// Take a ticket: it is yours from now on.
    Take(OneTicket),
    /// Close a ticket: what it is about is done.
    Close(OneTicket),
}

#[derive(Args)]
struct OneTicket {
    /// Its id, as the list shows it.
    id: String,
    /// Who it is: a team or person of store.toml.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub fn run(global: &Global, args: &TicketsArgs) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    match &args.command {
        Some(TicketCommand::Take(OneTicket { id, by })) => {
            client.post(&format!("/v1/tickets/{}/take{}", segment(id), query(by.as_deref())))?;
            say!("ticket {} is taken", field(id))?;
            return Ok(());
        }
        Some(TicketCommand::Close(OneTicket { id, by })) => {
            client.post(&format!("/v1/tickets/{}/close{}", segment(id), query(by.as_deref())))?;
            say!("ticket {} is closed", field(id))?;
            return Ok(());
        }
        None => {}
    }
    if args.json {
        let all: serde_json::Value = client.get("/v1/tickets")?;
        say!("{all:#}")?;
        return Ok(());
    }
    let tickets: Vec<Ticket> = client.get("/v1/tickets")?;
    if tickets.is_empty() {
        say!("nothing waits")?;
    }
    for Ticket { id, kind, urgency, address, text, owner, opened_ms, .. } in tickets {
        let mark = if urgency == Urgency::Urgent { "!" } else { " " };
        let since = jiff::Timestamp::from_millisecond(opened_ms).unwrap_or_default();
        let owner = owner.map_or_else(String::new, |owner| format!("  for {}", field(&owner)));
        let (channel, chat) = (field(&address.channel), field(&address.chat));
        say!("{mark} {id}  {kind}  {channel}/{chat}  since {since:.0}{owner}")?;
        for line in text.lines() {
            say!("      {}", field(line))?;
        }
    }
    Ok(())
}
