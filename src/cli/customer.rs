//! `nightclerk forget` and `nightclerk export`: what is kept of one customer.

use clap::Args;
use miette::Report;

use super::{
    Global,
    admin_client::{AdminClient, segment},
    output::say,
};
use crate::store::Forgotten;

/// One customer, as the channel knows them.
#[derive(Args)]
pub struct Customer {
    /// The channel's id in channels.toml.
    channel: String,
    /// The platform's id of the chat.
    chat: String,
}

impl Customer {
    fn path(&self) -> String {
        format!("/v1/customers/{}/{}", segment(&self.channel), segment(&self.chat))
    }
}

pub fn forget(global: &Global, customer: &Customer) -> Result<(), Report> {
    let forgotten: Forgotten = AdminClient::of_folder(&global.config)?.delete(&customer.path())?;
    let Forgotten { events, messages, orders, tickets, contacts, timers, keys } = forgotten;
    say!(
        "forgotten: {events} events, {messages} messages, {orders} orders, {tickets} tickets, {contacts} contacts, \
         {timers} timers, {keys} plugin keys"
    )?;
    Ok(())
}

pub fn export(global: &Global, customer: &Customer) -> Result<(), Report> {
    let all: serde_json::Value = AdminClient::of_folder(&global.config)?.get(&customer.path())?;
    say!("{all:#}")?;
    Ok(())
}
