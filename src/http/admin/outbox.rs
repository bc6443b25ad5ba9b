//! Messages that could not be delivered.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, ErrorView,
    refusal::{refuse, store_failed},
};
use crate::store::{MessageState, Queued, Settlement, wait};

/// A message as the admin API shows it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageView {
    pub id: i64,
    pub channel: String,
    pub chat: String,
    /// `pending`, `sent`, `dead` or `dropped`.
    pub state: String,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub created_ms: i64,
    pub text: String,
}

impl From<Queued> for MessageView {
    fn from(queued: Queued) -> Self {
        let state = serde_json::to_value(queued.state).ok().and_then(|it| it.as_str().map(str::to_owned));
        Self {
            id: queued.id,
            channel: queued.message.address.channel,
            chat: queued.message.address.chat,
            state: state.unwrap_or_default(),
            attempts: queued.attempts,
            last_error: queued.last_error,
            created_ms: queued.created_ms,
            text: queued.message.content.to_plain_text(),
        }
    }
}

#[utoipa::path(get, path = "/v1/outbox/dead", responses((status = 200, body = Vec<MessageView>)))]
pub async fn dead(State(admin): State<Admin>) -> Response {
    match wait(admin.store.dead(1000)).await {
        Ok(messages) => Json(messages.into_iter().map(MessageView::from).collect::<Vec<_>>()).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(post, path = "/v1/outbox/{id}/retry", responses((status = 204), (status = 404, body = ErrorView)))]
pub async fn retry(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match settle_dead(&admin, id, Settlement::Retry).await {
        Ok(()) => {
            if let Ok(Some(message)) = wait(admin.store.message(id)).await {
                admin.outbox.enqueue(vec![message]);
            }
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => response,
    }
}

#[utoipa::path(post, path = "/v1/outbox/{id}/drop", responses((status = 204), (status = 404, body = ErrorView)))]
pub async fn give_up(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match settle_dead(&admin, id, Settlement::Dropped).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(response) => response,
    }
}

/// Settles a message that is dead; any other is refused.
async fn settle_dead(admin: &Admin, id: i64, settlement: Settlement) -> Result<(), Response> {
    match wait(admin.store.message(id)).await {
        Ok(Some(queued)) if queued.state == MessageState::Dead => {}
        Ok(Some(_)) => return Err(refuse(StatusCode::CONFLICT, format!("message {id} is not a dead letter"))),
        Ok(None) => return Err(refuse(StatusCode::NOT_FOUND, format!("there is no message {id}"))),
        Err(error) => return Err(store_failed(&error)),
    }
    wait(admin.store.settle(id, settlement)).await.map_err(|error| store_failed(&error))
}
