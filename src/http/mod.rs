//! The HTTP side: webhooks and the web chat on the public address, everything an operator asks on the
//! admin address.

pub mod admin;
mod bodies;
mod caller;
mod chat;
mod ingress;
mod listener;
mod patience;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{any, get},
};
use tokio_util::sync::CancellationToken;

use crate::{in_force, inbox::Inbox, outbox::Outbox, store::Store};

pub use bodies::Bodies;
pub use chat::{Chat, ChatHub, Pictures};
pub use ingress::{Concerns, Noted};
pub use listener::{BACKLOG, ListenerLimits, serve};

/// What the public handlers share.
#[derive(Clone)]
pub struct Public {
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub store: Arc<dyn Store>,
    pub in_force: in_force::Current,
    pub chat: Arc<Chat>,
    pub concerns: Arc<Concerns>,
    pub bodies: Arc<Bodies>,
    pub ready: Arc<AtomicBool>,
    pub stopping: CancellationToken,
}

/// The public routes.
pub fn router(public: Public) -> Router {
    Router::new()
        .route("/hooks/{channel}", any(ingress::at_root))
        .route("/hooks/{channel}/", any(ingress::at_root))
        .route("/hooks/{channel}/{*path}", any(ingress::at_path))
        .merge(chat::routes(&public))
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
