//! The contract's numbers in words.

use std::{collections::BTreeMap, fs, path::Path};

/// Each with what it bounds. `{}` is the number.
const WORDS: [(&str, &str); 25] = [
    ("actions", "{} actions in one answer"),
    ("notices", "{} of them words to people of the store"),
    ("new_tickets", "{} of them new tickets"),
    ("new_timers", "{} of them new timers"),
    ("new_timers_of_a_timer", "{} new timer set by a timer"),
    ("timer_ahead_days", "{} days to the furthest timer"),
    ("timer_after_timer_seconds", "{} seconds at least from a timer to the one it sets"),
    ("choices", "{} choices under a question"),
    ("name_bytes", "{} bytes of a name: a tag, label, kind, team or order number; one line"),
    ("url_bytes", "{} bytes of a URL"),
    ("questions", "{} questions in one call; a plugin that asks more is stopped"),
    ("log_lines", "{} lines of log from one call; more are dropped"),
    ("products", "{} products found at once"),
    ("orders", "{} orders listed"),
    ("key_bytes", "{} bytes of a key"),
    ("value_bytes", "{} bytes of a value"),
    ("writes", "{} keys written in one call"),
    ("keys_page", "{} keys listed at once"),
    ("deletes_by_prefix", "{} keys deleted by their beginning at once"),
    ("fetches", "{} calls to the outside in one call"),
    ("fetched_bytes", "{} bytes of an answer from outside"),
    ("fetched_headers", "{} headers of an answer from outside; more are left out"),
    ("given_text_bytes", "{} bytes of a text that is handed over; longer ones are cut"),
    ("given_items", "{} items of a list that is handed over"),
    ("given_media", "{} pictures and the like of a message"),
];
/// Which of them bound a question, beside those that the contract's own words name.
pub fn of(interface: &str, function: &str) -> &'static [&'static str] {
    match (interface, function) {
        ("kv", "set" | "compare-and-set") => &["key_bytes", "value_bytes", "writes"],
        ("kv", "delete") => &["writes"],
        ("tickets", "open") => &["given_items"],
        ("http", "send") => &["fetches", "fetched_bytes", "fetched_headers"],
        _ => &[],
    }
}

/// What is to be granted for a question; nothing for none.
pub fn grant(interface: &str) -> Option<&'static str> {
    Some(match interface {
        "orders" => "`orders`, unless it is the order at hand; `orders:any` for other customers'",
        "catalogue" => "`catalogue`",
        "kv" => "`kv`",
        "tickets" => "`ticket`",
        "http" => "`http:<host>[:<port>][/<path>]`",
        _ => return None,
    })
}

pub fn numbers(root: &Path) -> BTreeMap<String, u64> {
    serde_json::from_slice(&fs::read(root.join("sdk/wit/v1/limits.json")).unwrap()).unwrap()
}

/// The limit in words.
pub fn says(numbers: &BTreeMap<String, u64>, key: &str) -> String {
    let (_, words) = WORDS.iter().find(|(known, _)| *known == key).unwrap_or_else(|| panic!("what is {key}?"));
    words.replacen("{}", &numbers[key].to_string(), 1)
}

pub fn all() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(key, _)| *key)
}

pub fn are_all_explained(root: &Path) {
    for key in numbers(root).keys() {
        assert!(all().any(|known| known == key), "what does {key} bound?");
    }
}
