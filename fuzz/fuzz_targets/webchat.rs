#![no_main]
use std::sync::LazyLock;

use nightclerk::{
    channel::webchat::{Visitor, VisitorKey, WebChat},
    setting::Secret,
};
use nightclerk_fuzz::{NOW_MS, fuzz_target};

static CHANNEL: LazyLock<WebChat> = LazyLock::new(|| {
    let settings = toml::from_str("identity_secret = \"secret\"").expect("settings of a web chat");
    WebChat::new("fuzz", &settings).expect("usable settings")
});
static KEY: LazyLock<VisitorKey> = LazyLock::new(|| VisitorKey::new(Secret::new("key")));

fuzz_target!(|body: &[u8]| {
    let visitor = Visitor { chat: "ana".to_owned(), name: None, is_customer: false };
    for read in [WebChat::written, WebChat::opened] {
        if let Ok(event) = read(&CHANNEL, &visitor, body, NOW_MS) {
            assert!(event.dedupe.starts_with("ana/") && event.address.chat == "ana");
        }
    }
    assert!(CHANNEL.identified(body).is_err(), "signed by nobody");
    assert!(KEY.visitor(&String::from_utf8_lossy(body)).is_none(), "given out by nobody");
});
