//! `docs/plugins/reference.md` says what the contract says: it is made of the contract's own words, with their names in
//! JavaScript beside them.

#[path = "reference/in_javascript.rs"]
mod in_javascript;
#[path = "reference/limits.rs"]
mod limits;
#[path = "reference/page.rs"]
mod page;

use std::{fs, path::Path};

const HOW: &str = "NIGHTCLERK_WRITE=1 cargo test --workspace --test reference";

#[test]
fn the_reference_is_what_the_contract_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("docs/plugins/reference.md");
    let made = page::of(root);
    if std::env::var_os("NIGHTCLERK_WRITE").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let there = fs::read_to_string(&file).unwrap_or_default();
    assert!(there == made, "docs/plugins/reference.md is not what sdk/wit says: {HOW}");
}

#[test]
fn every_name_in_javascript_is_one_that_editors_know_and_every_limit_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let declared = fs::read_to_string(root.join("sdk/js/nightclerk.d.ts")).unwrap();
    for name in page::names(root) {
        let is_there = ["(", ":", "?:", "?("].iter().any(|end| declared.contains(&format!("{name}{end}")));
        assert!(is_there, "sdk/js/nightclerk.d.ts has no `{name}`");
    }
    limits::are_all_explained(root);
}
