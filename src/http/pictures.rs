//! What lies in the data folder, given out: to whoever may see it, and behind addresses that end.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header};

use super::Public;
use crate::{
    channel::webchat,
    clock,
    model::{Carried, Content, FileKind},
    pictures::{Kind, Pictures, Place},
};

/// What lies at a place; `None` where nothing does.
pub async fn shown(pictures: &Arc<Pictures>, folder: &str, name: &str) -> Option<Response> {
    let place = Place::named(folder, name)?;
    let kind = place.kind();
    let pictures = pictures.clone();
    let bytes = tokio::task::spawn_blocking(move || pictures.read(&place)).await.ok()??;
    Some(as_it_is(kind, bytes.into()))
}

/// A picture or file as a response that no browser takes for anything else.
pub fn as_it_is(kind: Kind, bytes: Bytes) -> Response {
    // A document is kept by whoever opens it, and never a page of ours.
    let disposition = if kind.as_file() == Some(FileKind::Document) { "attachment" } else { "inline" };
    let headers = [
        (header::CONTENT_TYPE, kind.content_type()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    (headers, bytes).into_response()
}

/// How a page of ours shows what somebody sent on another platform; `None` where it is not in the data folder. Reads the disk.
pub fn kept_as(pictures: &Pictures, carried: &Carried) -> Option<Content> {
    let place = pictures.find(&carried.customer, &carried.name())?;
    let (url, caption) = (webchat::picture_at(&place), carried.caption.clone());
    Some(match place.kind().as_file() {
        None => Content::Image { url, caption },
        Some(kind) => Content::File { kind, url, caption },
    })
}

/// `/media/{until}/{seal}/{folder}/{name}`, which was given to a platform or to a customer.
pub async fn lent(
    State(public): State<Public>,
    Path((until_s, seal, folder, name)): Path<(i64, String, String, String)>,
) -> Response {
    let holds = |place: &Place| public.chat.seal.holds(until_s, &seal, place, clock::now_ms());
    let found = match Place::named(&folder, &name).filter(holds) {
        Some(place) => shown(&public.chat.pictures, &place.folder, &place.name).await,
        None => None,
    };
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}
