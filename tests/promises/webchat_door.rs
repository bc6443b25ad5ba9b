//! Who is let into the web chat, from which sites, and how much: what keeps strangers from doing harm, and owners from
//! puzzling.

use std::time::{Duration, Instant};

use crate::harness::{
    nginx::Nginx,
    visitor::{Events, cookie_of, get, history, lines, post, say, shop, shop_with, visit},
};
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

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
    shop.logged("allowed_origins").await;
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
    shop.logged("public_url").await;
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
    shop.logged("web chat at https://chat.example/chat/").await;
    let page = daemon.get("/chat/").await.unwrap();
    assert!(page.headers["set-cookie"].to_str().unwrap().ends_with("SameSite=Lax; Secure"));
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
    shop.logged("faster than people do").await;
}

#[tokio::test]
async fn who_goes_on_though_told_to_wait_is_answered_late_and_others_at_once() {
    const FLOODING: usize = 16;
    let shop = shop();
    let daemon = shop.start().await;
    let (eve, ana) = (visit(&daemon).await, visit(&daemon).await);
    let until = Instant::now() + Duration::from_secs(4);
    let flood = join_all((0..FLOODING).map(async |number| {
        let mut answers = 0;
        while Instant::now() < until {
            say(&daemon, &eve, &format!("{number}-{answers}"), "again").await;
            answers += 1;
        }
        answers
    }));
    let honest = async {
        let from_elsewhere = [("x-forwarded-for", "203.0.113.7")];
        let hello = json!({ "id": "1", "text": "hello" });
        post(&daemon, &ana, "messages", &from_elsewhere, hello).await.status
    };
    let (answers, honest) = tokio::join!(flood, honest);
    assert_eq!(honest, StatusCode::ACCEPTED);
    // Some hundreds at once, ten a second, and each of them once a second.
    let answers: usize = answers.iter().sum();
    assert!((200..500).contains(&answers), "{answers} answers to a flood");
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
    shop.logged("public_url").await;
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

#[tokio::test]
async fn a_page_that_only_listens_costs_little_memory_which_is_used_again_when_it_leaves() {
    const PAGES: usize = 800;
    let shop = shop();
    let daemon = shop.start().await;
    let listen = async |pages: usize| {
        let mut streams = Vec::new();
        for _ in 0..pages {
            let mut events = Events::open(&daemon, &visit(&daemon).await, "").await;
            while events.line().await.unwrap() != "retry: 1000\n" {}
            streams.push(events);
        }
        streams
    };
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
    };
    // What is made once, whoever comes.
    drop(listen(50).await);
    let before = memory();
    let streams = listen(PAGES).await;
    let a_page = memory().saturating_sub(before) / PAGES;
    assert!(a_page < 10_000, "{a_page} bytes a page");
    drop(streams);
    let _streams = listen(PAGES).await;
    let a_page = memory().saturating_sub(before) / PAGES;
    assert!(a_page < 12_000, "{a_page} bytes a page, those of the pages that left among them");
}
