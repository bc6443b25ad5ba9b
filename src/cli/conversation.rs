//! `nightclerk conversation`: people take a customer's conversation, and give it back.

use clap::{Args, Subcommand};
use miette::Report;

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
    let (conversation, deed, done) = match command {
        ConversationCommand::Take(it) => (it, "take", "taken: the clerk keeps back"),
        ConversationCommand::Return(it) => (it, "return", "the clerk goes on"),
    };
    let Conversation { channel, chat, by } = conversation;
    client.post(&format!("/v1/conversations/{}/{}/{deed}{}", segment(channel), segment(chat), query(by.as_deref())))?;
    say!("{done}")?;
    Ok(())
}

/// Who does it, as the admin API wants it.
pub fn query(by: Option<&str>) -> String {
    by.map_or_else(String::new, |by| format!("?by={}", segment(by)))
}
