//! The platforms' sides of their channels: what they post, signed as they sign it.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Daemon, Shop, platform::Platform, sign};

pub const TELEGRAM_TOKEN: &str = "123456:AAbbCCdd-test_token";
const TELEGRAM_SECRET: &str = "nightclerk_Secret-1";
const META_SECRET: &str = "0123456789abcdef0123456789abcdef";
const LINE_SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const WECHAT_TOKEN: &str = "nightclerkToken";
/// The account of each of Meta's channels.
pub const ACCOUNT: &str = "106540352242922";

/// The settings of one channel of each platform, by the names `tg`, `wa`, `ms`, `ig`, `ln` and `wx`.
pub fn settings(id: &str) -> String {
    let meta = |platform: &str| {
        format!(
            "kind = \"meta\"\nplatform = \"{platform}\"\naccount = \"{ACCOUNT}\"\napp_secret = \"{META_SECRET}\"\n\
             verify_token = \"verify\"\naccess_token = \"meta-token\""
        )
    };
    match id {
        "tg" => format!("kind = \"telegram\"\ntoken = \"{TELEGRAM_TOKEN}\"\nsecret_token = \"{TELEGRAM_SECRET}\""),
        "wa" => meta("whatsapp"),
        "ms" => meta("messenger"),
        "ig" => meta("instagram"),
        "ln" => format!("kind = \"line\"\nchannel_secret = \"{LINE_SECRET}\"\naccess_token = \"line-token\""),
        "wx" => format!(
            "kind = \"wechat\"\ntoken = \"{WECHAT_TOKEN}\"\napp_id = \"{}\"\napp_secret = \"wechat-secret\"",
            sign::WECHAT_APP
        ),
        other => panic!("no platform `{other}`"),
    }
}

/// A shop with these channels, whose platforms' APIs are all `platform`. `shop` is the generic one.
pub fn shop_on(ids: &[&str], platform: &Platform) -> Shop {
    let shop = Shop::new();
    // Whatever the clock says while the tests run, parcels are announced at once.
    shop.edit("orders.toml", "allowed = \"08:00-22:00\"", "allowed = \"00:00-24:00\"");
    let channels = ids.iter().map(|id| match *id {
        "shop" => super::generic::channel(&platform.url()),
        id => channel(id, &settings(id), platform),
    });
    shop.write("channels.toml", &channels.collect::<String>());
    shop
}

/// A `[[channel]]`.
pub fn channel(id: &str, settings: &str, platform: &Platform) -> String {
    let url = platform.url();
    let data = if settings.contains("\"line\"") { format!("data_base = \"{url}\"\n") } else { String::new() };
    format!("[[channel]]\nid = \"{id}\"\nallow_private_targets = true\n{settings}\napi_base = \"{url}\"\n{data}")
}

impl Daemon {
    pub async fn telegram(&self, update: Value) -> Answer {
        let headers = [("x-telegram-bot-api-secret-token", TELEGRAM_SECRET)];
        self.post("/hooks/tg", &headers, update.to_string()).await.expect("an answer")
    }

    /// One of Meta's channels.
    pub async fn meta(&self, id: &str, body: Value) -> Answer {
        self.meta_bytes(id, body.to_string().as_bytes()).await
    }

    pub async fn meta_bytes(&self, id: &str, body: &[u8]) -> Answer {
        let signature = sign::meta_bytes(META_SECRET, body);
        self.post(&format!("/hooks/{id}"), &[("x-hub-signature-256", &signature)], body.to_vec())
            .await
            .expect("an answer")
    }

    pub async fn line(&self, events: Value) -> Answer {
        let body = json!({ "destination": "U8e", "events": events }).to_string();
        let signature = sign::line(LINE_SECRET, &body);
        self.post("/hooks/ln", &[("x-line-signature", &signature)], body).await.expect("an answer")
    }

    pub async fn wechat(&self, body: impl Into<bytes::Bytes>) -> Answer {
        let now_s = sign::now_s().to_string();
        let nonce = sign::nonce();
        let signature = sign::wechat(&[WECHAT_TOKEN, &now_s, &nonce]);
        let path = format!("/hooks/wx?signature={signature}&timestamp={now_s}&nonce={nonce}");
        self.post(&path, &[("content-type", "text/xml")], body).await.expect("an answer")
    }

    /// What the clerk did about an event.
    pub async fn explain(&self, event: &str) -> Value {
        self.admin(http::Method::GET, &format!("/v1/explain/{event}")).await.json()
    }

    /// The dead letters.
    pub async fn dead(&self) -> Vec<Value> {
        let answer = self.admin(http::Method::GET, "/v1/outbox/dead").await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.json().as_array().unwrap().clone()
    }
}

/// A message to the Telegram bot from the person `chat`, with more fields.
pub fn telegram_message(update_id: i64, chat: i64, more: Value) -> Value {
    let mut message = json!({
        "message_id": update_id, "date": sign::now_s(), "chat": { "id": chat, "type": "private" },
        "from": { "id": chat, "is_bot": false, "first_name": "Ana", "language_code": "en" },
    });
    lay_over(&mut message, more);
    json!({ "update_id": update_id, "message": message })
}

/// A message in a Telegram group.
pub fn in_telegram_group(update_id: i64, group: i64, more: Value) -> Value {
    let mut update = telegram_message(update_id, 42, json!({ "chat": { "id": group, "type": "supergroup" } }));
    lay_over(&mut update["message"], more);
    update
}

/// A webhook of WhatsApp with these messages.
pub fn whatsapp(value: Value) -> Value {
    let mut all = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": ACCOUNT },
    });
    lay_over(&mut all, value);
    let changes = json!([{ "field": "messages", "value": all }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
}

/// A message on WhatsApp.
pub fn whatsapp_message(id: &str, from: &str, more: Value) -> Value {
    let mut message = json!({ "from": from, "id": id, "timestamp": sign::now_s().to_string() });
    lay_over(&mut message, more);
    message
}

/// A webhook of Messenger (`page`) or Instagram with one thing from the customer `24001`.
pub fn page(object: &str, more: Value) -> Value {
    let now_ms = sign::now_s() * 1000;
    let mut messaging = json!({ "sender": { "id": "24001" }, "recipient": { "id": ACCOUNT }, "timestamp": now_ms });
    lay_over(&mut messaging, more);
    json!({ "object": object, "entry": [{ "id": ACCOUNT, "time": now_ms, "messaging": [messaging] }] })
}

/// An event of LINE from the person `user`.
pub fn line_event(id: &str, user: &str, more: Value) -> Value {
    let mut event = json!({
        "webhookEventId": id, "mode": "active", "timestamp": sign::now_s() * 1000, "replyToken": format!("token-{id}"),
        "source": { "type": "user", "userId": user }, "deliveryContext": { "isRedelivery": false },
    });
    lay_over(&mut event, more);
    event
}

pub fn line_text(id: &str, user: &str, text: &str) -> Value {
    line_event(id, user, json!({ "type": "message", "message": { "id": id, "type": "text", "text": text } }))
}

/// A message of WeChat's; `fields` in their order.
pub fn wechat_xml(kind: &str, from: &str, seconds_ago: i64, fields: &[(&str, &str)]) -> String {
    let created = sign::now_s() - seconds_ago;
    let mut xml = format!(
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{from}]]></FromUserName>\
         <CreateTime>{created}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>"
    );
    for (name, value) in fields {
        xml.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
    }
    xml + "</xml>"
}

fn lay_over(base: &mut Value, more: Value) {
    for (key, value) in more.as_object().expect("an object") {
        base[key] = value.clone();
    }
}
