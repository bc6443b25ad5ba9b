#![no_main]
use nightclerk::rehearsal::scenario::{ScenarioFile, When};
use nightclerk_fuzz::fuzz_target;

// A file of scenarios, and a moment as scenarios name it.
fuzz_target!(|text: &str| {
    let _ = toml::from_str::<ScenarioFile>(text);
    let _ = text.parse::<When>();
});
