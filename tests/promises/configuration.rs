//! What a store owner may rely on while editing the configuration of a running clerk.

use std::fs;

use crate::harness::{
    component, eventually,
    generic::{message, replies, shop_talking_to},
    platform::Platform,
};
use http::StatusCode;

const RULE: &str = r#"
[[rule]]
id = "test-parrot"
priority = 1000
any = ["parrot"]
text = { zh = "鹦鹉在睡觉。", en = "The parrot is asleep." }
"#;

#[tokio::test]
async fn a_good_edit_is_in_force_at_once_and_a_bad_one_leaves_the_old_in_force() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let rules = std::fs::read_to_string(shop.config().join("rules.toml")).unwrap();
    shop.write("rules.toml", &format!("{rules}\n{RULE}"));
    eventually("the new rule's answer", async || {
        let count = platform.received().len();
        daemon.say(&format!("m{count}-{}", crate::harness::sign::now_s()), &format!("c{count}"), "parrot?").await;
        replies(&platform.received()).iter().any(|(_, text)| text.contains("asleep")).then_some(())
    })
    .await;

    let broken = format!("{rules}\n{}", RULE.replace("priority = 1000", "priorty = 1000"));
    let line = broken.lines().position(|line| line.contains("priorty")).unwrap() + 1;
    shop.write("rules.toml", &broken);
    let error = eventually("the mistake to be reported", async || {
        daemon.status().await["config_error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(error.contains("rules.toml"), "{error}");
    assert!(error.contains(&format!(":{line}:1")), "line {line}: {error}");
    assert!(error.contains("priority"), "a hint: {error}");
    daemon.say("after", "after", "parrot?").await;
    eventually("the old rule's answer", async || {
        replies(&platform.received())
            .iter()
            .any(|(chat, text)| chat == "after" && text.contains("asleep"))
            .then_some(())
    })
    .await;

    shop.write("rules.toml", &rules);
    eventually("the mistake to be forgotten", async || daemon.status().await["config_error"].is_null().then_some(()))
        .await;
}

#[tokio::test]
async fn an_edit_of_the_daemons_limits_is_in_force_at_once_and_what_waits_for_a_restart_is_named() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    let long = "x".repeat(300);
    daemon.say("m1", "ana", &long).await;
    shop.edit("nightclerk.toml", "[server]\n", "[server]\nbody_limit = 200\nmax_connections = 99\n");
    eventually("the edit to be taken", async || shop.log().contains("waits for a restart").then_some(())).await;
    shop.logged("waits for a restart: [server] max_connections").await;
    let answer = daemon.webhook("m2", "message.received", message("m2", "ana", &long)).await.unwrap();
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_file_that_is_empty_for_a_moment_changes_nothing() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let rules = fs::read_to_string(shop.config().join("rules.toml")).unwrap();
    shop.write("rules.toml", &format!("{rules}\n{RULE}"));
    let daemon = shop.start().await;
    shop.write("rules.toml", "");
    eventually("the empty file to be reported", async || {
        daemon.status().await["config_error"].as_str().filter(|it| it.contains("rules.toml")).map(str::to_owned)
    })
    .await;
    daemon.say("m1", "ana", "parrot?").await;
    eventually("the rule's answer", async || {
        replies(&platform.received()).iter().any(|(_, text)| text.contains("asleep")).then_some(())
    })
    .await;
    shop.write("rules.toml", &rules);
    eventually("the new file to be taken", async || daemon.status().await["config_error"].is_null().then_some(()))
        .await;
}

#[tokio::test]
async fn an_entry_written_before_its_plugin_is_taken_when_the_plugin_comes() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let daemon = shop.start().await;
    shop.write("plugins.toml", "[late]\ngrants = [\"reply\"]\n");
    eventually("the mistake to be reported", async || {
        daemon.status().await["config_error"].as_str().filter(|it| it.contains("`late`")).map(str::to_owned)
    })
    .await;
    fs::write(shop.plugins().join("late.wasm"), component("late", "{}")).unwrap();
    eventually("the mistake to be forgotten", async || daemon.status().await["config_error"].is_null().then_some(()))
        .await;
}

#[tokio::test]
async fn what_the_clerk_says_by_itself_is_printed_and_can_be_taken_over_whole() {
    let shop = crate::harness::Shop::new();
    let printed = shop.run(&["phrases"]);
    assert!(printed.status.success());
    let phrases = String::from_utf8(printed.stdout).unwrap();
    assert!(phrases.contains("[phrase.welcome]"), "{phrases}");
    shop.write("phrases.toml", &phrases);
    let checked = shop.run(&["check"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn check_lists_every_mistake_with_its_place() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let good = shop.run(&["check"]);
    assert!(good.status.success(), "{good:?}");
    shop.write("rules.toml", "[[rule]]\nid = \"a\"\nany = [\"x\"]\nphrase = \"no-such-phrase\"\n");
    shop.write("hours.toml", "timezon = \"Asia/Shanghai\"\n");
    let bad = shop.run(&["check"]);
    assert!(!bad.status.success());
    let words = format!("{}{}", String::from_utf8_lossy(&bad.stdout), String::from_utf8_lossy(&bad.stderr));
    assert!(words.contains("hours.toml"), "{words}");
    assert!(words.contains("rules.toml") && words.contains("no-such-phrase"), "{words}");
}

#[test]
fn the_page_of_all_settings_is_what_the_types_say() {
    let made = crate::harness::Shop::new().run(&["config", "--markdown"]);
    assert!(made.status.success(), "{made:?}");
    let page = fs::read_to_string(crate::harness::root().join("docs/configuration.md")).unwrap();
    assert!(
        page == String::from_utf8(made.stdout).unwrap(),
        "docs/configuration.md is not what the types say: cargo run -- config --markdown > docs/configuration.md"
    );
}

#[test]
fn every_key_of_the_shipped_files_is_shown_with_its_meaning_and_one_that_is_not_there_gets_a_hint() {
    let shop = crate::harness::Shop::new();
    for (part, words) in [
        ("channels.telegram", "secret_token (required)"),
        ("server.max_connections", "max_connections = 4096   # whole number, at least 1"),
        ("payment-reminder", "allowed = \"09:00-21:30\""),
    ] {
        let shown = shop.run(&["config", part]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(shown.contains(words), "{part}: {shown}");
    }
    let schema = shop.run(&["config", "store.toml", "--json"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema["properties"]["routing"]["properties"]["handback"]["description"].is_string(), "{schema}");
    let wrong = shop.run(&["config", "server.max_conections"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("`max_connections`"), "{wrong:?}");
}

#[test]
fn an_owner_whose_store_speaks_chinese_is_told_of_mistakes_in_chinese() {
    let shop = crate::harness::Shop::new();
    let check = |language: Option<&str>| {
        let mut command = shop.command();
        command.arg("check").env_remove("NIGHTCLERK_LANGUAGE");
        if let Some(language) = language {
            command.env("NIGHTCLERK_LANGUAGE", language);
        }
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    shop.write("channels.toml", "[[channel]]\nid = \"a\"\nkind = \"line\"\nchannel_secret = hunter2\n");
    shop.write("rules.toml", "[[rule]]\nid = “a”\n");
    shop.write("hours.toml", "timezon = \"Asia/Shanghai\"\n");
    shop.write("catalogue.toml", "[[product]]\nsku = \"1\"\nname = \"茶\"\nstock = \"120件\"\n");
    shop.write("store.toml", "[store]\nlanguage = \"zh-TW\"\ncolour = \"red\"\n");
    shop.write("nightclerk.toml", "[server]\nmax_connections = 0\n");
    let chinese = check(None);
    for words in [
        "印刷用的引号",
        "没有 `timezon` 这个键",
        "是不是想写 `timezone`",
        "这里要的是整数，不是文字",
        "`red` 不是颜色",
        "谁也连不上",
        "6 处错误",
    ] {
        assert!(chinese.contains(words), "{words}: {chinese}");
    }
    assert!(!chinese.contains("hunter2"), "{chinese}");
    shop.write("store.toml", "[store]\nlanguage = \"en\"\ncolour = \"red\"\n");
    assert!(check(None).contains("`red` is not a colour"), "{}", check(None));
    assert!(check(Some("zh")).contains("`red` 不是颜色"), "the operator may read another language");
}

#[tokio::test]
async fn the_shipped_configuration_is_good() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_nightclerk"))
        .arg("check")
        .current_dir(crate::harness::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
