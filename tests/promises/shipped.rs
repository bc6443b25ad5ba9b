//! What a store owner may rely on about the plugins that come with the clerk: they are there, and give way to files.

use std::fs;

use crate::harness::{Daemon, ENGINE, SHIPPED, Shop, built_plugin, eventually, eventually_for, root};
use http::Method;
use serde_json::{Value, json};

async fn status(daemon: &Daemon, name: &str) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == name).cloned().unwrap_or(Value::Null)
}

/// The shipped greeting under another version.
fn greeting(version: &str) -> Vec<u8> {
    let bytes = fs::read(built_plugin("greeting")).unwrap();
    let renumber = |manifest: &mut Value| manifest["version"] = json!(version);
    nightclerk::plugin::contract::manifest::rewrite(&bytes, renumber).unwrap()
}

#[tokio::test]
async fn a_machine_without_any_compiler_or_plugin_file_runs_the_shipped_plugins() {
    let shop = Shop::new().with_plugins();
    fs::remove_dir_all(shop.plugins()).unwrap();
    let daemon = shop.start_with(&[("PATH", "")]).await;
    for name in SHIPPED {
        let plugin = status(&daemon, name).await;
        assert_eq!(plugin["state"], "active", "{name}: {plugin}\n{}", shop.log());
    }
    assert_eq!(fs::read_dir(shop.plugins()).unwrap().count(), 0, "the folder is there for the owner's own");
}

#[tokio::test]
async fn a_file_takes_the_place_of_the_shipped_plugin_of_its_name_until_it_is_removed() {
    let shop = Shop::new().with_plugins();
    let file = shop.plugins().join("greeting.wasm");
    fs::write(&file, greeting("7.7.7")).unwrap();
    let daemon = shop.start().await;
    assert_eq!(status(&daemon, "greeting").await["version"], "7.7.7", "{}", shop.log());
    fs::write(&file, greeting("8.8.8")).unwrap();
    eventually("the newer file", async || (status(&daemon, "greeting").await["version"] == "8.8.8").then_some(()))
        .await;
    fs::remove_file(&file).unwrap();
    let shipped = eventually("the shipped one", async || {
        let plugin = status(&daemon, "greeting").await;
        (plugin["version"] == env!("CARGO_PKG_VERSION")).then_some(plugin)
    })
    .await;
    assert_eq!(shipped["state"], "active", "{shipped}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_plugins_as_scripts_take_their_places_with_grants_and_settings() {
    let shop = Shop::new().with_plugins();
    for script in ["greeting.js", "payment-reminder.js", "review-request.js", "shipping-notice.ts"] {
        fs::copy(root().join("examples/plugins").join(script), shop.plugins().join(script)).unwrap();
    }
    let daemon = shop.start().await;
    for name in SHIPPED {
        let plugin = eventually_for(ENGINE, "the script", async || {
            let plugin = status(&daemon, name).await;
            // Until the engine is there the shipped one goes on, with the reason.
            (plugin["state"] == "active" && plugin["reason"].is_null()).then_some(plugin)
        })
        .await;
        let grants: Vec<_> = plugin["granted"].as_array().unwrap().iter().collect();
        assert_eq!(grants.len(), plugin["wants"].as_array().unwrap().len(), "{plugin}");
        assert!(!plugin["file"].as_str().unwrap().ends_with(".wasm"), "{plugin}");
    }
}

#[tokio::test]
async fn a_bad_file_in_its_place_at_start_leaves_the_shipped_plugin_running_and_says_why() {
    let shop = Shop::new().with_plugins();
    fs::write(shop.plugins().join("greeting.wasm"), "not wasm at all").unwrap();
    let daemon = shop.start().await;
    let plugin = status(&daemon, "greeting").await;
    assert_eq!(
        (&plugin["state"], &plugin["version"]),
        (&json!("active"), &json!(env!("CARGO_PKG_VERSION"))),
        "{plugin}"
    );
    assert!(plugin["reason"].as_str().unwrap().contains("greeting.wasm is refused"), "{plugin}");
}

#[test]
fn check_and_list_name_the_shipped_plugins() {
    let shop = Shop::new().with_plugins();
    for command in [["check"].as_slice(), &["plugin", "list"]] {
        let output = shop.run(command);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && SHIPPED.iter().all(|name| text.contains(name)), "{command:?}: {output:?}");
    }
}

#[test]
fn a_shipped_plugin_is_small_says_who_it_is_and_asks_for_nothing_but_the_contract() {
    for name in SHIPPED {
        let component = fs::read(built_plugin(name)).unwrap();
        assert!(component.len() < 165_000, "{name} has {} bytes", component.len());
        let manifest = nightclerk::plugin::contract::manifest::read(&component).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.version.as_str()), (name, env!("CARGO_PKG_VERSION")));
        let imports = imports(&component);
        assert!(imports.iter().all(|it| it.starts_with("nightclerk:plugin/")), "{name}: {imports:?}");
    }
}

/// The names of the functions and instances that a component imports at its top level; types need nobody's leave.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            wasmparser::Payload::Version { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            wasmparser::Payload::ComponentImportSection(section) if depth == 1 => {
                let imports = section.into_iter().map(Result::unwrap);
                let needed = imports.filter(|it| !matches!(it.ty, wasmparser::ComponentTypeRef::Type(_)));
                names.extend(needed.map(|import| import.name.name.to_owned()));
            }
            _ => {}
        }
    }
    names
}
