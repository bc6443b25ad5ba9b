//! What lies in the data folder, given out: to whoever may see it, and behind addresses that end.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header};

use super::{
    Public,
    range::{Asked, Part},
};
use crate::{
    channel::webchat,
    clock,
    model::{Carried, Content, FileKind, FileName},
    pictures::{Kind, Pictures, Place},
};

/// What lies at a place, or the part of it that is asked for; `None` where nothing does.
pub async fn shown(pictures: &Arc<Pictures>, folder: &str, name: &str, asked: Asked) -> Option<Response> {
    let place = Place::named(folder, name)?;
    let kind = place.kind();
    // What lies at a place never changes.
    let tag = format!("\"{name}\"");
    let pictures = pictures.clone();
    let read = move || {
        let length = pictures.size(&place)? as u64;
        let called = || pictures.called(&place);
        Some(match asked.part(length, &tag) {
            Part::Whole => (as_it_is(kind, pictures.read(&place)?.into(), called()), tag, None),
            Part::Of(part) => {
                let bytes = pictures.read_part(&place, part.clone())?;
                let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
                let response = (StatusCode::PARTIAL_CONTENT, as_it_is(kind, bytes.into(), called())).into_response();
                (response, tag, Some(range))
            }
            Part::None => (StatusCode::RANGE_NOT_SATISFIABLE.into_response(), tag, Some(format!("bytes */{length}"))),
        })
    };
    let (mut response, tag, range) = tokio::task::spawn_blocking(read).await.ok()??;
    let headers =
        [(header::ACCEPT_RANGES, Some("bytes".to_owned())), (header::ETAG, Some(tag)), (header::CONTENT_RANGE, range)];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|it| it.parse().ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Some(response)
}

/// A picture or file as a response that no browser takes for anything else. `called`: what it is kept as.
pub fn as_it_is(kind: Kind, bytes: Bytes, called: Option<FileName>) -> Response {
    // A document is kept by whoever opens it, and never a page of ours.
    let disposition = if kind.as_file() == Some(FileKind::Document) { "attachment" } else { "inline" };
    let disposition = match &called {
        Some(name) => Cow::Owned(disposition_of(disposition, name)),
        None => Cow::Borrowed(disposition),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.content_type()),
        (header::CONTENT_DISPOSITION, &*disposition),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    (headers, bytes).into_response()
}

/// The name as RFC 6266 has it: where it is not plain, once more as RFC 8187 writes it, beside what older readers can read.
fn disposition_of(disposition: &str, name: &FileName) -> String {
    let plain = |it: char| if (it.is_ascii_graphic() && it != '%') || it == ' ' { it } else { '_' };
    let older: String = name.as_str().chars().map(plain).collect();
    if older == name.as_str() {
        return format!("{disposition}; filename=\"{older}\"");
    }
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&it);
    let mut own = String::new();
    for byte in name.as_str().bytes() {
        if is_plain(byte) { own.push(byte.into()) } else { own.push_str(&format!("%{byte:02X}")) }
    }
    format!("{disposition}; filename=\"{older}\"; filename*=UTF-8''{own}")
}

/// How a page of ours shows what somebody sent on another platform; `None` where it is not in the data folder. Reads the disk.
pub fn kept_as(pictures: &Pictures, carried: &Carried) -> Option<Content> {
    let place = pictures.find(&carried.customer, &carried.name())?;
    let (url, caption) = (webchat::picture_at(&place), carried.caption.clone());
    Some(match place.kind().as_file() {
        None => Content::Image { url, caption },
        Some(kind) => Content::File { kind, url, caption, name: pictures.called(&place) },
    })
}

/// `/media/{until}/{seal}/{folder}/{name}`, which was given to a platform or to a customer.
pub async fn lent(
    State(public): State<Public>,
    Path((until_s, seal, folder, name)): Path<(i64, String, String, String)>,
    asked: Asked,
) -> Response {
    let holds = |place: &Place| public.chat.seal.holds(until_s, &seal, place, clock::now_ms());
    let found = match Place::named(&folder, &name).filter(holds) {
        Some(place) => shown(&public.chat.pictures, &place.folder, &place.name, asked).await,
        None => None,
    };
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_a_header_as_readers_old_and_new_take_it() {
        for (name, header) in [
            ("invoice 11.pdf", r#"attachment; filename="invoice 11.pdf""#),
            ("100%.pdf", r#"attachment; filename="100_.pdf"; filename*=UTF-8''100%25.pdf"#),
            ("发票 €.pdf", r#"attachment; filename="__ _.pdf"; filename*=UTF-8''%E5%8F%91%E7%A5%A8%20%E2%82%AC.pdf"#),
        ] {
            let response = as_it_is(Kind::Pdf, Bytes::new(), FileName::of(name));
            assert_eq!(response.headers()["content-disposition"], header);
        }
        assert_eq!(as_it_is(Kind::Mp4, Bytes::new(), None).headers()["content-disposition"], "inline");
    }
}
