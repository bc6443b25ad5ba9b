//! The HTTP side: webhooks and the web chat on the public address, everything an operator asks on the
//! admin address.

pub mod admin;
mod allowance;
mod bodies;
mod brake;
mod caller;
mod chat;
// Whatever is refused is a page of its own, and goes out as it is.
#[allow(clippy::result_large_err)]
pub mod console;
mod figures;
mod ingress;
mod listener;
mod patience;
mod pictures;
mod range;
mod readiness;
mod token;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{any, get},
};
use tokio_util::sync::CancellationToken;

use crate::{in_force, inbox::Inbox, outbox::Outbox, store::Store};

pub use bodies::Bodies;
pub use brake::Brake;
pub use chat::{Chat, ChatHub};
pub use figures::figures;
pub use ingress::{Budget, Budgets, Concerns, Noted};
pub use listener::{BACKLOG, Lasting, ListenerLimits, serve};
pub use readiness::Readiness;

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
    pub budgets: Arc<Budgets>,
    pub brake: Arc<Brake>,
    pub readiness: Arc<Readiness>,
    pub stopping: CancellationToken,
}

/// The public routes.
pub fn router(public: Public) -> Router {
    Router::new()
        .route("/hooks/{channel}", any(ingress::at_root))
        .route("/hooks/{channel}/", any(ingress::at_root))
        .route("/hooks/{channel}/{*path}", any(ingress::at_path))
        .merge(chat::routes(&public))
        .route("/media/{until}/{seal}/{folder}/{name}", get(pictures::lent))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(public)
}

/// 200 once webhooks are taken; 503 before that, while stopping, and while the store cannot write.
async fn ready(State(public): State<Public>) -> (StatusCode, String) {
    match public.readiness.ask().await {
        Ok(()) if !public.stopping.is_cancelled() => (StatusCode::OK, "ready\n".to_owned()),
        Ok(()) => (StatusCode::SERVICE_UNAVAILABLE, "not ready: leaving\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
