//! Channels that were stopped.

use axum::extract::{Path, State};
use http::StatusCode;

use super::{Admin, Refusal};

#[utoipa::path(
    post,
    path = "/v1/channels/{id}/resume",
    responses((status = 204), (status = 404, description = "There is no such channel"))
)]
pub async fn resume(State(admin): State<Admin>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    if admin.outbox.resume_channel(&id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refusal::new(StatusCode::NOT_FOUND, format!("there is no channel `{id}`")))
    }
}
