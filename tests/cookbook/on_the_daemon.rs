//! The cookbook as a whole on the real daemon, with somebody outside to ask.

use std::fs;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::snippets::{self, Snippet};
use crate::harness::{
    Daemon, ENGINE, Shop, eventually, eventually_for,
    generic::{replies, shop_talking_to},
    platform::{Platform, Received, json as answer},
};

/// The hosts that the cookbook asks.
const OUTSIDE: [&str; 2] = ["track.example.com", "model.example.com"];
/// As the cookbook has it in `plugins.toml`.
const KEY: &str = "key-of-your-account";
const TEAMS: [&str; 4] = ["vip-desk", "warehouse", "aftersales", "sales"];

/// The carrier and the language model: both want the key that stands in `plugins.toml`.
fn outsider(request: &Received) -> Response<Bytes> {
    if request.header("authorization") != format!("Bearer {KEY}") {
        return answer(401, "{}");
    }
    match request.path() {
        "/v1/parcels/SF123" => answer(200, r#"{"place":"Hangzhou","expected":"2026-11-30"}"#),
        "/v1/chat/completions" => {
            answer(200, r#"{"choices":[{"message":{"content":"It is picked in spring and costs CNY 99.00."}}]}"#)
        }
        _ => answer(404, "{}"),
    }
}

/// A shop with all scripts of a document and all their entries, as they stand there.
fn shop_of(document: &str, platform: &Platform, outside: &Platform) -> (Shop, Vec<Snippet>) {
    let here = |text: &str| {
        OUTSIDE.iter().fold(text.to_owned(), |text, host| {
            let text = text.replace(&format!("https://{host}"), &outside.url());
            text.replace(&format!("http:{host}"), &format!("http:{}", outside.address))
        })
    };
    let snippets: Vec<_> = snippets::all().into_iter().filter(|it| it.document == document).collect();
    let shop = shop_talking_to(platform);
    let teams = TEAMS.map(|team| format!("[[team]]\nname = \"{team}\"\nchannel = \"shop\"\nchat = \"{team}\"\n"));
    let store = fs::read_to_string(shop.config().join("store.toml")).unwrap();
    shop.write("store.toml", &format!("{store}\n{}", teams.concat()));
    let entries: Vec<_> = snippets.iter().map(|it| here(&it.lines)).collect();
    shop.write("plugins.toml", &entries.concat());
    for it in &snippets {
        fs::write(shop.plugins().join(&it.file), here(&it.source)).unwrap();
    }
    (shop, snippets)
}

async fn plugins(daemon: &Daemon) -> Vec<Value> {
    serde_json::from_value(daemon.admin(Method::GET, "/v1/plugins").await.json()).unwrap()
}

async fn is_told(platform: &Platform, chat: &str, part: &str) {
    eventually(part, async || {
        replies(&platform.received()).iter().any(|(to, text)| to == chat && text.contains(part)).then_some(())
    })
    .await;
}

async fn works_as_a_whole(document: &str) {
    let (platform, outside) = (Platform::start().await, Platform::answering(outsider).await);
    let (shop, snippets) = shop_of(document, &platform, &outside);
    let says = |english, chinese| snippets[0].says(english, chinese);
    let daemon = shop.start().await;
    for it in &snippets {
        eventually_for(ENGINE, &it.file, async || {
            let all = plugins(&daemon).await;
            all.into_iter()
                .find(|status| status["name"] == it.name() && status["state"] == "active" && status["reason"].is_null())
        })
        .await;
    }
    // A parcel is looked up with the carrier.
    let order = json!({ "id": "A1", "chat_id": "ana", "total": "199.00", "currency": "CNY" });
    daemon.order("e1", "order.placed", order).await;
    daemon.order("e2", "order.paid", json!({ "id": "A1" })).await;
    let parcel = json!({ "id": "A1", "shipment": { "carrier": "SF", "tracking_number": "SF123" } });
    daemon.order("e3", "order.shipped", parcel).await;
    daemon.say("m1", "ana", says("Where is my parcel now?", "我的快递到哪了")).await;
    is_told(&platform, "ana", "Hangzhou").await;
    // A question about the goods is the model's, who is told what the store says of them.
    daemon.say("m2", "bob", says("How is the tieguanyin?", "铁观音怎么样？")).await;
    is_told(&platform, "bob", "CNY 99.00").await;
    let asked: Vec<_> = outside.received().into_iter().filter(|it| it.path() == "/v1/chat/completions").collect();
    assert_eq!(asked.len(), 1, "one question, though the script ran twice");
    let told = asked[0].json()["messages"][0]["content"].as_str().unwrap().to_owned();
    assert!(told.contains(says("scent of orchids", "兰花香")) && told.contains("CNY 99.00"), "{told}");
    // What is nobody's recipe is the clerk's.
    daemon.say("m3", "cem", says("hello", "你好")).await;
    eventually("the clerk's own answer", async || {
        replies(&platform.received()).iter().any(|(to, _)| to == "cem").then_some(())
    })
    .await;
    for status in plugins(&daemon).await {
        assert_eq!(status["failures"], 0, "{status}");
    }
    assert!(!shop.log().contains(KEY), "no key is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_cookbook_lives_in_one_daemon() {
    works_as_a_whole("cookbook.md").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_chinese_cookbook_lives_in_one_daemon() {
    works_as_a_whole("cookbook.zh-CN.md").await;
}
