//! `nightclerk tickets`: what waits for a person.

use clap::Args;
use miette::Report;

use super::{
    Global,
    admin_client::AdminClient,
    output::{field, say},
};
use crate::{
    config::Config,
    model::{Ticket, Urgency},
};

#[derive(Args)]
pub struct TicketsArgs {
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, args: &TicketsArgs) -> Result<(), Report> {
    let client = AdminClient::of(&Config::load(&global.config)?)?;
    if args.json {
        let all: serde_json::Value = client.get("/v1/tickets")?;
        say!("{all:#}")?;
        return Ok(());
    }
    let tickets: Vec<Ticket> = client.get("/v1/tickets")?;
    if tickets.is_empty() {
        say!("nothing waits")?;
    }
    for Ticket { id, kind, urgency, address, text, opened_ms, .. } in tickets {
        let mark = if urgency == Urgency::Urgent { "!" } else { " " };
        let since = jiff::Timestamp::from_millisecond(opened_ms).unwrap_or_default();
        say!("{mark} {id}  {kind}  {}/{}  since {since:.0}", field(&address.channel), field(&address.chat))?;
        for line in text.lines() {
            say!("      {}", field(line))?;
        }
    }
    Ok(())
}
