//! Which file may be which plugin, and what a file may hold.

use serde_json::json;

use super::{Shop, guests, said, start};
use crate::plugin::host::PluginState;

#[test]
fn only_the_file_of_its_name_is_a_plugin_also_after_a_restart() {
    let imposter = guests::replier("greeting", "1.0.0", "imposter");
    let shop = Shop::with(&[("aaa.wasm", imposter)], json!({ "greeting": { "grants": ["reply"] } }));
    assert_eq!(shop.status("aaa").state, PluginState::Refused);
    assert_eq!(
        shop.reason("aaa"),
        "it says that it is the plugin `greeting`, so its file must be called greeting.wasm"
    );
    assert_eq!(shop.offer().actions, None);
    shop.put("greeting.wasm", &guests::replier("greeting", "1.0.0", "the real one"));
    assert_eq!(said(&shop.offer()), Some("the real one"));
    let host = start(shop.dir.path(), json!({ "greeting": { "grants": ["reply"] } }), None);
    assert_eq!(said(&super::offer(&host, &super::Facts::default())), Some("the real one"));
}

/// Found with a component that a public JavaScript tool makes: wasmtime panics over two memories in one adapter.
#[test]
fn a_file_that_makes_the_compiler_panic_is_refused_and_the_next_is_loaded() {
    let shop = Shop::with(
        &[("panics.wasm", guests::panics_the_compiler("panics"))],
        json!({ "panics": {}, "greeting": { "grants": ["reply"] } }),
    );
    assert_eq!(shop.status("panics").state, PluginState::Refused);
    assert!(shop.reason("panics").contains("panic"), "{}", shop.reason("panics"));
    shop.put("greeting.wasm", &guests::replier("greeting", "1.0.0", "Hello"));
    assert_eq!(said(&shop.offer()), Some("Hello"));
}
