//! How the admin API says no.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
