//! What the daemon does not take, and how it says so.

use std::time::Duration;

use crate::harness::{
    ADMIN_TOKEN, PATIENCE,
    generic::{message, shop_talking_to},
    platform::Platform,
    sign,
};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn unsigned_stale_oversize_and_malformed_requests_are_refused_and_change_nothing() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let body = json!({ "type": "message.received", "data": message("m1", "ana", "hello") }).to_string();
    let post = async |headers: &[(&'static str, String)], body: &str| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        daemon.post("/hooks/shop", &headers, body.to_owned()).await.unwrap().status
    };
    assert_eq!(post(&[], &body).await, StatusCode::UNAUTHORIZED, "unsigned");
    assert_eq!(post(&sign::standard("m1", "another body"), &body).await, StatusCode::UNAUTHORIZED, "forged");
    let stale = sign::standard_at("m1", sign::now_s() - 3600, &body);
    assert_eq!(post(&stale, &body).await, StatusCode::UNAUTHORIZED, "replayed");
    assert_eq!(post(&sign::standard("m1", "{"), "{").await, StatusCode::BAD_REQUEST, "malformed");
    assert_eq!(daemon.post("/hooks/nobody", &[], "").await.unwrap().status, StatusCode::NOT_FOUND);
    // The refusal ends the connection in the middle of the body; the next request takes another.
    let huge = "x".repeat(2 << 20);
    let oversize = daemon.post("/hooks/shop", &[], huge).await.map(|answer| answer.status);
    assert!(matches!(oversize, Ok(StatusCode::PAYLOAD_TOO_LARGE) | Err(_)), "{oversize:?}");
    crate::harness::eventually("the daemon to go on", async || {
        daemon.get("/healthz").await.is_ok_and(|answer| answer.status == StatusCode::OK).then_some(())
    })
    .await;
    assert!(platform.after_quiet().await.is_empty());
}

#[tokio::test]
async fn the_owner_is_warned_of_refused_webhooks_once_for_each_cause_and_never_with_what_was_sent() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let body = json!({ "type": "message.received", "data": { "chat_id": "ana", "text": 7, "secret-words": "hush" } });
    let body = body.to_string();
    for id in ["m1", "m2", "m3"] {
        assert_eq!(daemon.post("/hooks/shop", &[], body.clone()).await.unwrap().status, StatusCode::UNAUTHORIZED);
        let signed = sign::standard(id, &body);
        let signed: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = daemon.post("/hooks/shop", &signed, body.clone()).await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text().contains("data"), "the sender hears what is wrong: {}", answer.text());
        let nobody = format!("/hooks/nobody-{id}");
        assert_eq!(daemon.post(&nobody, &[], body.clone()).await.unwrap().status, StatusCode::NOT_FOUND);
    }
    assert!(daemon.terminate().success());
    let log = shop.log();
    let warnings: Vec<_> = log.lines().filter(|line| line.contains("a webhook was refused")).collect();
    assert_eq!(warnings.len(), 3, "{log}");
    for why in ["webhook-signature", "not readable", "no channel has this name"] {
        assert_eq!(warnings.iter().filter(|line| line.contains(why)).count(), 1, "{why}: {warnings:#?}");
    }
    assert!(!log.contains("hush") && !log.contains("nobody-"), "{log}");
}

#[tokio::test]
async fn unknown_kinds_of_events_are_acknowledged_and_dropped() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let answer = daemon.webhook("e1", "loyalty.points_expired", json!({ "id": "1" })).await.unwrap();
    assert!(answer.status.is_success(), "{answer:?}");
    assert!(platform.after_quiet().await.is_empty());
}

#[tokio::test]
async fn a_slow_sender_is_cut_off() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[server]", "[server]\nheader_timeout = \"300ms\"\nbody_timeout = \"300ms\"");
    let daemon = shop.start().await;
    for start in [
        "POST /hooks/shop HTTP/1.1\r\nhost: x\r\n",
        "POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nab",
    ] {
        let mut stream = TcpStream::connect(&daemon.public).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, async {
            // The body's refusal comes as a response, then the connection idles out as well.
            stream.read_to_end(&mut answer).await
        })
        .await;
        assert!(ended.is_ok(), "the connection was left open after {start:?}");
    }
    let good = daemon.get("/healthz").await.unwrap();
    assert_eq!(good.status, StatusCode::OK);
}

#[tokio::test]
async fn the_admin_api_wants_its_token() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for path in ["/metrics", "/v1/status", "/v1/plugins", "/v1/outbox/dead"] {
        let url = format!("http://{}{path}", daemon.admin);
        for token in ["", "Bearer ", "Bearer wrong", ADMIN_TOKEN] {
            let answer = daemon.call(Method::GET, &url, &[("authorization", token)], Bytes::new()).await.unwrap();
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} with {token:?}");
        }
        assert_eq!(daemon.admin(Method::GET, path).await.status, StatusCode::OK, "{path}");
        let public = daemon.get(path).await.unwrap();
        assert_eq!(public.status, StatusCode::NOT_FOUND, "{path} on the public address");
    }
}

#[tokio::test]
async fn the_metrics_count_what_happens() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    platform.wait_for(1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let metrics = daemon.admin(Method::GET, "/metrics").await.text();
    for name in ["nightclerk_webhooks_total", "nightclerk_outbox_sent_total", "nightclerk_decision_seconds"] {
        assert!(metrics.contains(name), "{name} is missing:\n{metrics}");
    }
}

#[tokio::test]
async fn secrets_stay_out_of_the_log() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[server]", "[log]\nlevel = \"trace\"\n[server]");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    platform.wait_for(1).await;
    daemon.admin(Method::GET, "/v1/status").await;
    assert!(daemon.terminate().success());
    let log = shop.log();
    assert!(!log.is_empty());
    for secret in [ADMIN_TOKEN, sign::WEBHOOK_SECRET] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}
