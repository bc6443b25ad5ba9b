#![no_main]
use std::sync::LazyLock;

use nightclerk::channel::Channel;
use nightclerk_fuzz::{NOW_MS, channel, fuzz_target, receive};
use sha1::{Digest, Sha1};

static PLAIN: LazyLock<Box<dyn Channel>> =
    LazyLock::new(|| channel("kind = \"wechat\"\ntoken = \"fuzz\"\napp_id = \"wx1\""));
static SAFE: LazyLock<Box<dyn Channel>> = LazyLock::new(|| {
    channel(
        "kind = \"wechat\"\ntoken = \"fuzz\"\napp_id = \"wx1\"\n\
         encoding_aes_key = \"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\"",
    )
});

fn signature(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat().as_bytes()))
}

fuzz_target!(|body: &[u8]| {
    let timestamp = (NOW_MS / 1000).to_string();
    let plain = signature(&["fuzz", &timestamp, "n"]);
    let query = [("signature", plain.as_str()), ("timestamp", &timestamp), ("nonce", "n")];
    receive(&**PLAIN, http::Method::POST, "", &query, &[], body);
    // The same bytes as ciphertext, behind a true signature.
    if let Ok(ciphertext) = std::str::from_utf8(body) {
        let envelope = format!("<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>");
        let safe = signature(&["fuzz", &timestamp, "n", ciphertext]);
        let query =
            [("msg_signature", safe.as_str()), ("timestamp", &timestamp), ("nonce", "n"), ("encrypt_type", "aes")];
        receive(&**SAFE, http::Method::POST, "", &query, &[], envelope.as_bytes());
    }
});
