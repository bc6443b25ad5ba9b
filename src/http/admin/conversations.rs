//! What people of the store do with a conversation.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    Admin,
    refusal::{Done, refuse, store_failed},
};
use crate::{
    clock,
    inbox::Accepted,
    model::{Address, Content, Event, EventKind, Staff, StaffDeed},
    setting::hint,
    store::{StoreError, wait},
};

/// Who does it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Who {
    /// A team or person of store.toml.
    pub by: Option<String>,
}

#[utoipa::path(post, path = "/v1/conversations/{channel}/{chat}/take", params(Who), responses(Done))]
pub async fn take(
    State(admin): State<Admin>,
    Path((channel, chat)): Path<(String, String)>,
    Query(who): Query<Who>,
) -> Response {
    of_a_customer(&admin, Address::new(channel, chat), who, StaffDeed::Take).await
}

#[utoipa::path(post, path = "/v1/conversations/{channel}/{chat}/return", params(Who), responses(Done))]
pub async fn give_back(
    State(admin): State<Admin>,
    Path((channel, chat)): Path<(String, String)>,
    Query(who): Query<Who>,
) -> Response {
    of_a_customer(&admin, Address::new(channel, chat), who, StaffDeed::Return).await
}

/// Words for the customer, or for colleagues.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Words {
    text: String,
}

/// Who is to have it.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Successor {
    to: String,
    #[serde(default)]
    note: String,
}

#[utoipa::path(
    post,
    path = "/v1/conversations/{channel}/{chat}/say",
    params(Who),
    request_body = Words,
    responses(Done)
)]
pub async fn say(
    State(admin): State<Admin>,
    Path((channel, chat)): Path<(String, String)>,
    Query(who): Query<Who>,
    Json(Words { text }): Json<Words>,
) -> Response {
    if text.trim().is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "nothing is said");
    }
    of_a_customer(&admin, Address::new(channel, chat), who, StaffDeed::Say { content: Content::text(text) }).await
}

#[utoipa::path(
    post,
    path = "/v1/conversations/{channel}/{chat}/transfer",
    params(Who),
    request_body = Successor,
    responses(Done)
)]
pub async fn transfer(
    State(admin): State<Admin>,
    Path((channel, chat)): Path<(String, String)>,
    Query(who): Query<Who>,
    Json(Successor { to, note }): Json<Successor>,
) -> Response {
    let in_force = admin.in_force.load_full();
    let playbook = &in_force.playbook;
    if !playbook.people().can_be_told(playbook.member(&to)) {
        let known = hint(&to, playbook.members());
        return refuse(StatusCode::BAD_REQUEST, format!("there is no team or person `{to}` who can be told: {known}"));
    }
    of_a_customer(&admin, Address::new(channel, chat), who, StaffDeed::Transfer { to, note }).await
}

#[utoipa::path(
    post,
    path = "/v1/conversations/{channel}/{chat}/note",
    params(Who),
    request_body = Words,
    responses(Done)
)]
pub async fn note(
    State(admin): State<Admin>,
    Path((channel, chat)): Path<(String, String)>,
    Query(who): Query<Who>,
    Json(Words { text }): Json<Words>,
) -> Response {
    if text.trim().is_empty() {
        return refuse(StatusCode::BAD_REQUEST, "the note is empty");
    }
    of_a_customer(&admin, Address::new(channel, chat), who, StaffDeed::Note { text }).await
}

async fn of_a_customer(admin: &Admin, address: Address, who: Who, deed: StaffDeed) -> Response {
    match wait(admin.store.knows(&address)).await {
        Ok(true) => {}
        Ok(false) => return refuse(StatusCode::NOT_FOUND, "nobody was heard of in this conversation"),
        Err(error) => return store_failed(&error),
    }
    decide(admin, address, who, deed).await
}

/// Has the deed decided like any other event of the conversation.
pub(super) async fn decide(admin: &Admin, address: Address, who: Who, deed: StaffDeed) -> Response {
    if let Some(by) = &who.by {
        let in_force = admin.in_force.load();
        if !in_force.playbook.has_member(by) {
            let known = hint(by, in_force.playbook.members());
            return refuse(
                StatusCode::BAD_REQUEST,
                format!("there is no team or person `{by}` in store.toml: {known}"),
            );
        }
    }
    match accept(admin, address, Staff::new(who.by, deed), Uuid::new_v4()).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => store_failed(&error),
    }
}

/// Has what somebody does decided, and waits until it is durable. What has one `once` is done once.
pub(in crate::http) async fn accept(
    admin: &Admin,
    address: Address,
    staff: Staff,
    once: Uuid,
) -> Result<Accepted, StoreError> {
    let now_ms = clock::now_ms();
    let event = Event {
        channel: "clerk".to_owned(),
        dedupe: format!("staff:{once}"),
        address,
        at_ms: now_ms,
        kind: EventKind::Staff(staff),
    };
    admin.inbox.accept(event, now_ms, None).await
}
