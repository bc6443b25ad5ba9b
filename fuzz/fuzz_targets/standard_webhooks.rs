#![no_main]
use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use jiff::tz::TimeZone;
use nightclerk::{channel::Channel, source::Source};
use nightclerk_fuzz::{NOW_MS, channel, fuzz_target, give, hmac_sha256, receive, source};

const KEY: &[u8] = b"thirty-two bytes of fuzzing key!";

static CHANNEL: LazyLock<Box<dyn Channel>> =
    LazyLock::new(|| channel(&format!("kind = \"standard-webhooks\"\n{}", settings())));
static SOURCE: LazyLock<Box<dyn Source>> = LazyLock::new(|| source("standard-webhooks", &settings()));

fn settings() -> String {
    format!("secrets = [\"whsec_{}\"]\nreply_url = \"https://shop.example/replies\"", STANDARD.encode(KEY))
}

fuzz_target!(|body: &[u8]| {
    let timestamp = (NOW_MS / 1000).to_string();
    let signature = STANDARD.encode(hmac_sha256(KEY, &[b"id.", timestamp.as_bytes(), b".", body]));
    let headers = [
        ("webhook-id", "id".to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", format!("v1,{signature}")),
    ];
    receive(&**CHANNEL, Method::POST, "", &[], &headers, body);
    give(|request| SOURCE.receive(request, &TimeZone::UTC), Method::POST, "", &[], &headers, body);
});
