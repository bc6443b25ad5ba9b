//! The cases of `sdk/conformance` in the daemon's own plugin host, with the conformance plugin compiled for it.
//!
//! It needs a compiler for WebAssembly, which `cargo test --workspace` asks for none; run it with
//! `cargo test --workspace --test conformance`.

use std::fs;

use nightclerk::plugin::{contract::manifest, make::build};
use serde_json::json;

#[path = "conformance/suite.rs"]
mod suite;

#[test]
fn the_host_answers_every_case_as_the_suite_says() {
    let out = tempfile::tempdir().unwrap();
    let built = build::build(&[suite::folder("plugin")], out.path(), &|_| ()).unwrap();
    let component = fs::read(&built[0].file).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let host = suite::host_in(dir.path());
    let ask = |(file, case): &(String, suite::Case)| {
        // A file of the same bytes as before is not compiled again.
        let wishing = manifest::rewrite(&component, |manifest| manifest["capabilities"] = json!(case.wishes)).unwrap();
        fs::write(dir.path().join("plugins/conformance.wasm"), wishing).unwrap();
        suite::wrong(&host, file, case, str::to_owned)
    };
    let mut cases = suite::all(&suite::folder("cases"));
    cases.sort_by(|(_, one), (_, other)| one.wishes.cmp(&other.wishes));
    let wrong: Vec<_> = cases.iter().filter_map(ask).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
