//! A plugin made for an older file of the contract goes on answering beside newer ones.

use serde_json::json;

use super::{Shop, guests, said, trace};

/// The contract as it was before a getter, an interface and a hook were added.
fn older() -> wit_parser::Resolve {
    let mut contract = guests::contract();
    let package = *contract.package_names.values().next().unwrap();
    let interface = |name: &str| contract.packages[package].interfaces[name];
    let (host, daily) = (interface("host"), interface("on-daily"));
    let tickets = interface("tickets");
    contract.interfaces[host].functions.shift_remove("customer-field").unwrap();
    let worlds: Vec<_> = contract.packages[package].worlds.values().copied().collect();
    for world in worlds {
        let world = &mut contract.worlds[world];
        world.exports.retain(|key, _| !matches!(key, wit_parser::WorldKey::Interface(id) if *id == daily));
        world.imports.retain(|key, _| !matches!(key, wit_parser::WorldKey::Interface(id) if *id == tickets));
    }
    contract
}

#[test]
fn a_plugin_made_for_fewer_hooks_and_getters_answers_beside_a_newer_one() {
    let made_for = |mut contract, name| {
        let body = "(call $also_tag (i32.const 8192) (i32.const LENGTH))";
        let mut manifest = guests::manifest(name, "1.0.0");
        manifest["capabilities"] = json!(["tag"]);
        guests::made_for(&mut contract, "on-message", body, name, &manifest)
    };
    let files = [("older.wasm", made_for(older(), "older")), ("newer.wasm", made_for(guests::contract(), "newer"))];
    let shop = Shop::with(&files, json!({ "older": { "grants": ["tag"] }, "newer": { "grants": ["tag"] } }));
    let answer = shop.offer();
    assert_eq!(trace(&answer), ["added 1 action", "added 1 action"]);
    assert_eq!(answer.also.len(), 2);
}

#[test]
fn a_patch_of_the_contract_is_the_same_contract() {
    let patched = |bytes: Vec<u8>| {
        // The names of a version as long as another may be written over it.
        let (old, new) = (b"@1.0.0", b"@1.0.7");
        let mut bytes = bytes;
        let places: Vec<_> = (0..bytes.len() - old.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
        assert!(!places.is_empty());
        for at in places {
            bytes[at..at + new.len()].copy_from_slice(new);
        }
        bytes
    };
    let files = [("greeting.wasm", patched(guests::replier("greeting", "1.0.0", "Hello")))];
    let shop = Shop::with(&files, json!({ "greeting": { "grants": ["reply"] } }));
    assert_eq!(said(&shop.offer()), Some("Hello"), "{}", shop.reason("greeting"));
}
