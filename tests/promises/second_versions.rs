//! What the owner of a store may rely on who runs a second version of a plugin beside the first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::idle::falls_asleep;
use crate::harness::{
    Daemon, PATIENCE, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::Method;
use serde_json::Value;

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Counts its customers' messages, and asks outside where it is told to.
fn live(port: u16) -> String {
    format!(
        r#"
export const manifest = {{ version: "1.0.0", capabilities: ["reply", "kv", "http:127.0.0.1:{port}"] }};
export async function message(context, message) {{
  const key = `n/${{context.customer.id}}`;
  if (message.text === "person please") return;
  if (message.text === "rate") return `rate ${{(await clerk.http("http://127.0.0.1:{port}/rate")).body}}`;
  if (message.text.startsWith("count")) {{
    const n = (clerk.kv.get(key) ?? 0) + 1;
    clerk.kv.set(key, n);
    return `count ${{n}}`;
  }}
  return `one: ${{message.text}}`;
}}
"#
    )
}

/// The same, but for some words.
fn second(port: u16) -> String {
    let new = r#"
  if (message.text === "bad") throw new Error("oh no");
  if (message.text === "slow") for (;;) ;
  if (message.text === "other") { try { clerk.http("http://127.0.0.1:PORT/other"); } catch (error) { console.log(error.message); } }
  if (message.text === "words") return "two, in other words";
"#;
    let new = new.replace("PORT", &port.to_string());
    live(port).replace("  const key", &format!("{new}  const key")).replace("1.0.0", "2.0.0")
}

/// Answers every request with `7`, and counts them.
fn rates() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0; 1];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                request.extend(byte);
            }
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\n7");
        }
    });
    (port, count)
}

pub(super) struct Trial {
    pub(super) platform: Platform,
    pub(super) shop: Shop,
    pub(super) daemon: Daemon,
}

impl Trial {
    /// A store whose plugin `hello` has a second version, with this in its entry.
    async fn of(first: &str, second: &str, entry: &str) -> Self {
        let platform = Platform::start().await;
        let shop = shop_talking_to(&platform);
        Self::at(platform, shop, first, second, entry).await
    }

    pub(super) async fn at(platform: Platform, shop: Shop, first: &str, second: &str, entry: &str) -> Self {
        shop.write("plugins.toml", &format!("[hello]\ngrants = [\"reply\", \"kv\", \"http:127.0.0.1\"]\n{entry}\n"));
        let grants = first.split('"').find(|it| it.starts_with("http:")).unwrap_or("http:127.0.0.1:1").to_owned();
        shop.edit("plugins.toml", "http:127.0.0.1\"", &format!("{grants}\""));
        fs::write(shop.plugins().join("hello.js"), first).unwrap();
        fs::write(shop.plugins().join("hello-next.js"), second).unwrap();
        // The engine is compiled here, so that the daemon waits for nothing.
        shop.compiled();
        let checked = shop.run(&["plugin", "check"]);
        assert!(checked.status.success(), "{}", text(&checked));
        let daemon = shop.start().await;
        let trial = Self { platform, shop, daemon };
        trial.is_running().await;
        trial
    }

    pub(super) async fn status(&self) -> Value {
        let all = self.daemon.admin(Method::GET, "/v1/plugins").await.json();
        all.as_array().unwrap().iter().find(|it| it["name"] == "hello").cloned().unwrap_or(Value::Null)
    }

    async fn is_running(&self) {
        let runs = async || {
            let status = self.status().await;
            (status["state"] == "active" && status["shadow"]["version"].as_str().is_some_and(|it| !it.is_empty()))
                .then_some(())
        };
        if tokio::time::timeout(PATIENCE, eventually("both versions", runs)).await.is_err() {
            panic!("{}\n{}", self.status().await, self.shop.log());
        }
    }

    async fn comparison(&self) -> Value {
        self.daemon.admin(Method::GET, "/v1/plugins/hello/comparison").await.json()
    }

    /// What the plugin answers to the customer `chat` who says this.
    pub(super) async fn told(&self, id: &str, chat: &str, words: &str) -> String {
        self.daemon.say(id, chat, words).await;
        eventually("the answer", async || {
            let received = self.platform.received();
            let answers = received.iter().map(|it| it.json()).filter(|it| it["data"]["in_reply_to"] == id);
            let mut texts = answers.map(|it| it["data"]["text"].as_str().unwrap().to_owned());
            // A new customer is welcomed by the clerk first.
            texts.find(|text| ["one", "two", "three", "count", "rate"].iter().any(|it| text.starts_with(it)))
        })
        .await
    }

    async fn restarted(self) -> Self {
        let Self { platform, shop, daemon } = self;
        assert!(daemon.terminate().success());
        let daemon = shop.start().await;
        let trial = Self { platform, shop, daemon };
        trial.is_running().await;
        trial
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_version_is_shown_what_customers_say_and_heard_by_nobody() {
    let (port, asked) = rates();
    let mut trial = Trial::of(&live(port), &second(port), "shadow = \"hello-next.js\"").await;
    trial.daemon.say("m0", "ana", "Hello").await;
    let mut messages = 0;
    for (words, answer) in [
        ("hi", "one: hi"),
        ("count", "count 1"),
        ("count", "count 2"),
        ("rate", "rate 7"),
        ("bad", "one: bad"),
        ("slow", "one: slow"),
        ("words", "one: words"),
        ("other", "one: other"),
        ("count", "count 3"),
    ] {
        messages += 1;
        assert_eq!(trial.told(&format!("m{messages}"), "ana", words).await, answer);
    }
    // The welcome's message is one, too.
    let calls = messages + 1;
    let compared = eventually("the shadow to be done", async || {
        let compared = trial.comparison().await;
        (compared["shadow"]["calls"] == calls).then_some(compared)
    })
    .await;
    assert_eq!(compared["in_place"]["calls"], calls, "{compared}");
    assert_eq!(
        (&compared["shadow"]["failures"], &compared["in_place"]["failures"]),
        (&2.into(), &0.into()),
        "{compared}"
    );
    let different: BTreeMap<String, u64> = compared["different"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it[0].as_str().unwrap().to_owned(), it[1].as_u64().unwrap()))
        .collect();
    assert_eq!(
        different,
        BTreeMap::from([("other-words".to_owned(), 1), ("second-fails".to_owned(), 2)]),
        "{compared}"
    );
    assert_eq!(compared["same"], calls - 3, "its keys count as those of the version in place do: {compared}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nobody outside is asked twice, nor for the shadow alone");
    for example in compared["examples"].as_array().unwrap() {
        let event = example["event"].as_str().unwrap();
        let received = trial.platform.received();
        assert!(
            received.iter().any(|it| it.header("webhook-id").starts_with(event)),
            "{event} is known by its messages"
        );
    }
    assert!(!compared.to_string().contains("in other words"), "no words are kept: {compared}");
    let shown = text(&trial.shop.run(&["plugin", "compare", "hello"]));
    for line in ["1 are not: the second says it otherwise", "the second is heard by nobody", "2.0.0 ("] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    let listed = text(&trial.shop.run(&["plugin", "list"]));
    assert!(listed.contains("hello-next.js, is heard by nobody") && !listed.contains("hello-next  "), "{listed}");
    assert_eq!(trial.daemon.admin(Method::GET, "/v1/plugins").await.json().as_array().unwrap().len(), 5);

    trial = trial.restarted().await;
    assert_eq!(trial.comparison().await["shadow"]["calls"], calls, "what is known survives a restart");
    assert_eq!(trial.told("m99", "ana", "count once more").await, "count 4");
    eventually("the same count of its own", async || {
        let compared = trial.comparison().await;
        (compared["shadow"]["calls"] == calls + 1 && compared["same"] == calls - 2).then_some(())
    })
    .await;
    let told = replies(&trial.platform.received());
    assert!(told.iter().all(|(_, text)| !text.contains("two, in other words")), "{told:?}");
}

pub(super) const ONE: &str = r#"
export const manifest = { version: "1.0.0", capabilities: ["reply"] };
export function message(context, message) { if (message.text !== "I want to talk to a person") return "one"; }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_answers_always_the_same_contacts_and_goes_back_when_it_fails() {
    let two = ONE
        .replace("{ if", "{ if (message.text.startsWith('boom')) throw new Error('boom'); if")
        .replace("\"one\"", "\"two\"");
    let mut trial = Trial::of(ONE, &two, "shadow = \"hello-next.js\"\ncanary = 50").await;
    let chats: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
    let mut by_second = BTreeSet::new();
    for chat in &chats {
        if trial.told(&format!("a-{chat}"), chat, "Hello").await == "two" {
            by_second.insert(chat.clone());
        }
    }
    assert!((8..=32).contains(&by_second.len()), "half of them, about: {}", by_second.len());
    trial = trial.restarted().await;
    for chat in chats.iter().take(12) {
        let told = trial.told(&format!("b-{chat}"), chat, "Hello again").await;
        assert_eq!(told == "two", by_second.contains(chat), "{chat}");
    }
    let explained = text(&trial.shop.run(&["explain", &format!("a-{}", by_second.first().unwrap())]));
    assert!(explained.contains("plugin:hello (canary)"), "{explained}");
    // A customer for whom it fails is answered by the version in place all the same.
    let mut booms = 0;
    let back = 'back: {
        for round in 0..4 {
            for chat in &by_second {
                booms += 1;
                assert_eq!(trial.told(&format!("boom-{round}-{chat}"), chat, &format!("boom {round}")).await, "one");
                if trial.status().await["shadow"]["back"].is_object() {
                    break 'back trial.status().await["shadow"]["back"].clone();
                }
            }
        }
        panic!("it goes on failing after {booms}: {}", trial.comparison().await);
    };
    assert!(back["why"].as_str().unwrap().starts_with("it failed "), "{back}");
    for chat in by_second.iter().take(3) {
        assert_eq!(trial.told(&format!("c-{chat}"), chat, "Hello once more").await, "one", "it answers no more");
    }
    eventually("the owner to be told", async || {
        let status = trial.daemon.admin(Method::GET, "/v1/status").await;
        status.text().contains("canary:hello").then_some(())
    })
    .await;
    let shown = text(&trial.shop.run(&["plugin", "compare", "hello"]));
    assert!(shown.contains("the second answers no more: it failed"), "{shown}");
    trial = trial.restarted().await;
    let chat = by_second.first().unwrap();
    assert_eq!(trial.told("d", chat, "Hello anew").await, "one", "nor after a restart");
    // A mended file is another chance.
    fs::write(
        trial.shop.plugins().join("hello-next.js"),
        two.replace("('boom')", "('bang')").replace("\"two\"", "\"three\""),
    )
    .unwrap();
    eventually("the mended one", async || trial.status().await["shadow"]["back"].is_null().then_some(())).await;
    assert_eq!(trial.told("e", chat, "Hello for the last time").await, "three");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_goes_back_when_its_customers_ask_for_a_person() {
    let two = ONE.replace("\"one\"", "\"two\"");
    let trial = Trial::of(ONE, &two, "shadow = \"hello-next.js\"\ncanary = 50").await;
    let mut by_second = BTreeSet::new();
    for number in 0..80 {
        let chat = format!("c{number}");
        if trial.told(&format!("a-{chat}"), &chat, "Hello").await == "two" {
            by_second.insert(chat);
        }
    }
    assert!((20..=60).contains(&by_second.len()), "{}", by_second.len());
    for chat in &by_second {
        trial.daemon.say(&format!("b-{chat}"), chat, "I want to talk to a person").await;
        if trial.status().await["shadow"]["back"].is_object() {
            break;
        }
    }
    let compared = trial.comparison().await;
    assert!(compared["back"]["why"].as_str().is_some_and(|it| it.contains("asked for a person")), "{compared}");
    assert_eq!(compared["in_place"]["contradicted"], 0, "{compared}");
    assert!(compared["answering"]["contradicted"].as_u64().unwrap() < 12, "it did not take all of them: {compared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_goes_back_when_its_customers_wait_longer_for_the_same_answers() {
    // Some ten milliseconds on a fast machine, and as many more on a slow one as everything else takes there.
    let two = ONE
        .replace("{ if", "{ let sum = 0; for (let i = 0; i < 300000; i++) sum += i; if")
        .replace("\"one\"", "\"two\"");
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.edit("nightclerk.toml", "[plugins]", "[plugins]\ntimeout = \"5s\"");
    let trial = Trial::at(platform, shop, ONE, &two, "shadow = \"hello-next.js\"\ncanary = 50").await;
    let mut by_second = BTreeSet::new();
    let mut answers = 0;
    let back = loop {
        assert!(answers < 200, "it goes on: {}", trial.comparison().await);
        let chat = format!("c{answers}");
        answers += 1;
        if trial.told(&format!("a-{chat}"), &chat, "Hello").await == "two" {
            by_second.insert(chat);
        }
        if let back @ Value::Object(_) = trial.status().await["shadow"]["back"].clone() {
            break back;
        }
    };
    assert!(back["why"].as_str().unwrap().starts_with("nine of ten calls take up to "), "{back}");
    let compared = trial.comparison().await;
    for side in ["in_place", "answering"] {
        assert!(compared[side]["calls"].as_u64().unwrap() >= 20, "too few to compare: {compared}");
        assert_eq!(compared[side]["failures"], 0, "{compared}");
    }
    let chat = by_second.first().unwrap();
    assert_eq!(trial.told("b", chat, "Hello again").await, "one", "it answers no more");
    let shown = text(&trial.shop.run(&["plugin", "compare", "hello"]));
    assert!(shown.contains("the second answers no more: nine of ten calls take up to "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_version_is_put_in_place_or_done_without_by_one_command() {
    let two = ONE.replace("\"one\"", "\"two\"").replace("1.0.0", "2.0.0");
    let trial = Trial::of(ONE, &two, "shadow = \"hello-next.js\" # tried since Monday").await;
    assert_eq!(trial.told("m1", "ana", "Hello").await, "one");
    let promoted = trial.shop.run(&["plugin", "promote", "hello"]);
    assert!(promoted.status.success(), "{}", text(&promoted));
    eventually("the second version in place", async || {
        let status = trial.status().await;
        (status["version"] == "2.0.0" && status["shadow"].is_null()).then_some(())
    })
    .await;
    assert_eq!(trial.told("m2", "ana", "Hello again").await, "two");
    let files: BTreeSet<_> = fs::read_dir(trial.shop.plugins()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(files.iter().map(|it| it.to_str().unwrap()).collect::<Vec<_>>(), ["hello.js"]);
    let entry = fs::read_to_string(trial.shop.config().join("plugins.toml")).unwrap();
    assert!(!entry.contains("shadow") && entry.contains("grants"), "{entry}");
    let none = trial.shop.run(&["plugin", "compare", "hello"]);
    assert!(text(&none).contains("has no second version"), "{}", text(&none));

    fs::write(trial.shop.plugins().join("hello-next.js"), ONE.replace("\"one\"", "\"three\"")).unwrap();
    trial.shop.edit("plugins.toml", "[hello]", "[hello]\ncanary = 100\nshadow = \"hello-next.js\"");
    eventually("the third to answer all", async || (trial.status().await["shadow"]["canary"] == 100).then_some(()))
        .await;
    assert_eq!(trial.told("m3", "ana", "Hello").await, "three");
    let aborted = trial.shop.run(&["plugin", "abort", "hello"]);
    assert!(aborted.status.success(), "{}", text(&aborted));
    assert!(trial.shop.plugins().join("removed/hello-next.js").exists());
    eventually("the end of it", async || trial.status().await["shadow"].is_null().then_some(())).await;
    assert_eq!(trial.told("m4", "ana", "Hello").await, "two");
}

#[test]
fn no_file_is_touched_that_cannot_be_a_second_version() {
    let shop = Shop::new();
    shop.compiled();
    let (first, elsewhere) = (shop.plugins().join("hello.js"), shop.config().with_file_name("hello-next.js"));
    for file in [&first, &elsewhere] {
        fs::write(file, ONE).unwrap();
    }
    for named in ["hello.js", "../hello-next.js"] {
        shop.write("plugins.toml", &format!("[hello]\ngrants = [\"reply\"]\nshadow = \"{named}\"\n"));
        let before = fs::read_to_string(shop.config().join("plugins.toml")).unwrap();
        for deed in ["promote", "abort"] {
            let refused = shop.run(&["plugin", deed, "hello"]);
            assert!(!refused.status.success() && text(&refused).contains(named), "{}", text(&refused));
            assert!(first.exists() && elsewhere.exists(), "{deed} {named}");
            assert_eq!(fs::read_to_string(shop.config().join("plugins.toml")).unwrap(), before);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_version_that_is_shown_nothing_keeps_nobody_awake() {
    let two = ONE.replace("\"one\"", "\"two\"").replace("1.0.0", "2.0.0");
    let trial = Trial::of(ONE, &two, "shadow = \"hello-next.js\"\ncanary = 50").await;
    trial.told("m1", "ana", "Hello").await;
    falls_asleep(&trial.daemon).await;
}
