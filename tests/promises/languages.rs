//! Customers are answered in their language, on the real daemon: by their words, and before these by what the platform says.

use crate::harness::{Daemon, Shop, eventually, platform::Platform, sign};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const LINE_SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const TELEGRAM_SECRET: &str = "nightclerk_Secret-1";

/// The shipped store with people in it at any hour, and its shipped plugins.
fn open_shop() -> Shop {
    let shop = Shop::new().with_plugins();
    shop.write("hours.toml", "[[shift]]\nname = \"always\"\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
    shop
}

/// The shipped store with its shipped plugins, on one channel.
async fn shop_on(settings: &str, platform: &Platform) -> (Shop, Daemon) {
    let shop = open_shop();
    let base = platform.url();
    shop.write(
        "channels.toml",
        &format!(
            "[[channel]]\nid = \"shop\"\n{settings}\napi_base = \"{base}\"\nallow_private_targets = true\nper_second = 1000\n"
        ),
    );
    let daemon = shop.start().await;
    (shop, daemon)
}

async fn on_telegram(daemon: &Daemon, update: i64, chat: i64, language: &str, text: &str) {
    let body = json!({
        "update_id": update,
        "message": {
            "message_id": update,
            "from": { "id": chat, "is_bot": false, "first_name": "Ana", "language_code": language },
            "chat": { "id": chat, "type": "private" },
            "date": sign::now_s(),
            "text": text,
        }
    });
    let headers = [("x-telegram-bot-api-secret-token", TELEGRAM_SECRET)];
    let answer = daemon.post("/hooks/shop", &headers, body.to_string()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
}

/// All that one chat was told on Telegram.
fn told(platform: &Platform, chat: i64) -> Vec<String> {
    let received = platform.received();
    let sent = received.iter().filter(|it| it.path().ends_with("/sendMessage")).map(|it| it.json());
    sent.filter(|it| it["chat_id"] == chat).map(|it| it["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn telegrams_language_is_spoken_until_the_customers_words_say_another() {
    let platform = Platform::start().await;
    let settings = format!("kind = \"telegram\"\ntoken = \"1:t\"\nsecret_token = \"{TELEGRAM_SECRET}\"");
    let (_shop, daemon) = shop_on(&settings, &platform).await;
    for (chat, language, text, sign) in [
        (1, "th", "A10023", "สวัสดีค่ะ"),
        (2, "zh-hans", "A10023", "欢迎光临"),
        (3, "zh-hant", "A10023", "歡迎光臨"),
        (4, "es", "/start", "Hola"),
        (5, "id", "https://shop.example/t1", "Halo"),
        (6, "en", "請問有什麼優惠", "滿200減30"),
        (7, "en", "배송 언제 와요?", "안녕하세요"),
    ] {
        on_telegram(&daemon, 100 + chat, chat, language, text).await;
        let said = eventually("an answer", async || {
            let told = told(&platform, chat).join("\n");
            told.contains(sign).then_some(told)
        });
        said.await;
    }
    // A number never changes what was settled.
    on_telegram(&daemon, 200, 7, "en", "A10023").await;
    eventually("an answer in Korean", async || (told(&platform, 7).len() > 1).then_some(())).await;
    let last = told(&platform, 7).pop().unwrap();
    assert!(last.chars().any(|it| ('가'..='힣').contains(&it)), "{last}");
}

#[tokio::test]
async fn a_line_customer_gets_japanese_for_japanese_and_thai_for_thai() {
    let platform = Platform::start().await;
    let settings = format!("kind = \"line\"\nchannel_secret = \"{LINE_SECRET}\"\naccess_token = \"t\"");
    let (_shop, daemon) = shop_on(&settings, &platform).await;
    for (user, text, word) in [
        ("Uja", "こんにちは、注文はどこですか", "いらっしゃいませ"),
        ("Uth", "สวัสดีค่ะ ของถึงไหนแล้ว", "สวัสดีค่ะ"),
        ("Utw", "請問什麼時候出貨", "歡迎光臨"),
        ("Uvi", "xin chào, đơn hàng của tôi đâu", "Xin chào"),
    ] {
        let body = json!({ "destination": "U0", "events": [{
            "type": "message",
            "message": { "type": "text", "id": format!("m{user}"), "text": text },
            "webhookEventId": format!("e{user}"),
            "deliveryContext": { "isRedelivery": false },
            "timestamp": sign::now_s() * 1000,
            "source": { "type": "user", "userId": user },
            "replyToken": format!("token-{user}"),
            "mode": "active",
        }] })
        .to_string();
        let signature = sign::line(LINE_SECRET, &body);
        let answer = daemon.post("/hooks/shop", &[("x-line-signature", &signature)], body).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        eventually(word, async || {
            let received = platform.received();
            received
                .iter()
                .any(|it| {
                    let body = it.json();
                    let whose = body["replyToken"] == format!("token-{user}") || body["to"] == user;
                    whose && body["messages"].to_string().contains(word)
                })
                .then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_visitor_is_welcomed_in_the_browsers_language() {
    let shop = open_shop();
    shop.write("channels.toml", "[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n");
    let daemon = shop.start().await;
    for (accepted, word) in [
        ("ja-JP,ja;q=0.9,en;q=0.8", "いらっしゃいませ"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "elcome to"),
        ("vi", "Xin chào"),
        ("zh-TW,zh;q=0.9", "歡迎光臨"),
        ("zh-CN", "欢迎光临"),
    ] {
        let page = daemon.get("/chat/").await.unwrap();
        let cookie = page.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let headers =
            [("cookie", cookie.as_str()), ("content-type", "application/json"), ("accept-language", accepted)];
        let opened = daemon.post("/chat/open", &headers, "{\"id\":\"1\"}").await.unwrap();
        assert_eq!(opened.status, StatusCode::ACCEPTED);
        let url = format!("http://{}/chat/history", daemon.public);
        eventually(word, async || {
            let history = daemon.call(Method::GET, &url, &[("cookie", &cookie)], "".into()).await.ok()?;
            let history: Value = history.json();
            history.to_string().to_lowercase().contains(&word.to_lowercase()).then_some(())
        })
        .await;
    }
}
