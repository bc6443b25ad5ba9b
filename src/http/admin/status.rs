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
    /// Since when.
    #[serde(default)]
    pub config_error_since_ms: Option<i64>,
    /// Settings that were edited and wait for a restart.
    #[serde(default)]
    pub waits_for_restart: Vec<String>,
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
    let in_force = admin.in_force.load();
    let mut channels: Vec<_> = in_force
        .channels
        .keys()
        .map(|id| ChannelView {
            id: id.clone(),
            stopped: stopped.iter().find(|(channel, _)| channel == id).map(|(_, reason)| reason.clone()),
            last_webhook_ms: admin.concerns.last_accepted_ms(id),
            concerns: admin.concerns.of(id).into_iter().map(ConcernView::from).collect(),
        })
        .collect();
    // One that was taken out of the configuration, while messages for it wait.
    let absent = stopped.iter().filter(|(id, _)| !in_force.channels.contains_key(id));
    channels.extend(absent.map(|(id, reason)| ChannelView {
        id: id.clone(),
        stopped: Some(reason.clone()),
        last_webhook_ms: None,
        concerns: Vec::new(),
    }));
    channels.sort_by(|a, b| a.id.cmp(&b.id));
    let refused = admin.edits.refused.load();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        channels,
        config_error: refused.as_ref().map(|it| it.why.clone()),
        config_error_since_ms: refused.as_ref().map(|it| it.since_ms),
        waits_for_restart: admin.edits.waits_for_restart.load().to_vec(),
    })
}
