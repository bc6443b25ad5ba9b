//! The admin API: what is loaded, what is stuck, why something was said. Every route wants the bearer token.

mod customers;
mod security;
mod tickets;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::{
    in_force,
    model::{Finding, Source, TraceStep},
    outbox::Outbox,
    plugin::host::{PluginHost, PluginStatus},
    setting::Secret,
    store::{Logged, Queued, Settlement, Store, StoreError, wait},
};
use security::BearerToken;

/// What the admin handlers share.
#[derive(Clone)]
pub struct Admin {
    pub token: Secret,
    pub store: Arc<dyn Store>,
    pub outbox: Outbox,
    pub plugins: Arc<PluginHost>,
    pub in_force: in_force::Current,
    pub metrics: PrometheusHandle,
    /// The last refused change of the configuration, cleared by a good one.
    pub config_error: Arc<arc_swap::ArcSwapOption<String>>,
}

/// A message as the admin API shows it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageView {
    pub id: i64,
    pub channel: String,
    pub chat: String,
    /// `pending`, `sent`, `dead` or `dropped`.
    pub state: String,
    pub attempts: u32,
    pub last_error: Option<String>,
    pub created_ms: i64,
    pub text: String,
}

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

/// Why the clerk said what it said.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    pub event_id: i64,
    pub received_ms: i64,
    #[schema(value_type = Object)]
    pub event: crate::model::Event,
    pub trace: Vec<StepView>,
    #[schema(value_type = Vec<Object>)]
    pub actions: Vec<crate::model::Action>,
    pub messages: Vec<MessageView>,
}

/// A step of the reasoning, as data and in words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// `rule:returns`, `plugin:greeting`, or a part of the engine such as `schedule`.
    #[schema(value_type = String)]
    pub by: Source,
    /// What was found, by its `type`.
    #[schema(value_type = Object)]
    pub what: Finding,
    pub words: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorView {
    pub error: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "nightclerk admin API",
        description = "For operators; every request carries `Authorization: Bearer <token>`."
    ),
    modifiers(&BearerToken),
    security(("token" = [])),
    paths(metrics, status, plugins, roll_back, reinstate, dead, retry, drop_message, explain, resume, tickets::open, customers::export, customers::forget),
    components(schemas(MessageView, Status, ChannelView, Explanation, StepView, ErrorView))
)]
struct Description;

/// The admin routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/v1/openapi.json", get(async || Json(Description::openapi())))
        .route("/v1/status", get(status))
        .route("/v1/plugins", get(plugins))
        .route("/v1/plugins/{name}/rollback", post(roll_back))
        .route("/v1/plugins/{name}/reinstate", post(reinstate))
        .route("/v1/outbox/dead", get(dead))
        .route("/v1/outbox/{id}/retry", post(retry))
        .route("/v1/outbox/{id}/drop", post(drop_message))
        .route("/v1/explain/{reference}", get(explain))
        .route("/v1/channels/{id}/resume", post(resume))
        .route("/v1/tickets", get(tickets::open))
        .route("/v1/customers/{channel}/{chat}", get(customers::export).delete(customers::forget))
        .layer(middleware::from_fn_with_state(admin.clone(), authorise))
        .with_state(admin)
}

/// Lets through only who has the token.
async fn authorise(State(admin): State<Admin>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .unwrap_or_default();
    if !admin.token.is_empty() && admin.token.matches(given) {
        next.run(request).await
    } else {
        let error = ErrorView { error: "the admin API wants its bearer token".to_owned() };
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], Json(error)).into_response()
    }
}

#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus' text format"))
)]
async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    admin.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], admin.metrics.render())
}

#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status)))]
async fn status(State(admin): State<Admin>) -> Json<Status> {
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

#[utoipa::path(get, path = "/v1/plugins", responses((status = 200, body = Vec<Object>)))]
async fn plugins(State(admin): State<Admin>) -> Json<Vec<PluginStatus>> {
    Json(admin.plugins.status())
}

#[utoipa::path(post, path = "/v1/plugins/{name}/rollback", responses((status = 204), (status = 409, body = ErrorView)))]
async fn roll_back(State(admin): State<Admin>, Path(name): Path<String>) -> Response {
    done_or_conflict(admin.plugins.roll_back(&name))
}

#[utoipa::path(post, path = "/v1/plugins/{name}/reinstate", responses((status = 204), (status = 409, body = ErrorView)))]
async fn reinstate(State(admin): State<Admin>, Path(name): Path<String>) -> Response {
    done_or_conflict(admin.plugins.reinstate(&name))
}

#[utoipa::path(get, path = "/v1/outbox/dead", responses((status = 200, body = Vec<MessageView>)))]
async fn dead(State(admin): State<Admin>) -> Response {
    match wait(admin.store.dead(1000)).await {
        Ok(messages) => Json(messages.into_iter().map(MessageView::from).collect::<Vec<_>>()).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(post, path = "/v1/outbox/{id}/retry", responses((status = 204), (status = 404, body = ErrorView)))]
async fn retry(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match settle_dead(&admin, id, Settlement::Retry).await {
        Ok(()) => {
            if let Ok(Some(message)) = wait(admin.store.message(id)).await {
                admin.outbox.enqueue(vec![message]);
            }
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => response,
    }
}

#[utoipa::path(post, path = "/v1/outbox/{id}/drop", responses((status = 204), (status = 404, body = ErrorView)))]
async fn drop_message(State(admin): State<Admin>, Path(id): Path<i64>) -> Response {
    match settle_dead(&admin, id, Settlement::Dropped).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(response) => response,
    }
}

#[utoipa::path(get, path = "/v1/explain/{reference}", responses((status = 200, body = Explanation), (status = 404, body = ErrorView)))]
async fn explain(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    match wait(admin.store.explain(&reference)).await {
        Ok(Some(logged)) => Json(Explanation::from(logged)).into_response(),
        Ok(None) => refuse(StatusCode::NOT_FOUND, format!("nothing in the log is known as `{reference}`")),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(post, path = "/v1/channels/{id}/resume", responses((status = 204)))]
async fn resume(State(admin): State<Admin>, Path(id): Path<String>) -> StatusCode {
    admin.outbox.resume_channel(&id);
    StatusCode::NO_CONTENT
}

/// Settles a message that is dead; any other is refused.
async fn settle_dead(admin: &Admin, id: i64, settlement: Settlement) -> Result<(), Response> {
    match wait(admin.store.message(id)).await {
        Ok(Some(queued)) if queued.state == crate::store::MessageState::Dead => {}
        Ok(Some(_)) => return Err(refuse(StatusCode::CONFLICT, format!("message {id} is not a dead letter"))),
        Ok(None) => return Err(refuse(StatusCode::NOT_FOUND, format!("there is no message {id}"))),
        Err(error) => return Err(store_failed(&error)),
    }
    wait(admin.store.settle(id, settlement)).await.map_err(|error| store_failed(&error))
}

fn done_or_conflict<E: std::fmt::Display>(result: Result<(), E>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(StatusCode::CONFLICT, error.to_string()),
    }
}

fn store_failed(error: &StoreError) -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

fn refuse(status: StatusCode, error: String) -> Response {
    (status, Json(ErrorView { error })).into_response()
}

impl From<Queued> for MessageView {
    fn from(queued: Queued) -> Self {
        let state = serde_json::to_value(queued.state).ok().and_then(|it| it.as_str().map(str::to_owned));
        Self {
            id: queued.id,
            channel: queued.message.address.channel,
            chat: queued.message.address.chat,
            state: state.unwrap_or_default(),
            attempts: queued.attempts,
            last_error: queued.last_error,
            created_ms: queued.created_ms,
            text: queued.message.content.to_plain_text(),
        }
    }
}

impl From<TraceStep> for StepView {
    fn from(step: TraceStep) -> Self {
        let words = step.what.to_string();
        Self { by: step.by, what: step.what, words }
    }
}

impl From<Logged> for Explanation {
    fn from(logged: Logged) -> Self {
        Self {
            event_id: logged.id,
            received_ms: logged.received_ms,
            event: logged.event,
            trace: logged.trace.into_iter().map(StepView::from).collect(),
            actions: logged.actions,
            messages: logged.queued.into_iter().map(MessageView::from).collect(),
        }
    }
}
