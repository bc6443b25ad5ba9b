//! A notice that one address does not take reaches its customer at another one, or its owner hears of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{
    Daemon, Shop, eventually,
    platform::{Platform, Received, json as answer},
    platforms::{shop_on, telegram_message, whatsapp, whatsapp_message},
    sign,
};

const PHONE: &str = "16505551234";
const TAKEN: &str = r#"{"ok":true,"result":{"message_id":1},"messages":[{"id":"m"}]}"#;

/// A message on WhatsApp of two days ago, whose 24 hours are over.
async fn wrote_on_whatsapp_long_ago(daemon: &Daemon, id: &str) {
    let long_ago = (sign::now_s() - 2 * 86_400).to_string();
    let more = json!({ "type": "text", "text": { "body": "hello" }, "timestamp": long_ago });
    let taken = daemon.meta("wa", whatsapp(json!({ "messages": [whatsapp_message(id, PHONE, more)] }))).await;
    assert_eq!(taken.status, StatusCode::OK);
}

async fn bought(daemon: &Daemon, id: &str, channel: &str, chat: &str) {
    let customer = json!({ "email": "ana@example.com" });
    let order = json!({ "id": id, "channel": channel, "chat_id": chat, "customer": customer });
    daemon.order(&format!("paid-{id}"), "order.paid", order).await;
}

async fn shipped(daemon: &Daemon, id: &str, number: &str) {
    let order = json!({ "id": id, "shipment": { "carrier": "SF", "tracking_number": number } });
    daemon.order(&format!("shipped-{number}"), "order.shipped", order).await;
}

fn that_tell_of(platform: &Platform, number: &str) -> Vec<Received> {
    platform.received().into_iter().filter(|it| it.json().to_string().contains(number)).collect()
}

async fn told_of(platform: &Platform, number: &str) -> Vec<Received> {
    eventually(&format!("word of {number}"), async || Some(that_tell_of(platform, number)).filter(|it| !it.is_empty()))
        .await
}

async fn dead_notices(daemon: &Daemon) -> Vec<Value> {
    let mut dead = daemon.dead().await;
    // The late answer to what was said long ago is none.
    dead.retain(|it| it["text"].as_str().is_some_and(|text| text.contains("SF")));
    dead
}

#[tokio::test]
async fn a_notice_whose_window_closed_reaches_the_customer_at_another_address_of_theirs() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "tg", "shop"], &platform);
    let daemon = shop.start().await;
    wrote_on_whatsapp_long_ago(&daemon, "wamid.1").await;
    bought(&daemon, "A1", "wa", PHONE).await;
    let hello = telegram_message(1, 42, json!({ "text": "hello" }));
    assert_eq!(daemon.telegram(hello).await.status, StatusCode::OK);
    bought(&daemon, "A2", "tg", "42").await;
    shipped(&daemon, "A1", "SF1234567890").await;
    let told = told_of(&platform, "SF1234567890").await;
    assert!(told[0].path().ends_with("/sendMessage") && told[0].json()["chat_id"] == 42, "{told:?}");
    eventually("the dead letter is put away", async || dead_notices(&daemon).await.is_empty().then_some(())).await;
    platform.after_quiet().await;
    assert_eq!(that_tell_of(&platform, "SF1234567890").len(), 1, "once, and nowhere else");
    // What was said where, and why, can be looked up.
    let kept = daemon.admin(http::Method::GET, "/v1/customers/tg/42").await.json().to_string();
    assert!(kept.contains("passed_on") && kept.contains("SF1234567890"), "{kept}");
}

#[tokio::test]
async fn a_customer_who_left_the_platform_hears_of_their_order_where_they_wrote_else() {
    let platform = Platform::answering(|request| match request.path() {
        path if path.ends_with("/sendMessage") => {
            answer(403, r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#)
        }
        _ => answer(200, TAKEN),
    })
    .await;
    let shop = shop_on(&["tg", "shop"], &platform);
    let daemon = shop.start().await;
    bought(&daemon, "A1", "tg", "42").await;
    daemon.say("m1", "ana", "hello").await;
    bought(&daemon, "A2", "shop", "ana").await;
    shipped(&daemon, "A1", "SF1234567890").await;
    let elsewhere = eventually("word of it in the shop's own chat", async || {
        let told = that_tell_of(&platform, "SF1234567890");
        told.into_iter().find(|it| it.path() == "/replies")
    })
    .await;
    assert_eq!(elsewhere.json()["data"]["chat_id"], "ana");
    eventually("the dead letter is put away", async || dead_notices(&daemon).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn where_no_other_address_takes_it_a_notice_is_a_dead_letter_and_the_owner_hears_of_it() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "tg", "shop"], &platform);
    let daemon = shop.start().await;
    wrote_on_whatsapp_long_ago(&daemon, "wamid.1").await;
    bought(&daemon, "A1", "wa", PHONE).await;
    // The other address wants to hear nothing unasked.
    let stop = telegram_message(1, 42, json!({ "text": "STOP" }));
    assert_eq!(daemon.telegram(stop).await.status, StatusCode::OK);
    // Somebody else's chat is no address of this customer's.
    daemon.say("m1", "ben", "hello").await;
    shipped(&daemon, "A1", "SF1234567890").await;
    let dead = eventually("the dead letter", async || dead_notices(&daemon).await.pop()).await;
    assert!(dead.to_string().contains("more than 24 hours old"), "{dead}");
    eventually("the owner hears of it", async || {
        let status = daemon.status().await;
        status["troubles"].to_string().contains("dead:wa").then_some(())
    })
    .await;
    platform.after_quiet().await;
    assert!(that_tell_of(&platform, "SF1234567890").is_empty());
}

/// How often the clerk dies.
const ROUNDS: usize = 8;

#[tokio::test]
async fn a_notice_on_its_way_to_another_address_is_neither_lost_nor_doubled_by_kills() {
    let platform = Platform::start().await;
    let shop = shop_on(&["wa", "shop"], &platform);
    shop.edit("orders.toml", "per_day = 6", "per_day = 60");
    let daemon = shop.start().await;
    wrote_on_whatsapp_long_ago(&daemon, "wamid.1").await;
    daemon.say("m1", "ana", "hello").await;
    bought(&daemon, "A0", "shop", "ana").await;
    for round in 0..ROUNDS {
        bought(&daemon, &format!("W{round}"), "wa", PHONE).await;
    }
    daemon.kill();
    let number = |round: usize| format!("SF98765432{round}");
    for round in 0..ROUNDS {
        let daemon = shop.start().await;
        shipped(&daemon, &format!("W{round}"), &number(round)).await;
        // From at once to when it is all done.
        tokio::time::sleep(Duration::from_millis(round as u64 * 6)).await;
        daemon.kill();
    }
    let daemon = shop.start().await;
    for round in 0..ROUNDS {
        told_of(&platform, &number(round)).await;
    }
    eventually("the dead letters are put away", async || dead_notices(&daemon).await.is_empty().then_some(())).await;
    platform.after_quiet().await;
    assert_each_is_told_once(&platform, &shop, number);
}

/// A reply that is sent again after a kill has the key of the first, by which the shop drops it.
fn assert_each_is_told_once(platform: &Platform, shop: &Shop, number: impl Fn(usize) -> String) {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for round in 0..ROUNDS {
        for request in that_tell_of(platform, &number(round)) {
            assert_eq!(request.path(), "/replies");
            keys.entry(number(round)).or_default().insert(request.header("webhook-id").to_owned());
        }
    }
    assert_eq!(keys.len(), ROUNDS);
    assert!(keys.values().all(|it| it.len() == 1), "{keys:?}\n{}", shop.log());
}
