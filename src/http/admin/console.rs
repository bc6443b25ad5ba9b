//! Who may come in at the console.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{Admin, ErrorView, Refusal};
use crate::http::console::{Invited, invitation, revoke};

/// Makes a link by which a person of store.toml chooses a password, once.
#[utoipa::path(post, path = "/v1/console/people/{person}/invitation", responses((status = 200, body = Invited), (status = 404, body = ErrorView)))]
pub async fn invite(State(admin): State<Admin>, Path(person): Path<String>) -> Response {
    invitation(&admin, &person).await.map_or_else(Refusal::into_response, |invited| Json(invited).into_response())
}

/// Takes a person's password, links and sessions away.
#[utoipa::path(delete, path = "/v1/console/people/{person}", responses((status = 204), (status = 404, body = ErrorView, description = "they could not come in")))]
pub async fn shut_out(State(admin): State<Admin>, Path(person): Path<String>) -> Response {
    match revoke(&admin, &person).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => Refusal::new(StatusCode::NOT_FOUND, format!("`{person}` has no way in")).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
