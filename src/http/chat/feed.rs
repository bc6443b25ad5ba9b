//! What a page reads: where the conversation stands, and then each new line (Server-Sent Events, WHATWG HTML, section
//! 9.2), so that a page that was away, and a second one, miss nothing.

use std::{collections::HashMap, convert::Infallible, sync::Mutex, sync::PoisonError, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::watch, time::Instant};

use super::{
    cards,
    guest::{Guest, refuse},
    inbound::stranger,
    lines::{Line, Reader},
    seats::Seat,
    words,
};
use crate::{
    http::{Lasting, Public},
    model::{Address, Conversation},
    outbox::LocalDelivery,
    store::{Queued, StoreError},
    webhook::Refusal,
};

/// A comment line this often keeps proxies from cutting a silent stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream ends after so long; the page comes back by itself if somebody still looks at it.
const LIFE: Duration = Duration::from_secs(600);

/// Wakes the streams of a conversation when something was said in it.
#[derive(Default)]
pub struct ChatHub(Mutex<HashMap<Address, watch::Sender<()>>>);

impl ChatHub {
    fn subscribe(&self, address: &Address) -> watch::Receiver<()> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.retain(|_, sender| sender.receiver_count() > 0);
        streams.entry(address.clone()).or_insert_with(|| watch::channel(()).0).subscribe()
    }

    pub fn wake(&self, address: &Address) {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = streams.get(address) {
            sender.send_replace(());
        }
    }
}

impl LocalDelivery for ChatHub {
    fn deliver(&self, message: &Queued) {
        self.wake(&message.message.address);
    }
}

/// The conversation so far, the newest part of it.
pub async fn history(State(public): State<Public>, Extension(guest): Extension<Guest>) -> Response {
    let Some(visitor) = &guest.visitor else { return refuse(&public, guest.channel.id(), stranger()) };
    let mut reader = Reader::new(public.store.clone(), public.chat.pictures.clone(), guest.channel.address(visitor));
    match reader.read().await {
        Ok(mut lines) => {
            let language = language_of(&public, &reader.address).await;
            cards::add(&mut lines, &public.in_force.load().playbook, language.as_deref());
            let language = language.as_deref().and_then(words::tag_for);
            let body = json!({ "lines": lines, "cursor": reader.cursor(), "language": language });
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a chat page stays empty: the store does not answer");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The language of the conversation, or what is known of it before the customer's words have told.
async fn language_of(public: &Public, address: &Address) -> Option<String> {
    let (store, address) = (public.store.clone(), address.clone());
    // A view may block for a moment.
    let read = tokio::task::spawn_blocking(move || store.conversation(&address)).await.ok()?.ok()?;
    let Conversation { language, language_signs, .. } = read.value?;
    language.or_else(|| language_signs.locale.map(|tag| tag.to_string()))
}

#[derive(Default, Deserialize)]
pub struct After {
    after: Option<String>,
}

/// All lines after the last one their browser saw, and then each new one.
pub async fn events(
    State(public): State<Public>,
    Extension(guest): Extension<Guest>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let id = guest.channel.id();
    let Some(visitor) = &guest.visitor else { return refuse(&public, id, stranger()) };
    let address = guest.channel.address(visitor);
    let Some(seat) = public.chat.seats.take(&address, guest.from) else {
        let why = "too many chat pages are open at once\n";
        let mut response = refuse(&public, id, Refusal { status: StatusCode::SERVICE_UNAVAILABLE, why, detail: None });
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
        return response;
    };
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let feed = Feed {
        wake: public.chat.hub.subscribe(&address),
        reader: Reader::new(public.store.clone(), public.chat.pictures.clone(), address),
        seat,
        ends: Instant::now() + LIFE,
        after: Some(last.or(after).unwrap_or_default()),
        language: None,
        opened: false,
        may_have_more: true,
        public,
    };
    let body = Body::from_stream(stream::unfold(Some(feed), |feed| async { feed?.next().await }));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
        // Its end gives the connection back.
        (header::CONNECTION, "close"),
    ];
    (Extension(Lasting), headers, body).into_response()
}

/// One open event stream.
struct Feed {
    public: Public,
    wake: watch::Receiver<()>,
    reader: Reader,
    seat: Seat,
    ends: Instant,
    /// Where the page has got to, until the first lines are read.
    after: Option<String>,
    /// As the page was last told.
    language: Option<&'static str>,
    opened: bool,
    /// Whether something may have been said since the last look: a silent stream asks the store for nothing.
    may_have_more: bool,
}

type Next = Option<(Result<Bytes, Infallible>, Option<Feed>)>;

impl Feed {
    async fn next(mut self) -> Next {
        if !self.opened {
            // A first line at once, so that the browser knows the stream is open.
            self.opened = true;
            return self.send("retry: 1000\n\n".to_owned());
        }
        loop {
            if self.may_have_more {
                self.wake.borrow_and_update();
                match self.lines().await {
                    Ok(lines) if !lines.is_empty() => {
                        let text = self.text(lines).await;
                        return self.send(text);
                    }
                    Ok(_) => self.may_have_more = false,
                    Err(error) => {
                        tracing::error!(%error, "a chat stream ends: the store does not answer");
                        return None;
                    }
                }
            }
            let given_up = self.seat.given_up.clone();
            tokio::select! {
                changed = self.wake.changed() => {
                    changed.ok()?;
                    self.may_have_more = true;
                }
                () = self.public.stopping.cancelled() => return None,
                () = given_up.cancelled() => {
                    // A newer page of this visitor reads on; this one is not to come back by itself.
                    return Some((Ok(Bytes::from_static(b"event: elsewhere\ndata: {}\n\n")), None));
                }
                () = tokio::time::sleep_until(self.ends) => return None,
                () = tokio::time::sleep(KEEP_ALIVE) => return self.send(": still here\n\n".to_owned()),
            }
        }
    }

    async fn lines(&mut self) -> Result<Vec<Line>, StoreError> {
        match self.after.take() {
            Some(after) => self.reader.resume(&after).await,
            None => self.reader.read().await,
        }
    }

    /// One event for each line; all carry the same cursor but for those that others follow, which carry none.
    async fn text(&mut self, mut lines: Vec<Line>) -> String {
        let mut text = String::new();
        let language = language_of(&self.public, &self.reader.address).await;
        cards::add(&mut lines, &self.public.in_force.load().playbook, language.as_deref());
        let language = language.as_deref().and_then(words::tag_for);
        if let Some(language) = language.filter(|it| self.language != Some(*it)) {
            self.language = Some(language);
            text.push_str(&format!("event: language\ndata: {}\n\n", json!({ "language": language })));
        }
        for (index, line) in lines.iter().enumerate() {
            if index + 1 == lines.len() {
                text.push_str(&format!("id: {}\n", self.reader.cursor()));
            }
            // JSON has no raw line breaks, so one data line does.
            text.push_str(&format!("data: {}\n\n", json!(line)));
        }
        text
    }

    fn send(self, text: String) -> Next {
        Some((Ok(Bytes::from(text)), Some(self)))
    }
}
