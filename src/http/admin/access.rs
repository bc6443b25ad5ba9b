//! Who may use the admin API.

use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{Admin, ErrorView};

/// Lets through only who has the token.
pub async fn authorise(State(admin): State<Admin>, request: Request, next: Next) -> Response {
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
