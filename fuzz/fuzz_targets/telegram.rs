#![no_main]
use std::sync::LazyLock;

use nightclerk::channel::Channel;
use nightclerk_fuzz::{channel, fuzz_target, receive};

static CHANNEL: LazyLock<Box<dyn Channel>> =
    LazyLock::new(|| channel("kind = \"telegram\"\ntoken = \"1:fuzz\"\nsecret_token = \"fuzz\""));

fuzz_target!(|body: &[u8]| {
    let headers = [("x-telegram-bot-api-secret-token", "fuzz".to_owned())];
    receive(&**CHANNEL, http::Method::POST, "", &[], &headers, body);
});
