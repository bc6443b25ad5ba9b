//! The web chat: the page, its messages in (the `webchat` channel's webhook) and the clerk's messages out
//! (Server-Sent Events read from the store, so that a page that was away misses nothing).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Public, ingress};
use crate::{
    channel::webchat,
    model::Address,
    outbox::LocalDelivery,
    store::{MessageState, Queued, Store, wait},
};

/// A comment line this often keeps proxies from cutting a silent stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Messages read from the store at once.
const BATCH: usize = 64;

const PAGE: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/chat.js");
const STYLE: &str = include_str!("page/chat.css");

/// Wakes the streams of a conversation when a message was committed for it.
#[derive(Default)]
pub struct ChatHub(Mutex<HashMap<Address, watch::Sender<i64>>>);

impl ChatHub {
    fn subscribe(&self, address: &Address) -> watch::Receiver<i64> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.retain(|_, sender| sender.receiver_count() > 0);
        streams.entry(address.clone()).or_insert_with(|| watch::channel(0).0).subscribe()
    }
}

impl LocalDelivery for ChatHub {
    fn deliver(&self, message: &Queued) {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = streams.get(&message.message.address) {
            sender.send_replace(message.id);
        }
    }
}

pub fn routes() -> Router<Public> {
    Router::new()
        .route("/", get(async || Redirect::temporary("/chat/")))
        .route("/chat", get(async || Redirect::permanent("/chat/")))
        .route("/chat/", get(page))
        .route("/chat/chat.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/chat/chat.css", get(async || asset("text/css; charset=utf-8", STYLE)))
        .route("/chat/events", get(events))
        .route("/chat/{action}", post(inbound))
}

/// The page, where there is a channel for it to talk to.
async fn page(State(public): State<Public>, headers: HeaderMap) -> Response {
    if public.in_force.load().web_chat.is_none() {
        return (StatusCode::NOT_FOUND, "this store has no web chat\n").into_response();
    }
    let mut response = asset("text/html; charset=utf-8", PAGE);
    if webchat::visitor_chat(cookie(&headers)).is_none() {
        let mut random = [0; 16];
        if getrandom::fill(&mut random).is_err() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let visitor = webchat::new_visitor(random);
        let cookie = format!("nc_visitor={visitor}; Path=/chat/; HttpOnly; SameSite=Strict; Max-Age=31536000");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

async fn inbound(State(public): State<Public>, Path(action): Path<String>, request: Request) -> Response {
    let in_force = public.in_force.load_full();
    match &in_force.web_chat {
        // The page knows no gate, and its channel needs none: who may write is told by the visitor's cookie.
        Some(channel) => ingress::receive(&public, &in_force, channel, &action, request).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// All messages to this visitor after the last one their browser saw, and then each new one.
async fn events(State(public): State<Public>, headers: HeaderMap) -> Response {
    let Some(channel) = public.in_force.load().web_chat.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(chat) = webchat::visitor_chat(cookie(&headers)) else {
        return (StatusCode::UNAUTHORIZED, "load the chat page first\n").into_response();
    };
    let address = Address::new(channel, chat);
    let after = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    let feed = Feed {
        wake: public.chat.subscribe(&address),
        store: public.store.clone(),
        stopping: public.stopping.clone(),
        address,
        after,
        opened: false,
    };
    let body = Body::from_stream(stream::unfold(feed, Feed::next));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// One open event stream.
struct Feed {
    wake: watch::Receiver<i64>,
    store: Arc<dyn Store>,
    stopping: CancellationToken,
    address: Address,
    after: i64,
    opened: bool,
}

impl Feed {
    async fn next(mut self) -> Option<(Result<Bytes, std::convert::Infallible>, Self)> {
        if !self.opened {
            // A first line at once, so that the browser knows the stream is open.
            self.opened = true;
            return Some((Ok(Bytes::from_static(b"retry: 1000\n\n")), self));
        }
        loop {
            self.wake.borrow_and_update();
            match wait(self.store.transcript(&self.address, self.after, BATCH)).await {
                Ok(messages) if !messages.is_empty() => {
                    self.after = messages.last().map_or(self.after, |last| last.id);
                    let text: String = messages.iter().filter(|it| is_visible(it)).map(event_text).collect();
                    if !text.is_empty() {
                        return Some((Ok(Bytes::from(text)), self));
                    }
                }
                Ok(_) => {
                    tokio::select! {
                        changed = self.wake.changed() => changed.ok()?,
                        () = self.stopping.cancelled() => return None,
                        () = tokio::time::sleep(KEEP_ALIVE) => {
                            return Some((Ok(Bytes::from_static(b": still here\n\n")), self));
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a chat stream ends: the store does not answer");
                    return None;
                }
            }
        }
    }
}

fn is_visible(queued: &Queued) -> bool {
    matches!(queued.state, MessageState::Pending | MessageState::Sent)
}

/// One Server-Sent Event (WHATWG HTML, section 9.2). JSON has no raw line breaks, so one data line does.
fn event_text(queued: &Queued) -> String {
    let data = json!({ "id": queued.id, "content": queued.message.content, "at_ms": queued.created_ms });
    format!("id: {}\ndata: {data}\n\n", queued.id)
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::COOKIE).and_then(|value| value.to_str().ok())
}

fn asset(content_type: &'static str, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src https: data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        ),
    ];
    (headers, body).into_response()
}
