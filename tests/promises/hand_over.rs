//! Nobody is left alone: what the clerk promises of people, on the running daemon.

use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::{Method, StatusCode};

/// A store that never closes, whose teams are told of things in chats of the shop's own channel.
fn staffed_shop(platform: &Platform, routing: &str) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop.write(
        "store.toml",
        &format!(
            r#"
            [store]
            name = "Night Tea House"
            language = "en"
            [routing]
            person = "sales"
            complaint = "aftersales"
            {routing}
            [[team]]
            name = "sales"
            title = {{ zh = "销售", en = "our sales team" }}
            channel = "shop"
            chat = "SALES"
            [[team]]
            name = "aftersales"
            title = {{ zh = "售后", en = "our after-sales team" }}
            channel = "shop"
            chat = "AFTERSALES"
            "#
        ),
    );
    shop
}

/// Waits until something that `holds` was said in a chat.
async fn said(platform: &Platform, chat: &str, holds: &str) -> String {
    eventually(&format!("`{holds}` in {chat}"), async || {
        let all = replies(&platform.received());
        all.into_iter().find(|(to, text)| to == chat && text.contains(holds)).map(|(_, text)| text)
    })
    .await
}

/// What a command prints, which must succeed.
fn printed(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn tickets(daemon: &Daemon) -> Vec<serde_json::Value> {
    let answer = daemon.admin(Method::GET, "/v1/tickets").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn whom_a_customer_is_handed_to_is_told_where_and_why() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "I want to talk to a person").await;
    said(&platform, "ana", "our sales team").await;
    let notice = said(&platform, "SALES", "shop ana").await;
    assert!(notice.contains("Ana") && notice.contains("talk to a person"), "{notice}");
    assert_eq!(tickets(&daemon).await[0]["owner"], "sales");
    daemon.say("m3", "ana", "it is about an invoice").await;
    said(&platform, "ana", "I have noted that").await;
    daemon.say("m4", "ana", "my cup is broken, I want to complain").await;
    said(&platform, "ana", "very sorry").await;
    said(&platform, "AFTERSALES", "broken").await;
    let kinds: Vec<_> = tickets(&daemon).await.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["complaint", "callback"], "the most urgent first");
}

#[tokio::test]
async fn what_nobody_takes_in_time_comes_back_by_itself_and_the_customer_hears_it() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "take_within = \"1s\"");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "talk to a person").await;
    said(&platform, "ana", "could not join us").await;
    said(&platform, "SALES", "Not taken").await;
    assert_eq!(tickets(&daemon).await[0]["urgency"], "urgent");
    daemon.say("m3", "ana", "do you ship abroad?").await;
    said(&platform, "ana", "most countries").await;
}

#[tokio::test]
async fn where_nobody_can_be_told_nobody_is_promised() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    shop.write("store.toml", "[store]\nlanguage = \"en\"\n");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "talk to a person").await;
    said(&platform, "ana", "Nobody can join us").await;
    assert!(printed(&shop, &["tickets"]).contains("callback"));
    daemon.say("m3", "ana", "do you ship abroad?").await;
    said(&platform, "ana", "most countries").await;
}

#[tokio::test]
async fn people_take_conversations_and_tickets_and_give_them_back_by_command() {
    let platform = Platform::start().await;
    let shop = staffed_shop(&platform, "");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "hello").await;
    daemon.say("m2", "ana", "talk to a person").await;
    printed(&shop, &["conversation", "take", "shop", "ana", "--by", "sales"]);
    said(&platform, "ana", "has taken over").await;
    daemon.say("m3", "ana", "do you ship abroad?").await;
    said(&platform, "SALES", "Ana: do you ship abroad?").await;
    let said_to_her = replies(&platform.after_quiet().await).into_iter().filter(|(to, _)| to == "ana");
    assert!(said_to_her.into_iter().all(|(_, text)| !text.contains("most countries")), "the clerk keeps back");
    printed(&shop, &["conversation", "return", "shop", "ana"]);
    said(&platform, "ana", "is back with you").await;
    assert!(printed(&shop, &["tickets"]).contains("nothing waits"));
    daemon.say("m4", "ana", "this is a scam, I complain").await;
    let id = tickets(&daemon).await[0]["id"].as_str().unwrap().to_owned();
    printed(&shop, &["tickets", "take", &id.to_lowercase(), "--by", "aftersales"]);
    assert_eq!(tickets(&daemon).await[0]["owner"], "aftersales");
    printed(&shop, &["tickets", "close", &id]);
    assert!(tickets(&daemon).await.is_empty());
    for (path, status) in [
        (format!("/v1/tickets/{id}/close"), StatusCode::CONFLICT),
        ("/v1/tickets/NONE/close".to_owned(), StatusCode::NOT_FOUND),
        ("/v1/conversations/shop/nobody/take".to_owned(), StatusCode::NOT_FOUND),
        ("/v1/conversations/shop/ana/take?by=salse".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(daemon.admin(Method::POST, &path).await.status, status, "{path}");
    }
}
