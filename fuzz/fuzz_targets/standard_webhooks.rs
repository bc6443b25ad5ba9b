#![no_main]
use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use nightclerk::channel::Channel;
use nightclerk_fuzz::{NOW_MS, channel, hmac_sha256, receive};

const KEY: &[u8] = b"thirty-two bytes of fuzzing key!";

static CHANNEL: LazyLock<Box<dyn Channel>> = LazyLock::new(|| {
    channel(&format!(
        "kind = \"standard-webhooks\"\nsecrets = [\"whsec_{}\"]\nreply_url = \"https://shop.example/replies\"",
        STANDARD.encode(KEY)
    ))
});

fuzz_target!(|body: &[u8]| {
    let timestamp = (NOW_MS / 1000).to_string();
    let signature = STANDARD.encode(hmac_sha256(KEY, &[b"id.", timestamp.as_bytes(), b".", body]));
    let headers = [
        ("webhook-id", "id".to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", format!("v1,{signature}")),
    ];
    receive(&**CHANNEL, http::Method::POST, "", &[], &headers, body);
});
