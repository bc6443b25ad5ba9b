#![no_main]
use std::sync::LazyLock;

use http::Method;
use nightclerk::{channel::Channel, language};
use nightclerk_fuzz::{channel, fuzz_target, receive};

/// What each channel looks at before it believes a word of the body.
const NAMES: [&str; 8] = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-signature",
    "x-line-signature",
    "x-hub-signature-256",
    "x-telegram-bot-api-secret-token",
    "content-type",
];
const QUERIES: [&str; 7] =
    ["signature", "msg_signature", "timestamp", "nonce", "echostr", "hub.mode", "hub.verify_token"];

static CHANNELS: LazyLock<Vec<Box<dyn Channel>>> = LazyLock::new(|| {
    [
        "kind = \"telegram\"\ntoken = \"1:fuzz\"\nsecret_token = \"fuzz\"",
        "kind = \"line\"\nchannel_secret = \"fuzz\"\naccess_token = \"fuzz\"",
        "kind = \"wechat\"\ntoken = \"fuzz\"\napp_id = \"wx1\"",
        "kind = \"wechat\"\ntoken = \"fuzz\"\napp_id = \"wx1\"\n\
         encoding_aes_key = \"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\"",
        "kind = \"meta\"\nplatform = \"whatsapp\"\naccount = \"1\"\napp_secret = \"fuzz\"\nverify_token = \"fuzz\"\n\
         access_token = \"fuzz\"",
        "kind = \"standard-webhooks\"\nsecrets = [\"whsec_dGhpcnR5LXR3byBieXRlcyBvZiBmdXp6aW5nIGtleSE=\"]\n\
         reply_url = \"https://shop.example/replies\"",
    ]
    .map(channel)
    .into()
});

// One line for each header, then one for each parameter of the query; what is left is the body.
fuzz_target!(|text: &str| {
    let mut lines = text.splitn(NAMES.len() + QUERIES.len() + 1, '\n');
    let headers: Vec<_> = NAMES.iter().filter_map(|name| Some((*name, lines.next()?.to_owned()))).collect();
    let query: Vec<_> = QUERIES.iter().filter_map(|name| Some((*name, lines.next()?))).collect();
    let body = lines.next().unwrap_or_default().as_bytes();
    for channel in &*CHANNELS {
        for method in [Method::GET, Method::POST, Method::PUT] {
            receive(&**channel, method, "", &query, &headers, body);
        }
    }
    let _ = language::accepted(text);
});
