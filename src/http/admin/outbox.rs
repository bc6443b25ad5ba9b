//! Messages that wait to be delivered, or could not be.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, ErrorView,
    refusal::{Refusal, store_failed},
};
use crate::store::{MessageState, Queued, Settlement, wait};

/// Messages in one answer.
const PAGE: usize = 1000;
/// Dead letters that are retried at once.
const MOST_AT_ONCE: usize = 100_000;

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
    /// It is not sent before.
    #[serde(default)]
    pub not_before_ms: i64,
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
            not_before_ms: queued.message.not_before_ms,
            text: queued.message.content.to_plain_text(),
        }
    }
}

#[utoipa::path(get, path = "/v1/outbox/dead", responses((status = 200, body = Vec<MessageView>)))]
pub async fn dead(State(admin): State<Admin>) -> Response {
    match wait(admin.store.dead(PAGE)).await {
        Ok(messages) => Json(messages.into_iter().map(MessageView::from).collect::<Vec<_>>()).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// Up to a thousand messages that wait to be delivered, the oldest first.
#[utoipa::path(get, path = "/v1/outbox/waiting", responses((status = 200, body = Vec<MessageView>)))]
pub async fn waiting(State(admin): State<Admin>) -> Response {
    match wait(admin.store.pending(0, PAGE)).await {
        Ok(messages) => Json(messages.into_iter().map(MessageView::from).collect::<Vec<_>>()).into_response(),
        Err(error) => store_failed(&error),
    }
}

/// How many messages are on their way again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    pub count: usize,
}

#[derive(Deserialize)]
pub struct Which {
    /// Of this channel alone.
    channel: Option<String>,
}

#[utoipa::path(
    post,
    path = "/v1/outbox/retry",
    params(("channel" = Option<String>, Query, description = "of this channel alone")),
    responses((status = 200, body = Retried))
)]
pub async fn retry_all(State(admin): State<Admin>, Query(which): Query<Which>) -> Response {
    let dead = match wait(admin.store.dead(MOST_AT_ONCE)).await {
        Ok(dead) => dead,
        Err(error) => return store_failed(&error),
    };
    let wanted = |queued: &Queued| which.channel.as_ref().is_none_or(|id| *id == queued.message.address.channel);
    let mut ids: Vec<_> = dead.into_iter().filter(wanted).map(|queued| queued.id).collect();
    // In the order they were written.
    ids.sort_unstable();
    let mut count = 0;
    for id in ids {
        // One that was retried or dropped meanwhile is somebody else's.
        if retry_dead(&admin, id).await.is_ok() {
            count += 1;
        }
    }
    Json(Retried { count }).into_response()
}

#[utoipa::path(post, path = "/v1/outbox/{id}/retry", responses((status = 204), (status = 404, body = ErrorView)))]
pub async fn retry(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match retry_dead(&admin, id).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Sends a dead letter once more.
pub(in crate::http) async fn retry_dead(admin: &Admin, id: i64) -> Result<(), Refusal> {
    settle_dead(admin, id, Settlement::Retry).await?;
    if let Some(message) = wait(admin.store.message(id)).await? {
        admin.outbox.enqueue(vec![message]);
    }
    Ok(())
}

#[utoipa::path(post, path = "/v1/outbox/{id}/drop", responses((status = 204), (status = 404, body = ErrorView)))]
pub async fn give_up(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match settle_dead(&admin, id, Settlement::Dropped).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Settles a message that is dead; any other is refused.
pub(in crate::http) async fn settle_dead(admin: &Admin, id: i64, settlement: Settlement) -> Result<(), Refusal> {
    match wait(admin.store.message(id)).await? {
        Some(queued) if queued.state == MessageState::Dead => {}
        Some(_) => return Err(Refusal::new(StatusCode::CONFLICT, format!("message {id} is not a dead letter"))),
        None => return Err(Refusal::new(StatusCode::NOT_FOUND, format!("there is no message {id}"))),
    }
    Ok(wait(admin.store.settle(id, settlement)).await?)
}
