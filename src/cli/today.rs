//! `nightclerk today`: what waits for a person, and what the clerk did alone.

use clap::Args;
use miette::Report;

use super::{
    Global,
    admin_client::AdminClient,
    output::{field, say},
};
use crate::{
    clock,
    desk::morning::{Morning, line},
    model::Alone,
};

#[derive(Args)]
pub struct TodayArgs {
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, args: &TodayArgs) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    if args.json {
        let all: serde_json::Value = client.get("/v1/today")?;
        return Ok(say!("{all:#}")?);
    }
    let Morning { items, alone } = client.get("/v1/today")?;
    let now_ms = clock::now_ms();
    if items.is_empty() {
        say!("nothing waits")?;
    }
    for item in &items {
        say!("{}", field(&line(item, false, now_ms)))?;
        say!("    {}", field(&item.command))?;
    }
    let Alone { answered, handed_over, reminders, notices, .. } = alone;
    say!("the clerk alone: {answered} answered, {handed_over} handed over, {reminders} reminders, {notices} notices")?;
    Ok(())
}
