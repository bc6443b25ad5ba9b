//! A visitor of the web chat, as the page in a browser is one.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedReadHalf},
    time::timeout,
};

use super::{Answer, Daemon, PATIENCE, Shop};

pub fn shop() -> Shop {
    shop_with("")
}

pub fn shop_with(settings: &str) -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", &format!("[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n{settings}\n"));
    shop
}

pub fn cookie_of(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// Loads the page as a browser does, and returns the visitor's cookie.
pub async fn visit(daemon: &Daemon) -> String {
    let page = daemon.get("/chat/").await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("chat.js"));
    assert!(page.headers["set-cookie"].to_str().unwrap().contains("HttpOnly; Max-Age=31536000; SameSite=Lax"));
    cookie_of(&page)
}

pub async fn post(daemon: &Daemon, cookie: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let headers = [&[("cookie", cookie), ("content-type", "application/json")], headers].concat();
    daemon.post(&format!("/chat/{path}"), &headers, body.to_string()).await.unwrap()
}

pub async fn say(daemon: &Daemon, cookie: &str, id: &str, text: &str) -> StatusCode {
    post(daemon, cookie, "messages", &[], json!({ "id": id, "text": text })).await.status
}

pub async fn get(daemon: &Daemon, path: &str, headers: &[(&str, &str)]) -> Answer {
    daemon.call(Method::GET, &format!("http://{}/chat/{path}", daemon.public), headers, "".into()).await.unwrap()
}

pub async fn history(daemon: &Daemon, cookie: &str) -> Value {
    get(daemon, "history", &[("cookie", cookie)]).await.json()
}

/// Who said it, what it is called, and its words.
pub fn lines(history: &Value) -> Vec<(String, String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let lines = history["lines"].as_array().unwrap();
    lines.iter().map(|it| (text(&it["from"]), text(&it["id"]), text(&it["content"]["text"]))).collect()
}

/// An open event stream.
pub struct Events {
    read: BufReader<OwnedReadHalf>,
    _write: tokio::net::tcp::OwnedWriteHalf,
    /// The last id, as a browser keeps it.
    pub last: String,
}

impl Events {
    pub async fn open(daemon: &Daemon, cookie: &str, after: &str) -> Self {
        Self::open_at(&daemon.public, cookie, after).await
    }

    pub async fn open_at(address: &str, cookie: &str, after: &str) -> Self {
        let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
        let head = format!(
            "GET /chat/events HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nlast-event-id: {after}\r\n\r\n"
        );
        write.write_all(head.as_bytes()).await.unwrap();
        Self { read: BufReader::new(read), _write: write, last: after.to_owned() }
    }

    /// The next line of the stream; `None` at its end.
    pub async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.read.read_line(&mut line)).await.expect("an event in time").unwrap();
        if let Some(id) = line.strip_prefix("id: ") {
            self.last = id.trim().to_owned();
        }
        (read > 0).then_some(line)
    }

    /// The next line of the conversation.
    pub async fn next(&mut self) -> Value {
        loop {
            let line = self.line().await.expect("the stream goes on");
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let data: Value = serde_json::from_str(data).unwrap();
            if data["id"].is_string() {
                return data;
            }
        }
    }

    /// The next words of the clerk.
    pub async fn answer(&mut self) -> Value {
        loop {
            let line = self.next().await;
            if line["from"] == "clerk" {
                return line;
            }
        }
    }
}
