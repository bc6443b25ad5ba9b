//! The capability `http`, by which nobody gets into the store's own network.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::Response;
use serde_json::json;
use tokio::net::TcpListener;

use super::Night;
use crate::harness::platform::Platform;

/// Calls what the customer names, and tells what came of it.
const CALLS: &str = "
    export const manifest = { capabilities: @wishes@ };
    export function message(context, message) {
        try {
            const answer = clerk.http(message.text);
            return `= ${answer.status} ${answer.headers.location ?? ''} ${answer.body ?? ''}`;
        } catch (error) {
            return `= refused: ${error.message}`;
        }
    }";

async fn night_with(wishes: &[String]) -> Night {
    let wishes = [&["reply".to_owned()], wishes].concat();
    let source = CALLS.replace("@wishes@", &json!(wishes).to_string());
    Night::with(&[("calls", &source, &format!("grants = {wishes:?}"))]).await
}

/// Something inside, on all of this machine's own addresses, and how often it was reached.
async fn inside() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("[::]:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reached = Arc::<AtomicUsize>::default();
    let count = reached.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    (port, reached)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_inside_is_not_followed_however_it_is_written_and_granted() {
    let (port, reached) = inside().await;
    // A name that resolves to loopback; addresses as the system's resolver reads them: decimal, octal, hexadecimal, short.
    let names =
        ["localhost", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "127.1", "0", "0.0.0.0", "10.0.0.1"];
    let metadata = ["169.254.169.254", "192.168.0.1", "172.16.0.1", "100.64.0.1"];
    let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
    hosts.extend(metadata.map(str::to_owned));
    let wishes: Vec<_> = hosts.iter().map(|host| format!("http:{host}")).collect();
    let night = night_with(&wishes).await;
    let mut number = 0;
    for host in &hosts {
        for scheme in ["https", "http"] {
            number += 1;
            let told = night.ask(&format!("c{number}"), &format!("{scheme}://{host}/latest/meta-data")).await;
            let words = [
                "is not on the public internet",
                "only https is allowed",
                "has no address",
                "dns error",
                "invalid dns name",
            ];
            assert!(
                told.starts_with("= refused:") && words.iter().any(|it| told.contains(it)),
                "{scheme}://{host}: {told}"
            );
        }
    }
    // Forms that no grant names.
    for url in [
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://[::ffff:7f00:1]:{port}/"),
        format!("https://[64:ff9b::7f00:1]:{port}/"),
        format!("https://localhost.:{port}/"),
        format!("https://localhost:{port}@127.0.0.1:{port}/"),
        format!("https://10.0.0.1:{port}\\@127.0.0.1:{port}/"),
        format!("HTTPS://localhost%2e:{port}/"),
        "https://localhost/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://localhost:70/".to_owned(),
    ] {
        number += 1;
        let told = night.ask(&format!("c{number}"), &url).await;
        assert!(told.starts_with("= refused:"), "{url}: {told}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0, "nobody came in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_sends_its_reader_inside_is_told_and_not_followed() {
    let (port, reached) = inside().await;
    let public = Platform::answering(move |request| {
        let inside = match request.path() {
            "/name" => format!("https://localhost:{port}/"),
            "/mapped" => format!("http://[::ffff:127.0.0.1]:{port}/"),
            _ => format!("http://127.0.0.1:{port}/"),
        };
        let status = request.path().trim_start_matches('/').parse().unwrap_or(302);
        Response::builder().status(status).header("location", inside).body(Bytes::new()).unwrap()
    })
    .await;
    let night = night_with(&[format!("http:{}", public.address), format!("http:127.0.0.1:{port}")]).await;
    for (number, path) in ["301", "302", "303", "307", "308", "name", "mapped"].iter().enumerate() {
        let told = night.ask(&format!("c{number}"), &format!("{}/{path}", public.url())).await;
        assert!(told.starts_with("= 30") && told.contains(&port.to_string()), "{path}: {told}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0, "it was asked by nobody, though the script may ask it");
    // What may be asked is there, and would have been reached.
    night.ask("last", &format!("http://127.0.0.1:{port}/")).await;
    assert!(reached.load(Ordering::SeqCst) > 0);
}
