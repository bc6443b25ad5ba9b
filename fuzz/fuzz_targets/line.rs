#![no_main]
use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use nightclerk::channel::Channel;
use nightclerk_fuzz::{channel, fuzz_target, hmac_sha256, receive};

static CHANNEL: LazyLock<Box<dyn Channel>> =
    LazyLock::new(|| channel("kind = \"line\"\nchannel_secret = \"fuzz\"\naccess_token = \"fuzz\""));

fuzz_target!(|body: &[u8]| {
    let headers = [("x-line-signature", STANDARD.encode(hmac_sha256(b"fuzz", &[body])))];
    receive(&**CHANNEL, http::Method::POST, "", &[], &headers, body);
});
