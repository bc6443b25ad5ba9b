//! Nobody is left alone, nobody is pestered: what customers may rely on, on the running daemon.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::shop_talking_to,
    platform::{Platform, Received},
};
use http::Method;
use serde_json::{Value, json};

/// What was said in a chat, in order.
fn said_to(received: &[Received], chat: &str) -> Vec<String> {
    let replies = received.iter().map(Received::json).filter(|it| it["data"]["chat_id"] == chat);
    replies.map(|it| it["data"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits until something that `holds` was said in a chat.
async fn hears(platform: &Platform, chat: &str, holds: &str) {
    eventually(&format!("`{holds}` in {chat}"), async || {
        said_to(&platform.received(), chat).iter().any(|it| it.contains(holds)).then_some(())
    })
    .await;
}

/// A shop that speaks English and has people for complaints, at any hour, with these limits.
fn staffed(platform: &Platform, limits: &str) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("hours.toml", "timezone = \"UTC\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop.write(
        "store.toml",
        &format!(
            r#"
            [store]
            name = "Night Tea House"
            language = "en"
            [limits]
            {limits}
            [routing]
            complaint = "aftersales"
            [[team]]
            name = "aftersales"
            channel = "shop"
            chat = "AFTERSALES"
            "#
        ),
    );
    shop.write("orders.toml", "[notices]\nallowed = \"00:00-24:00\"\n");
    shop
}

async fn tickets(daemon: &Daemon) -> Vec<Value> {
    daemon.admin(Method::GET, "/v1/tickets").await.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn while_the_store_is_closed_a_customer_hears_once_until_when_and_what_can_be_done() {
    for plugins in [false, true] {
        let platform = Platform::start().await;
        let shop = if plugins { shop_talking_to(&platform).with_plugins() } else { shop_talking_to(&platform) };
        shop.edit("store.toml", "language = \"zh\"", "language = \"en\"");
        // Closed now, and for some hours to come.
        let now = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let hour_of = |hours: i64| now.checked_add(jiff::Span::new().hours(hours)).unwrap().hour();
        let (from, until) = (format!("{:02}:00", hour_of(3)), format!("{:02}:30", hour_of(3)));
        let hour = from.clone();
        shop.write("hours.toml", &format!("timezone = \"UTC\"\n[[shift]]\nfrom = \"{from}\"\nuntil = \"{until}\"\n"));
        let daemon = shop.start().await;
        if plugins {
            eventually("the greeting plugin", async || {
                let listed = daemon.admin(Method::GET, "/v1/plugins").await.text();
                listed.contains("\"active\"").then_some(())
            })
            .await;
        }
        daemon.say("m1", "ana", "hello").await;
        hears(&platform, "ana", &hour).await;
        daemon.say("m2", "ana", "hi, hello again").await;
        daemon.say("m3", "ana", "do you ship abroad?").await;
        let all = eventually("the answers", async || {
            let all = said_to(&platform.received(), "ana");
            (all.len() >= 3).then_some(all)
        })
        .await;
        let first = all.join("\n---\n");
        assert_eq!(first.matches(&hour).count(), 1, "with plugins: {plugins}: {first}");
        assert!(first.contains("off orders of 200") || first.contains("30 off"), "the offers are named: {first}");
        // Somebody else hears it as well.
        daemon.say("m4", "bob", "hello").await;
        hears(&platform, "bob", &hour).await;
    }
}

#[tokio::test]
async fn a_wish_reaches_the_shop_and_stands_on_the_order() {
    let platform = Platform::start().await;
    let shop = staffed(&platform, "");
    let daemon = shop.start().await;
    daemon.order("o1", "order.paid", json!({ "id": "A1", "chat_id": "ana", "total": 9, "currency": "USD" })).await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "gift box with a red ribbon for order A1, please").await;
    let remarked = eventually("the shop's webhook", async || {
        let all = platform.received();
        all.into_iter().map(|it| it.json()).find(|it| it["type"] == "order.remarked")
    })
    .await;
    assert_eq!(remarked["data"]["id"], "A1");
    assert!(remarked["data"]["remark"].as_str().unwrap().contains("red ribbon"), "{remarked}");
    hears(&platform, "ana", "on order A1").await;
    let kept = shop.run(&["export", "shop", "ana"]);
    let kept: Value = serde_json::from_slice(&kept.stdout).unwrap();
    let order = kept["orders"].as_array().unwrap().iter().find(|it| it["id"] == "A1").unwrap().clone();
    assert!(order["remarks"].to_string().contains("red ribbon"), "{order}");
}

#[tokio::test]
async fn who_opts_out_gets_no_notice_until_they_opt_in_again() {
    let platform = Platform::start().await;
    let shop = staffed(&platform, "");
    let daemon = shop.start().await;
    daemon.order("o1", "order.paid", json!({ "id": "A1", "chat_id": "ana", "total": 9, "currency": "USD" })).await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "STOP").await;
    hears(&platform, "ana", "I will not write to you unasked").await;
    let parcel = |number: &str| json!({ "id": "A1", "shipment": { "tracking_number": number } });
    daemon.order("o2", "order.shipped", parcel("SF1")).await;
    daemon.order("o3", "order.refunded", json!({ "id": "A1", "refund": { "amount": 1 } })).await;
    // What is asked is answered all the same.
    daemon.say("m3", "ana", "where is my order A1?").await;
    hears(&platform, "ana", "SF1").await;
    daemon.say("m4", "ana", "START").await;
    hears(&platform, "ana", "keep you posted").await;
    daemon.order("o4", "order.shipped", parcel("SF2")).await;
    hears(&platform, "ana", "on its way, SF2").await;
    let all = said_to(&platform.after_quiet().await, "ana");
    let unasked = all.iter().filter(|it| it.contains("on its way, SF1") || it.contains("refund for order")).count();
    assert_eq!(unasked, 0, "{all:?}");
}

#[tokio::test]
async fn two_robots_do_not_talk_all_night_and_people_can_look_at_it() {
    let platform = Platform::start().await;
    let shop = staffed(&platform, "replies = 5\nper = \"1h\"");
    let daemon = shop.start().await;
    for number in 0..12 {
        daemon.say(&format!("a{number}"), "same", "Do you ship to Germany?").await;
    }
    for number in 0..12 {
        daemon.say(&format!("b{number}"), "other", &format!("do you ship to town number {number} abroad?")).await;
    }
    let all = platform.after_quiet().await;
    let (same, other) = (said_to(&all, "same"), said_to(&all, "other"));
    assert!((1..=4).contains(&same.len()), "the same words, with the welcome: {same:?}");
    assert!((1..=6).contains(&other.len()), "{other:?}");
    let storms: Vec<_> = tickets(&daemon).await.into_iter().filter(|it| it["kind"] == "storm").collect();
    assert_eq!(storms.len(), 1, "{storms:?}");
    // Nobody else is held up.
    daemon.say("c1", "bob", "hello").await;
    hears(&platform, "bob", "welcome").await;
}

#[tokio::test]
async fn a_complaint_gets_through_where_everything_else_is_muted() {
    let platform = Platform::start().await;
    let shop = staffed(&platform, "replies = 3\nper = \"1h\"");
    let daemon = shop.start().await;
    // The limit is reached.
    for number in 0..8 {
        daemon.say(&format!("s{number}"), "storm", &format!("do you ship to town number {number} abroad?")).await;
    }
    daemon.say("s9", "storm", "my teapot arrived broken, I want to complain").await;
    // Opted out.
    daemon.say("o1", "out", "hello").await;
    daemon.say("o2", "out", "STOP").await;
    daemon.say("o3", "out", "my teapot arrived broken, I want to complain").await;
    // A person has the conversation.
    daemon.say("p1", "person", "hello").await;
    let taken = shop.run(&["conversation", "take", "shop", "person", "--by", "aftersales"]);
    assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    daemon.say("p2", "person", "my teapot arrived broken, I want to complain").await;
    for chat in ["storm", "out", "person"] {
        hears(&platform, "AFTERSALES", &format!("shop {chat}")).await;
        let urgent = eventually(&format!("an urgent ticket of {chat}"), async || {
            tickets(&daemon).await.into_iter().find(|it| it["address"]["chat"] == chat && it["urgency"] == "urgent")
        })
        .await;
        assert!(urgent["text"].as_str().unwrap().contains("broken"), "{urgent}");
    }
    for chat in ["out", "person"] {
        hears(&platform, chat, "very sorry").await;
    }
}
