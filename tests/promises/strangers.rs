//! What strangers may take of the public side, and how they are told: memory, connections, descriptors.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use crate::harness::{
    Daemon, PATIENCE,
    generic::{message, replies, shop_talking_to},
    platform::Platform,
    sign, visitor,
};
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends these bytes, and reads what is answered until the other end has no more to say.
async fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let spoken = async {
        // The other end may have heard enough.
        let _ = writing.write_all(bytes).await;
    };
    let heard = reading.read_to_end(&mut answer);
    let (_, heard) = tokio::time::timeout(PATIENCE, async { tokio::join!(spoken, heard) }).await.expect("an end");
    heard.unwrap_or_else(|error| panic!("{error}, after {}", String::from_utf8_lossy(&answer)));
    String::from_utf8_lossy(&answer).into_owned()
}

fn memory_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_is_no_http_and_what_is_too_large_is_answered_with_its_status() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let large_head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(100_000));
    let large_body = format!("POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 3 << 20);
    let in_pieces = "POST /hooks/shop HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    let pieces = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(40);
    for (what, request, status) in [
        ("garbage", b"GARBAGE\r\n\r\n".to_vec(), "400"),
        ("a line without a version", b"GET /\r\n\r\n".to_vec(), "400"),
        ("no length", b"POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(), "400"),
        ("a name with a blank", b"GET / HTTP/1.1\r\nho st: x\r\n\r\n".to_vec(), "400"),
        ("a large head", large_head.into_bytes(), "431"),
        ("a body that says it is large", [large_body.as_bytes(), &vec![b'x'; 3 << 20]].concat(), "413"),
        ("a body that proves to be", [in_pieces.as_bytes(), pieces.as_bytes()].concat(), "413"),
    ] {
        let answer = raw(&daemon.public, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
    }
}

#[tokio::test]
async fn bodies_that_never_end_fill_no_memory_and_nobody_else_waits_for_them() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[server]", "[server]\nbody_timeout = \"10m\"");
    let daemon = shop.start().await;
    let before = memory_kb(daemon.pid());
    let mut unfinished = Vec::new();
    let almost = vec![b'x'; (1 << 20) - 1];
    let head = format!("POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 1 << 20);
    for _ in 0..250 {
        let mut stream = TcpStream::connect(&daemon.public).await.unwrap();
        unfinished.push(tokio::spawn({
            let (head, almost) = (head.clone(), almost.clone());
            async move {
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&almost).await;
                let mut answer = [0; 12];
                let _ = stream.read_exact(&mut answer).await;
                String::from_utf8_lossy(&answer).into_owned()
            }
        }));
    }
    // The first of those that came last is shown out only once the budget is used up.
    crate::harness::eventually("the budget to be used up", async || {
        unfinished.iter().any(|it| it.is_finished()).then_some(())
    })
    .await;
    let sent = daemon.webhook("m1", "message.received", message("m1", "ana", "hello")).await.unwrap();
    assert_eq!(sent.status, 202);
    let taken = memory_kb(daemon.pid()) - before;
    assert!(taken < 200 * 1024, "{taken} kB for 250 MB of bodies");
    for it in unfinished {
        if it.is_finished() {
            assert_eq!(it.await.unwrap(), "HTTP/1.1 503", "whoever made room hears why");
        } else {
            it.abort();
        }
    }
}

#[tokio::test]
async fn bodies_that_come_slowly_and_callers_who_say_no_more_make_room_when_the_house_is_full() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let limits = "[server]\nmax_connections = 20\nbody_timeout = \"10m\"\nheader_timeout = \"10m\"";
    shop.edit("nightclerk.toml", "[server]", limits);
    let daemon = shop.start().await;
    let mut kept = Vec::new();
    for part in [
        "POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf of",
        // Answered, and kept alive.
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    ] {
        for _ in 0..40 {
            let mut stream = TcpStream::connect(&daemon.public).await.unwrap();
            stream.write_all(part.as_bytes()).await.unwrap();
            kept.push(stream);
        }
        let id = part.len().to_string();
        let sent = daemon.webhook(&id, "message.received", message(&id, "ana", "hello")).await.unwrap();
        assert_eq!(sent.status, 202);
    }
}

#[tokio::test]
async fn connections_are_as_few_as_the_descriptors_in_force_and_the_operator_is_always_heard() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start_under(Command::new("sh").args(["-c", "ulimit -n 96; exec \"$0\" \"$@\""])).await;
    let mut idle = Vec::new();
    for _ in 0..150 {
        let mut stream = TcpStream::connect(&daemon.public).await.unwrap();
        stream.write_all(b"POST /hooks/shop HTTP/1.1\r\n").await.unwrap();
        idle.push(stream);
    }
    let sent = daemon.webhook("m1", "message.received", message("m1", "ana", "hello")).await.unwrap();
    assert_eq!(sent.status, 202);
    assert_eq!(daemon.admin(Method::GET, "/v1/status").await.status, 200);
    assert!(!platform.wait_for(1).await.is_empty(), "the answer leaves as well");
    shop.logged("limit of open files").await;
    let log = shop.log();
    assert!(!log.contains("could not be accepted"), "{log}");
}

#[tokio::test]
async fn a_crowd_in_the_web_chat_waits_outside_and_a_shops_webhook_does_not_wait_behind_it() {
    const CROWD: usize = 96;
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let channels = fs::read_to_string(shop.config().join("channels.toml")).unwrap();
    shop.write("channels.toml", &format!("{channels}\n[[channel]]\nid = \"chat\"\nkind = \"webchat\"\n"));
    let daemon = shop.start().await;
    let mut cookies = Vec::new();
    for _ in 0..CROWD {
        cookies.push(visitor::visit(&daemon).await);
    }
    let (daemon, answered) = (&daemon, &AtomicUsize::new(0));
    let crowd = join_all(cookies.iter().enumerate().map(async |(number, cookie)| {
        let from = format!("203.0.113.{number}");
        let long = json!({ "id": "1", "text": "where is my parcel and ".repeat(170) });
        let said = visitor::post(daemon, cookie, "messages", &[("x-forwarded-for", from.as_str())], long).await;
        assert_eq!(said.status, StatusCode::ACCEPTED);
        answered.fetch_add(1, Ordering::Relaxed);
    }));
    let webhook = async {
        crate::harness::eventually("the crowd to be there", async || {
            (answered.load(Ordering::Relaxed) > 0).then_some(())
        })
        .await;
        daemon.say("m1", "ana", "hello").await;
        answered.load(Ordering::Relaxed)
    };
    let (_, before) = tokio::join!(crowd, webhook);
    assert!(before < CROWD / 2, "{before} of {CROWD} were answered before the one who came by a platform");
}

/// Posts to the shop's webhook as a proxy does for the caller that it names, if any; signed with `id` where it is given.
async fn post_for(daemon: &Daemon, caller: Option<&str>, path: &str, id: Option<&str>) -> (StatusCode, Option<u64>) {
    let body = json!({ "type": "message.received", "data": message(id.unwrap_or("x"), "ana", "hello") }).to_string();
    let mut headers = id.map(|id| sign::standard(id, &body).to_vec()).unwrap_or_default();
    headers.extend(caller.map(|caller| ("x-forwarded-for", caller.to_owned())));
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = daemon.post(path, &headers, body).await.unwrap();
    let retry_after = answer.headers.get("retry-after").map(|it| it.to_str().unwrap().parse().unwrap());
    (answer.status, retry_after)
}

/// How many of a flood were told to wait; the first were told what is wrong with them.
async fn flood(daemon: &Daemon, caller: Option<&str>, path: &str, first: StatusCode) -> usize {
    let mut told_to_wait = 0;
    for number in 0..200 {
        match post_for(daemon, caller, path, None).await {
            (StatusCode::TOO_MANY_REQUESTS, Some(1..=60)) => told_to_wait += 1,
            (status, None) if status == first => {}
            other => panic!("{number}: {other:?}"),
        }
        assert!(number > 0 || told_to_wait == 0, "a slip is told as what it is");
    }
    told_to_wait
}

#[tokio::test]
async fn a_stranger_who_floods_is_turned_away_before_a_body_is_read_and_the_platforms_go_on() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let stranger = Some("203.0.113.9");
    assert!(flood(&daemon, stranger, "/hooks/shop", StatusCode::UNAUTHORIZED).await > 100);
    let unfinished =
        "POST /hooks/shop HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 203.0.113.9\r\ncontent-length: 1000\r\n\r\n";
    let answer = raw(&daemon.public, unfinished.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 429 ") && answer.to_lowercase().contains("retry-after: "), "{answer}");
    // Hundreds of genuine ones from few addresses, in the middle of it.
    let mut told_to_wait = 0;
    for number in 0..150 {
        let id = format!("m{number}");
        let signed = post_for(&daemon, Some("198.51.100.7"), "/hooks/shop", Some(&id)).await;
        assert_eq!(signed, (StatusCode::ACCEPTED, None), "{number}");
        let refused = post_for(&daemon, stranger, "/hooks/shop", None).await.0;
        told_to_wait += usize::from(refused == StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.is_client_error(), "{refused}");
    }
    assert!(told_to_wait > 100, "{told_to_wait}");
    let other = post_for(&daemon, Some("203.0.113.10"), "/hooks/shop", None).await;
    assert_eq!(other.0, StatusCode::UNAUTHORIZED, "another address has a budget of its own");
}

#[tokio::test]
async fn who_is_known_as_genuine_is_heard_whatever_else_comes_from_the_same_address() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    // A platform's address, and that of a proxy which does not say for whom it calls.
    for (number, caller) in [Some("198.51.100.7"), None].into_iter().enumerate() {
        let id = |name: &str| format!("{name}{number}");
        assert_eq!(post_for(&daemon, caller, "/hooks/shop", Some(&id("before"))).await.0, StatusCode::ACCEPTED);
        assert!(flood(&daemon, caller, "/hooks/shop", StatusCode::UNAUTHORIZED).await > 100);
        assert_eq!(post_for(&daemon, caller, "/hooks/shop", Some(&id("after"))).await.0, StatusCode::ACCEPTED);
    }
}

#[tokio::test]
async fn a_flood_from_a_genuine_senders_address_is_refused_late_and_the_sender_heard_at_once() {
    const FLOODING: usize = 16;
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let genuine = async |id: &str| post_for(&daemon, None, "/hooks/shop", Some(id)).await.0;
    assert_eq!(genuine("before").await, StatusCode::ACCEPTED);
    let until = Instant::now() + Duration::from_secs(4);
    let flood = join_all((0..FLOODING).map(async |_| {
        let mut answers = 0;
        while Instant::now() < until {
            assert!(post_for(&daemon, None, "/hooks/shop", None).await.0.is_client_error());
            answers += 1;
        }
        answers
    }));
    let (answers, heard) = tokio::join!(flood, genuine("meanwhile"));
    assert_eq!(heard, StatusCode::ACCEPTED);
    // Some hundreds at once, ten a second, and each of them once a second.
    let answers: usize = answers.iter().sum();
    assert!((200..500).contains(&answers), "{answers} answers to a flood");
}

#[tokio::test]
async fn names_and_path_tokens_are_not_guessed_at_length() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("channels.toml", "id = \"shop\"", "id = \"shop\"\npath_token = \"open-sesame\"");
    let daemon = shop.start().await;
    for (caller, path) in [("203.0.113.1", "/hooks/nobody"), ("203.0.113.2", "/hooks/shop/guess")] {
        assert!(flood(&daemon, Some(caller), path, StatusCode::NOT_FOUND).await > 100);
    }
    let known = post_for(&daemon, Some("198.51.100.7"), "/hooks/shop/open-sesame", Some("m1")).await;
    assert_eq!(known.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn the_budget_of_refusals_is_the_owners_to_set() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[server]", "[server]\nrefused_per_minute = 2");
    let daemon = shop.start().await;
    assert!(flood(&daemon, Some("203.0.113.9"), "/hooks/shop", StatusCode::UNAUTHORIZED).await >= 195);
    shop.edit("nightclerk.toml", "refused_per_minute = 2", "refused_per_minute = 0");
    let checked = shop.run(&["check"]);
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(!checked.status.success() && said.contains("refused_per_minute"), "{said}");
}

#[tokio::test]
async fn ids_that_are_too_long_become_no_keys_of_the_store() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let long = "x".repeat(400_000);
    for data in [
        message(&long, "ana", "hello"),
        message("m1", &long, "hello"),
        json!({ "id": "m2", "chat_id": "ana", "sender": { "id": long }, "text": "hello" }),
    ] {
        let answer = daemon.webhook("d1", "message.received", data).await.unwrap();
        assert_eq!(
            (answer.status, answer.text().contains("512")),
            (StatusCode::BAD_REQUEST, true),
            "{}",
            answer.text()
        );
    }
    let answer =
        daemon.webhook("o1", "order.placed", json!({ "id": long, "customer": { "id": "ana" } })).await.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    // A delivery's own id is only compared: a long one is as good as any, and known again.
    let delivery = "d".repeat(4000);
    for _ in 0..2 {
        let answer = daemon.webhook(&delivery, "message.received", message("m3", "ana", "hello")).await.unwrap();
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }
    // What is no plain word in an id comes back as it was given, and steers nothing on the way.
    let hostile = "\u{1b}]0;owned\u{7}\u{202e}../../%00'; DROP TABLE events; --\u{0}";
    let answer = daemon.webhook("d3", "message.received", message(hostile, "ben", "hello")).await.unwrap();
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    platform.wait_for(2).await;
    let received = platform.after_quiet().await;
    let chats: Vec<_> = replies(&received).into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(
        chats.iter().filter(|chat| *chat == "ana").count(),
        chats.len() / 2,
        "each was answered once: {chats:?}"
    );
    assert!(received.iter().any(|it| it.json()["data"]["in_reply_to"] == json!(hostile)));
    let page: Bytes = daemon.admin(Method::GET, "/v1/status").await.body;
    assert!(!page.contains(&0x1b));
}
