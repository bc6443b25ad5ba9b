//! What waits for a person.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{
    Admin, ErrorView,
    conversations::{Who, decide},
    refusal::{refuse, store_failed},
};
use crate::{
    model::{StaffDeed, Ticket},
    store::wait,
};

/// Tickets in one answer.
const MOST: usize = 1000;

#[utoipa::path(get, path = "/v1/tickets", responses((status = 200, body = Vec<Object>)))]
pub async fn open(State(admin): State<Admin>) -> Response {
    match wait(admin.store.open_tickets(MOST)).await {
        Ok(tickets) => Json(tickets).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/take",
    params(("by" = Option<String>, Query, description = "a team or person of store.toml")),
    responses(
        (status = 204),
        (status = 400, body = ErrorView),
        (status = 404, body = ErrorView),
        (status = 409, body = ErrorView, description = "it is closed"),
    )
)]
pub async fn take(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::TakeTicket { ticket }).await
}

#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/close",
    params(("by" = Option<String>, Query, description = "a team or person of store.toml")),
    responses(
        (status = 204),
        (status = 400, body = ErrorView),
        (status = 404, body = ErrorView),
        (status = 409, body = ErrorView, description = "it is closed already"),
    )
)]
pub async fn close(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::CloseTicket { ticket }).await
}

async fn of_a_ticket(admin: &Admin, id: &str, who: Who, deed: impl FnOnce(String) -> StaffDeed) -> Response {
    // As it is said or written down: small letters will do.
    let id = id.trim().to_ascii_uppercase();
    match wait(admin.store.find_ticket(&id)).await {
        Ok(Some(ticket)) if ticket.is_open() => {
            let Ticket { address, .. } = ticket;
            decide(admin, address, who, deed(id)).await
        }
        Ok(Some(_)) => refuse(StatusCode::CONFLICT, format!("ticket {id} is closed")),
        Ok(None) => refuse(StatusCode::NOT_FOUND, format!("there is no ticket {id}")),
        Err(error) => store_failed(&error),
    }
}
