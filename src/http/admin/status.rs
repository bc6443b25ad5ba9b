//! How the daemon is.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Admin;
use crate::http::Noted;

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
    /// When the last genuine webhook came.
    #[serde(default)]
    pub last_webhook_ms: Option<i64>,
    /// Webhooks that were refused, and what shows a slip in the set-up, of the last day; the newest first.
    #[serde(default)]
    pub concerns: Vec<ConcernView>,
}

/// Something about a channel's set-up that a person should look at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ConcernView {
    /// What is so, and what to do.
    pub what: String,
    pub times: u64,
    pub last_ms: i64,
}

impl From<Noted> for ConcernView {
    fn from(Noted { what, times, last_ms }: Noted) -> Self {
        Self { what, times, last_ms }
    }
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
            last_webhook_ms: admin.concerns.last_accepted_ms(id),
            concerns: admin.concerns.of(id).into_iter().map(ConcernView::from).collect(),
        })
        .collect();
    channels.sort_by(|a, b| a.id.cmp(&b.id));
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        channels,
        config_error: admin.config_error.load().as_deref().cloned(),
    })
}
