//! Pictures that visitors of the web chat sent.

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;

use super::{Admin, ErrorView, refusal::refuse};
use crate::http::{pictures, range::Asked};

/// A message's media names it by the same path behind `/chat/pictures/`, where only its visitor sees it.
#[utoipa::path(get, path = "/v1/pictures/{visitor}/{file}", responses((status = 200, body = Vec<u8>, content_type = "image/*"), (status = 404, body = ErrorView)))]
pub async fn picture(
    State(admin): State<Admin>,
    Path((visitor, file)): Path<(String, String)>,
    asked: Asked,
) -> Response {
    let found = pictures::shown(&admin.pictures, &visitor, &file, asked).await;
    found.unwrap_or_else(|| refuse(StatusCode::NOT_FOUND, "there is no such picture".to_owned()))
}
