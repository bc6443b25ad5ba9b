//! What strangers may take of the public side, and how they are told: memory, connections, descriptors.

mod harness;

use std::{fs, process::Command};

use harness::{
    PATIENCE,
    generic::{message, shop_talking_to},
    platform::Platform,
};
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
    let daemon = shop_talking_to(&platform).start().await;
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
    harness::eventually("the budget to be used up", async || {
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
    assert_eq!(daemon.admin(http::Method::GET, "/v1/status").await.status, 200);
    assert!(!platform.wait_for(1).await.is_empty(), "the answer leaves as well");
    let log = shop.log();
    assert!(log.contains("limit of open files"), "{log}");
    assert!(!log.contains("could not be accepted"), "{log}");
}
