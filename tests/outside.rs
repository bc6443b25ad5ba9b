//! What a customer may rely on while a plugin asks somebody outside, on the real daemon with a real plugin.
//!
//! It needs a compiler for WebAssembly, which `cargo test --workspace` asks for none; run it with
//! `cargo test --workspace --test outside`.

mod harness;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use nightclerk::plugin::{contract::manifest, make::build};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

/// The conformance plugin, compiled once: it does what its settings say.
fn plugin() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        let out = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/conformance/plugin");
        let built = build::build(&[source], out.path(), &|_| ()).unwrap();
        fs::read(&built[0].file).unwrap()
    })
}

/// Somebody outside, who answers when they are let to.
struct Outsider {
    port: u16,
    asked: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    free: Arc<Notify>,
}

impl Outsider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let outsider = Self { port, asked: Arc::default(), answered: Arc::default(), free: Arc::default() };
        let (count, done, gate) = (outsider.asked.clone(), outsider.answered.clone(), outsider.free.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (count, done, gate) = (count.clone(), done.clone(), gate.clone());
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    count.fetch_add(1, Ordering::Relaxed);
                    gate.notified().await;
                    done.fetch_add(1, Ordering::Relaxed);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
                });
            }
        });
        outsider
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    async fn until_asked(&self, times: usize) {
        eventually("the question", async || (self.asked() >= times).then_some(())).await;
    }
}

/// A shop whose plugin asks the outsider about every message, then says what it heard.
fn shop_that_asks(platform: &Platform, outsider: &Outsider) -> Shop {
    let shop = shop_talking_to(platform);
    let place = format!("http:127.0.0.1:{}", outsider.port);
    let wishing = manifest::rewrite(plugin(), |manifest| manifest["capabilities"] = json!(["reply", place])).unwrap();
    fs::write(shop.plugins().join("conformance.wasm"), wishing).unwrap();
    shop.write(
        "plugins.toml",
        &format!(
            r#"
            [conformance]
            grants = ["reply", "{place}"]
            [conformance.settings]
            outcome = "handled"
            daily = false
            steps = [
                {{ do = "fetch", url = "http://127.0.0.1:{port}/rates" }},
                {{ do = "reply", text = "asked and answered" }},
            ]
            "#,
            port = outsider.port,
        ),
    );
    shop
}

/// Its clerk, once the plugin is there: to compile that takes an unoptimised one many seconds.
async fn that_asks(shop: &Shop) -> Daemon {
    let daemon = shop.start().await;
    daemon.until_active("conformance").await;
    daemon
}

/// The chats, in order, in which the plugin said its words; newcomers are welcomed beside that.
fn answered(platform: &Platform) -> Vec<String> {
    let all = replies(&platform.received()).into_iter();
    all.filter(|(_, text)| text == "asked and answered").map(|(chat, _)| chat).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_hangs_holds_up_the_conversation_that_asks_and_no_other() {
    let (platform, outsider) = (Platform::start().await, Outsider::start().await);
    let shop = shop_that_asks(&platform, &outsider);
    let daemon = that_asks(&shop).await;
    // More questions than there are lanes, each acknowledged at once.
    for number in 0..12 {
        daemon.say(&format!("m{number}"), &format!("c{number}"), "hello").await;
    }
    outsider.until_asked(12).await;
    // What nobody is asked about goes on as if nothing were: others come in, and are welcomed.
    for number in 0..50 {
        let opened = json!({ "chat_id": format!("n{number}"), "sender": { "id": format!("n{number}") } });
        let answer = daemon.webhook(&format!("o{number}"), "conversation.opened", opened).await.unwrap();
        assert!(answer.status.is_success());
    }
    eventually("the welcomes", async || {
        (replies(&platform.received()).iter().filter(|(chat, _)| chat.starts_with('n')).count() >= 50).then_some(())
    })
    .await;
    assert_eq!(outsider.answered(), 0, "the questions are still open");
    let told = replies(&platform.received()).into_iter().filter(|(chat, _)| chat.starts_with('c')).count();
    assert_eq!(told, 0, "who asks waits for the answer");
    outsider.free.notify_waiters();
    eventually("the answers", async || (answered(&platform).len() == 12).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_behind_an_open_question_are_kept_and_answered_in_order() {
    let (platform, outsider) = (Platform::start().await, Outsider::start().await);
    let shop = shop_that_asks(&platform, &outsider);
    let daemon = that_asks(&shop).await;
    daemon.say("m1", "ana", "first").await;
    outsider.until_asked(1).await;
    daemon.say("m2", "ana", "second").await;
    daemon.say("m3", "ana", "third").await;
    for asked in 1..=3 {
        outsider.until_asked(asked).await;
        assert_eq!(outsider.asked(), asked, "one after the other");
        outsider.free.notify_waiters();
    }
    eventually("three answers", async || (answered(&platform).len() >= 3).then_some(())).await;
    let in_reply_to: Vec<_> = platform
        .after_quiet()
        .await
        .iter()
        .filter(|it| it.json()["data"]["text"] == "asked and answered")
        .filter_map(|it| Some(it.json()["data"]["in_reply_to"].as_str()?.to_owned()))
        .collect();
    assert_eq!(in_reply_to, ["m1", "m2", "m3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_a_question_open_or_answered_the_customer_is_answered_once() {
    let (platform, outsider) = (Platform::start().await, Outsider::start().await);
    let shop = shop_that_asks(&platform, &outsider);
    let daemon = that_asks(&shop).await;
    for number in 0..5 {
        daemon.say(&format!("m{number}"), &format!("c{number}"), "hello").await;
    }
    outsider.until_asked(5).await;
    daemon.kill();
    // The next start asks again.
    let daemon = shop.start().await;
    outsider.until_asked(10).await;
    outsider.free.notify_waiters();
    eventually("five answers", async || (answered(&platform).len() >= 5).then_some(())).await;
    drop(daemon);
    let daemon = shop.start().await;
    platform.after_quiet().await;
    assert_eq!(answered(&platform).into_iter().collect::<BTreeSet<_>>().len(), 5);
    assert_eq!(outsider.asked(), 10, "what is decided asks nobody again");
    drop(daemon);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_an_answer_that_never_comes() {
    let (platform, outsider) = (Platform::start().await, Outsider::start().await);
    let shop = shop_that_asks(&platform, &outsider);
    let daemon = that_asks(&shop).await;
    daemon.say("m1", "ana", "hello").await;
    outsider.until_asked(1).await;
    // The plugin is told that nobody answered, and says its words without.
    eventually("the answer without", async || (answered(&platform) == ["ana"]).then_some(())).await;
}
