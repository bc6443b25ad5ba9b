//! The generic channel, as a shop system would use it.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, CallResult, Daemon, Shop,
    platform::{Platform, Received},
    sign,
};

/// A shop whose one channel, `shop`, sends its replies to `platform`.
pub fn shop_talking_to(platform: &Platform) -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", &channel(&platform.url()));
    shop
}

/// The channel's entry in `channels.toml`, with its replies going to `api`.
pub fn channel(api: &str) -> String {
    format!(
        r#"
        [[channel]]
        id = "shop"
        kind = "standard-webhooks"
        secrets = ["{secret}"]
        reply_url = "{api}/replies"
        allow_private_targets = true
        "#,
        secret = sign::WEBHOOK_SECRET,
    )
}

impl Daemon {
    /// Sends a signed webhook to the channel `shop`.
    pub async fn webhook(&self, id: &str, kind: &str, data: Value) -> CallResult {
        let timestamp = jiff::Timestamp::now().to_string();
        let body = json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string();
        let headers = sign::standard(id, &body);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post("/hooks/shop", &headers, body).await
    }

    /// A customer says something; the webhook is acknowledged.
    pub async fn say(&self, id: &str, chat: &str, text: &str) -> Answer {
        let answer = self.webhook(id, "message.received", message(id, chat, text)).await.expect("an answer");
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
        answer
    }

    /// Something happens to an order; the webhook is acknowledged.
    pub async fn order(&self, id: &str, kind: &str, data: Value) -> Answer {
        let answer = self.webhook(id, kind, data).await.expect("an answer");
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
        answer
    }

    /// Waits until nothing is left to deliver.
    pub async fn status(&self) -> Value {
        let answer = self.admin(http::Method::GET, "/v1/status").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    }
}

pub fn message(id: &str, chat: &str, text: &str) -> Value {
    json!({ "id": id, "chat_id": chat, "sender": { "id": chat, "name": "Ana" }, "text": text })
}

/// The chats and texts of replies, in order of arrival; every one must be signed.
pub fn replies(received: &[Received]) -> Vec<(String, String)> {
    received
        .iter()
        .map(|request| {
            assert!(sign::standard_holds(&request.headers, &request.body), "an unsigned reply: {request:?}");
            let data = &request.json()["data"];
            (data["chat_id"].as_str().unwrap().to_owned(), data["text"].as_str().unwrap().to_owned())
        })
        .collect()
}
