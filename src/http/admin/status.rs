//! How the daemon is.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Admin;

/// How the daemon is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Status {
    pub version: String,
    pub channels: Vec<ChannelView>,
    /// Why the newest edit of the configuration is not in force.
    pub config_error: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    pub id: String,
    /// Why nothing is sent on it until a person mends it.
    pub stopped: Option<String>,
}

#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status)))]
pub async fn status(State(admin): State<Admin>) -> Json<Status> {
    let stopped = admin.outbox.stopped_channels();
    let mut channels: Vec<_> = admin
        .in_force
        .load()
        .channels
        .keys()
        .map(|id| ChannelView {
            id: id.clone(),
            stopped: stopped.iter().find(|(channel, _)| channel == id).map(|(_, reason)| reason.clone()),
        })
        .collect();
    channels.sort_by(|a, b| a.id.cmp(&b.id));
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        channels,
        config_error: admin.config_error.load().as_deref().cloned(),
    })
}
