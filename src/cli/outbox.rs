//! `nightclerk outbox`: messages that could not be delivered.

use clap::Subcommand;
use miette::Report;

use super::{
    Global,
    admin_client::AdminClient,
    output::{field, say},
};
use crate::{config::Config, http::admin::MessageView};

#[derive(Subcommand)]
pub enum OutboxCommand {
    /// List the dead letters, newest first.
    List,
    /// Try a dead letter again.
    Retry {
        /// Its number, as `list` shows it.
        id: i64,
    },
    /// Give a dead letter up.
    Drop {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

pub fn run(global: &Global, command: &OutboxCommand) -> Result<(), Report> {
    let config = Config::load(&global.config)?;
    let client = AdminClient::of(&config)?;
    match command {
        OutboxCommand::List => {
            let messages: Vec<MessageView> = client.get("/v1/outbox/dead")?;
            if messages.is_empty() {
                say!("no dead letters")?;
            }
            for message in messages {
                say!(
                    "{:>6}  {}/{}  {} attempts  {}\n        {}",
                    message.id,
                    message.channel,
                    field(&message.chat),
                    message.attempts,
                    field(message.last_error.as_deref().unwrap_or("no reason given")),
                    first_line(&message.text),
                )?;
            }
        }
        OutboxCommand::Retry { id } => {
            client.post(&format!("/v1/outbox/{id}/retry"))?;
            say!("message {id} is on its way again")?;
        }
        OutboxCommand::Drop { id } => {
            client.post(&format!("/v1/outbox/{id}/drop"))?;
            say!("message {id} is given up")?;
        }
    }
    Ok(())
}

fn first_line(text: &str) -> String {
    let line = field(text.lines().next().unwrap_or_default());
    if line.chars().count() > 72 { line.chars().take(71).chain(['…']).collect() } else { line.into_owned() }
}
