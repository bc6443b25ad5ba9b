//! What a plugin author may rely on at the moments that belong to the store alone, on the real daemon with a real
//! plugin.
//!
//! It needs a compiler for WebAssembly, which `cargo test --workspace` asks for none; run it with
//! `cargo test --workspace --test store_moments`.

mod harness;

use std::{collections::BTreeSet, fs, path::Path};

use harness::{
    eventually,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use nightclerk::plugin::{contract::manifest, make::build};
use serde_json::json;

/// What the warehouse was told, each message once however often it was tried.
fn notices(platform: &Platform) -> BTreeSet<String> {
    let received = platform.received();
    let told = replies(&received).into_iter().zip(&received).filter(|((chat, text), _)| {
        assert!(chat != "boss" || text == "Look here", "{text}");
        chat == "boss"
    });
    told.map(|(_, request)| request.header("webhook-id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_begins_once_for_a_plugin_though_the_clerk_is_killed_and_started_again() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write(
        "store.toml",
        "[store]\nname = \"Teahouse\"\n[[team]]\nname = \"warehouse\"\nchannel = \"shop\"\nchat = \"boss\"\n",
    );
    let out = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/conformance/plugin");
    let built = build::build(&[source], out.path(), &|_| ()).unwrap();
    let plugin = fs::read(&built[0].file).unwrap();
    let plugin = manifest::rewrite(&plugin, |manifest| manifest["capabilities"] = json!(["notify"])).unwrap();
    fs::write(shop.plugins().join("conformance.wasm"), plugin).unwrap();
    shop.write(
        "plugins.toml",
        r#"
        [conformance]
        grants = ["notify:warehouse"]
        [conformance.settings]
        outcome = "handled"
        steps = [{ do = "notify", to = "warehouse" }]
        "#,
    );

    let mut daemon = shop.start().await;
    daemon.until_active("conformance").await;
    eventually("the notice", async || (notices(&platform).len() == 1).then_some(())).await;
    for round in 0..3 {
        daemon.kill();
        daemon = shop.start().await;
        // Customers go on beside it.
        let chat = format!("c{round}");
        let opened = json!({ "chat_id": chat, "sender": { "id": chat } });
        daemon.webhook(&chat, "conversation.opened", opened).await.unwrap();
        eventually("the welcome", async || {
            replies(&platform.received()).iter().any(|(answered, _)| *answered == chat).then_some(())
        })
        .await;
    }
    platform.after_quiet().await;
    assert_eq!(notices(&platform).len(), 1, "one day, one notice");
}
