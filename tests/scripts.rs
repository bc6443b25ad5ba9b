//! What the owner of a store may rely on who saves a JavaScript file.

mod harness;

use std::fs;

use harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::Method;
use serde_json::Value;

async fn status(daemon: &Daemon) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == "hello").cloned().unwrap_or(Value::Null)
}

/// The engine is compiled once a machine, which takes a while where all is unoptimised.
async fn is_active(daemon: &Daemon, shop: &Shop) {
    for _ in 0..4 {
        let looked = tokio::time::timeout(
            harness::PATIENCE,
            eventually("the script", async || (status(daemon).await["state"] == "active").then_some(())),
        );
        if looked.await.is_ok() {
            return;
        }
    }
    panic!("{}\n{}", status(daemon).await, shop.log());
}

async fn told(platform: &Platform, daemon: &Daemon, id: &str) -> String {
    daemon.say(id, &format!("chat-{id}"), "Hello").await;
    eventually("the answer", async || {
        let received = platform.received();
        replies(&received).into_iter().find(|(to, _)| to == &format!("chat-{id}") || to == id).map(|(_, text)| text)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_script_is_live_and_a_mistake_in_it_is_shown_wherever_one_looks() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\"]\n");
    let file = shop.plugins().join("hello.js");
    fs::write(&file, "export const welcome = (context, message) => `one: ${message.text}`\n").unwrap();
    let daemon = shop.start().await;
    is_active(&daemon, &shop).await;
    assert_eq!(told(&platform, &daemon, "m1").await, "one: Hello");

    fs::write(&file, "export const welcome = () =>\n  oops(;\n").unwrap();
    eventually("the refusal in the log", async || shop.log().contains("hello.js:2:8: SyntaxError").then_some(())).await;
    let listed = shop.run(&["plugin", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("hello.js:2:8: SyntaxError"), "{listed:?}");
    assert_eq!(told(&platform, &daemon, "m2").await, "one: Hello", "the last good one goes on");
    let checked = shop.run(&["plugin", "check", file.to_str().unwrap()]);
    assert!(!checked.status.success());
    assert!(String::from_utf8_lossy(&checked.stdout).contains("hello.js:2:8: SyntaxError"), "{checked:?}");

    fs::write(&file, "export const welcome = () => 'two'\n").unwrap();
    eventually("the new one", async || status(&daemon).await["reason"].is_null().then_some(())).await;
    assert_eq!(told(&platform, &daemon, "m3").await, "two");
    let checked = shop.run(&["plugin", "check", file.to_str().unwrap()]);
    assert!(checked.status.success(), "{checked:?}");

    fs::remove_file(&file).unwrap();
    eventually("the unloading", async || status(&daemon).await.is_null().then_some(())).await;
}
