//! What a plugin author and a store owner may rely on about plugins in the running daemon.

use std::{fs, time::Duration};

use crate::harness::{
    Shop, built_plugin, eventually,
    generic::{message, replies, shop_talking_to},
    platform::Platform,
};
use http::Method;
use serde_json::{Value, json};

fn shop_with_plugins(platform: &Platform) -> Shop {
    shop_talking_to(platform).with_plugins()
}

/// The greeting plugin with other words: the same code, another default in its manifest.
fn greeting_that_says(words: &str) -> Vec<u8> {
    let bytes = fs::read(built_plugin("greeting")).unwrap();
    nightclerk::plugin::contract::manifest::rewrite(&bytes, |manifest| {
        for setting in manifest["settings"].as_object_mut().unwrap().values_mut() {
            if setting["type"] == "string" && setting["default"].as_str().is_some_and(|it| !it.is_empty()) {
                setting["default"] = json!(words);
            }
        }
    })
    .unwrap()
}

async fn plugin_state(daemon: &crate::harness::Daemon, name: &str) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn the_four_shipped_plugins_load_and_greet() {
    let platform = Platform::start().await;
    let shop = shop_with_plugins(&platform);
    let daemon = shop.start().await;
    for name in ["greeting", "payment-reminder", "shipping-notice", "review-request"] {
        let state = plugin_state(&daemon, name).await;
        assert!(state.to_string().contains("active"), "{name}: {state}\n{}", shop.log());
    }
    daemon.say("m1", "ana", "Hello from Zanzibar!").await;
    platform.wait_for(1).await;
    let explained = shop.run(&["explain", "m1"]);
    assert!(String::from_utf8_lossy(&explained.stdout).contains("plugin:greeting"), "{explained:?}");
    let explanation = daemon.admin(Method::GET, "/v1/explain/m1").await.json();
    let trace = explanation["trace"].as_array().unwrap();
    let asked = |step: &&Value| step["by"] == "plugin:greeting" && step["what"]["question"]["call"] == "catalogue.find";
    let asked = trace.iter().find(asked).unwrap_or_else(|| panic!("{trace:#?}"));
    assert_eq!(asked["what"]["question"]["about"], "(20 characters)");
    assert!(asked["words"].as_str().unwrap().starts_with("catalogue.find (20 characters): "), "{asked}");
    assert!(!explanation["trace"].to_string().contains("Zanzibar"), "the customer's words stand in the event alone");
}

#[tokio::test]
async fn a_plugin_replaced_under_load_loses_doubles_and_reorders_nothing() {
    let platform = Platform::start().await;
    let shop = shop_with_plugins(&platform);
    let daemon = shop.start().await;
    let (conversations, group, each) = (160, 10, 5);
    let mut sent = 0;
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    // Newcomers arrive all the time, ten in each wave, while earlier ones go on talking.
    for wave in 0..conversations / group + each - 1 {
        for turn in 0..each.min(wave + 1) {
            for chat in (0..conversations).skip((wave - turn) * group).take(group) {
                ticks.tick().await;
                let id = format!("m{chat}-{turn}");
                daemon.say(&id, &format!("c{chat}"), &format!("Do you ship abroad? {turn}")).await;
                sent += 1;
                if sent % 100 == 50 {
                    let words = format!("Good evening from version {sent}!");
                    let new = shop.plugins().join("greeting.wasm.new");
                    fs::write(&new, greeting_that_says(&words)).unwrap();
                    fs::rename(new, shop.plugins().join("greeting.wasm")).unwrap();
                }
            }
        }
    }
    assert_eq!(sent, conversations * each);
    let received = platform.after_quiet().await;
    for chat in 0..conversations {
        let mut turns: Vec<String> = Vec::new();
        let mut keys = std::collections::BTreeSet::new();
        for request in &received {
            let data = &request.json()["data"];
            if data["chat_id"] == format!("c{chat}") {
                assert!(keys.insert(request.header("webhook-id").to_owned()), "a doubled message: {data}");
                let id = data["in_reply_to"].as_str().unwrap().to_owned();
                if turns.last() != Some(&id) {
                    turns.push(id);
                }
            }
        }
        let expected: Vec<_> = (0..each).map(|turn| format!("m{chat}-{turn}")).collect();
        assert_eq!(turns, expected, "conversation {chat}");
    }
    let versions = replies(&received).into_iter().filter(|(_, text)| text.contains("from version")).count();
    assert!(versions > 0, "no new version ever answered");
}

#[tokio::test]
async fn a_bad_file_leaves_the_old_plugin_running_and_says_why() {
    let platform = Platform::start().await;
    let shop = shop_with_plugins(&platform);
    let daemon = shop.start().await;
    let good = fs::read(built_plugin("greeting")).unwrap();
    for bad in [b"not wasm at all".to_vec(), good[..good.len() / 2].to_vec()] {
        fs::write(shop.plugins().join("greeting.wasm"), &bad).unwrap();
        eventually("the refusal in the log", async || shop.log().contains("greeting.wasm").then_some(())).await;
        daemon.say(&format!("m{}", bad.len()), &format!("ana{}", bad.len()), "Hello!").await;
        eventually("a greeting from the old plugin", async || {
            let explained = shop.run(&["explain", &format!("m{}", bad.len())]);
            String::from_utf8_lossy(&explained.stdout).contains("plugin:greeting").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_removed_plugin_is_gone_and_the_built_in_welcome_goes_out() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    let own =
        nightclerk::plugin::contract::manifest::rewrite(&fs::read(built_plugin("greeting")).unwrap(), |manifest| {
            manifest["name"] = json!("own-greeting");
        });
    fs::write(shop.plugins().join("own-greeting.wasm"), own.unwrap()).unwrap();
    shop.write("plugins.toml", "[own-greeting]\ngrants = [\"reply\"]\n");
    let daemon = shop.start().await;
    let state = plugin_state(&daemon, "own-greeting").await;
    assert!(state.to_string().contains("active"), "{state}\n{}", shop.log());
    fs::remove_file(shop.plugins().join("own-greeting.wasm")).unwrap();
    eventually("the unloading", async || plugin_state(&daemon, "own-greeting").await.is_null().then_some(())).await;
    let before = platform.received().len();
    daemon.say("m1", "ana", "Hello!").await;
    platform.wait_for(before + 1).await;
    let explained = shop.run(&["explain", "m1"]);
    assert!(!String::from_utf8_lossy(&explained.stdout).contains("plugin:"), "{explained:?}");
}

#[tokio::test]
async fn a_plugin_without_an_entry_waits_and_says_what_to_write() {
    let platform = Platform::start().await;
    let shop = shop_with_plugins(&platform);
    shop.write("plugins.toml", "");
    let daemon = shop.start().await;
    let state = plugin_state(&daemon, "greeting").await;
    assert!(state.to_string().contains("plugins.toml"), "{state}");
    shop.write("plugins.toml", "[greeting]\ngrants = [\"reply\"]\n");
    eventually("the grant to be taken", async || {
        plugin_state(&daemon, "greeting").await.to_string().contains("active").then_some(())
    })
    .await;
    let answer = daemon.webhook("m1", "message.received", message("m1", "ana", "Hello!")).await.unwrap();
    assert!(answer.status.is_success());
    platform.wait_for(1).await;
}

#[tokio::test]
async fn a_plugins_folder_in_the_place_of_another_is_taken_and_so_are_later_files() {
    let platform = Platform::start().await;
    let shop = shop_with_plugins(&platform);
    let file = |folder: &std::path::Path| folder.join("greeting.wasm");
    fs::write(file(&shop.plugins()), greeting_that_says("first folder")).unwrap();
    let daemon = shop.start().await;
    let greeted = async |words: &str| {
        eventually(words, async || {
            let number = platform.received().len();
            daemon.say(&format!("{words}{number}"), &format!("{words}{number}"), "hello").await;
            replies(&platform.received()).iter().any(|(_, text)| text.contains(words)).then_some(())
        })
        .await;
    };
    greeted("first folder").await;
    let beside = |name: &str| shop.plugins().with_file_name(name);
    let replace = |number: u32, greeting: Option<&str>| {
        let fresh = beside("fresh");
        fs::create_dir(&fresh).unwrap();
        if let Some(words) = greeting {
            fs::write(file(&fresh), greeting_that_says(words)).unwrap();
        }
        fs::rename(shop.plugins(), beside(&format!("old{number}"))).unwrap();
        fs::rename(fresh, shop.plugins()).unwrap();
    };
    replace(1, Some("second folder"));
    greeted("second folder").await;
    // The shipped one stands in for a file that is not there.
    replace(2, None);
    greeted("Night Tea House").await;
    fs::write(file(&shop.plugins()), greeting_that_says("written later")).unwrap();
    greeted("written later").await;
}
