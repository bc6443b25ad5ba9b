//! The files of the pages.

use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

/// Name, type, content.
const FILES: [(&str, &str, &str); 5] = [
    ("console.css", "text/css; charset=utf-8", include_str!("assets/console.css")),
    ("ways.css", "text/css; charset=utf-8", include_str!("assets/ways.css")),
    // Not ours: its licence lies beside it.
    ("htmx.min.js", "text/javascript; charset=utf-8", include_str!("assets/htmx.min.js")),
    ("htmx.LICENSE", "text/plain; charset=utf-8", include_str!("assets/htmx.LICENSE")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

pub async fn asset(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, content_type, content)) => {
            ([(header::CONTENT_TYPE, *content_type), (header::CACHE_CONTROL, "no-cache")], *content).into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is nothing here\n").into_response(),
    }
}
