//! Whom a shop's report concerns, in the words of the channel on which they are spoken to.

use http::StatusCode;

use crate::{
    in_force::InForce,
    model::{Event, EventKind},
    setting::hint,
    webhook::Refusal,
};

/// Brings the chat of each order's customer into the platform's own form, so that what they write and what is reported of
/// their orders meet in one conversation; and says in the log which fields of a report could not be read.
///
/// # Errors
/// A report names a channel that is not there: nobody could ever be told.
pub fn addressed(in_force: &InForce, mut events: Vec<Event>) -> Result<Vec<Event>, Refusal> {
    for event in &mut events {
        let EventKind::Order(report) = &event.kind else { continue };
        let known = in_force.channels.get(&event.address.channel);
        if known.is_none() && event.address.channel != event.channel {
            let names = in_force.channels.keys().map(String::as_str);
            let name: String = event.address.channel.chars().take(40).collect();
            let hint = hint(&name, names);
            return Err(Refusal {
                status: StatusCode::BAD_REQUEST,
                why: "an order names a channel that is not in channels.toml\n",
                detail: Some(format!("data: `channel`: there is no channel `{name}`; {hint}")),
            });
        }
        if !report.unread.is_empty() {
            let fields = report.unread.join(", ");
            tracing::info!(channel = event.channel, fields, "fields of an order's report cannot be read");
        }
        if let Some(handle) = known
            && let Some(chat) = handle.channel.chat_of(&event.address.chat)
        {
            event.address.chat = chat;
        }
    }
    Ok(events)
}
