//! `kill -9` while everything changes: conversations of several messages, orders with their timers, plugins swapped and
//! configuration reloaded under load.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::harness::{
    Daemon, built_plugin,
    generic::{message, shop_talking_to},
    platform::Platform,
};
use serde_json::json;
use tokio::task::JoinSet;

/// So many in CI; `NIGHTCLERK_CRASH_ROUNDS` asks for more.
const ROUNDS: u64 = 20;
const SENDERS: u64 = 4;
/// Messages of one conversation, each sent when the one before it is acknowledged.
const LINES: [&str; 3] = ["Do you ship abroad?", "How long does it take?", "Which couriers do you use?"];

/// What the shop was told that it holds.
#[derive(Default)]
struct Acknowledged {
    /// By conversation, the messages in order.
    messages: BTreeMap<String, Vec<String>>,
    /// Orders whose payment was acknowledged, with when.
    paid: BTreeMap<String, Instant>,
}

/// Customers who write and orders that are paid, until the daemon is gone.
async fn load(daemon: Arc<Daemon>, sender: u64, next: Arc<AtomicU64>, acked: Arc<Mutex<Acknowledged>>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let chat = format!("c{sender}-{number}");
        for (line, words) in LINES.iter().enumerate() {
            let id = format!("m{number}-{line}");
            let sent = daemon.webhook(&id, "message.received", message(&id, &chat, words)).await;
            let Some(true) = acknowledged(sent) else { return };
            acked.lock().unwrap().messages.entry(chat.clone()).or_default().push(id);
        }
        let order = format!("O{number}");
        let placed = json!({
            "id": order, "customer": { "id": chat }, "chat_id": chat, "total": "59.00", "currency": "CNY",
            "payment_url": format!("https://shop.example/pay/{order}"),
        });
        let sent = daemon.webhook(&format!("p{number}"), "order.placed", placed).await;
        let Some(true) = acknowledged(sent) else { return };
        let sent = daemon.webhook(&format!("q{number}"), "order.paid", json!({ "id": order })).await;
        let Some(true) = acknowledged(sent) else { return };
        acked.lock().unwrap().paid.insert(order, Instant::now());
    }
}

/// Whether it was; a daemon that is gone answers nothing, one that is there takes everything.
fn acknowledged(sent: crate::harness::CallResult) -> Option<bool> {
    let answer = sent.ok()?;
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
    Some(true)
}

/// Swaps the greeting plugin in and out of the folder and saves the rules again, as long as it is let.
async fn change(plugins: PathBuf, config: PathBuf) {
    let rules = fs::read(config.join("rules.toml")).unwrap();
    let file = plugins.join("greeting.wasm");
    for round in 0_u32.. {
        fs::copy(built_plugin("greeting"), plugins.join(".greeting")).unwrap();
        fs::rename(plugins.join(".greeting"), &file).unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        let saved = [rules.as_slice(), format!("\n# saved {round} times\n").as_bytes()].concat();
        fs::write(config.join(".rules"), saved).unwrap();
        fs::rename(config.join(".rules"), config.join("rules.toml")).unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        fs::remove_file(&file).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_and_orders_outlive_kills_while_plugins_and_rules_change() {
    let rounds = std::env::var("NIGHTCLERK_CRASH_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(ROUNDS);
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform).with_plugins();
    shop.edit("channels.toml", "allow_private_targets = true", "allow_private_targets = true\nper_second = 100000");
    shop.write(
        "orders.toml",
        "[notices]\nallowed = \"00:00-24:00\"\n[payment-reminder]\ndelay = \"2s\"\ninterval = \"1s\"\nmax = 1\nallowed = \"00:00-24:00\"\n",
    );
    // The plugins' code is compiled once; no round would last long enough.
    let daemon = shop.start().await;
    crate::harness::eventually("the plugins", async || {
        let plugins = daemon.admin(http::Method::GET, "/v1/plugins").await.json();
        plugins.as_array()?.iter().all(|it| it["state"] == "active").then_some(())
    })
    .await;
    daemon.kill();
    let next = Arc::new(AtomicU64::new(0));
    let acked = Arc::new(Mutex::new(Acknowledged::default()));
    // A small generator of our own keeps the moments of death the same from run to run.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..rounds {
        let before = acked.lock().unwrap().paid.len();
        let daemon = Arc::new(shop.start().await);
        let changing = tokio::spawn(change(shop.plugins(), shop.config()));
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            senders.spawn(load(daemon.clone(), sender, next.clone(), acked.clone()));
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Half of them die while they come in, the others once they are at work, however slow the machine.
        if round % 2 == 0 {
            crate::harness::eventually("a paid order", async || {
                (acked.lock().unwrap().paid.len() > before + (seed >> 40) as usize % 5).then_some(())
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(30 + (seed >> 33) % 300)).await;
        crate::harness::kill_9(daemon.pid());
        changing.abort();
        senders.join_all().await;
        Arc::into_inner(daemon).expect("the senders are done").kill();
    }
    let acked = std::mem::take(&mut *acked.lock().unwrap());
    let total: usize = acked.messages.values().map(Vec::len).sum();
    assert!(total > 50 && acked.paid.len() > 10, "{total} messages, {} orders: little was tested", acked.paid.len());

    println!("{rounds} kills: {total} messages and {} payments were acknowledged", acked.paid.len());

    let daemon = shop.start().await;
    crate::harness::eventually("an answer to every acknowledged message", async || {
        let answered = first_answers(&platform);
        acked.messages.values().flatten().all(|id| answered.contains_key(id)).then_some(())
    })
    .await;
    // Until every reminder that was to come would have come.
    tokio::time::sleep(Duration::from_secs(3)).await;
    platform.after_quiet().await;
    let answered = first_answers(&platform);
    for (chat, ids) in &acked.messages {
        let places: Vec<_> = ids.iter().map(|id| answered[id]).collect();
        assert!(places.is_sorted(), "{chat} was answered out of order: {places:?}");
    }
    let reminded: BTreeSet<_> = platform
        .received()
        .iter()
        .filter_map(|it| Some(it.json()["data"]["text"].as_str()?.split_once("/pay/")?.1.to_owned()))
        .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
        .collect();
    let wrongly: Vec<_> = acked.paid.keys().filter(|order| reminded.contains(*order)).collect();
    assert!(wrongly.is_empty(), "paid, and reminded: {wrongly:?}");
    drop(daemon);
}

/// By message, the place of its first answer among all that the platform received.
fn first_answers(platform: &Platform) -> BTreeMap<String, usize> {
    let mut first = BTreeMap::new();
    for (place, request) in platform.received().iter().enumerate() {
        if let Some(id) = request.json()["data"]["in_reply_to"].as_str() {
            first.entry(id.to_owned()).or_insert(place);
        }
    }
    first
}
