//! One event can be followed through the log, from the webhook to its delivery, without a customer's word.

use crate::harness::{
    Shop, eventually,
    generic::shop_talking_to,
    platform::{Platform, json},
};
use serde_json::Value;

/// The log's lines about one event, in order.
fn lines_of(shop: &Shop, event: &str) -> Vec<Value> {
    let log = shop.log();
    let lines = log.lines().filter(|line| line.contains(event));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["message"].as_str().unwrap_or_default()).collect()
}

/// The event that a reply's idempotency key begins with.
fn event_of(key: &str) -> &str {
    &key[..13]
}

fn with_log(platform: &Platform, level: &str) -> Shop {
    let shop = shop_talking_to(platform);
    shop.edit("nightclerk.toml", "[data]", &format!("[log]\nlevel = \"{level}\"\nformat = \"json\"\n[data]"));
    shop
}

#[tokio::test]
async fn one_message_is_followed_from_its_webhook_to_its_delivery() {
    let platform = Platform::start().await;
    let shop = with_log(&platform, "debug");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Where is my parcel?").await;
    daemon.say("m2", "bob", "Do you sell tea?").await;
    let replies = platform.wait_for(2).await;
    let to_ana = replies.iter().find(|it| it.json()["data"]["chat_id"] == "ana").unwrap();
    let event = event_of(to_ana.header("webhook-id"));
    let lines = eventually("the delivery in the log", async || {
        let lines = lines_of(&shop, event);
        messages(&lines).contains(&"sent").then_some(lines)
    })
    .await;
    let steps: Vec<_> = ["received", "decided", "kept", "sent"]
        .map(|step| {
            messages(&lines).iter().position(|it| *it == step).unwrap_or_else(|| panic!("no `{step}`: {lines:#?}"))
        })
        .to_vec();
    assert!(steps.is_sorted(), "in the order in which it happened: {lines:#?}");
    assert!(lines.iter().all(|line| line["span"]["event"] == event), "one field carries it: {lines:#?}");
    assert!(lines.iter().all(|line| line["span"]["channel"] == "shop"), "{lines:#?}");
    // The number in the log is one that `explain` takes.
    let log = lines.iter().find_map(|line| line["log"].as_i64()).unwrap().to_string();
    let explained = shop.run(&["explain", &log]);
    assert!(String::from_utf8_lossy(&explained.stdout).contains("Where is my parcel?"), "{explained:?}");
}

#[tokio::test]
async fn a_failed_delivery_names_the_event_at_the_usual_level() {
    let platform = Platform::answering(|_| json(400, r#"{"error":"no"}"#)).await;
    let shop = with_log(&platform, "info");
    shop.edit("nightclerk.toml", "first_backoff", "max_attempts = 1\nfirst_backoff");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Where is my parcel?").await;
    // The welcome and the answer: two messages of one event.
    let received = platform.wait_for(2).await;
    let event = event_of(received[0].header("webhook-id"));
    let lines = eventually("the dead letters in the log", async || {
        let lines = lines_of(&shop, event);
        (lines.len() >= 2).then_some(lines)
    })
    .await;
    assert_eq!(messages(&lines), ["given up", "given up"], "one line for each failure, and no other: {lines:#?}");
    assert!(lines.iter().all(|line| line["level"] == "WARN" && line["error"].is_string()), "{lines:#?}");
    let numbers: Vec<_> = lines.iter().filter_map(|line| line["span"]["message"].as_i64()).collect();
    let listed = String::from_utf8(shop.run(&["outbox", "list"]).stdout).unwrap();
    assert!(
        numbers[0] != numbers[1] && numbers.iter().all(|it| listed.contains(&it.to_string())),
        "{lines:#?}\n{listed}"
    );
}

#[tokio::test]
async fn the_whole_log_holds_no_customers_words_names_or_chat_ids_and_no_secret() {
    let platform = Platform::start().await;
    let shop = with_log(&platform, "trace");
    let daemon = shop.start().await;
    let mut message = crate::harness::generic::message("m1", "chat-4711", "my card is 4000-1234");
    message["sender"]["name"] = "Annabel Zwinger".into();
    daemon.webhook("m1", "message.received", message).await.unwrap();
    platform.wait_for(1).await;
    daemon.terminate();
    let log = shop.log();
    assert!(log.contains("\"sent\"") && log.contains("good night"), "{log}");
    for word in ["4000-1234", "chat-4711", "Zwinger", crate::harness::sign::WEBHOOK_SECRET, crate::harness::ADMIN_TOKEN]
    {
        assert!(!log.contains(word), "`{word}` is in the log:\n{log}");
    }
    let foreign: Vec<_> = log.lines().filter(|line| !line.contains("\"target\":\"nightclerk")).collect();
    assert!(foreign.is_empty(), "a level alone lets other crates speak: {foreign:#?}");
}
