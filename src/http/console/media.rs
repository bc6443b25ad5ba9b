//! What customers and colleagues sent on a platform, fetched there for whoever reads the conversation: the platform hears that
//! the clerk asks, and not who looks.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{path_of, visit::Visit};
use crate::{
    http::{admin::Refusal, pictures::as_it_is},
    model::{Address, Carried, Event, EventKind, Staff, StaffDeed},
    store::wait,
};

/// Where a page has something of an event from.
pub fn path(event: &Event, id: i64, index: usize) -> String {
    format!("{}/media/{id}/{index}", path_of(&event.address))
}

/// What an event holds that can be fetched.
fn carried(event: Event, index: usize) -> Option<Carried> {
    match event.kind {
        EventKind::Message(message) => {
            Carried::all_of(&message.media, &event.channel, &event.address).into_iter().nth(index)
        }
        EventKind::Staff(Staff { deed: StaffDeed::Say { content }, .. }) => content.carried().nth(index).cloned(),
        _ => None,
    }
}

pub async fn sent(visit: Visit, Path((channel, chat, id, index)): Path<(String, String, i64, usize)>) -> Response {
    if !visit.rights.sees_conversations() {
        return visit.not_permitted();
    }
    let admin = &visit.console.admin;
    let found = match visit.read(wait(admin.store.explain(&id.to_string())).await) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let is_asked_for = |event: &Event| event.address == Address::new(channel, chat);
    let event = found.filter(|it| it.id == id).map(|it| it.event).filter(is_asked_for);
    let missing = |why| Refusal::new(StatusCode::NOT_FOUND, why).into_response();
    let Some(carried) = event.and_then(|event| carried(event, index)) else {
        return missing("there is no such picture".to_owned());
    };
    match admin.outbox.fetch(&carried).await {
        Ok((kind, bytes)) => as_it_is(kind, bytes, carried.media.name.and_then(|name| kind.named(&name))),
        Err(why) => missing(why),
    }
}
