#![no_main]
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use nightclerk::channel::Channel;
use nightclerk_fuzz::{channel, receive};

static CHANNEL: LazyLock<Box<dyn Channel>> = LazyLock::new(|| channel("kind = \"webchat\""));

fuzz_target!(|body: &[u8]| {
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("cookie", "nc_visitor=0123456789abcdef0123456789abcdef".to_owned()),
    ];
    receive(&**CHANNEL, http::Method::POST, "messages", &[], &headers, body);
    // And as a cookie.
    let cookie = [
        ("content-type", "application/json".to_owned()),
        ("cookie", String::from_utf8_lossy(body).into_owned()),
    ];
    receive(&**CHANNEL, http::Method::POST, "messages", &[], &cookie, br#"{"id":"1","text":"hi"}"#);
});
