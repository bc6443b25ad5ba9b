//! The owner is told when something needs a person, once for each cause, and again when it is over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::guests;
use crate::harness::{
    Daemon, Shop, eventually,
    generic::{replies, shop_talking_to},
    platform::{Platform, Received, json},
    sign,
};
use http::{Method, StatusCode};

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Lets the clerk tell of trouble to a webhook.
fn tell_webhook(shop: &Shop, webhook: &Platform, more: &str) {
    let alerts = format!(
        "[alerts]\nwebhook = \"{}/alerts\"\nwebhook_secret = \"{}\"\nallow_private_targets = true\n{more}\n[outbox]\nmax_attempts = 2\n",
        webhook.url(),
        sign::WEBHOOK_SECRET,
    );
    shop.edit("nightclerk.toml", "[outbox]\n", &alerts);
}

/// Type, cause and text of each notice; every one must be signed.
fn notices(received: &[Received]) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    received
        .iter()
        .map(|request| {
            assert!(sign::standard_holds(&request.headers, &request.body), "unsigned: {request:?}");
            let event = request.json();
            (text(&event["type"]), text(&event["data"]["cause"]), text(&event["data"]["what"]))
        })
        .collect()
}

/// A Telegram channel `tg`.
fn telegram(platform: &Platform) -> String {
    format!(
        "[[channel]]\nid = \"tg\"\nkind = \"telegram\"\ntoken = \"1:a\"\nsecret_token = \"s\"\napi_base = \"{}\"\nallow_private_targets = true\n",
        platform.url()
    )
}

/// A customer writes there.
async fn say_on_telegram(daemon: &Daemon) {
    let update = r#"{"update_id":1,"message":{"message_id":1,"date":1790000000,"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":false,"first_name":"Ana"},"text":"hello"}}"#;
    let headers = [("x-telegram-bot-api-secret-token", "s"), ("content-type", "application/json")];
    assert!(daemon.post("/hooks/tg", &headers, update).await.unwrap().status.is_success());
}

#[tokio::test]
async fn a_refused_edit_is_told_once_and_again_when_it_is_over() {
    let webhook = Platform::start().await;
    let shop = Shop::new();
    tell_webhook(&shop, &webhook, "");
    let daemon = shop.start().await;
    shop.write("rules.toml", "[[rule]]\nid = “hunter2”\n");
    let told = notices(&webhook.wait_for(1).await);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("trouble.began", "config"));
    assert!(told[0].2.contains("rules.toml"), "{told:?}");
    let status = said(&shop.run(&["status"]));
    assert!(status.contains("rules.toml:2:6") && status.contains("since 20"), "{status}");
    shop.write("rules.toml", "[[rule]]\nid = “hunter3”\n");
    assert_eq!(notices(&webhook.after_quiet().await).len(), 1, "once");
    shop.write("rules.toml", "# none\n");
    let told = notices(&webhook.wait_for(2).await);
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("trouble.over", "config"));
    let status = shop.run(&["status"]);
    assert!(status.status.success(), "{}", said(&status));
    daemon.terminate();
}

#[tokio::test]
async fn a_disk_that_fills_is_told_and_the_notice_outlives_a_kill() {
    let is_up = Arc::new(AtomicBool::new(false));
    let up = is_up.clone();
    let webhook = Platform::answering(move |_| json(if up.load(Ordering::SeqCst) { 200 } else { 503 }, "{}")).await;
    let shop = Shop::new();
    // No disk has so much room.
    tell_webhook(&shop, &webhook, "disk_free_mb = 100000000000");
    let daemon = shop.start().await;
    let key = webhook.wait_for(1).await[0].header("webhook-id").to_owned();
    eventually("the notice to be kept", async || {
        std::fs::read_to_string(shop.data().join("alerts.json")).ok().filter(|it| it.contains(&key))
    })
    .await;
    daemon.kill();
    is_up.store(true, Ordering::SeqCst);
    let before = webhook.received().len();
    let _daemon = shop.start().await;
    let received = webhook.wait_for(before + 1).await;
    assert_eq!(received[before].header("webhook-id"), key, "the same notice");
    // The webhook knows an attempt again that was under way when the clerk was killed.
    let told = notices(&webhook.after_quiet().await);
    assert!(told.iter().all(|(kind, cause, _)| kind == "trouble.began" && cause == "disk"), "nothing else: {told:?}");
    assert!(webhook.received().iter().all(|it| it.header("webhook-id") == key), "it is told once");
    shop.edit("nightclerk.toml", "disk_free_mb = 100000000000", "disk_free_mb = 0");
    eventually("the end of it to be told", async || {
        let told = notices(&webhook.received());
        told.into_iter().find(|(kind, cause, _)| kind == "trouble.over" && cause == "disk")
    })
    .await;
}

#[tokio::test]
async fn a_member_with_a_chat_is_told_there_of_dead_letters_and_not_what_customers_said() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = is_well.clone();
    let platform = Platform::answering(move |request| {
        let for_owner = request.json()["data"]["chat_id"] == "owner-chat";
        json(if for_owner || well.load(Ordering::SeqCst) { 200 } else { 400 }, "{}")
    })
    .await;
    let shop = shop_talking_to(&platform);
    let store = std::fs::read_to_string(shop.config().join("store.toml")).unwrap();
    let person = "[[person]]\nname = \"li\"\nchannel = \"shop\"\nchat = \"owner-chat\"\n";
    shop.write("store.toml", &format!("{store}\n{person}"));
    shop.edit("nightclerk.toml", "[outbox]\n", "[alerts]\nto = [\"li\"]\n[outbox]\nmax_attempts = 2\n");
    let daemon = shop.start().await;
    daemon.say("m1", "ana", "the unmistakable words of ana").await;
    let to_owner = |received: &[Received]| -> Vec<String> {
        // The one person of a store is also told what customers need; those messages are no notices of the clerk's.
        let to_owner = replies(received).into_iter().filter(|(chat, _)| chat == "owner-chat").map(|(_, text)| text);
        to_owner.filter(|text| text.starts_with("【夜小二】")).collect()
    };
    let told = eventually("the owner to be told", async || to_owner(&platform.received()).pop()).await;
    assert!(told.contains("shop") && told.contains("夜小二"), "{told}");
    assert!(!told.contains("unmistakable") && !told.contains("ana"), "{told}");
    let listed = said(&shop.run(&["outbox", "list"]));
    assert!(listed.contains("dead") && listed.contains("since 20"), "{listed}");
    let json: serde_json::Value = serde_json::from_slice(&shop.run(&["outbox", "list", "--json"]).stdout).unwrap();
    let dead = json.as_array().unwrap().len();
    assert!(dead >= 1, "{json}");
    assert_eq!(said(&shop.run(&["outbox", "retry", "--channel", "other"])).trim(), "0 messages are on their way again");
    is_well.store(true, Ordering::SeqCst);
    let retried = said(&shop.run(&["outbox", "retry", "--all"]));
    assert_eq!(retried.trim(), format!("{dead} messages are on their way again"));
    eventually("the owner to hear that it is over", async || {
        to_owner(&platform.received()).into_iter().find(|text| text.contains("已恢复"))
    })
    .await;
    assert_eq!(daemon.admin(Method::GET, "/v1/outbox/dead").await.text(), "[]");
    assert_eq!(to_owner(&platform.received()).len(), 2, "once for the cause, and once when it is over");
}

#[tokio::test]
async fn a_channel_that_stops_is_told_and_what_waits_for_it_is_listed() {
    let webhook = Platform::start().await;
    let platform = Platform::answering(|_| json(401, "{}")).await;
    let shop = Shop::new();
    tell_webhook(&shop, &webhook, "");
    shop.write("channels.toml", &telegram(&platform));
    let daemon = shop.start().await;
    say_on_telegram(&daemon).await;
    let told = notices(&webhook.wait_for(1).await);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("trouble.began", "channel:tg"));
    let listed = said(&shop.run(&["outbox", "list"]));
    assert!(listed.contains("waits") && listed.contains("tg/7"), "{listed}");
    let status = shop.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(said(&status).contains("stopped"), "{}", said(&status));
}

#[tokio::test]
async fn a_plugin_that_is_set_aside_is_told_and_when_it_is_back() {
    let webhook = Platform::start().await;
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    tell_webhook(&shop, &webhook, "");
    let failing = guests::component(
        "(if (result i32) (call $is_wild) (then (unreachable)) (else (call $pass)))",
        "",
        &guests::manifest("failing", "1.0.0"),
    );
    std::fs::write(shop.plugins().join("failing.wasm"), failing).unwrap();
    let calm = "[failing]\ngrants = [\"reply\"]\n";
    shop.write("plugins.toml", calm);
    let daemon = shop.start().await;
    // Trials are calm: what fails only later is seated.
    daemon.say("calm", "calm", "Do you ship abroad?").await;
    shop.write("plugins.toml", &format!("{calm}[failing.settings]\nmode = \"wild\"\n"));
    eventually("the plugin to be set aside", async || {
        let id = uuid::Uuid::new_v4().to_string();
        daemon.say(&id, &id, "Do you ship abroad?").await;
        let plugins = daemon.admin(Method::GET, "/v1/plugins").await.json();
        (plugins[0]["state"] == "set-aside").then_some(())
    })
    .await;
    let told = notices(&webhook.wait_for(1).await);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("trouble.began", "plugin:failing"));
    let status = shop.run(&["status"]);
    assert!(!status.status.success() && said(&status).contains("failing"), "{}", said(&status));
    assert_eq!(notices(&webhook.after_quiet().await).len(), 1, "once");
    // It ends where it went on before: for a moment that may be half a file, which is no trouble yet.
    shop.write("plugins.toml", calm);
    let told = notices(&webhook.wait_for(2).await);
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("trouble.over", "plugin:failing"), "{told:?}");
}

#[tokio::test]
async fn a_store_that_cannot_write_is_told_although_it_cannot_be_written_and_when_it_can_again() {
    let webhook = Platform::start().await;
    let shop = Shop::new();
    tell_webhook(&shop, &webhook, "disk_free_mb = 0");
    let daemon = shop.start().await;
    // What is loaded at the start is kept in the folder.
    daemon.admin(Method::GET, "/v1/plugins").await;
    let away = shop.data().with_extension("away");
    std::fs::rename(shop.data(), &away).unwrap();
    // Whoever asks learns it at once, and what asks for nothing may wait a minute.
    eventually("the store to be seen as broken", async || {
        (daemon.get("/readyz").await.unwrap().status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let told = notices(&webhook.wait_for(1).await);
    assert_eq!((told[0].0.as_str(), told[0].1.as_str()), ("trouble.began", "store"));
    std::fs::rename(&away, shop.data()).unwrap();
    let told = notices(&webhook.wait_for(2).await);
    assert_eq!((told[1].0.as_str(), told[1].1.as_str()), ("trouble.over", "store"));
    let status = shop.run(&["status"]);
    assert!(status.status.success(), "{}", said(&status));
}

#[tokio::test]
async fn what_a_platform_answers_steers_neither_the_terminal_nor_the_chat_in_which_it_is_told() {
    const HOSTILE: &str =
        r#"{"ok":false,"error_code":401,"description":"\u001b]0;owned\u0007\u001b[2J\u202e<script>alert(1)</script>"}"#;
    let webhook = Platform::start().await;
    let platform = Platform::answering(|_| json(401, HOSTILE)).await;
    let shop = Shop::new();
    tell_webhook(&shop, &webhook, "");
    shop.write("channels.toml", &telegram(&platform));
    let daemon = shop.start().await;
    say_on_telegram(&daemon).await;
    let told = notices(&webhook.wait_for(1).await);
    assert_eq!(told[0].1, "channel:tg");
    let steers = |text: &str| text.contains(|it: char| (it.is_control() && it != '\n') || it == '\u{202e}');
    assert!(!steers(&told[0].2), "{told:?}");
    for command in [&["status"][..], &["outbox", "list"]] {
        let shown = said(&shop.run(command));
        assert!(!shown.is_empty() && !steers(&shown), "{shown:?}");
    }
}

#[tokio::test]
async fn check_says_whom_nobody_can_tell() {
    let shop = Shop::new();
    shop.edit(
        "nightclerk.toml",
        "[outbox]\n",
        "[alerts]\nto = [\"nobody\"]\nwebhook = \"http://x.example\"\n[outbox]\n",
    );
    let checked = shop.run(&["check"]);
    assert_eq!(checked.status.code(), Some(2));
    let words = said(&checked);
    assert!(words.contains("`nobody`") && words.contains("webhook_secret"), "{words}");
}
