//! What a customer may rely on, over the generic channel.

use crate::harness::{
    generic::{replies, shop_talking_to},
    platform::{Platform, json},
};
use http::Method;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_first_message_is_welcomed_and_answered_within_ten_seconds() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let asked = std::time::Instant::now();
    daemon.say("m1", "ana", "Hello!").await;
    let replies = replies(&platform.wait_for(1).await);
    assert!(asked.elapsed() < std::time::Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(replies[0].0, "ana");
    assert!(!replies[0].1.trim().is_empty());
}

#[tokio::test]
async fn a_webhook_delivered_twice_is_answered_once() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    let first = platform.after_quiet().await.len();
    assert!(first >= 1);
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    assert_eq!(platform.after_quiet().await.len(), first);
    // Also after a restart.
    daemon.kill();
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    assert_eq!(platform.after_quiet().await.len(), first);
}

#[tokio::test]
async fn replies_keep_their_order_while_the_platform_fails() {
    let calls = AtomicUsize::new(0);
    let platform = Platform::answering(move |_| {
        if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) { json(503, "{}") } else { json(200, "{}") }
    })
    .await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for number in 0..5 {
        daemon.say(&format!("m{number}"), "ana", &format!("Do you ship abroad? {number}")).await;
    }
    let received = platform.after_quiet().await;
    let mut answered: Vec<String> = Vec::new();
    for request in &received {
        let id = request.json()["data"]["in_reply_to"].as_str().unwrap().to_owned();
        if answered.last() != Some(&id) {
            answered.push(id);
        }
    }
    assert_eq!(answered, ["m0", "m1", "m2", "m3", "m4"]);
}

#[tokio::test]
async fn what_cannot_be_delivered_becomes_a_dead_letter_that_can_be_retried() {
    let refuse = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let switch = refuse.clone();
    let platform = Platform::answering(move |_| {
        if switch.load(Ordering::Relaxed) { json(400, r#"{"error":"no such chat"}"#) } else { json(200, "{}") }
    })
    .await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    let dead = crate::harness::eventually("a dead letter", async || {
        let dead = daemon.admin(Method::GET, "/v1/outbox/dead").await.json();
        dead[0]["id"].as_i64()
    })
    .await;
    let listed = shop.run(&["outbox", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains(&format!("{dead}")), "{listed:?}");

    refuse.store(false, Ordering::Relaxed);
    let before = platform.received().len();
    let retried = shop.run(&["outbox", "retry", &dead.to_string()]);
    assert!(retried.status.success(), "{retried:?}");
    platform.wait_for(before + 1).await;
    let again = shop.run(&["outbox", "retry", &dead.to_string()]);
    assert!(!again.status.success(), "a delivered message is not a dead letter");
}

#[tokio::test]
async fn explain_shows_why_the_clerk_said_what_it_said() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "Do you ship abroad?").await;
    let received = platform.wait_for(1).await;
    let key = received[0].header("webhook-id");
    for reference in ["m1", key] {
        let output = shop.run(&["explain", reference]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{output:?}");
        assert!(text.contains("Do you ship abroad?"), "{text}");
        assert!(text.contains("why:") && text.contains("said:"), "{text}");
    }
    assert!(!shop.run(&["explain", "nothing-of-this-name"]).status.success());
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    for number in 0..20 {
        daemon.say(&format!("m{number}"), &format!("c{number}"), "Do you ship abroad?").await;
    }
    assert!(daemon.terminate().success(), "{}", shop.log());
    let answered: std::collections::BTreeSet<_> =
        replies(&platform.received()).into_iter().map(|(chat, _)| chat).collect();
    let daemon = shop.start().await;
    platform.after_quiet().await;
    let later: std::collections::BTreeSet<_> =
        replies(&platform.received()).into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(later.len(), 20, "{} were answered before the stop", answered.len());
    drop(daemon);
}
