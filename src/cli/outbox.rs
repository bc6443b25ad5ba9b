//! `nightclerk outbox`: messages that wait to be delivered, or could not be.

use clap::Subcommand;
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::{field, say},
    status::time,
};
use crate::http::admin::{MessageView, Retried};

#[derive(Subcommand)]
pub enum OutboxCommand {
    /// List what waits, and the dead letters, newest first.
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Try dead letters again.
    #[command(group = clap::ArgGroup::new("which").required(true))]
    Retry {
        /// The number of one, as `list` shows it
        #[arg(group = "which")]
        id: Option<i64>,
        /// All there are
        #[arg(long, group = "which")]
        all: bool,
        /// All of one channel
        #[arg(long, group = "which", value_name = "ID")]
        channel: Option<String>,
    },
    /// Give a dead letter up.
    Drop {
        /// Its number, as `list` shows it
        id: i64,
    },
}

pub fn run(global: &Global, command: &OutboxCommand) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    match command {
        OutboxCommand::List { json } => {
            let mut messages: Vec<MessageView> = client.get("/v1/outbox/waiting")?;
            messages.extend(client.get::<Vec<MessageView>>("/v1/outbox/dead")?);
            if *json {
                say!("{}", serde_json::to_string_pretty(&messages).unwrap_or_default())?;
                return Ok(());
            }
            if messages.is_empty() {
                say!("nothing waits, and there are no dead letters")?;
            }
            for message in messages {
                show(&message)?;
            }
        }
        OutboxCommand::Retry { id: Some(id), .. } => {
            client.post(&format!("/v1/outbox/{id}/retry"))?;
            say!("message {id} is on its way again")?;
        }
        OutboxCommand::Retry { channel, .. } => {
            let which = channel.as_ref().map_or(String::new(), |id| format!("?channel={}", segment(id)));
            let Retried { count } = client.post_for(&format!("/v1/outbox/retry{which}"))?;
            say!("{count} messages are on their way again")?;
        }
        OutboxCommand::Drop { id } => {
            client.post(&format!("/v1/outbox/{id}/drop"))?;
            say!("message {id} is given up")?;
        }
    }
    Ok(())
}

fn show(message: &MessageView) -> Result<(), Report> {
    let (state, why) = match message.state.as_str() {
        "pending" => ("waits", message.last_error.as_deref().unwrap_or("not tried yet")),
        _ => ("dead", message.last_error.as_deref().unwrap_or("no reason given")),
    };
    let (channel, chat) = (field(&message.channel), field(&message.chat));
    let (since, attempts) = (time(message.created_ms), message.attempts);
    say!("{:>6}  {state:<5}  {channel}/{chat}  since {since}  {attempts} attempts  {}", message.id, field(why))?;
    say!("        {}", first_line(&message.text))?;
    Ok(())
}

fn first_line(text: &str) -> String {
    let line = field(text.lines().next().unwrap_or_default());
    if line.chars().count() > 72 { line.chars().take(71).chain(['…']).collect() } else { line.into_owned() }
}
