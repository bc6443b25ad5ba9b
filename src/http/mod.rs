//! The HTTP side: webhooks and the web chat on the public address, everything an operator asks on the
//! admin address.

pub mod admin;
mod chat;
mod ingress;
mod listener;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{any, get},
};
use tokio_util::sync::CancellationToken;

use crate::{
    inbox::Inbox,
    outbox::{Channels, Outbox},
    setting::Secret,
    store::Store,
};

pub use chat::ChatHub;
pub use listener::{ListenerLimits, serve};

/// What the public handlers share.
#[derive(Clone)]
pub struct Public {
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub store: Arc<dyn Store>,
    pub channels: Channels,
    pub gates: Gates,
    pub chat: Arc<ChatHub>,
    pub body_limit: usize,
    pub body_timeout: Duration,
    pub ready: Arc<AtomicBool>,
    pub stopping: CancellationToken,
}

/// The unguessable path segment a channel's webhook URL must carry, for those that have one.
pub type Gates = Arc<ArcSwap<HashMap<String, Secret>>>;

/// The public routes.
pub fn router(public: Public) -> Router {
    Router::new()
        .route("/hooks/{channel}", any(ingress::at_root))
        .route("/hooks/{channel}/{*path}", any(ingress::at_path))
        .merge(chat::routes())
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(public)
}

/// 200 once webhooks are taken, 503 before that and while stopping.
async fn ready(State(public): State<Public>) -> (StatusCode, &'static str) {
    if public.ready.load(Ordering::Acquire) && !public.stopping.is_cancelled() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
