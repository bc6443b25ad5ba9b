//! Channels that were stopped.

use axum::extract::{Path, State};
use http::StatusCode;

use super::Admin;

#[utoipa::path(post, path = "/v1/channels/{id}/resume", responses((status = 204)))]
pub async fn resume(State(admin): State<Admin>, Path(id): Path<String>) -> StatusCode {
    admin.outbox.resume_channel(&id);
    StatusCode::NO_CONTENT
}
