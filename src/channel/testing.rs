//! What the channels' tests share: requests as a platform posts them, a look at what became of them, and the
//! examples in `tests/fixtures/vectors.json`.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{Channel, ChannelSettings, Inbound, Outgoing, Rendered, WebhookRequest, build};
use crate::model::{Content, Event, ReplyContext};

/// The present of all tests, in milliseconds.
pub const NOW_MS: i64 = 1_700_000_100_000;
/// The message key of all tests.
pub const KEY: &str = "3f0c2f6e-6a3b-5d0e-8f5b-0d7c8a1b2c3d";

/// The channel `main` of these settings (a `[[channel]]` table without `id`).
pub fn channel(settings: &str) -> Box<dyn Channel> {
    build("main", &settings_of(settings)).unwrap()
}

/// Why these settings make no channel.
pub fn mistake(settings: &str) -> String {
    build("main", &settings_of(settings)).err().expect("a mistake")
}

fn settings_of(text: &str) -> ChannelSettings {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A request to come.
pub struct Post<'a> {
    pub method: Method,
    pub path: &'a str,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(&'a str, String)>,
    pub body: &'a [u8],
    pub now_ms: i64,
}

impl<'a> Post<'a> {
    pub fn new(body: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            method: Method::POST,
            path: "",
            query: Vec::new(),
            headers: Vec::new(),
            body: body.as_ref(),
            now_ms: NOW_MS,
        }
    }

    pub fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    pub fn to(&self, channel: &dyn Channel) -> Inbound {
        let headers: HeaderMap = self
            .headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let Self { ref method, path, ref query, body, now_ms, .. } = *self;
        channel.receive(&WebhookRequest { method, path, query, headers: &headers, body, now_ms })
    }
}

/// The acknowledgement, the events and the count of ignored parts.
pub fn accepted(inbound: Inbound) -> (Response<Bytes>, Vec<Event>, usize) {
    match inbound {
        Inbound::Events { ack, events, ignored } => {
            assert!(ack.status().is_success(), "{ack:?}");
            assert!(events.iter().all(|event| event.channel == "main" && !event.dedupe.is_empty()), "{events:?}");
            (ack, events, ignored)
        }
        Inbound::Respond(response) => panic!("answered {response:?}"),
    }
}

/// The one event.
pub fn event(inbound: Inbound) -> Event {
    let (_, mut events, ignored) = accepted(inbound);
    assert_eq!((events.len(), ignored), (1, 0));
    events.remove(0)
}

/// The status of a request of which nothing is kept.
pub fn refused(inbound: Inbound) -> StatusCode {
    match inbound {
        Inbound::Respond(response) => response.status(),
        Inbound::Events { events, .. } => panic!("kept {events:?}"),
    }
}

/// How many parts were ignored of a request in which there was nothing else.
pub fn ignored(inbound: Inbound) -> usize {
    let (_, events, ignored) = accepted(inbound);
    assert!(events.is_empty(), "{events:?}");
    ignored
}

/// A message in the chat `42`, at its first attempt.
pub fn outgoing<'a>(content: &'a Content, context: &'a ReplyContext) -> Outgoing<'a> {
    Outgoing { chat: "42", content, context, key: KEY, attempt: 0, fallback: false, token: None, now_ms: NOW_MS }
}

/// The request that carries a message, with its body.
pub fn rendered(channel: &dyn Channel, message: &Outgoing<'_>) -> (Request<Bytes>, Value) {
    match channel.render(message) {
        Rendered::Request(request) => {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.headers()["content-type"], "application/json");
            let body = serde_json::from_slice(request.body()).unwrap();
            (*request, body)
        }
        other => panic!("{other:?}"),
    }
}

/// A platform's answer.
pub fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// An example of a platform's protocol, made with the platform's own SDK or with two independent programs
/// (`made_with` names them).
#[derive(Deserialize)]
pub struct Vector {
    channel: String,
    what: String,
    pub inputs: Value,
    pub expected: Value,
}

impl Vector {
    /// An input that is a text.
    pub fn input(&self, name: &str) -> &str {
        self.inputs[name].as_str().unwrap_or_else(|| panic!("{}: no text `{name}`", self.what))
    }
}

/// The one example of a channel whose description begins so.
pub fn vector(channel: &str, what: &str) -> Vector {
    let all: Vec<Vector> = serde_json::from_str(include_str!("../../tests/fixtures/vectors.json")).unwrap();
    let mut found = all.into_iter().filter(|it| it.channel == channel && it.what.starts_with(what));
    let vector = found.next().unwrap_or_else(|| panic!("no vector {channel}: {what}"));
    assert!(found.next().is_none(), "several vectors {channel}: {what}");
    vector
}
