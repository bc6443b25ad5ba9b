//! What a plugin makes of its settings once.

use std::sync::Arc;

use serde_json::json;

use super::{Facts, PluginEntry, Shop, entries, guests, limits, said, trial};
use crate::{
    model::{Action, Hook},
    plugin::{
        host::{loader::Loader, outcome::Outcome, seat::Seat, tools::Tools, version::Seated},
        shipped,
    },
    template,
};

/// Gives the settings themselves.
const SETTINGS: &str = "(call $settings (i32.const 3072)) (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store (i32.const 1028) (i32.load (i32.const 3072))) (i32.store (i32.const 1032) (i32.load (i32.const 3076)))
    (i32.const 1024)";
/// Asks for a key of its own, and gives whether it was refused, as a letter: `A` where not, `B` where it was.
const ASKS_FOR_A_KEY: &str = "(call $kv_get (i32.const 8192) (i32.const 3) (i32.const 3072))
    (i32.store8 (i32.const 3072) (i32.add (i32.load8_u (i32.const 3072)) (i32.const 65)))
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store (i32.const 1028) (i32.const 3072)) (i32.store (i32.const 1032) (i32.const 1))
    (i32.const 1024)";

/// A shop with a plugin that makes this of its settings; what it has of it in a call.
fn asked(prepare: &str) -> (Shop, Option<String>) {
    let plugin = guests::that_prepares(prepare, "none", &guests::manifest("one", "1.0.0"));
    let shop = Shop::with(&[("one.wasm", plugin)], json!({ "one": { "grants": ["reply", "kv"] } }));
    let kv = [(("one".to_owned(), "non".to_owned()), b"1".to_vec())].into();
    let facts = Facts { kv, ..Facts::default() };
    let answer = shop.offer_with(&facts);
    let found = said(&answer).map(str::to_owned);
    (shop, found)
}

#[test]
fn what_a_plugin_made_of_its_settings_is_given_to_each_call_until_they_change() {
    let (shop, found) = asked(SETTINGS);
    assert_eq!(found.as_deref(), Some(r#"{"mode":"calm"}"#));
    for mode in ["wild", "calm"] {
        shop.host.reconfigure(entries(json!({ "one": { "grants": ["reply"], "settings": { "mode": mode } } })));
        for _ in 0..2 {
            assert_eq!(said(&shop.offer()), Some(format!(r#"{{"mode":"{mode}"}}"#).as_str()));
        }
    }
}

#[test]
fn where_nothing_comes_of_it_calls_are_as_without_it() {
    let fails = "(i32.store8 (i32.const 1024) (i32.const 1)) (i32.store (i32.const 1028) (i32.const 8192))
        (i32.store (i32.const 1032) (i32.const 4)) (i32.const 1024)";
    let too_much = "(i32.store8 (i32.const 1024) (i32.const 0)) (i32.store (i32.const 1028) (i32.const 0))
        (i32.store (i32.const 1032) (i32.const 400000)) (i32.const 1024)";
    let nowhere = "(i32.store8 (i32.const 1024) (i32.const 0)) (i32.store (i32.const 1028) (i32.const -9))
        (i32.store (i32.const 1032) (i32.const 4)) (i32.const 1024)";
    for prepare in ["unreachable", "(loop $for_ever (br $for_ever)) (i32.const 0)", fails, too_much, nowhere] {
        let (shop, found) = asked(prepare);
        assert_eq!(found.as_deref(), Some("none"), "{prepare}");
        assert_eq!(shop.status("one").failures, 0, "{prepare}");
    }
}

#[test]
fn it_learns_of_the_settings_alone_whatever_its_calls_may_see() {
    let (shop, found) = asked(ASKS_FOR_A_KEY);
    assert_eq!(found.as_deref(), Some("B"), "it was given a key");
    assert_eq!(shop.status("one").failures, 0);
}

#[test]
fn a_plugin_in_rust_does_not_read_its_settings_in_a_call() {
    let loader = Loader::new(Tools { limits: limits(), render: template::render }, None).unwrap();
    let bytes = shipped::find("greeting.wasm").unwrap();
    let version = Arc::new(loader.load("greeting.wasm", bytes, |_| None).unwrap());
    let entry: PluginEntry = serde_json::from_value(json!({ "grants": ["reply"] })).unwrap();
    let greets = |seat: &Seat| {
        let seated = Seated { version: version.clone(), seat: Arc::new(seat.clone()) };
        let greeting = match trial::with_sample(Hook::Welcome, |asked| loader.call(&seated, asked)).result {
            Ok(Outcome::Handled(actions)) => match &actions[..] {
                [Action::Reply { content }] => Some(content.to_plain_text()),
                _ => None,
            },
            _ => None,
        };
        (greeting, seated.seat)
    };
    let mut seat = Seat::new(&version.manifest, &entry).unwrap();
    let (greeting, prepared) = greets(&seat);
    assert!(greeting.as_ref().is_some_and(|text| text.contains("Good evening")), "{greeting:?}");
    // What it made of them is all that it has from here on.
    let mut unreadable = (*prepared).clone();
    unreadable.settings = "no settings".to_owned();
    assert_eq!(greets(&unreadable).0, greeting);
    seat.settings = "no settings".to_owned();
    assert_eq!(greets(&seat).0, None, "it would have read them");
}
