//! All contacts as a list: handed out, and brought in.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Admin, PAGE, deeds::event, list, standing_now};
use crate::{
    clock,
    engine::Playbook,
    http::admin::{
        ErrorView,
        audit::noted_as,
        deed_kind::DeedKind,
        refusal::{refuse, store_failed},
    },
    model::{ContactDeed, ContactKey},
    store::{StoreError, wait},
};

/// Events that are handed in at once.
const AT_ONCE: usize = 256;

/// What came of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    pub lines: usize,
    pub new: usize,
}

#[utoipa::path(
    get,
    path = "/v1/contacts.csv",
    responses((status = 200, body = String, content_type = "text/csv"))
)]
pub async fn export(State(admin): State<Admin>) -> Response {
    let mut contacts = Vec::new();
    let mut after = None;
    loop {
        match wait(admin.store.contacts(after, PAGE)).await {
            Ok(page) => {
                after = page.last().map(|(mark, _)| mark.clone());
                contacts.extend(page.into_iter().map(|(_, contact)| standing_now(&admin, contact)));
                if after.is_none() {
                    break;
                }
            }
            Err(error) => return store_failed(&error),
        }
    }
    match list::write(&contacts) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response(),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/contacts.csv",
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Imported),
        (status = 400, body = ErrorView, description = "what is wrong, line by line; nothing was brought in"),
    )
)]
pub async fn import(State(admin): State<Admin>, body: Bytes) -> Response {
    noted_as(DeedKind::Import, bring_in(&admin, &body).await)
}

async fn bring_in(admin: &Admin, body: &[u8]) -> Response {
    let lines = match list::read(body) {
        Ok(lines) => lines,
        Err(mistakes) => return refuse(StatusCode::BAD_REQUEST, mistakes.join("\n")),
    };
    let mut events = Vec::with_capacity(lines.len());
    let mut mistakes = Vec::new();
    let mut new = 0;
    let in_force = admin.in_force.load();
    for line in &lines {
        let rooms = line.keys.iter().filter_map(|key| match key {
            ContactKey::Address(address) => in_force.playbook.people().room_at(address),
            _ => None,
        });
        let number = line.number;
        mistakes.extend(rooms.map(|room| format!("line {number}: {room} is a chat of the store's own people")));
        let known = match holders(admin, line).await {
            Ok(known) => known,
            Err(error) => return store_failed(&error),
        };
        let contact = match (known.as_slice(), &line.id) {
            ([], Some(id)) => {
                mistakes.push(format!("line {}: there is no contact {id}", line.number));
                continue;
            }
            ([], None) => {
                new += 1;
                Playbook::new_contact_id(&Uuid::new_v4())
            }
            ([one], _) => one.clone(),
            ([one, other, ..], _) => {
                mistakes.push(format!("line {number}: it is of {one} and of {other}; merge them first"));
                continue;
            }
        };
        let deed = ContactDeed::Import {
            contact,
            name: line.name.clone(),
            keys: line.keys.clone(),
            tags: line.tags.clone(),
            note: line.note.clone(),
            by: None,
        };
        events.push(event(deed, true));
    }
    if !mistakes.is_empty() {
        return refuse(StatusCode::BAD_REQUEST, mistakes.join("\n"));
    }
    let lines = events.len();
    let mut events = events.into_iter().peekable();
    while events.peek().is_some() {
        let some = events.by_ref().take(AT_ONCE).collect();
        if let Err(error) = admin.inbox.accept_all(some, clock::now_ms()).await {
            return store_failed(&error);
        }
    }
    Json(Imported { lines, new }).into_response()
}

/// The contacts that a line is of, by its id and by what it is found by.
async fn holders(admin: &Admin, line: &list::Line) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    if let Some(id) = &line.id {
        ids.extend(wait(admin.store.find_contact(&id.trim().to_ascii_uppercase())).await?.map(|it| it.id));
        if ids.is_empty() {
            return Ok(ids);
        }
    }
    for key in &line.keys {
        let holder = wait(admin.store.contact_found_by(std::slice::from_ref(key))).await?;
        ids.extend(holder.filter(|it| !ids.contains(it)));
    }
    Ok(ids)
}
