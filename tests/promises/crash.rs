//! `kill -9` at any moment: what was acknowledged is answered, and nothing is answered twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::harness::{
    Daemon,
    generic::{message, shop_talking_to},
    platform::Platform,
};
use tokio::{sync::Mutex, task::JoinSet};

const ROUNDS: u64 = 20;
const SENDERS: u64 = 8;

/// Sends messages until the daemon is gone, and notes those that were acknowledged.
async fn send_until_killed(
    daemon: Arc<Daemon>,
    sender: u64,
    next: Arc<AtomicU64>,
    acked: Arc<Mutex<BTreeSet<String>>>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let id = format!("m{number}");
        // A conversation for each message keeps the storm guard out of it.
        let text = format!("Do you ship abroad? {number}");
        match daemon.webhook(&id, "message.received", message(&id, &format!("c{sender}-{number}"), &text)).await {
            Ok(answer) if answer.status.is_success() => {
                acked.lock().await.insert(id);
            }
            Ok(answer) => panic!("{}: {}", answer.status, answer.text()),
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_answered_once_through_twenty_kills() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    // As fast as it goes: kept to a rate, the replies of twenty rounds would take longer than anyone waits.
    shop.edit("channels.toml", "allow_private_targets = true", "allow_private_targets = true\nper_second = 100000");
    let next = Arc::new(AtomicU64::new(0));
    let acked = Arc::new(Mutex::new(BTreeSet::new()));
    // A small generator of our own keeps the moments of death the same from run to run.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..ROUNDS {
        let before = acked.lock().await.len();
        let daemon = Arc::new(shop.start().await);
        let mut senders = JoinSet::new();
        for sender in 0..SENDERS {
            senders.spawn(send_until_killed(daemon.clone(), sender, next.clone(), acked.clone()));
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Half of them die whenever, the others at work, however slow the machine.
        if round % 2 == 0 {
            crate::harness::eventually("messages", async || {
                (acked.lock().await.len() > before + (seed >> 40) as usize % 30).then_some(())
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(20 + (seed >> 33) % 230)).await;
        crate::harness::kill_9(daemon.pid());
        senders.join_all().await;
        Arc::into_inner(daemon).expect("the senders are done").kill();
    }
    let acked = acked.lock().await.clone();
    assert!(acked.len() > 100, "only {} messages were acknowledged: the test tested little", acked.len());

    let daemon = shop.start().await;
    // Each message is a newcomer's question: a welcome and an answer belong to it.
    let mut missing = acked.clone();
    for _ in 0..600 {
        let answered = answers(&platform);
        missing.retain(|id| answered.get(id).is_none_or(|answers| answers.len() < 2));
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if let Some(id) = missing.first() {
        let explained = shop.run(&["explain", id]);
        panic!(
            "{} of {} acknowledged messages lack an answer; {id} has {:?}\n{}\n{}",
            missing.len(),
            acked.len(),
            answers(&platform).get(id),
            String::from_utf8_lossy(&explained.stdout),
            shop.log(),
        );
    }
    platform.after_quiet().await;
    // The platform tells copies by the key (webhook-id): of each answer it keeps one, and all say the same.
    for (id, kept) in answers(&platform) {
        let keys = kept.keys().map(|(_, key)| key).collect::<BTreeSet<_>>();
        assert_eq!(keys.len(), kept.len(), "one key carried two different answers to {id}: {kept:?}");
        assert_eq!(keys.len(), 2, "{id} was answered again under another key: {kept:?}");
    }
    drop(daemon);
}

/// For each message, its answers as (text, key) with how often each came.
fn answers(platform: &Platform) -> BTreeMap<String, BTreeMap<(String, String), usize>> {
    let mut answers: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for request in platform.received() {
        let data = &request.json()["data"];
        let Some(id) = data["in_reply_to"].as_str() else { continue };
        let answer = (data["text"].as_str().unwrap().to_owned(), request.header("webhook-id").to_owned());
        *answers.entry(id.to_owned()).or_default().entry(answer).or_default() += 1;
    }
    answers
}
