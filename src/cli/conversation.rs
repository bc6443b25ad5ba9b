//! `nightclerk conversation`: what people do with a customer's conversation.

use clap::{Args, Subcommand};
use miette::Report;
use serde_json::json;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::say,
};

#[derive(Subcommand)]
pub enum ConversationCommand {
    /// Take it: the clerk keeps back, except from what is urgent.
    Take(Conversation),
    /// Give it back to the clerk.
    Return(Conversation),
    /// Answer the customer; whoever does has the conversation.
    Say {
        #[command(flatten)]
        conversation: Conversation,
        /// What the customer reads.
        text: String,
    },
    /// Hand it to another team or person, with all that was said.
    Transfer {
        #[command(flatten)]
        conversation: Conversation,
        /// A team or person of store.toml.
        to: String,
        /// What they should know.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Leave a note for those who come after.
    Note {
        #[command(flatten)]
        conversation: Conversation,
        text: String,
    },
}

/// One customer's conversation.
#[derive(Args)]
pub struct Conversation {
    /// The channel's id in channels.toml.
    channel: String,
    /// The platform's id of the chat.
    chat: String,
    /// Who it is: a team or person of store.toml.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub fn run(global: &Global, command: &ConversationCommand) -> Result<(), Report> {
    let client = AdminClient::of_folder(&global.config)?;
    let (conversation, deed, body, done) = match command {
        ConversationCommand::Take(it) => (it, "take", None, "taken: the clerk keeps back"),
        ConversationCommand::Return(it) => (it, "return", None, "the clerk goes on"),
        ConversationCommand::Say { conversation, text } => {
            (conversation, "say", Some(json!({ "text": text })), "on its way to the customer")
        }
        ConversationCommand::Transfer { conversation, to, note } => {
            (conversation, "transfer", Some(json!({ "to": to, "note": note })), "handed over, if they are there")
        }
        ConversationCommand::Note { conversation, text } => {
            (conversation, "note", Some(json!({ "text": text })), "noted")
        }
    };
    let Conversation { channel, chat, by } = conversation;
    let (channel, chat, by) = (segment(channel), segment(chat), query(by.as_deref()));
    let path = format!("/v1/conversations/{channel}/{chat}/{deed}{by}");
    match body {
        Some(body) => client.post_json(&path, &body)?,
        None => client.post(&path)?,
    }
    say!("{done}")?;
    Ok(())
}

/// Who does it, as the admin API wants it.
pub fn query(by: Option<&str>) -> String {
    by.map_or_else(String::new, |by| format!("?by={}", segment(by)))
}
