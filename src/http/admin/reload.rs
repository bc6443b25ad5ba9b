//! What became of edits of the configuration, and reading it again.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Admin, ErrorView, refusal::refuse};
use crate::bell::Bell;

/// What became of the newest edit.
#[derive(Default)]
pub struct Edits {
    /// Why it is not in force; cleared by a good one.
    pub refused: ArcSwapOption<Refused>,
    /// Settings that are not in force before a restart.
    pub waits_for_restart: ArcSwap<Vec<String>>,
    /// Rung when an edit has come into force, or was refused.
    pub came: Bell,
}

/// An edit that is not in force.
pub struct Refused {
    pub why: String,
    /// Since when there has been no good one.
    pub since_ms: i64,
    /// It may be an upload under way, and settles by itself in a moment.
    pub may_pass: bool,
}

/// Reads the configuration again and says what came of it.
pub type Reloader = Arc<dyn Fn() -> Reloaded + Send + Sync>;

/// What came of reading the configuration again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Reloaded {
    /// Every mistake; absent where all is in force that can be.
    pub refused: Option<String>,
    /// Settings that wait for a restart.
    pub waits_for_restart: Vec<String>,
}

#[utoipa::path(
    post,
    path = "/v1/reload",
    responses((status = 200, body = Reloaded), (status = 500, body = ErrorView))
)]
pub async fn reload(State(admin): State<Admin>) -> Response {
    match tokio::task::spawn_blocking(move || (admin.reload)()).await {
        Ok(reloaded) => Json(reloaded).into_response(),
        Err(_) => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "the configuration could not be read; see the log".to_owned())
        }
    }
}
