//! Why the clerk said what it said.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, ErrorView,
    outbox::MessageView,
    refusal::{refuse, store_failed},
};
use crate::{
    model::{Action, Event, Finding, Source, TraceStep},
    store::{Logged, wait},
};

/// Why the clerk said what it said.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    pub event_id: i64,
    pub received_ms: i64,
    #[schema(value_type = Object)]
    pub event: Event,
    pub trace: Vec<StepView>,
    #[schema(value_type = Vec<Object>)]
    pub actions: Vec<Action>,
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

#[utoipa::path(get, path = "/v1/explain/{reference}", responses((status = 200, body = Explanation), (status = 404, body = ErrorView)))]
pub async fn explain(State(admin): State<Admin>, Path(reference): Path<String>) -> Response {
    match wait(admin.store.explain(&reference)).await {
        Ok(Some(logged)) => Json(Explanation::from(logged)).into_response(),
        Ok(None) => refuse(StatusCode::NOT_FOUND, format!("nothing in the log is known as `{reference}`")),
        Err(error) => store_failed(&error),
    }
}
