//! Pictures on their way in, and out again to the visitor who sent them.

use axum::{
    Extension,
    extract::{self, Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{
    guest::{Guest, refuse},
    inbound::{admit, keep, stranger},
};
use crate::{
    channel::webchat,
    clock,
    http::{Public, ingress, pictures, range::Asked},
    in_force::Intake,
    pictures::{Kind, NotKept, Place, folder_of},
    webhook::Refusal,
};

/// Bytes of one picture.
const MOST: usize = 5 << 20;

/// Takes one picture as the whole body; the header `message-id` holds the page's id of the message.
pub async fn receive(State(public): State<Public>, Extension(guest): Extension<Guest>, request: Request) -> Response {
    let visitor = match admit(&public, &guest) {
        Ok(visitor) => visitor,
        Err(refused) => return *refused,
    };
    let channel = &guest.channel;
    let refused = |status, why| refuse(&public, channel.id(), Refusal { status, why, detail: None });
    let id = request.headers().get("message-id").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    // A picture that a foreign page's form could send has none of these types either.
    let is_picture = request.headers().get(header::CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"image/"));
    if !is_picture {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a picture's content type is its own\n");
    }
    let intake = Intake { body_limit: MOST, ..public.in_force.load().intake };
    let body = match public.bodies.read(request.into_body(), intake).await {
        Ok(body) => body,
        Err(refusal) => return refuse(&public, channel.id(), refusal),
    };
    let kind = Kind::of(&body);
    if !kind.is_picture() {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "only JPEG, PNG, GIF and WebP pictures are taken\n");
    }
    let now_ms = clock::now_ms();
    let place = Place::new(&channel.address(visitor), &id, kind);
    let reference = webchat::picture_at(&place);
    let event = match channel.pictured(visitor, &id, reference, now_ms) {
        Ok(event) => event,
        Err(refusal) => return refuse(&public, channel.id(), refusal),
    };
    let pictures = public.chat.pictures.clone();
    let kept = tokio::task::spawn_blocking(move || pictures.keep(&place, &body, None)).await;
    match kept {
        Ok(Ok(())) => keep(&public, &guest, event, now_ms).await,
        Ok(Err(NotKept::Full)) => {
            refused(StatusCode::INSUFFICIENT_STORAGE, "the pictures of a visitor, or of all, take all their room\n")
        }
        Ok(Err(NotKept::Failed(error))) => {
            tracing::error!(%error, "a visitor's picture could not be kept");
            ingress::try_again().into_response()
        }
        Err(_) => ingress::try_again().into_response(),
    }
}

/// A picture, for the visitor who sent it or was sent it.
pub async fn shown(
    State(public): State<Public>,
    Extension(guest): Extension<Guest>,
    extract::Path((folder, name)): extract::Path<(String, String)>,
    asked: Asked,
) -> Response {
    let Some(visitor) = &guest.visitor else { return refuse(&public, guest.channel.id(), stranger()) };
    if folder_of(&guest.channel.address(visitor)) != folder {
        return StatusCode::NOT_FOUND.into_response();
    }
    let found = pictures::shown(&public.chat.pictures, &folder, &name, asked).await;
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}
