//! What waits for a person.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};

use super::{Admin, refusal::store_failed};
use crate::store::wait;

/// Tickets in one answer.
const MOST: usize = 1000;

#[utoipa::path(get, path = "/v1/tickets", responses((status = 200, body = Vec<Object>)))]
pub async fn open(State(admin): State<Admin>) -> Response {
    match wait(admin.store.open_tickets(MOST)).await {
        Ok(tickets) => Json(tickets).into_response(),
        Err(error) => store_failed(&error),
    }
}
