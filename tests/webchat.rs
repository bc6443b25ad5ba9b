//! What a visitor of the web chat, and the shop whose chat it is, may rely on.

mod harness;

use harness::{Answer, Daemon, PATIENCE, Shop, eventually, generic, nginx::Nginx, platform::Platform};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedReadHalf},
    time::timeout,
};

/// Longer than a second answer would need.
const QUIET: std::time::Duration = std::time::Duration::from_secs(1);
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n not much of a picture";

fn shop() -> Shop {
    shop_with("")
}

fn shop_with(settings: &str) -> Shop {
    let shop = Shop::new();
    shop.write("channels.toml", &format!("[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n{settings}\n"));
    shop
}

fn cookie_of(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// Loads the page as a browser does, and returns the visitor's cookie.
async fn visit(daemon: &Daemon) -> String {
    let page = daemon.get("/chat/").await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("chat.js"));
    assert!(page.headers["set-cookie"].to_str().unwrap().contains("HttpOnly; Max-Age=31536000; SameSite=Lax"));
    cookie_of(&page)
}

async fn post(daemon: &Daemon, cookie: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let headers = [&[("cookie", cookie), ("content-type", "application/json")], headers].concat();
    daemon.post(&format!("/chat/{path}"), &headers, body.to_string()).await.unwrap()
}

async fn say(daemon: &Daemon, cookie: &str, id: &str, text: &str) -> StatusCode {
    post(daemon, cookie, "messages", &[], json!({ "id": id, "text": text })).await.status
}

async fn get(daemon: &Daemon, path: &str, headers: &[(&str, &str)]) -> Answer {
    daemon.call(Method::GET, &format!("http://{}/chat/{path}", daemon.public), headers, "".into()).await.unwrap()
}

async fn history(daemon: &Daemon, cookie: &str) -> Value {
    get(daemon, "history", &[("cookie", cookie)]).await.json()
}

/// Who said it, what it is called, and its words.
fn lines(history: &Value) -> Vec<(String, String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let lines = history["lines"].as_array().unwrap();
    lines.iter().map(|it| (text(&it["from"]), text(&it["id"]), text(&it["content"]["text"]))).collect()
}

/// An open event stream.
struct Events {
    read: BufReader<OwnedReadHalf>,
    _write: tokio::net::tcp::OwnedWriteHalf,
    /// The last id, as a browser keeps it.
    last: String,
}

impl Events {
    async fn open(daemon: &Daemon, cookie: &str, after: &str) -> Self {
        Self::open_at(&daemon.public, cookie, after).await
    }

    async fn open_at(address: &str, cookie: &str, after: &str) -> Self {
        let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
        let head = format!(
            "GET /chat/events HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nlast-event-id: {after}\r\n\r\n"
        );
        write.write_all(head.as_bytes()).await.unwrap();
        Self { read: BufReader::new(read), _write: write, last: after.to_owned() }
    }

    /// The next line of the stream; `None` at its end.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.read.read_line(&mut line)).await.expect("an event in time").unwrap();
        if let Some(id) = line.strip_prefix("id: ") {
            self.last = id.trim().to_owned();
        }
        (read > 0).then_some(line)
    }

    /// The next line of the conversation.
    async fn next(&mut self) -> Value {
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
    async fn answer(&mut self) -> Value {
        loop {
            let line = self.next().await;
            if line["from"] == "clerk" {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn a_visitor_talks_to_the_clerk_and_misses_nothing_across_a_reload() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    let welcome = events.answer().await;
    assert!(welcome["content"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{welcome}");
    let last = eventually("a cursor", async || {
        let _ = timeout(QUIET / 10, events.line()).await;
        (!events.last.is_empty()).then(|| events.last.clone())
    })
    .await;
    drop(events);
    assert_eq!(say(&daemon, &cookie, "2", "你们发到国外吗").await, StatusCode::ACCEPTED);
    daemon.kill();
    let daemon = shop.start().await;
    let mut events = Events::open(&daemon, &cookie, &last).await;
    let own = events.next().await;
    assert_eq!((own["from"].as_str(), own["id"].as_str()), (Some("visitor"), Some("2")), "and nothing of before");
    assert!(events.answer().await["content"]["text"].as_str().unwrap().contains("海外"));
    // By the id of a line alone it goes on behind that line.
    let mut events = Events::open(&daemon, &cookie, "2").await;
    assert_eq!(events.next().await["from"], "clerk");
}

#[tokio::test]
async fn what_was_said_is_there_after_a_reload_and_in_a_second_tab_once_and_under_the_same_name() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut second_tab = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "q1", "do you ship abroad?").await, StatusCode::ACCEPTED);
    let (own, answer) = (second_tab.next().await, second_tab.answer().await);
    assert_eq!((own["id"].as_str(), own["content"]["text"].as_str()), (Some("q1"), Some("do you ship abroad?")));
    let first = history(&daemon, &cookie).await;
    assert_eq!(first["language"], "en");
    let said = lines(&first);
    assert_eq!(said.iter().filter(|(from, ..)| from == "visitor").count(), 1);
    assert_eq!(said[0].1, "q1", "the question comes before its answer: {said:?}");
    assert!(said.iter().any(|(_, id, _)| *id == answer["id"]), "{said:?}");
    assert_eq!(lines(&history(&daemon, &cookie).await), said);
    daemon.kill();
    let daemon = shop.start().await;
    assert_eq!(lines(&history(&daemon, &cookie).await), said, "also after a restart");
}

#[tokio::test]
async fn the_web_chat_works_under_any_id_and_where_there_is_none_no_page_promises_one() {
    let shop = Shop::new();
    shop.write("channels.toml", "[[channel]]\nid = \"mychat\"\nkind = \"webchat\"\npath_token = \"gate\"\n");
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "你好").await, StatusCode::ACCEPTED);
    assert!(!events.answer().await["content"].is_null());
    assert!(shop.log().contains(&format!("http://{}/chat/", daemon.public)), "its address is told");
    // Nobody gets past the limits by the other door.
    for path in ["/hooks/mychat/gate/messages", "/hooks/mychat/messages"] {
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
        let answer = daemon.post(path, &headers, r#"{"id":"2","text":"hi"}"#).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }

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
    let mut events = Events::open(&daemon, &cookie, "").await;
    let mut said = Vec::new();
    while let Ok(event) = timeout(QUIET, events.answer()).await {
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
    let mut of_bob = Events::open(&daemon, &bob, "").await;
    assert_eq!(say(&daemon, &ana, "1", "my secret question").await, StatusCode::ACCEPTED);
    assert_eq!(say(&daemon, &bob, "1", "hello").await, StatusCode::ACCEPTED);
    let seen = of_bob.answer().await.to_string();
    assert!(!seen.contains("secret"), "{seen}");
    assert!(!history(&daemon, &bob).await.to_string().contains("secret"));

    for made_up in ["nc_visitor=guess", "nc_visitor=0123456789abcdef0123456789abcdef", ""] {
        assert_eq!(say(&daemon, made_up, "1", "hi").await, StatusCode::UNAUTHORIZED, "{made_up}");
        for path in ["events", "history"] {
            let answer = get(&daemon, path, &[("cookie", made_up)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{made_up}");
        }
    }
    let foreign = [("origin", "https://evil.example")];
    let answer = post(&daemon, &ana, "messages", &foreign, json!({ "id": "2", "text": "hi" })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let headers = [("cookie", ana.as_str()), ("content-type", content_type)];
        let answer = daemon.post("/chat/messages", &headers, r#"{"id":"3","text":"hi"}"#).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "what a foreign form can send");
    }
}

#[tokio::test]
async fn the_chat_is_part_of_the_sites_that_the_owner_allows_and_of_no_others() {
    let shop = shop_with("allowed_origins = [\"https://shop.example\"]");
    let daemon = shop.start().await;
    let frame = |site| [("sec-fetch-site", site), ("sec-fetch-dest", "iframe")];
    let page = get(&daemon, "?embedded", &frame("cross-site")).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors 'self' https://shop.example"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("HttpOnly; Max-Age=31536000; SameSite=None; Secure; Partitioned"), "{cookie}");
    let page = get(&daemon, "?embedded", &frame("same-site")).await;
    assert!(page.headers["set-cookie"].to_str().unwrap().ends_with("SameSite=Lax"));

    let ask = async |method: Method, path: &str, origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        daemon.call(method, &format!("http://{}/chat/{path}", daemon.public), &headers, "".into()).await.unwrap()
    };
    let preflight = ask(Method::OPTIONS, "messages", "https://shop.example").await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers["access-control-allow-origin"], "https://shop.example");
    assert_eq!(preflight.headers["access-control-allow-credentials"], "true");
    let store = ask(Method::GET, "store", "https://shop.example").await;
    assert_eq!(store.headers["access-control-allow-origin"], "https://shop.example");
    assert!(store.headers.get_all("vary").iter().any(|it| it.to_str().unwrap().contains("Origin")));

    for method in [Method::OPTIONS, Method::GET] {
        let refused = ask(method, "store", "https://evil.example").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text().contains("allowed_origins"), "its developer reads why: {}", refused.text());
        assert!(!refused.headers.contains_key("access-control-allow-credentials"));
    }
    assert!(shop.log().contains("allowed_origins"), "and the owner: {}", shop.log());
    let script = daemon.get("/chat/widget.js").await.unwrap();
    assert_eq!(script.headers["cross-origin-resource-policy"], "cross-origin");
}

#[tokio::test]
async fn behind_a_proxy_that_hides_the_address_the_owner_is_told_what_to_write() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let hidden = [("origin", "https://chat.example")];
    let hello = json!({ "id": "1", "text": "hi" });
    let refused = post(&daemon, &cookie, "messages", &hidden, hello.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for words in [refused.text(), shop.log()] {
        assert!(words.contains("public_url") && words.contains("Host"), "{words}");
    }
    for way in [("sec-fetch-site", "same-origin"), ("x-forwarded-host", "chat.example")] {
        let taken = post(&daemon, &cookie, "messages", &[hidden[0], way], hello.clone()).await;
        assert_eq!(taken.status, StatusCode::ACCEPTED, "{way:?}");
    }
    daemon.kill();
    shop.edit("nightclerk.toml", "[server]", "[server]\npublic_url = \"https://chat.example/\"");
    let daemon = shop.start().await;
    assert_eq!(post(&daemon, &cookie, "messages", &hidden, hello).await.status, StatusCode::ACCEPTED);
    assert!(shop.log().contains("web chat at https://chat.example/chat/"), "{}", shop.log());
    let page = daemon.get("/chat/").await.unwrap();
    assert!(page.headers["set-cookie"].to_str().unwrap().ends_with("SameSite=Lax; Secure"));
}

/// `printf %s 42 | openssl dgst -sha256 -hmac "shop secret"`
const OF_42: &str = "7e8ded12662d7c4a16b1e18aa094fe3e125b5b6e1b53c094971c4ab55bf20532";

#[tokio::test]
async fn a_customer_whom_the_shop_signs_for_reads_of_their_own_orders_and_nobody_else_does() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    shop.write(
        "channels.toml",
        &format!(
            "{}\n[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\nidentity_secret = \"shop secret\"\n",
            generic::channel(&platform.url())
        ),
    );
    let daemon = shop.start().await;
    let order = json!({ "id": "A10023", "channel": "webchat", "chat_id": "42", "total": "99.00", "currency": "CNY" });
    daemon.order("o1", "order.paid", order).await;

    let stranger = visit(&daemon).await;
    let who = |hmac: &str| json!({ "id": "42", "hmac": hmac, "name": "Ana" });
    let refused = post(&daemon, &stranger, "identify", &[], who(&"0".repeat(64))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let known = post(&daemon, &stranger, "identify", &[], who(OF_42)).await;
    assert_eq!(known.status, StatusCode::NO_CONTENT, "{}", known.text());
    let customer = cookie_of(&known);
    for (cookie, knows) in [(&customer, true), (&stranger, false)] {
        let mut events = Events::open(&daemon, cookie, "").await;
        assert_eq!(say(&daemon, cookie, "where", "where is my order A10023?").await, StatusCode::ACCEPTED);
        let told = async {
            loop {
                let answer = events.answer().await["content"]["text"].to_string();
                if answer.contains("A10023") && (answer.contains("paid") || answer.contains("Paid")) {
                    return answer;
                }
            }
        };
        assert_eq!(timeout(QUIET * 3, told).await.is_ok(), knows);
    }
    // Who leaves is a stranger again, with a new conversation.
    let headers = [("cookie", customer.as_str()), ("content-type", "application/json")];
    let left = daemon.post("/chat/identify", &headers, "").await.unwrap();
    assert_eq!(history(&daemon, &cookie_of(&left)).await["lines"], json!([]));
}

#[tokio::test]
async fn a_flood_is_stopped_before_anything_is_written_and_others_are_answered() {
    let shop = shop();
    let daemon = shop.start().await;
    let (eve, ana) = (visit(&daemon).await, visit(&daemon).await);
    assert_eq!(say(&daemon, &ana, "0", "hi").await, StatusCode::ACCEPTED);
    let mut taken = 0;
    for n in 0..60 {
        let answer = post(&daemon, &eve, "messages", &[], json!({ "id": n.to_string(), "text": "again" })).await;
        if answer.status == StatusCode::ACCEPTED {
            taken += 1;
        } else {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
            assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().is_ok_and(|it| it > 0));
        }
    }
    assert!(taken < 60, "{taken}");
    assert_eq!(lines(&history(&daemon, &eve).await).iter().filter(|it| it.0 == "visitor").count(), taken);
    assert_eq!(say(&daemon, &ana, "1", "hello").await, StatusCode::ACCEPTED, "another visitor");
    assert!(shop.log().contains("faster than people do"), "{}", shop.log());
}

#[tokio::test]
async fn a_stranger_cannot_make_conversations_without_end() {
    let shop = shop();
    let daemon = shop.start().await;
    let mut taken = 0;
    for n in 0..150 {
        let cookie = visit(&daemon).await;
        taken += usize::from(say(&daemon, &cookie, &n.to_string(), "hi").await == StatusCode::ACCEPTED);
    }
    assert!((60..100).contains(&taken), "{taken}");
    let regular = visit(&daemon).await;
    let headers = [("x-forwarded-for", "203.0.113.7")];
    let answer = post(&daemon, &regular, "messages", &headers, json!({ "id": "1", "text": "hi" })).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "from another address, as the proxy says");
}

#[tokio::test]
async fn open_pages_never_take_the_room_of_webhooks() {
    let shop = shop();
    shop.edit("nightclerk.toml", "[server]", "[server]\nmax_connections = 40");
    let daemon = shop.start().await;
    let mut open = Vec::new();
    for _ in 0..60 {
        let cookie = visit(&daemon).await;
        open.push(Events::open(&daemon, &cookie, "").await);
    }
    let mut refused = 0;
    for events in &mut open {
        let status = events.line().await.unwrap_or_default();
        refused += usize::from(status.starts_with("HTTP/1.1 503"));
    }
    assert!(refused >= 40, "{refused}");
    assert_eq!(daemon.get("/readyz").await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn of_one_visitors_many_pages_the_newest_read_on_and_the_oldest_are_told() {
    let shop = shop();
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut oldest = Events::open(&daemon, &cookie, "").await;
    while oldest.line().await.unwrap() != "retry: 1000\n" {}
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut events = Events::open(&daemon, &cookie, "").await;
        while events.line().await.unwrap() != "retry: 1000\n" {}
        others.push(events);
    }
    let mut told = false;
    while let Some(line) = oldest.line().await {
        told |= line == "event: elsewhere\n";
    }
    assert!(told, "and then it ends");
    assert_eq!(say(&daemon, &cookie, "1", "hi").await, StatusCode::ACCEPTED);
    for events in &mut others {
        assert_eq!(events.next().await["id"], "1");
    }
}

#[tokio::test]
async fn a_picture_is_seen_by_its_visitor_and_the_operator_and_goes_when_it_is_forgotten() {
    let shop = shop();
    let daemon = shop.start().await;
    let (ana, bob) = (visit(&daemon).await, visit(&daemon).await);
    let send = async |cookie: &str, kind: &str, picture: &'static [u8]| {
        let headers = [("cookie", cookie), ("content-type", kind), ("message-id", "p1")];
        daemon.post("/chat/pictures", &headers, picture).await.unwrap().status
    };
    assert_eq!(send(&ana, "image/png", PNG).await, StatusCode::ACCEPTED);
    assert_eq!(send(&ana, "image/png", PNG).await, StatusCode::ACCEPTED, "sent again it is the same");
    assert_eq!(send(&bob, "image/png", b"<html>not a picture").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send(&bob, "text/html", PNG).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send("", "image/png", PNG).await, StatusCode::UNAUTHORIZED);
    let said = history(&daemon, &ana).await;
    let own: Vec<_> = said["lines"].as_array().unwrap().iter().filter(|it| it["from"] == "visitor").collect();
    assert_eq!(own.len(), 1, "{said}");
    let path = own[0]["content"]["url"].as_str().unwrap().to_owned();
    let see = async |cookie: &str| {
        let url = format!("http://{}{path}", daemon.public);
        daemon.call(Method::GET, &url, &[("cookie", cookie)], "".into()).await.unwrap()
    };
    let seen = see(&ana).await;
    assert_eq!((seen.status, &seen.body[..]), (StatusCode::OK, PNG));
    assert_eq!(seen.headers["content-type"], "image/png");
    assert_eq!(see(&bob).await.status, StatusCode::NOT_FOUND);
    let admins = path.replace("/chat/", "/v1/");
    assert_eq!(&daemon.admin(Method::GET, &admins).await.body[..], PNG);
    // The conversation, as the operator finds it.
    let event = daemon.admin(Method::GET, "/v1/explain/1").await.json();
    let chat = event["event"]["address"]["chat"].as_str().unwrap();
    daemon.admin(Method::DELETE, &format!("/v1/customers/webchat/{chat}")).await;
    assert_eq!(see(&ana).await.status, StatusCode::NOT_FOUND);
    assert_eq!(daemon.admin(Method::GET, &admins).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_shows_the_store_and_speaks_the_visitors_language() {
    let shop = shop();
    shop.edit("store.toml", "clerk = ", "colour = \"#ffdd00\"\npicture = \"https://shop.example/face.png\"\nclerk = ");
    let daemon = shop.start().await;
    let page = get(&daemon, "", &[("accept-language", "en-GB,en;q=0.8")]).await.text();
    assert!(page.contains("<html lang=\"en\"") && page.contains("<title>Night Tea House</title>"), "{page}");
    assert!(page.contains("shop.example"), "{page}");
    for (accepted, tag, send) in [("zh-TW", "zh-Hant", "傳送"), ("th,en;q=0.5", "th", "ส่ง"), ("de", "zh-Hans", "发送")]
    {
        let page = get(&daemon, "", &[("accept-language", accepted)]).await.text();
        assert!(page.contains(&format!("<html lang=\"{tag}\"")), "{accepted}");
        let store = get(&daemon, "store", &[("accept-language", accepted)]).await.json();
        assert_eq!((store["language"].as_str(), store["words"]["send"].as_str()), (Some(tag), Some(send)));
        assert_eq!((store["colour"].as_str(), store["ink"].as_str()), (Some("#ffdd00"), Some("#000000")));
    }
    for file in ["chat.css", "theme.css", "chat.js", "bubbles.js", "outgoing.js", "stream.js", "words.js", "icon.svg"] {
        let answer = get(&daemon, file, &[]).await;
        assert!(answer.status == StatusCode::OK && !answer.body.is_empty(), "{file}");
    }
    shop.write("store.toml", "[store]\nname = \"<b>&\"\ncolour = \"red; }\"\n");
    eventually("the mistake is told", async || shop.log().contains("is not a colour").then_some(())).await;
    shop.write("store.toml", "[store]\nname = \"</title><script>alert(1)</script>\"\n");
    eventually("the new name", async || {
        let page = daemon.get("/chat/").await.unwrap().text();
        page.contains("&lt;script&gt;alert(1)").then(|| assert!(!page.contains("<script>alert"), "{page}"))
    })
    .await;
}

#[tokio::test]
async fn products_come_with_what_a_card_shows() {
    let shop = shop();
    shop.edit(
        "catalogue.toml",
        "url = \"https://shop.example/t1\"",
        "url = \"https://shop.example/t1\"\npicture = \"https://shop.example/t1.jpg\"",
    );
    let daemon = shop.start().await;
    let cookie = visit(&daemon).await;
    let mut events = Events::open(&daemon, &cookie, "").await;
    assert_eq!(say(&daemon, &cookie, "1", "铁观音多少钱").await, StatusCode::ACCEPTED);
    let line = loop {
        let line = events.answer().await;
        if line["cards"].is_array() {
            break line;
        }
    };
    let card = line["cards"].as_array().unwrap().iter().find(|it| it["url"] == "https://shop.example/t1").unwrap();
    assert_eq!(
        (card["price"].as_str(), card["picture"].as_str()),
        (Some("CNY 99.00"), Some("https://shop.example/t1.jpg"))
    );
}

#[tokio::test]
async fn behind_a_bare_proxy_pass_the_chat_works_or_page_and_log_say_why_not() {
    let shop = shop();
    let daemon = shop.start().await;
    let Some(nginx) = Nginx::in_front_of(&daemon, "").await else { return };
    let own = format!("http://{}", nginx.address);
    let page = daemon.call(Method::GET, &format!("{own}/chat/"), &[], "".into()).await.unwrap();
    let cookie = cookie_of(&page);
    let say = async |id: &str, url: &str, headers: &[(&str, &str)]| {
        let headers = [&[("cookie", cookie.as_str()), ("content-type", "application/json")], headers].concat();
        let body = json!({ "id": id, "text": "hi" }).to_string();
        daemon.call(Method::POST, &format!("{url}/chat/messages"), &headers, body.into()).await.unwrap()
    };
    let told = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(say("1", &own, &told).await.status, StatusCode::ACCEPTED, "as browsers do with TLS");
    let mut events = Events::open_at(&nginx.address, &cookie, "").await;
    assert_eq!(events.next().await["id"], "1", "the stream comes through at once");
    let refused = say("2", &own, &told[..1]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "as browsers do without");
    for words in [refused.text(), shop.log()] {
        assert!(words.contains("public_url") && words.contains("Host"), "{words}");
    }

    let Some(nginx) = Nginx::in_front_of(&daemon, "proxy_set_header Host $http_host;").await else { return };
    let own = format!("http://{}", nginx.address);
    assert_eq!(say("3", &own, &[("origin", &own)]).await.status, StatusCode::ACCEPTED);
    assert_eq!(say("4", &own, &[("origin", "https://evil.example")]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn callers_who_never_finish_asking_do_not_keep_others_out() {
    let shop = shop();
    shop.edit("nightclerk.toml", "[server]", "[server]\nmax_connections = 20\nheader_timeout = \"10m\"");
    let daemon = shop.start().await;
    let mut slow = Vec::new();
    for _ in 0..60 {
        let mut stream = TcpStream::connect(&daemon.public).await.unwrap();
        stream.write_all(b"POST /hooks/shop HTTP/1.1\r\nhost: x\r\nx: ").await.unwrap();
        slow.push(stream);
    }
    let cookie = visit(&daemon).await;
    assert_eq!(say(&daemon, &cookie, "1", "hi").await, StatusCode::ACCEPTED);
}
