//! What is kept of one customer: handed over, or forgotten.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{
    Admin, ErrorView,
    refusal::{refuse, store_failed},
};
use crate::{
    clock,
    model::{Address, Event, EventKind, Staff, StaffDeed},
    plugin::host::customer_id,
    store::{Forgotten, PersonAt, StoreError, wait},
};

#[utoipa::path(get, path = "/v1/customers/{channel}/{chat}", responses((status = 200, body = Object), (status = 404, body = ErrorView)))]
pub async fn export(State(admin): State<Admin>, Path((channel, chat)): Path<(String, String)>) -> Response {
    match wait(admin.store.export(&Address::new(channel, chat))).await {
        Ok(Some(export)) => Json(export).into_response(),
        Ok(None) => refuse(StatusCode::NOT_FOUND, "nothing is kept of this customer".to_owned()),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(delete, path = "/v1/customers/{channel}/{chat}", responses((status = 200, body = Object)))]
pub async fn forget(State(admin): State<Admin>, Path((channel, chat)): Path<(String, String)>) -> Response {
    match forget_person(&admin, PersonAt::Address(Address::new(channel, chat))).await {
        Ok(forgotten) => Json(forgotten).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// Forgets all of one person, at whatever address it stands.
///
/// # Errors
/// The store does not answer.
pub(super) async fn forget_person(admin: &Admin, of: PersonAt) -> Result<Forgotten, StoreError> {
    let person = wait(admin.store.person(of)).await?;
    for address in &person.addresses {
        // Whoever has the conversation has it no longer, and no place in a queue is kept.
        leave_the_desk(admin, address).await?;
        // What waits in memory must not be said any more either.
        admin.outbox.forget(address);
        let (pictures, of) = (admin.pictures.clone(), address.clone());
        let _ = tokio::task::spawn_blocking(move || pictures.forget(&of)).await;
        admin.plugins.forget(&customer_id(address));
    }
    wait(admin.store.forget(&person, customer_id)).await
}

/// A conversation that a person has is closed like any other, before all of it is forgotten.
async fn leave_the_desk(admin: &Admin, address: &Address) -> Result<(), StoreError> {
    let (store, of) = (admin.store.clone(), address.clone());
    let row = tokio::task::spawn_blocking(move || store.conversation(&of)).await.map_err(|_| StoreError::Closed)??;
    if row.value.is_none_or(|it| it.hand_over.is_none()) {
        return Ok(());
    }
    let now_ms = clock::now_ms();
    let event = Event {
        channel: "clerk".to_owned(),
        dedupe: format!("staff:{}", uuid::Uuid::new_v4()),
        address: address.clone(),
        at_ms: now_ms,
        kind: EventKind::Staff(Staff::new(None, StaffDeed::Close)),
    };
    admin.inbox.accept(event, now_ms, None).await.map(drop)
}
