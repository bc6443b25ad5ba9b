//! The admin API: what is loaded, what is stuck, why something was said. Every route wants the bearer token, but
//! for the files of the try-out page, which say nothing of the store.
//!
//! A file for each part; each has its routes, with what they answer.

mod access;
pub(in crate::http) mod audit;
mod channels;
mod console;
pub(in crate::http) mod contacts;
pub(in crate::http) mod conversations;
mod customers;
mod deed_kind;
pub(in crate::http) mod desk;
mod explain;
pub(in crate::http) mod outbox;
mod period;
pub(in crate::http) mod pictures;
mod plugins;
mod refusal;
mod reload;
mod report;
mod security;
mod status;
mod tickets;
mod today;
mod try_out;
mod workshop;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    middleware,
    response::IntoResponse,
    routing::{delete, get, post},
};
use futures_util::future::BoxFuture;
use http::header;
use utoipa::OpenApi;

pub use audit::OPERATOR_HEADER;
pub use console::{Invited, invitation, revoke, works_here};
pub use contacts::{ContactView, ContactsView, DeedBody, Imported, read_contacts};
pub use deed_kind::DeedKind;
pub use desk::{ConversationView, Desk, PersonView, TeamView};
pub use explain::{Explanation, StepView};
pub use outbox::{MessageView, Retried};
pub use refusal::{ErrorView, Refusal};
pub use reload::{Edits, Refused, Reloaded, Reloader};
pub use status::{ChannelView, ConcernView, MailView, Status, TroubleView, Troubles};
pub use tickets::Register;
pub use today::list as what_waits;
pub use workshop::{NotSaved, QuickChange, QuickPhrase, Slip, Workshop};

use super::Concerns;
use crate::{
    in_force,
    inbox::Inbox,
    outbox::Outbox,
    pictures::Pictures,
    plugin::host::{LogLevel, LogLine, PluginHost, PluginLine, PluginState, PluginStatus, RolledBack},
    setting::Secret,
    store::Store,
};
use security::BearerToken;

/// Bytes of a list of contacts.
const MOST_LIST_BYTES: usize = 32 << 20;

/// What the admin handlers share.
#[derive(Clone)]
pub struct Admin {
    pub token: Secret,
    pub store: Arc<dyn Store>,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub plugins: Arc<PluginHost>,
    pub pictures: Arc<Pictures>,
    pub in_force: in_force::Current,
    pub concerns: Arc<Concerns>,
    pub metrics: Exposition,
    /// What became of the newest edit of the configuration.
    pub edits: Arc<Edits>,
    pub reload: Reloader,
    /// What is wrong now.
    pub troubles: Troubles,
    /// The configuration folder.
    pub workshop: Arc<dyn Workshop>,
    /// Where the console is in a browser: a scheme and a host.
    pub console_url: Arc<str>,
}

/// Reads all that the daemon counts and measures, in Prometheus' text format.
pub type Exposition = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "nightclerk admin API",
        description = "For operators; every request carries `Authorization: Bearer <token>`."
    ),
    modifiers(&BearerToken),
    security(("token" = [])),
    paths(
        metrics,
        status::status,
        reload::reload,
        report::report,
        audit::audit,
        plugins::list,
        plugins::roll_back,
        plugins::reinstate,
        plugins::logs,
        plugins::new_lines,
        plugins::forget_keys,
        plugins::compare,
        outbox::dead,
        outbox::waiting,
        outbox::retry_all,
        outbox::retry,
        outbox::give_up,
        explain::explain,
        channels::resume,
        tickets::open,
        tickets::take,
        tickets::hold,
        tickets::close,
        tickets::discard,
        tickets::register,
        today::today,
        console::invite,
        console::shut_out,
        conversations::take,
        conversations::give_back,
        conversations::say,
        conversations::transfer,
        conversations::note,
        desk::desk,
        pictures::picture,
        contacts::list,
        contacts::show,
        contacts::change,
        contacts::forget,
        contacts::exchange::export,
        contacts::exchange::import,
        customers::export,
        customers::forget,
        try_out::shop,
        try_out::talk
    ),
    components(schemas(
        MessageView,
        Status,
        ChannelView,
        Reloaded,
        Retried,
        MailView,
        TroubleView,
        ConcernView,
        PluginStatus,
        PluginState,
        RolledBack,
        LogLine,
        PluginLine,
        LogLevel,
        Explanation,
        StepView,
        ContactsView,
        ContactView,
        DeedBody,
        Imported,
        Desk,
        PersonView,
        TeamView,
        ConversationView,
        Register,
        Invited,
        ErrorView
    ))
)]
struct Description;

#[cfg(test)]
fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// The admin routes.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/v1/openapi.json", get(async || Json(Description::openapi())))
        .route("/v1/status", get(status::status))
        .route("/v1/audit", get(audit::audit))
        .route("/v1/report", get(report::report))
        .route("/v1/reload", post(reload::reload))
        .route("/v1/plugins", get(plugins::list))
        .route("/v1/plugins/{name}/rollback", post(plugins::roll_back))
        .route("/v1/plugins/{name}/reinstate", post(plugins::reinstate))
        .route("/v1/plugins/{name}/logs", get(plugins::logs))
        .route("/v1/plugins/{name}/keys", delete(plugins::forget_keys))
        .route("/v1/plugins/{name}/comparison", get(plugins::compare))
        .route("/v1/plugin-logs", get(plugins::new_lines))
        .route("/v1/outbox/dead", get(outbox::dead))
        .route("/v1/outbox/waiting", get(outbox::waiting))
        .route("/v1/outbox/retry", post(outbox::retry_all))
        .route("/v1/outbox/{id}/retry", post(outbox::retry))
        .route("/v1/outbox/{id}/drop", post(outbox::give_up))
        .route("/v1/explain/{reference}", get(explain::explain))
        .route("/v1/channels/{id}/resume", post(channels::resume))
        .route("/v1/console/people/{person}", delete(console::shut_out))
        .route("/v1/console/people/{person}/invitation", post(console::invite))
        .route("/v1/tickets", get(tickets::open))
        .route("/v1/tickets/{id}/take", post(tickets::take))
        .route("/v1/tickets/{id}/hold", post(tickets::hold))
        .route("/v1/tickets/{id}/close", post(tickets::close))
        .route("/v1/tickets/{id}/drop", post(tickets::discard))
        .route("/v1/tickets/register", get(tickets::register))
        .route("/v1/today", get(today::today))
        .route("/v1/conversations/{channel}/{chat}/take", post(conversations::take))
        .route("/v1/conversations/{channel}/{chat}/return", post(conversations::give_back))
        .route("/v1/conversations/{channel}/{chat}/say", post(conversations::say))
        .route("/v1/conversations/{channel}/{chat}/transfer", post(conversations::transfer))
        .route("/v1/conversations/{channel}/{chat}/note", post(conversations::note))
        .route("/v1/desk", get(desk::desk))
        .route("/v1/pictures/{visitor}/{file}", get(pictures::picture))
        .route("/v1/contacts", get(contacts::list))
        .route("/v1/contacts/{contact}", get(contacts::show).post(contacts::change).delete(contacts::forget))
        .route(
            "/v1/contacts.csv",
            get(contacts::exchange::export)
                .post(contacts::exchange::import)
                .layer(DefaultBodyLimit::max(MOST_LIST_BYTES)),
        )
        .route("/v1/customers/{channel}/{chat}", get(customers::export).delete(customers::forget))
        .route("/v1/try", get(try_out::shop).post(try_out::talk))
        .layer(middleware::from_fn_with_state(admin.clone(), audit::note))
        .layer(middleware::from_fn_with_state(admin.clone(), access::authorise))
        .merge(try_out::page())
        .with_state(admin)
}

#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus' text format"))
)]
async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], (admin.metrics)().await)
}
