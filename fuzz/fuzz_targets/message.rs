#![no_main]
use std::sync::LazyLock;

use nightclerk::engine::{Playbook, PlaybookSettings};
use nightclerk_fuzz::{decide, fuzz_target};

/// The store that comes with the clerk.
static STORE: LazyLock<Playbook> = LazyLock::new(|| {
    let settings = PlaybookSettings {
        store: toml::from_str(include_str!("../../config/store.toml")).expect("a store"),
        hours: toml::from_str(include_str!("../../config/hours.toml")).expect("hours"),
        rules: toml::from_str(include_str!("../../config/rules.toml")).expect("rules"),
        phrases: toml::from_str(include_str!("../../config/phrases.toml")).expect("phrases"),
        catalogue: toml::from_str(include_str!("../../config/catalogue.toml")).expect("a catalogue"),
        orders: toml::from_str(include_str!("../../config/orders.toml")).expect("orders"),
        contacts: toml::from_str(include_str!("../../config/contacts.toml")).expect("contacts"),
        intents: Vec::new(),
    };
    Playbook::compile(settings).expect("the shipped configuration")
});

// What anybody may write: names, amounts, dates, order numbers, any language, any bytes that are text.
fuzz_target!(|words: &str| decide(&STORE, words));
