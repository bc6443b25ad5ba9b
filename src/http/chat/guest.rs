//! The door of the chat: every request passes it once, and behind it is known from which site it was made, by which
//! visitor, and from where.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{
    origins::{Site, WHY_FOREIGN, is_secure, site},
    words,
};
use crate::{
    channel::webchat::{Visitor, WebChat},
    http::{Public, brake, caller::caller, ingress},
    language::Tag,
    webhook::Refusal,
};

/// What is known of a request that was let in.
#[derive(Clone)]
pub struct Guest {
    pub channel: Arc<WebChat>,
    pub visitor: Option<Visitor>,
    pub from: IpAddr,
    /// What the browser says its user reads, most wanted first.
    pub languages: Vec<Tag>,
    /// Whether the browser came by TLS, as far as anybody said.
    pub is_secure: bool,
}

/// Lets in what the daemon's own page and the allowed sites ask (the CORS protocol, Fetch standard, section 3.2).
pub async fn door(State(public): State<Public>, request: Request, next: Next) -> Response {
    let in_force = public.in_force.load_full();
    let Some(channel) = in_force.web_chat.clone() else {
        return (StatusCode::NOT_FOUND, "this store has no web chat\n").into_response();
    };
    let (parts, body) = request.into_parts();
    let caller = caller(&in_force.front, &parts);
    let connection = brake::connection(&parts);
    let site = site(&parts.headers, &in_force.front, caller.by_proxy, channel.allowed_origins());
    if site == Site::Foreign {
        public.brake.hold(caller.address, connection.as_deref()).await;
        return foreign(&public, channel.id(), &parts.headers);
    }
    if parts.method == Method::OPTIONS {
        return allow(&site, preflight());
    }
    let guest = Guest {
        visitor: cookie(&parts.headers).and_then(|cookie| public.chat.key.visitor(cookie)),
        from: caller.address,
        languages: words::wanted(&parts.headers),
        is_secure: is_secure(&parts.headers, &in_force.front, caller.by_proxy),
        channel,
    };
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(guest);
    let response = next.run(request).await;
    if response.status().is_client_error() {
        public.brake.hold(caller.address, connection.as_deref()).await;
    }
    allow(&site, response)
}

/// The refusal carries no leave to read on, only the reason, for the developer's console.
fn foreign(public: &Public, channel: &str, headers: &HeaderMap) -> Response {
    let refusal = Refusal { status: StatusCode::FORBIDDEN, why: WHY_FOREIGN, detail: None };
    let mut response = refuse(public, channel, refusal);
    if headers.contains_key(header::ORIGIN) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// Answers a refused request, tells the owner, and lets go of the connection, which others may need.
pub fn refuse(public: &Public, channel: &str, refusal: Refusal) -> Response {
    let mut response = ingress::refused(public, channel, refusal);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, last-event-id, message-id"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn allow(site: &Site, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Site::Allowed(origin) = site {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    }
    response
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::COOKIE).and_then(|value| value.to_str().ok())
}
