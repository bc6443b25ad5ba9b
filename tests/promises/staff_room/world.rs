//! The platforms of a staff room, played, and what is done on them.

use std::sync::{Arc, Mutex};

use crate::harness::{
    Answer, Daemon, Shop, eventually,
    platform::{Platform, Received, json},
    platforms::{in_telegram_group, shop_on},
};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

/// The sales team's group.
pub const ROOM: i64 = -100_777;
/// The after-sales team's group.
pub const OTHER: i64 = -100_778;
pub const MEI: i64 = 501;
pub const LI: i64 = 502;
/// Somebody who keeps the bot from writing to them.
pub const BLOCKED: i64 = 4000;

/// One message that a platform took.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: i64,
    pub chat: String,
    pub text: String,
    pub body: Value,
    pub key: String,
}

/// The platforms, which give each message an id of its own as they do.
pub struct World {
    pub platform: Platform,
    sent: Arc<Mutex<Vec<Sent>>>,
    pub shop: Shop,
}

fn text_of(body: &Value) -> String {
    let body = body.get("messages").map_or(body, |messages| &messages[0]);
    let said = body.get("text").or_else(|| body.get("caption")).and_then(Value::as_str);
    said.unwrap_or_default().to_owned()
}

fn take_down(sent: &Mutex<Vec<Sent>>, request: &Received) -> Response<Bytes> {
    let mut sent = sent.lock().unwrap();
    let id = i64::try_from(sent.len()).unwrap() + 1000;
    let body = request.json();
    let of_generic = body["data"].is_object();
    let body = if of_generic { body["data"].clone() } else { body };
    let chat = body
        .get("chat_id")
        .or_else(|| body.get("to"))
        .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
    let Some(chat) = chat else { return json(200, r#"{"ok":true,"result":{}}"#) };
    if chat == BLOCKED.to_string() {
        return json(403, r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#);
    }
    let key = request.header("webhook-id").to_owned();
    sent.push(Sent { id, chat, text: text_of(&body), body, key });
    let answer = json!({ "ok": true, "result": { "message_id": id }, "sentMessages": [{ "id": id.to_string() }] });
    let answer = answer.to_string();
    Response::builder().header("content-type", "application/json").body(answer.into()).unwrap()
}

impl World {
    /// A store that never closes. `routing` and `more` go into store.toml.
    pub async fn with(routing: &str, team: &str, more: &str) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let book = sent.clone();
        let platform = Platform::answering(move |request| take_down(&book, request)).await;
        let shop = shop_on(&["tg", "ln", "shop"], &platform);
        shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
        shop.write(
            "store.toml",
            &format!(
                r#"
                [store]
                name = "Night Tea House"
                language = "en"
                [limits]
                replies = 0
                [routing]
                person = "sales"
                complaint = "aftersales"
                {routing}
                [[team]]
                name = "sales"
                title = {{ en = "our sales team" }}
                channel = "tg"
                chat = "{ROOM}"
                {team}
                [[team]]
                name = "aftersales"
                title = {{ en = "our after-sales team" }}
                channel = "tg"
                chat = "{OTHER}"
                [[person]]
                name = "mei"
                title = {{ en = "Mei" }}
                team = "sales"
                channel = "tg"
                account = "{MEI}"
                [[person]]
                name = "li"
                title = {{ en = "Li" }}
                team = "sales"
                channel = "tg"
                chat = "{LI}"
                {more}
                "#
            ),
        );
        Self { platform, sent, shop }
    }

    pub async fn new() -> Self {
        Self::with("", "", "").await
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub fn all_to(&self, chat: impl ToString) -> Vec<String> {
        let chat = chat.to_string();
        self.sent().into_iter().filter(|it| it.chat == chat).map(|it| it.text).collect()
    }

    /// Waits until something that `holds` was said in a chat.
    pub async fn said(&self, chat: impl ToString, holds: &str) -> Sent {
        let chat = chat.to_string();
        let what = format!("`{holds}` in {chat}");
        eventually(&what, async || self.sent().into_iter().find(|it| it.chat == chat && it.text.contains(holds))).await
    }

    /// Ana of the generic channel asks for a person; the card of it.
    pub async fn called(&self, daemon: &Daemon, chat: &str) -> Sent {
        daemon.say(&format!("{chat}-1"), chat, "hello").await;
        daemon.say(&format!("{chat}-2"), chat, "I want to talk to a person").await;
        self.said(ROOM, &format!("shop {chat}")).await
    }

    pub async fn quiet(&self) {
        self.platform.after_quiet().await;
    }
}

/// The value of the button of a card that does this.
pub fn button(card: &Sent, word: &str) -> String {
    let rows = card.body["reply_markup"]["inline_keyboard"].as_array().expect("buttons");
    let values = rows.iter().flat_map(|row| row.as_array().unwrap()).map(|it| it["callback_data"].as_str().unwrap());
    let wanted = format!("desk:{word}:");
    values.into_iter().find(|it| it.starts_with(&wanted)).unwrap_or_else(|| panic!("{word}: {card:?}")).to_owned()
}

pub async fn press(daemon: &Daemon, update: i64, who: i64, chat: i64, message: i64, data: &str) -> Answer {
    let kind = if chat < 0 { "supergroup" } else { "private" };
    daemon
        .telegram(json!({ "update_id": update, "callback_query": {
            "id": format!("q{update}"), "from": { "id": who, "is_bot": false, "first_name": "Somebody" }, "data": data,
            "message": { "message_id": message, "chat": { "id": chat, "type": kind }, "date": 1 },
        } }))
        .await
}

/// Somebody writes in the sales team's group, perhaps in answer to a message.
pub async fn write(daemon: &Daemon, update: i64, who: i64, quoted: Option<i64>, text: &str) -> Answer {
    write_in(daemon, ROOM, update, who, quoted, json!({ "text": text })).await
}

pub async fn write_in(
    daemon: &Daemon,
    room: i64,
    update: i64,
    who: i64,
    quoted: Option<i64>,
    mut more: Value,
) -> Answer {
    more["from"] = json!({ "id": who, "is_bot": false, "first_name": format!("Person {who}") });
    if let Some(quoted) = quoted {
        more["reply_to_message"] = json!({ "message_id": quoted, "chat": { "id": room }, "date": 1 });
    }
    let answer = daemon.telegram(in_telegram_group(update, room, more)).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer
}

/// What a command prints, which must succeed.
pub fn printed(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
