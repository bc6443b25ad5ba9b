//! What the channels' tests share beside what those of all receivers do.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use super::{Attempt, Channel, ChannelSettings, Outgoing, Rendered, Uncertain, build};
pub use crate::webhook::testing::{NOW_MS, Post, accepted, event, ignored, refused, vector};
use crate::{
    model::{Content, ReplyContext},
    webhook::Inbound,
};

/// The message key of all tests.
pub const KEY: &str = "3f0c2f6e-6a3b-5d0e-8f5b-0d7c8a1b2c3d";

/// An attempt before which there was none that may have been taken.
pub const ATTEMPT: Attempt = Attempt { now_ms: NOW_MS, in_doubt: false };

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

impl Post<'_> {
    pub fn to(&self, channel: &dyn Channel) -> Inbound {
        self.given_to(|request| channel.receive(request))
    }
}

/// A message in the chat `42`, at its first attempt.
pub fn outgoing<'a>(content: &'a Content, context: &'a ReplyContext) -> Outgoing<'a> {
    Outgoing {
        chat: "42",
        content,
        context,
        key: KEY,
        attempt: 0,
        fallback: false,
        in_doubt: false,
        attached: None,
        token: None,
        now_ms: NOW_MS,
    }
}

/// The request that carries a message, with its body.
pub fn rendered(channel: &dyn Channel, message: &Outgoing<'_>) -> (Request<Bytes>, Value) {
    match channel.render(message) {
        Rendered::Request { request, .. } => {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.headers()["content-type"], "application/json");
            let body = serde_json::from_slice(request.body()).unwrap();
            (*request, body)
        }
        other => panic!("{other:?}"),
    }
}

/// What may be done with a message's request when nobody knows whether it was taken.
pub fn uncertain(channel: &dyn Channel, message: &Outgoing<'_>) -> Uncertain {
    match channel.render(message) {
        Rendered::Request { uncertain, .. } => uncertain,
        other => panic!("{other:?}"),
    }
}

/// A platform's answer.
pub fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}
