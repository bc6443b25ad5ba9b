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

pub fn refuse(status: StatusCode, error: impl ToString) -> Response {
    (status, Json(ErrorView { error: error.to_string() })).into_response()
}

pub fn store_failed(error: &StoreError) -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, error)
}
