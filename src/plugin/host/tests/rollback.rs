//! A version that ran before can run again, whatever became of its file.

use std::fs;

use serde_json::json;

use super::{Facts, Shop, guests, offer, said, start};
use crate::plugin::host::{PluginHost, PluginState, RolledBack};

fn greeting(version: &str, text: &str) -> Vec<u8> {
    guests::replier("greeting", version, text)
}

fn entry() -> serde_json::Value {
    json!({ "greeting": { "grants": ["reply"] } })
}

/// Version 1, then 2, then 3.
fn shop() -> Shop {
    let shop = Shop::with(&[("greeting.wasm", greeting("0.1.1", "one"))], entry());
    shop.put("greeting.wasm", &greeting("0.1.2", "two"));
    shop.put("greeting.wasm", &greeting("0.1.3", "three"));
    shop
}

fn restart(shop: &Shop) -> std::sync::Arc<PluginHost> {
    start(shop.dir.path(), entry())
}

fn says(host: &PluginHost) -> Option<String> {
    said(&offer(host, &Facts::default())).map(str::to_owned)
}

fn reason(host: &PluginHost) -> String {
    host.status()[0].reason.clone().unwrap_or_default()
}

#[test]
fn a_roll_back_tells_from_where_to_where_and_the_next_goes_further_back() {
    let shop = shop();
    let RolledBack { from, to } = shop.host.roll_back("greeting", None).unwrap();
    assert!(from.starts_with("0.1.3 (") && to.starts_with("0.1.2 ("), "{from} {to}");
    assert_eq!(said(&shop.offer()), Some("two"));
    let reason = shop.reason("greeting");
    assert!(reason.starts_with(&format!("rolled back from {from} to {to}")), "{reason}");
    assert_eq!(shop.status("greeting").rolled_back_from, Some(from));

    shop.host.roll_back("greeting", None).unwrap();
    assert_eq!(said(&shop.offer()), Some("one"), "further back, not forward to the bad one");
    let refusal = shop.host.roll_back("greeting", None).unwrap_err().to_string();
    assert_eq!(refusal, "no earlier version of `greeting` is kept");
    assert_eq!(said(&shop.offer()), Some("one"));
}

#[test]
fn one_goes_forward_only_by_name() {
    let shop = shop();
    shop.host.roll_back("greeting", Some("0.1.1")).unwrap();
    assert_eq!(said(&shop.offer()), Some("one"));
    let refusal = shop.host.roll_back("greeting", Some("9.9.9")).unwrap_err().to_string();
    assert!(refusal.contains("no kept version `9.9.9`") && refusal.contains("0.1.3 ("), "{refusal}");
    shop.host.roll_back("greeting", Some("0.1.3")).unwrap();
    assert_eq!(said(&shop.offer()), Some("three"));
    assert_eq!(shop.status("greeting").rolled_back_from, None);
}

#[test]
fn it_lasts_until_the_file_changes_and_a_restart_does_not_end_it() {
    let shop = shop();
    shop.host.roll_back("greeting", None).unwrap();
    shop.host.refresh_all();
    assert_eq!(said(&shop.offer()), Some("two"), "looking at the same file again changes nothing");
    for _ in 0..2 {
        let host = restart(&shop);
        assert_eq!(says(&host).as_deref(), Some("two"));
        assert!(reason(&host).starts_with("rolled back from 0.1.3"), "{}", reason(&host));
    }
    let host = restart(&shop);
    shop.write("greeting.wasm", &greeting("0.1.4", "four"));
    host.refresh("greeting.wasm");
    assert_eq!(says(&host).as_deref(), Some("four"));
    assert_eq!(reason(&host), "");
    host.roll_back("greeting", None).unwrap();
    assert_eq!(says(&host).as_deref(), Some("three"));
}

#[test]
fn a_file_changed_while_the_daemon_was_down_ends_it_too() {
    let shop = shop();
    shop.host.roll_back("greeting", None).unwrap();
    shop.write("greeting.wasm", &greeting("0.1.4", "four"));
    assert_eq!(says(&restart(&shop)).as_deref(), Some("four"));
}

#[test]
fn versions_from_before_a_restart_can_be_gone_back_to() {
    let shop = shop();
    let host = restart(&shop);
    assert_eq!(says(&host).as_deref(), Some("three"));
    host.roll_back("greeting", None).unwrap();
    assert_eq!(says(&host).as_deref(), Some("two"));
}

#[test]
fn a_bad_file_found_at_start_leaves_the_old_version_running() {
    let shop = shop();
    shop.write("greeting.wasm", b"half written");
    let host = restart(&shop);
    assert_eq!(says(&host).as_deref(), Some("three"));
    assert!(reason(&host).contains("the newest greeting.wasm is refused: it is not WebAssembly"), "{}", reason(&host));
    assert_eq!(host.status()[0].state, PluginState::Active);
}

#[test]
fn what_cannot_be_rolled_back_goes_on_as_it_is() {
    let shop = Shop::with(&[("greeting.wasm", greeting("0.1.1", "one"))], entry());
    assert!(shop.host.roll_back("greeting", None).is_err());
    assert!(shop.host.roll_back("nobody", None).is_err());
    shop.put("greeting.wasm", &greeting("0.1.2", "two"));
    for folder in fs::read_dir(shop.dir.path().join("versions")).unwrap() {
        fs::remove_dir_all(folder.unwrap().path()).unwrap();
    }
    let refusal = shop.host.roll_back("greeting", None).unwrap_err().to_string();
    assert!(refusal.starts_with("version 0.1.1 (") && refusal.contains("cannot be run again"), "{refusal}");
    assert_eq!(said(&shop.offer()), Some("two"));
}

#[test]
fn versions_of_a_plugin_that_is_gone_are_forgotten_at_the_next_start() {
    let shop = shop();
    shop.remove("greeting.wasm");
    restart(&shop);
    assert_eq!(fs::read_dir(shop.dir.path().join("versions")).unwrap().count(), 0);
}
