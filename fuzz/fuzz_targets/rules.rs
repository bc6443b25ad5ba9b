#![no_main]
use nightclerk::engine::{Playbook, PlaybookSettings};
use nightclerk_fuzz::{decide, fuzz_target};

// Rules, and below a line of dashes what a customer writes to a store that has them.
fuzz_target!(|text: &str| {
    let (rules, words) = text.split_once("\n---\n").unwrap_or((text, "Do you ship abroad?"));
    let Ok(rules) = toml::from_str(rules) else { return };
    let settings = PlaybookSettings { rules, ..PlaybookSettings::default() };
    if let Ok(playbook) = Playbook::compile(settings) {
        decide(&playbook, words);
    }
});
