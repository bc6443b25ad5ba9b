//! One server that plays the platforms, which keep files as they do, and a store whose sales team sits in a group on Telegram.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::harness::{
    Daemon, Shop, eventually,
    platform::{Platform, Received},
    platforms::{TELEGRAM_TOKEN, in_telegram_group, line_event, line_text, shop_on},
};

/// The sales team's group on Telegram.
pub const ROOM: i64 = -100_777;
pub const MEI: i64 = 501;
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a cup in pieces \xff\xd9";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a new cup";

/// What a platform was told.
#[derive(Clone, Debug)]
pub struct Sent {
    pub id: usize,
    pub path: String,
    pub chat: String,
    /// The fields of its JSON, or of its form.
    pub fields: Value,
    pub file: Option<Bytes>,
    /// By which the generic channel knows it.
    pub key: String,
}

impl Sent {
    pub fn method(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub fn text(&self) -> String {
        let text = |it: &Value| it.as_str().map(str::to_owned);
        let data = &self.fields["data"];
        let said = [&self.fields["text"], &self.fields["caption"], &self.fields["text"]["content"], &data["text"]];
        let all: Vec<_> = said.into_iter().filter_map(text).collect();
        let objects = self.fields["messages"].as_array().into_iter().flatten().filter_map(|it| text(&it["text"]));
        all.into_iter().chain(objects).collect::<Vec<_>>().join("\n")
    }
}

/// What the platforms keep, and what they are told.
#[derive(Default)]
pub struct World {
    /// Answers by the end of the address that is asked, the last of them again and again.
    pub files: Mutex<HashMap<String, VecDeque<(u16, Bytes)>>>,
    pub sent: Mutex<Vec<Sent>>,
}

pub fn reply(status: u16, kind: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).header("content-type", kind).body(body.into()).unwrap()
}

/// The fields of a form, and its file (RFC 7578).
pub fn form(request: &Received) -> Option<(Value, Bytes)> {
    let boundary = request.header("content-type").strip_prefix("multipart/form-data; boundary=")?;
    let (mut fields, mut file) = (json!({}), None);
    let mark = format!("--{boundary}");
    let mut rest = &request.body[..];
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|it| it == what);
    while let Some(at) = find(rest, mark.as_bytes()) {
        rest = &rest[at + mark.len()..];
        let Some(end) = find(rest, format!("\r\n{mark}").as_bytes()) else { break };
        let head = find(&rest[..end], b"\r\n\r\n")?;
        let names = String::from_utf8_lossy(&rest[..head]).into_owned();
        let name = names.split("name=\"").nth(1)?.split('"').next()?.to_owned();
        let value = &rest[head + 4..end];
        if names.contains("filename=") {
            fields[&name] = json!(names.split("filename=\"").nth(1)?.split('"').next()?);
            file = Some(Bytes::copy_from_slice(value));
        } else {
            fields[&name] = json!(String::from_utf8_lossy(value));
        }
    }
    Some((fields, file?))
}

impl World {
    pub fn answer(&self, request: &Received) -> Response<Bytes> {
        let whole = request.uri.to_string();
        let mut files = self.files.lock().unwrap();
        if let Some((_, answers)) = files.iter_mut().find(|(end, _)| whole.ends_with(end.as_str())) {
            let (status, body) = if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
            return reply(status, "image/jpeg", body);
        }
        drop(files);
        let path = request.path().to_owned();
        let (fields, file) = match form(request) {
            Some((fields, file)) => (fields, Some(file)),
            None => (serde_json::from_slice(&request.body).unwrap_or_default(), None),
        };
        let asked = fields["file_id"].as_str();
        if path.ends_with("/getFile") {
            let found = json!({ "ok": true, "result": { "file_path": format!("photos/{}", asked.unwrap()) } });
            return reply(200, "application/json", found.to_string());
        }
        if path.ends_with("/stable_token") {
            return reply(200, "application/json", r#"{"access_token":"wechat-access","expires_in":7200}"#);
        }
        let mut sent = self.sent.lock().unwrap();
        let id = sent.len() + 1000;
        let chats =
            [&fields["chat_id"], &fields["to"], &fields["touser"], &fields["recipient"], &fields["data"]["chat_id"]];
        let chat = chats
            .into_iter()
            .find(|it| !it.is_null())
            .map_or_else(String::new, |it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
        let key = request.header("webhook-id").to_owned();
        sent.push(Sent { id, path, chat, fields, file, key });
        let taken = json!({ "ok": true, "result": { "message_id": id }, "sentMessages": [{ "id": id.to_string() }],
            "messages": [{ "id": format!("wamid.{id}") }], "message_id": format!("mid.{id}"), "errcode": 0,
            "id": "4490709327384033", "media_id": "MEDIA-1" });
        reply(200, "application/json", taken.to_string())
    }

    /// From now on a platform has this at an address that ends so.
    pub fn keeps(&self, end: &str, file: &'static [u8]) {
        self.answers(end, &[(200, file)]);
    }

    pub fn answers(&self, end: &str, answers: &[(u16, &'static [u8])]) {
        let of = |(status, body): &(u16, &'static [u8])| (*status, Bytes::from_static(body));
        self.files.lock().unwrap().insert(end.to_owned(), answers.iter().map(of).collect());
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Waits until something that is so was said in a chat.
    pub async fn said(&self, chat: impl ToString, what: &str, holds: impl Fn(&Sent) -> bool) -> Sent {
        let chat = chat.to_string();
        let what = format!("{what} in {chat}");
        let found = async || self.sent().into_iter().find(|it| it.chat == chat && holds(it));
        eventually(&what, found).await
    }

    pub async fn told(&self, words: &str) -> Sent {
        self.said(ROOM, words, |it| it.text().contains(words)).await
    }
}

pub struct Site {
    pub platform: Platform,
    pub world: Arc<World>,
    pub shop: Shop,
}

impl Site {
    /// A store whose sales team sits on Telegram; it is reached at https://clerk.example, or at no address.
    pub async fn new(channels: &[&str], is_public: bool) -> Self {
        let world = Arc::new(World::default());
        let there = world.clone();
        let platform = Platform::answering(move |request| there.answer(request)).await;
        let shop = shop_on(channels, &platform);
        if is_public {
            shop.edit("nightclerk.toml", "[server]", "[server]\npublic_url = \"https://clerk.example\"");
        }
        shop.write("hours.toml", "timezone = \"Asia/Shanghai\"\n[[shift]]\nfrom = \"00:00\"\nuntil = \"24:00\"\n");
        shop.write(
            "store.toml",
            &format!(
                "[store]\nname = \"Night Tea House\"\nlanguage = \"en\"\n[limits]\nreplies = 0\n[routing]\nperson = \"sales\"\n\
                 [morning]\nenabled = false\n[[team]]\nname = \"sales\"\ntitle = {{ en = \"our sales team\" }}\nchannel = \"tg\"\n\
                 chat = \"{ROOM}\"\n[[person]]\nname = \"mei\"\ntitle = {{ en = \"Mei\" }}\nteam = \"sales\"\n\
                 channel = \"tg\"\naccount = \"{MEI}\"\n"
            ),
        );
        Self { platform, world, shop }
    }

    /// Mei has the customer who has just asked for a person; the card of it.
    pub async fn taken(&self, daemon: &Daemon) -> Sent {
        let card = self.world.told("talk to a person").await;
        colleague(daemon, 1, &card, json!({ "text": "/take" })).await;
        self.world.told("now; what they write comes here").await;
        card
    }

    pub async fn line_customer(&self, daemon: &Daemon) -> Sent {
        daemon.line(json!([line_text("E1", "Uana", "hello")])).await;
        daemon.line(json!([line_text("E2", "Uana", "I want to talk to a person")])).await;
        self.taken(daemon).await
    }

    pub fn keeps_its_secrets(&self) {
        let log = self.shop.log();
        for secret in [TELEGRAM_TOKEN, "line-token", "wechat-access", "wechat-secret", "meta-token"] {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
    }
}

/// Mei answers a message in the group.
pub async fn colleague(daemon: &Daemon, update: i64, quoted: &Sent, mut more: Value) {
    more["from"] = json!({ "id": MEI, "is_bot": false, "first_name": "Mei" });
    more["reply_to_message"] = json!({ "message_id": quoted.id, "chat": { "id": ROOM }, "date": 1 });
    assert!(daemon.telegram(in_telegram_group(update, ROOM, more)).await.status.is_success());
}

pub fn photo(id: &str) -> Value {
    json!({ "photo": [{ "file_id": "small" }, { "file_id": id }] })
}

pub fn line_picture(event: &str, id: &str) -> Value {
    let message = json!({ "id": id, "type": "image", "contentProvider": { "type": "line" } });
    json!([line_event(event, "Uana", json!({ "type": "message", "message": message }))])
}
