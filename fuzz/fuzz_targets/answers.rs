#![no_main]
use std::sync::LazyLock;

use http::{HeaderValue, Response, header};
use nightclerk::channel::{Attempt, Channel};
use nightclerk_fuzz::{NOW_MS, channel, fuzz_target};

static CHANNELS: LazyLock<Vec<Box<dyn Channel>>> = LazyLock::new(|| {
    [
        "kind = \"telegram\"\ntoken = \"1:fuzz\"\nsecret_token = \"fuzz\"",
        "kind = \"line\"\nchannel_secret = \"fuzz\"\naccess_token = \"fuzz\"",
        "kind = \"wechat\"\ntoken = \"fuzz\"\napp_id = \"wx1\"\napp_secret = \"fuzz\"",
        "kind = \"meta\"\nplatform = \"whatsapp\"\naccount = \"1\"\napp_secret = \"fuzz\"\nverify_token = \"fuzz\"\n\
         access_token = \"fuzz\"",
        "kind = \"meta\"\nplatform = \"messenger\"\naccount = \"1\"\napp_secret = \"fuzz\"\nverify_token = \"fuzz\"\n\
         access_token = \"fuzz\"",
        "kind = \"standard-webhooks\"\nsecrets = [\"whsec_dGhpcnR5LXR3byBieXRlcyBvZiBmdXp6aW5nIGtleSE=\"]\n\
         reply_url = \"https://shop.example/replies\"",
    ]
    .map(channel)
    .into()
});

// What a platform, or whoever stands in its place, answers: two bytes of status, a line of `Retry-After`, and the body.
fuzz_target!(|bytes: &[u8]| {
    let Some((status, rest)) = bytes.split_first_chunk::<2>() else { return };
    let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (retry_after, body) = rest.split_at(line);
    let mut response = Response::new(body.to_vec().into());
    *response.status_mut() = http::StatusCode::from_u16(100 + u16::from_be_bytes(*status) % 500).expect("a status");
    if let Ok(value) = HeaderValue::from_bytes(retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    for channel in &*CHANNELS {
        for in_doubt in [false, true] {
            let _ = channel.classify(&response, &Attempt { now_ms: NOW_MS, in_doubt });
        }
        if let Some(token) = channel.token(false) {
            let _ = (token.parse)(body);
        }
    }
});
