//! Who may come in at the console.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Admin, ErrorView, Refusal};
use crate::{
    clock,
    http::token::{hash_of, new_token},
    setting::hint,
    store::{Invitation, wait},
};

/// How long a link is good.
const GOOD_MS: i64 = 2 * 24 * 60 * 60 * 1000;

/// A link by which a person chooses a password, once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Invited {
    pub link: String,
    pub until_ms: i64,
}

/// Makes a link for a person of store.toml; an earlier one is void.
///
/// # Errors
/// There is no such person, or the store cannot write.
pub async fn invitation(admin: &Admin, person: &str) -> Result<Invited, Refusal> {
    if !works_here(admin, person) {
        let in_force = admin.in_force.load();
        let known = hint(person, in_force.playbook.people().persons().map(|it| it.name.as_str()));
        let why = format!("there is no [[person]] `{person}` in store.toml: {known}");
        return Err(Refusal::new(StatusCode::NOT_FOUND, why));
    }
    let no_randomness = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the system has no randomness");
    let token = new_token().ok_or_else(no_randomness)?;
    let until_ms = clock::now_ms() + GOOD_MS;
    let invitation = Invitation { person: person.to_owned(), hash: hash_of(&token), expires_ms: until_ms };
    wait(admin.store.invite(invitation)).await?;
    Ok(Invited { link: format!("{}/console/join/{token}", admin.console_url), until_ms })
}

/// Takes a person's password, links and sessions away; whether they could come in.
///
/// # Errors
/// The store cannot write.
pub async fn revoke(admin: &Admin, person: &str) -> Result<bool, Refusal> {
    Ok(wait(admin.store.revoke(person)).await?)
}

/// Whether there is such a person in store.toml: whoever is not there any more comes in no more.
pub fn works_here(admin: &Admin, person: &str) -> bool {
    admin.in_force.load().playbook.people().person(person).is_some()
}

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
