//! Trial calls decide whether a file is taken.

use serde_json::json;

use super::{Shop, guests, said};
use crate::plugin::host::PluginState;

const FAIL: &str = "(call $fail (i32.const 8192) (i32.const LENGTH))";
const MISSING: &str = "settings: missing field `extra`";

fn always_failing(name: &str) -> Vec<u8> {
    guests::component(FAIL, MISSING, &guests::manifest(name, "2.0.0"))
}

#[test]
fn a_version_that_fails_whatever_it_is_asked_does_not_take_a_good_ones_place() {
    let entry = json!({ "greeting": { "grants": ["reply"] } });
    let shop = Shop::with(&[("greeting.wasm", guests::replier("greeting", "1.0.0", "good"))], entry);
    shop.put("greeting.wasm", &always_failing("greeting"));
    assert_eq!(said(&shop.offer()), Some("good"));
    let reason = shop.reason("greeting");
    assert!(
        reason.contains("its trial call of `message` failed: it failed: settings: missing field `extra`"),
        "{reason}"
    );
}

#[test]
fn checking_refuses_what_serving_would() {
    let render = |_: &str, _: &str| Ok(String::new());
    let refusal = super::super::check("greeting.wasm", &always_failing("greeting"), |_| None, super::limits(), render)
        .unwrap_err();
    assert!(refusal.to_string().contains("missing field `extra`"), "{refusal}");
}

#[test]
fn a_setting_that_only_the_store_knows_is_tried_with_the_stores_word() {
    let mut manifest = guests::manifest("greeting", "1.0.0");
    manifest["settings"]["mode"] = json!({ "type": "string" });
    // Fails unless its mode is `wild`, as one with an address to call might.
    let body = format!(
        "(if (result i32) (call $is_wild) (then {}) (else (call $fail (i32.const 8192) (i32.const 1))))",
        guests::REPLY
    );
    let plugin = guests::component(&body, "Hello", &manifest);
    let shop = Shop::with(&[("greeting.wasm", plugin.clone())], json!({}));
    assert_eq!(shop.status("greeting").state, PluginState::Waiting, "nobody can know yet");
    let entry = |mode: &str| json!({ "greeting": { "grants": ["reply"], "settings": { "mode": mode } } });
    assert_eq!(said(&Shop::with(&[("greeting.wasm", plugin.clone())], entry("wild")).offer()), Some("Hello"));
    let refused = Shop::with(&[("greeting.wasm", plugin)], entry("tame"));
    assert_eq!(refused.status("greeting").state, PluginState::Refused);
}

#[test]
fn what_makes_the_compiler_panic_is_refused_and_the_daemon_goes_on() {
    // A component whose adapter needs two memories, which the runtime takes for impossible.
    let source = r#"(component
        (core module $a (memory (export "m") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
            (func (export "f") (param i32 i32)))
        (core module $b (import "" "f" (func (param i32 i32))))
        (component $inner
            (core instance $i (instantiate $a))
            (func (export "f") (param "s" string) (canon lift (core func $i "f") (memory (core memory $i "m")) (realloc (core func $i "realloc")))))
        (core module $memory (memory (export "m") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
        (instance $inner (instantiate $inner))
        (core instance $m (instantiate $memory))
        (core func $f (canon lower (func $inner "f") (memory (core memory $m "m"))))
        (core instance $user (instantiate $b (with "" (instance (export "f" (func $f))))))
        (instance $hook)
        (export "nightclerk:plugin/on-message@1.0.0" (instance $hook)))"#;
    let component = wat::parse_str(source).unwrap();
    let manifest = guests::manifest("bad", "1.0.0").to_string();
    let bad = crate::plugin::contract::manifest::attach(&component, manifest.as_bytes());
    let shop = Shop::with(
        &[("bad.wasm", bad), ("good.wasm", guests::replier("good", "1.0.0", "Hello"))],
        json!({ "bad": {}, "good": { "grants": ["reply"] } }),
    );
    assert_eq!(shop.status("bad").state, PluginState::Refused);
    assert!(shop.reason("bad").contains("it does not compile: the compiler gave up on it"), "{}", shop.reason("bad"));
    assert_eq!(said(&shop.offer()), Some("Hello"));
}
