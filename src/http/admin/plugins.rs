//! The plugins, and what an operator does with one.

use std::time::{Duration, Instant};

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Admin, ErrorView,
    refusal::{refuse, store_failed},
};
use crate::{
    plugin::{
        contract::PluginError,
        host::{Comparison, LogLine, PluginLine, PluginStatus, RolledBack},
    },
    store::wait,
};

/// How long the plugins may take to load before they are listed without those that do not run yet.
const LOADING: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

#[utoipa::path(get, path = "/v1/plugins", responses((status = 200, body = Vec<PluginStatus>)))]
pub async fn list(State(admin): State<Admin>) -> Json<Vec<PluginStatus>> {
    // Just after a start, the list is worth waiting for.
    let since = Instant::now();
    while !admin.plugins.is_loaded() && since.elapsed() < LOADING {
        tokio::time::sleep(LOOK).await;
    }
    Json(admin.plugins.status())
}

#[derive(Deserialize, IntoParams)]
pub struct Rollback {
    /// The version to run, or the first eight digits of its hash; the one before that which runs unless given.
    to: Option<String>,
}

#[utoipa::path(
    post,
    path = "/v1/plugins/{name}/rollback",
    params(Rollback),
    responses(
        (status = 200, body = RolledBack),
        (status = 404, body = ErrorView),
        (status = 409, body = ErrorView)
    )
)]
pub async fn roll_back(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    Query(Rollback { to }): Query<Rollback>,
) -> Response {
    // The version may have to be compiled again.
    let done = tokio::task::spawn_blocking(move || admin.plugins.roll_back(&name, to.as_deref())).await;
    match done {
        Ok(Ok(rolled_back)) => Json(rolled_back).into_response(),
        Ok(Err(error)) => refused(&error),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

#[utoipa::path(
    post,
    path = "/v1/plugins/{name}/reinstate",
    responses((status = 204), (status = 404, body = ErrorView), (status = 409, body = ErrorView))
)]
pub async fn reinstate(State(admin): State<Admin>, Path(name): Path<String>) -> Response {
    match admin.plugins.reinstate(&name) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refused(&error),
    }
}

#[derive(Deserialize, IntoParams)]
pub struct Logs {
    /// How many lines at most, the newest.
    lines: Option<usize>,
}

#[utoipa::path(
    get,
    path = "/v1/plugins/{name}/logs",
    params(Logs),
    responses((status = 200, body = Vec<LogLine>), (status = 404, body = ErrorView))
)]
pub async fn logs(
    State(admin): State<Admin>,
    Path(name): Path<String>,
    Query(Logs { lines }): Query<Logs>,
) -> Response {
    match admin.plugins.recent_log(&name, lines.unwrap_or(usize::MAX)) {
        Ok(lines) => Json(lines).into_response(),
        Err(error) => refused(&error),
    }
}

#[utoipa::path(
    get,
    path = "/v1/plugins/{name}/comparison",
    responses((status = 200, body = Comparison), (status = 404, body = ErrorView), (status = 409, body = ErrorView))
)]
pub async fn compare(State(admin): State<Admin>, Path(name): Path<String>) -> Response {
    match admin.plugins.compare(&name) {
        Ok(comparison) => Json(comparison).into_response(),
        Err(error) => refused(&error),
    }
}

#[utoipa::path(delete, path = "/v1/plugins/{name}/keys", responses((status = 200, body = u64)))]
pub async fn forget_keys(State(admin): State<Admin>, Path(name): Path<String>) -> Response {
    match wait(admin.store.forget_keys(&name)).await {
        Ok(count) => Json(count).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[derive(Deserialize, IntoParams)]
pub struct NewLines {
    /// The number of the last line that is known; 0 for all that are kept.
    #[serde(default)]
    after: i64,
    /// Of this plugin alone.
    plugin: Option<String>,
}

#[utoipa::path(
    get,
    path = "/v1/plugin-logs",
    params(NewLines),
    responses((status = 200, body = Vec<PluginLine>), (status = 404, body = ErrorView))
)]
pub async fn new_lines(State(admin): State<Admin>, Query(NewLines { after, plugin }): Query<NewLines>) -> Response {
    match admin.plugins.log_after(plugin.as_deref(), after) {
        Ok(lines) => Json(lines).into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &PluginError) -> Response {
    let status = match error {
        PluginError::Unknown(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    };
    refuse(status, error)
}
