//! How the admin API says no, and that something is done.

use std::collections::BTreeMap;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Content, Ref, RefOr, Response as Described, ResponseBuilder},
};

use crate::store::StoreError;

/// Why a request was not met, in words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorView {
    pub error: String,
}

/// Why a request was not met, for whoever shows it.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub why: String,
}

impl Refusal {
    pub fn new(status: StatusCode, why: impl ToString) -> Self {
        Self { status, why: why.to_string() }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(ErrorView { error: self.why })).into_response()
    }
}

pub fn refuse(status: StatusCode, error: impl ToString) -> Response {
    Refusal::new(status, error).into_response()
}

pub fn store_failed(error: &StoreError) -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, error)
}

/// What every deed of a person is answered with, as the API's description says it.
pub struct Done;

impl IntoResponses for Done {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let no = |why: &str| {
            let content = Content::new(Some(Ref::from_schema_name("ErrorView")));
            ResponseBuilder::new().description(why).content("application/json", content).build()
        };
        let answers = [
            (StatusCode::NO_CONTENT, ResponseBuilder::new().description("it is done").build()),
            (StatusCode::BAD_REQUEST, no("what was sent makes no sense")),
            (StatusCode::NOT_FOUND, no("there is no such conversation or ticket")),
            (StatusCode::CONFLICT, no("it is closed already")),
        ];
        answers.into_iter().map(|(status, it)| (status.as_str().to_owned(), RefOr::T(it))).collect()
    }
}
