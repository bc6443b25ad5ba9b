//! `nightclerk tickets`: what waits for a person.

use clap::{Args, Subcommand};
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    conversation::query,
    output::{field, say},
};
use crate::{
    clock,
    http::admin::Register,
    model::{Ticket, TicketState, Urgency},
};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TicketsArgs {
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
    /// Sum up the problems of a month by kind, rather than list what is open.
    #[arg(long)]
    register: bool,
    /// Which month, such as 2026-11; the present one where it is left out.
    #[arg(long, requires = "register", value_name = "MONTH")]
    month: Option<String>,
    /// Print the register as CSV.
    #[arg(long, requires = "register", conflicts_with = "json")]
    csv: bool,
    #[command(subcommand)]
    command: Option<TicketCommand>,
}

#[derive(Subcommand)]
enum TicketCommand {
    /// Take a ticket: it is yours from now on.
    Take(OneTicket),
    /// It waits for somebody else than the store: its target is not held against anybody.
    Hold(OneTicket),
    /// Close a ticket: what it is about is done, and the customer hears so.
    Close(OneTicket),
    /// Close a ticket about which there is nothing to do. The customer hears nothing.
    Drop(OneTicket),
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
        Some(TicketCommand::Hold(OneTicket { id, by })) => {
            client.post(&format!("/v1/tickets/{}/hold{}", segment(id), query(by.as_deref())))?;
            say!("ticket {} is on hold", field(id))?;
            return Ok(());
        }
        Some(TicketCommand::Drop(OneTicket { id, by })) => {
            client.post(&format!("/v1/tickets/{}/drop{}", segment(id), query(by.as_deref())))?;
            say!("ticket {} is dropped", field(id))?;
            return Ok(());
        }
        None => {}
    }
    if args.register {
        return register(&client, args);
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
    let now_ms = clock::now_ms();
    for ticket in tickets {
        let late = if ticket.is_overdue(now_ms) { "  overdue" } else { "" };
        let state = match ticket.state {
            TicketState::Taken => "  taken",
            TicketState::Waiting => "  on hold",
            _ => "",
        };
        let Ticket { id, kind, urgency, address, text, owner, opened_ms, order, .. } = ticket;
        let order = order.map_or_else(String::new, |order| format!("  order {}", field(&order.id)));
        let mark = if urgency == Urgency::Urgent { "!" } else { " " };
        let since = jiff::Timestamp::from_millisecond(opened_ms).unwrap_or_default();
        let owner = owner.map_or_else(String::new, |owner| format!("  for {}", field(&owner)));
        let (channel, chat) = (field(&address.channel), field(&address.chat));
        say!("{mark} {id}  {kind}  {channel}/{chat}  since {since:.0}{owner}{order}{state}{late}")?;
        for line in text.lines() {
            say!("      {}", field(line))?;
        }
    }
    Ok(())
}

fn register(client: &AdminClient, args: &TicketsArgs) -> Result<(), Report> {
    let month = args.month.as_deref().map_or_else(String::new, |month| format!("?month={}", segment(month)));
    let path = format!("/v1/tickets/register{month}");
    if args.json {
        let all: serde_json::Value = client.get(&path)?;
        return Ok(say!("{all:#}")?);
    }
    let Register { month, kinds } = client.get(&path)?;
    if args.csv {
        say!("month,kind,opened,done,dropped,open,overdue,median_minutes")?;
    } else if kinds.is_empty() {
        say!("{month}: no tickets")?;
    } else {
        say!("{month}  {:<24} opened  done  dropped  open  overdue  median", "kind")?;
    }
    for it in kinds {
        let minutes = it.median_ms.map(|ms| (ms + 30_000) / 60_000);
        if args.csv {
            // Kinds are the owner's words.
            let kind = it.kind.replace('"', "\"\"");
            let minutes = minutes.map_or_else(String::new, |it| it.to_string());
            say!("{month},\"{kind}\",{},{},{},{},{},{minutes}", it.opened, it.done, it.dropped, it.open, it.overdue)?;
        } else {
            let median = minutes.map_or_else(|| "—".to_owned(), |it| format!("{}h{:02}m", it / 60, it % 60));
            say!(
                "         {:<24} {:>6} {:>5} {:>8} {:>5} {:>8}  {median}",
                field(&it.kind),
                it.opened,
                it.done,
                it.dropped,
                it.open,
                it.overdue
            )?;
        }
    }
    Ok(())
}
