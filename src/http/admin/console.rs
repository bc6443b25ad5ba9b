//! Who may come in at the console.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{Admin, ErrorView, Refusal};
use crate::{
    http::console::{Invited, invitation, revoke},
    store::{AuditEntry, wait},
};

/// Makes a link by which a person of store.toml chooses a password, once.
#[utoipa::path(post, path = "/v1/console/people/{person}/invitation", responses((status = 200, body = Invited), (status = 404, body = ErrorView)))]
pub async fn invite(State(admin): State<Admin>, Path(person): Path<String>) -> Response {
    let made = async {
        note(&admin, "person-invite", &person).await?;
        invitation(&admin, &person).await
    };
    made.await.map_or_else(Refusal::into_response, |invited| Json(invited).into_response())
}

/// Takes a person's password, links and sessions away.
#[utoipa::path(delete, path = "/v1/console/people/{person}", responses((status = 204), (status = 404, body = ErrorView, description = "they could not come in")))]
pub async fn shut_out(State(admin): State<Admin>, Path(person): Path<String>) -> Response {
    let done = async {
        note(&admin, "person-revoke", &person).await?;
        revoke(&admin, &person).await
    };
    match done.await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => Refusal::new(StatusCode::NOT_FOUND, format!("`{person}` has no way in")).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Whoever has the admin token is the owner.
async fn note(admin: &Admin, what: &str, person: &str) -> Result<(), Refusal> {
    let entry = AuditEntry {
        at_ms: crate::clock::now_ms(),
        who: None,
        what: what.to_owned(),
        subject: person.to_owned(),
        conversation: None,
    };
    Ok(wait(admin.store.note_deed(entry)).await?)
}
