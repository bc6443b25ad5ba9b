//! The cases of `sdk/conformance` with a plugin that is a script.

use std::fs;

use serde_json::json;

#[path = "conformance/suite.rs"]
mod suite;

#[test]
fn a_script_is_answered_refused_and_limited_as_every_plugin() {
    let dir = tempfile::tempdir().unwrap();
    let host = suite::host_in(dir.path());
    let script = fs::read_to_string(suite::folder("script/conformance.js")).unwrap();
    let put = |wishes: &[String]| {
        let source = script.replace("[\"@wishes@\"]", &json!(wishes).to_string());
        fs::write(dir.path().join("plugins/conformance.js"), source).unwrap();
    };
    put(&[]);
    host.load_dir();
    host.make_scripts_ready();
    let mut cases = suite::all(&suite::folder("cases"));
    cases.sort_by(|(_, one), (_, other)| one.wishes.cmp(&other.wishes));
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|(file, case)| {
            put(&case.wishes);
            suite::wrong(&host, file, case, as_a_script)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A script passes where it has nothing to do, and its errors begin with their place.
fn as_a_script(outcome: &str) -> String {
    match outcome.split_once(": Error: ") {
        _ if ["took 0", "added 0"].contains(&outcome) => "passed".to_owned(),
        Some((_, why)) => format!("failed: {}", why.split(" (called at").next().unwrap_or_default()),
        None => outcome.to_owned(),
    }
}
