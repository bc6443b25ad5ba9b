#![no_main]
use std::sync::LazyLock;

use nightclerk::channel::Channel;
use nightclerk_fuzz::{channel, fuzz_target, hmac_sha256, receive};

static CHANNELS: LazyLock<Vec<Box<dyn Channel>>> = LazyLock::new(|| {
    ["whatsapp", "messenger", "instagram"]
        .map(|platform| {
            channel(&format!(
                "kind = \"meta\"\nplatform = \"{platform}\"\naccount = \"1\"\napp_secret = \"fuzz\"\n\
                 verify_token = \"fuzz\"\naccess_token = \"fuzz\""
            ))
        })
        .into()
});

fuzz_target!(|body: &[u8]| {
    let signature = hex::encode(hmac_sha256(b"fuzz", &[body]));
    let headers = [("x-hub-signature-256", format!("sha256={signature}"))];
    for channel in &*CHANNELS {
        receive(&**channel, http::Method::POST, "", &[], &headers, body);
    }
    if let Ok(challenge) = std::str::from_utf8(body) {
        let query = [("hub.mode", "subscribe"), ("hub.verify_token", "fuzz"), ("hub.challenge", challenge)];
        receive(&*CHANNELS[0], http::Method::GET, "", &query, &[], b"");
    }
});
