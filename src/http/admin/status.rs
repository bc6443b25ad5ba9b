//! How the daemon is.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Admin;
use crate::{
    http::Noted,
    store::{MessageState, wait},
};

/// More are not counted.
const MOST_MESSAGES: usize = 1000;
const MOST_TICKETS: usize = 10_000;

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
    /// What needs a person, and since when.
    #[serde(default)]
    pub troubles: Vec<TroubleView>,
    /// Messages that wait or were given up, by channel.
    #[serde(default)]
    pub mail: Vec<MailView>,
    /// Events that wait to be decided.
    #[serde(default)]
    pub undecided: usize,
    /// Tickets that wait for a person; up to ten thousand are counted.
    #[serde(default)]
    pub open_tickets: usize,
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

/// What is wrong now, once it has been so for a moment.
pub type Troubles = Arc<ArcSwap<Vec<TroubleView>>>;

/// Something that needs a person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TroubleView {
    /// What makes it one and the same: `channel:shop`, `plugin:greeting`, `dead:shop`, `config`, `disk`, `store`.
    pub cause: String,
    pub what: String,
    pub since_ms: i64,
}

/// How many messages of a channel are in the outbox; up to a thousand are counted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MailView {
    pub channel: String,
    pub waiting: usize,
    /// When the oldest of them was written.
    pub oldest_waiting_ms: Option<i64>,
    pub dead: usize,
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
    let mut mail: BTreeMap<String, MailView> = BTreeMap::new();
    let waiting = wait(admin.store.pending(0, MOST_MESSAGES)).await.unwrap_or_default();
    let dead = wait(admin.store.dead(MOST_MESSAGES)).await.unwrap_or_default();
    for message in waiting.into_iter().chain(dead) {
        let channel = message.message.address.channel;
        let entry =
            mail.entry(channel.clone()).or_insert(MailView { channel, waiting: 0, oldest_waiting_ms: None, dead: 0 });
        if message.state == MessageState::Dead {
            entry.dead += 1;
        } else {
            entry.waiting += 1;
            let oldest = entry.oldest_waiting_ms.unwrap_or(i64::MAX);
            entry.oldest_waiting_ms = Some(oldest.min(message.created_ms));
        }
    }
    let open_tickets = wait(admin.store.open_tickets(MOST_TICKETS)).await.map_or(0, |open| open.len());
    let refused = admin.edits.refused.load();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        channels,
        config_error: refused.as_ref().map(|it| it.why.clone()),
        config_error_since_ms: refused.as_ref().map(|it| it.since_ms),
        waits_for_restart: admin.edits.waits_for_restart.load().to_vec(),
        troubles: admin.troubles.load().to_vec(),
        mail: mail.into_values().collect(),
        undecided: admin.inbox.waiting(),
        open_tickets,
    })
}
