//! A plugin that keeps failing is left alone for a while, and then asked again.

use serde_json::json;

use super::{Shop, entries, guests, said, trace};
use crate::plugin::host::PluginState;

const MINUTE_MS: i64 = 60_000;

/// A plugin that was set to `wild` after it was loaded, and traps since; it is asked before one that answers.
fn shop() -> Shop {
    let files = [
        ("wild.wasm", guests::wild("wild", "(unreachable)", "")),
        ("calm.wasm", guests::replier("calm", "1.0.0", "all is well")),
    ];
    let shop = Shop::with(&files, plugins("calm"));
    shop.host.reconfigure(entries(plugins("wild")));
    shop
}

fn plugins(mode: &str) -> serde_json::Value {
    json!({
        "wild": { "grants": ["reply"], "settings": { "mode": mode } },
        "calm": { "order": 1, "grants": ["reply"] },
    })
}

fn set_aside() -> Shop {
    let shop = shop();
    for customer in ["ana", "bo", "cai"] {
        assert_eq!(said(&shop.offer_to(customer, 0)), Some("all is well"));
    }
    shop
}

#[test]
fn a_plugin_that_fails_for_several_customers_is_set_aside_and_says_until_when() {
    let shop = set_aside();
    let status = shop.status("wild");
    assert_eq!((status.state, status.calls, status.failures), (PluginState::SetAside, 3, 3));
    assert!(shop.reason("wild").contains("failed 3 times in a row, for several customers"), "{}", shop.reason("wild"));
    assert!(status.set_aside_until_ms.is_some());
    assert_eq!(trace(&shop.offer_to("dora", MINUTE_MS - 1))[0], "skipped: it is set aside");
    assert_eq!(shop.status("wild").calls, 3);
}

#[test]
fn one_customer_alone_sets_nothing_aside() {
    let shop = shop();
    for _ in 0..20 {
        assert_eq!(said(&shop.offer_to("mallory", 0)), Some("all is well"));
    }
    assert_eq!(shop.status("wild").state, PluginState::Active);
}

#[test]
fn it_is_tried_again_after_a_minute_then_after_two() {
    let shop = set_aside();
    shop.offer_to("dora", MINUTE_MS);
    assert_eq!(shop.status("wild").calls, 4, "one is let through");
    shop.offer_to("eli", 2 * MINUTE_MS);
    assert_eq!(shop.status("wild").calls, 4, "it failed, so the wait is longer");
    shop.offer_to("eli", 3 * MINUTE_MS);
    assert_eq!(shop.status("wild").calls, 5);
}

#[test]
fn a_changed_entry_is_a_new_chance_and_one_that_did_not_change_is_none() {
    let shop = set_aside();
    shop.host.reconfigure(entries(plugins("wild")));
    assert_eq!(shop.status("wild").state, PluginState::SetAside);
    shop.host.reconfigure(entries(plugins("calm")));
    assert_eq!(shop.status("wild").state, PluginState::Active);
    assert_eq!(trace(&shop.offer())[0], "passed");
}

#[test]
fn a_mended_file_is_a_new_chance() {
    let shop = set_aside();
    shop.put("wild.wasm", &guests::replier("wild", "1.0.1", "mended"));
    assert_eq!(shop.status("wild").state, PluginState::Active);
    assert_eq!(said(&shop.offer()), Some("mended"));
}

#[test]
fn it_can_be_reinstated_by_hand() {
    let shop = set_aside();
    shop.host.reinstate("wild").unwrap();
    assert_eq!(shop.status("wild").state, PluginState::Active);
    assert!(shop.host.reinstate("wild").is_err());
    assert!(shop.host.reinstate("nobody").is_err());
    shop.offer_to("ana", 0);
    assert_eq!(shop.status("wild").calls, 4);
}
