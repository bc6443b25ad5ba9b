//! What a visitor of the web chat may rely on.

mod harness;

use harness::{Daemon, PATIENCE, Shop};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedReadHalf},
    time::timeout,
};

/// Longer than a second answer would need.
const QUIET: std::time::Duration = std::time::Duration::from_secs(1);

fn shop() -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", "[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n");
    shop
}

/// Loads the page as a browser does, and returns the visitor's cookie.
async fn visit(daemon: &Daemon) -> String {
    let page = daemon.get("/chat/").await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("chat.js"));
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

async fn say(daemon: &Daemon, cookie: &str, id: &str, text: &str) -> StatusCode {
    let headers = [("cookie", cookie), ("content-type", "application/json")];
    let body = json!({ "id": id, "text": text }).to_string();
    daemon.post("/chat/messages", &headers, body).await.unwrap().status
}

/// An open event stream.
struct Events(
    BufReader<OwnedReadHalf>,
    #[allow(dead_code, reason = "keeps the stream open")] tokio::net::tcp::OwnedWriteHalf,
);

impl Events {
    async fn open(daemon: &Daemon, cookie: &str, after: Option<i64>) -> Self {
        let (read, mut write) = TcpStream::connect(&daemon.public).await.unwrap().into_split();
        let last = after.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /chat/events HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n{last}\r\n", daemon.public);
        write.write_all(head.as_bytes()).await.unwrap();
        Self(BufReader::new(read), write)
    }

    async fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let read = timeout(PATIENCE, self.0.read_line(&mut line)).await.expect("an event in time").unwrap();
            assert_ne!(read, 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_visitor_talks_to_the_clerk_and_misses_nothing_across_a_reload() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, None).await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    let welcome = events.next().await;
    assert!(welcome["content"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{welcome}");
    drop(events);
    assert_eq!(say(&daemon, &cookie, "2", "你们发到国外吗").await, StatusCode::ACCEPTED);
    daemon.kill();
    let daemon = shop.start().await;
    let mut events = Events::open(&daemon, &cookie, welcome["id"].as_i64()).await;
    let answer = events.next().await;
    assert!(answer["id"].as_i64() > welcome["id"].as_i64(), "{answer}");
}

#[tokio::test]
async fn the_web_chat_works_under_any_id_and_where_there_is_none_no_page_promises_one() {
    let shop = Shop::new();
    shop.write("channels.toml", "[[channel]]\nid = \"my-chat\"\nkind = \"webchat\"\npath_token = \"gate\"\n");
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, None).await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    assert!(!events.next().await["content"].is_null());
    assert!(shop.log().contains("/chat/"), "its address is told");

    let shop = Shop::new();
    let daemon = shop.start().await;
    assert_eq!(daemon.get("/chat/").await.unwrap().status, StatusCode::NOT_FOUND);
    assert!(!shop.log().contains("/chat/"), "{}", shop.log());
}

#[tokio::test]
async fn a_message_sent_twice_by_a_shaky_connection_is_answered_once() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    for _ in 0..2 {
        assert_eq!(say(&daemon, &cookie, "same", "你们发到国外吗").await, StatusCode::ACCEPTED);
    }
    assert_eq!(say(&daemon, &cookie, "last", "谢谢").await, StatusCode::ACCEPTED);
    let mut events = Events::open(&daemon, &cookie, None).await;
    let mut said = Vec::new();
    while let Ok(event) = timeout(QUIET, events.next()).await {
        said.push(event["content"].to_string());
    }
    let answers = said.iter().filter(|words| words.contains("海外")).count();
    assert_eq!(answers, 1, "the question is answered once: {said:?}");
    assert!(said.len() > answers, "and the other message too: {said:?}");
}

#[tokio::test]
async fn one_visitor_never_sees_anothers_conversation_and_strangers_are_refused() {
    let shop = shop();
    let daemon = shop.start().await;
    let (ana, bob) = (visit(&daemon).await, visit(&daemon).await);
    assert_ne!(ana, bob);
    let mut of_bob = Events::open(&daemon, &bob, None).await;
    assert_eq!(say(&daemon, &ana, "1", "my secret question").await, StatusCode::ACCEPTED);
    assert_eq!(say(&daemon, &bob, "1", "hello").await, StatusCode::ACCEPTED);
    let seen = of_bob.next().await.to_string();
    assert!(!seen.contains("secret"), "{seen}");

    assert_eq!(say(&daemon, "nc_visitor=guess", "1", "hi").await, StatusCode::UNAUTHORIZED);
    let foreign = [("cookie", ana.as_str()), ("content-type", "application/json"), ("origin", "https://evil.example")];
    let answer = daemon.post("/chat/messages", &foreign, r#"{"id":"2","text":"hi"}"#).await.unwrap();
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
