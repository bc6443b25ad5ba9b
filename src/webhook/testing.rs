//! What the tests of all receivers share: requests as a platform posts them, a look at what became of them, and the
//! examples in `tests/fixtures/vectors.json`.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{Inbound, WebhookRequest, signature::hmac_sha256};
use crate::model::Event;

/// The present of all tests, in milliseconds.
pub const NOW_MS: i64 = 1_700_000_100_000;
/// A key of the shops of all tests.
pub const SECRET: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

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

    /// Gives the request to a receiver.
    pub fn given_to(&self, receive: impl FnOnce(&WebhookRequest<'_>) -> Inbound) -> Inbound {
        let headers: HeaderMap = self
            .headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let Self { ref method, path, ref query, body, now_ms, .. } = *self;
        receive(&WebhookRequest { method, path, query, headers: &headers, body, now_ms })
    }
}

/// The acknowledgement, the events and the count of ignored parts.
pub fn accepted(inbound: Inbound) -> (Response<Bytes>, Vec<Event>, usize) {
    match inbound {
        Inbound::Events { ack, events, ignored, .. } => {
            assert!(ack.status().is_success(), "{ack:?}");
            assert!(events.iter().all(|event| event.channel == "main" && !event.dedupe.is_empty()), "{events:?}");
            (ack, events, ignored)
        }
        other => panic!("{other:?}"),
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
        Inbound::Refused(refusal) => refusal.status,
        other => panic!("{other:?}"),
    }
}

/// How many parts were ignored of a request in which there was nothing else.
pub fn ignored(inbound: Inbound) -> usize {
    if let Inbound::Unclaimed { ack } = inbound {
        assert!(ack.status().is_success(), "{ack:?}");
        return 1;
    }
    let (_, events, ignored) = accepted(inbound);
    assert!(events.is_empty(), "{events:?}");
    ignored
}

/// A Standard Webhook `msg_1` that was signed by `secret` at a time in seconds.
pub fn standard<'a>(secret: &str, seconds: i64, body: &'a [u8]) -> Post<'a> {
    Post::new(body)
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", format!("v1,{}", standard_hmac(secret, "msg_1", seconds, body)))
}

/// The base64 of a Standard Webhook's signature.
pub fn standard_hmac(secret: &str, id: &str, seconds: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    STANDARD.encode(hmac_sha256(&key, &[format!("{id}.{seconds}.").as_bytes(), body]))
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
