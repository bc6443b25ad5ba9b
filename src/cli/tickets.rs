//! `nightclerk tickets`: what waits for a person.

use clap::Args;
use miette::Report;

use super::{Global, admin_client::AdminClient};
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
        println!("{all:#}");
        return Ok(());
    }
    let tickets: Vec<Ticket> = client.get("/v1/tickets")?;
    if tickets.is_empty() {
        println!("nothing waits");
    }
    for Ticket { id, kind, urgency, address, text, opened_ms, .. } in tickets {
        let mark = if urgency == Urgency::Urgent { "!" } else { " " };
        let since = jiff::Timestamp::from_millisecond(opened_ms).unwrap_or_default();
        println!("{mark} {id}  {kind}  {}/{}  since {since:.0}", plain(&address.channel), plain(&address.chat));
        for line in text.lines() {
            println!("      {}", plain(line));
        }
    }
    Ok(())
}

/// What a customer wrote must not steer the terminal it is shown on.
fn plain(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}
