//! Whom a shop's report concerns, in the words of the channel on which they are spoken to.

use std::sync::Arc;

use http::StatusCode;

use crate::{
    channel::ByPhone,
    in_force::InForce,
    model::{Address, Event, EventKind},
    setting::hint,
    store::Store,
    webhook::Refusal,
};

/// Brings the chat of each order's customer into the platform's own form, so that what they write and what is reported of
/// their orders meet in one conversation; and says in the log which fields of a report could not be read.
///
/// # Errors
/// A report names a channel that is not there: nobody could ever be told.
pub async fn addressed(
    in_force: &InForce,
    store: &Arc<dyn Store>,
    mut events: Vec<Event>,
) -> Result<Vec<Event>, Refusal> {
    for event in &mut events {
        let EventKind::Order(report) = &mut event.kind else { continue };
        let address = &mut event.address;
        let elsewhere = address.channel != event.channel;
        if elsewhere && !in_force.channels.contains_key(&address.channel) {
            return Err(no_channel(in_force, &address.channel));
        }
        // Where the shop says which chat it is, that is a number too on some platforms.
        let number = if report.addressed { Some(address.chat.clone()) } else { report.phone.take() };
        report.phone = None;
        let named = (report.addressed || elsewhere).then_some(address.channel.as_str());
        if let Some(number) = number {
            match by_phone(in_force, store, named, &number).await {
                Some(found) => {
                    *address = found;
                    report.addressed = true;
                }
                None if report.addressed => {}
                None => report.unread.push("customer.phone".to_owned()),
            }
        }
        if !report.unread.is_empty() {
            let fields = report.unread.join(", ");
            tracing::info!(channel = event.channel, fields, "fields of an order's report cannot be read");
        }
    }
    Ok(events)
}

fn no_channel(in_force: &InForce, named: &str) -> Refusal {
    let name: String = named.chars().take(40).collect();
    let hint = hint(&name, in_force.channels.keys().map(String::as_str));
    Refusal {
        status: StatusCode::BAD_REQUEST,
        why: "an order names a channel that is not in channels.toml\n",
        detail: Some(format!("data: `channel`: there is no channel `{name}`; {hint}")),
    }
}

/// Where whoever has this number is spoken to, on the channel that is `named` or on any: in the conversation that is there,
/// else in the one that there would be, if the number is certain.
async fn by_phone(in_force: &InForce, store: &Arc<dyn Store>, named: Option<&str>, number: &str) -> Option<Address> {
    let mut ids: Vec<&String> = in_force.channels.keys().filter(|id| named.is_none_or(|named| named == *id)).collect();
    ids.sort_unstable();
    let mut possible = Vec::new();
    let mut first = None;
    for id in ids {
        let Some(ByPhone { chats, certain }) = in_force.channels.get(id)?.channel.chats_by_phone(number) else {
            continue;
        };
        let addresses = chats.into_iter().map(|chat| Address::new(id.clone(), chat));
        let before = possible.len();
        possible.extend(addresses);
        if certain || named.is_some() {
            first = first.or(possible.get(before).cloned());
        }
    }
    if possible.len() == 1 && first.is_some() {
        return first;
    }
    let store = store.clone();
    let known = move || possible.into_iter().find(|it| store.conversation(it).is_ok_and(|it| it.value.is_some()));
    tokio::task::spawn_blocking(known).await.ok().flatten().or(first)
}
