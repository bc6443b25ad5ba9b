use super::*;
use crate::{
    model::Hook,
    plugin::{contract::world, make::scaffold},
};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn quietly(_: &str) {}

#[test]
fn the_shipped_plugins_build_to_components_that_import_the_contract_alone() {
    let out = tempfile::tempdir().unwrap();
    let folders = sources(&repository().join("plugins")).unwrap();
    let built = build(&folders, out.path(), false, &quietly).unwrap();
    let names: Vec<_> = built.iter().map(|it| it.name.as_str()).collect();
    for name in ["greeting", "payment-reminder", "review-request", "shipping-notice"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    for plugin in &built {
        let component = fs::read(&plugin.file).unwrap();
        let manifest = crate::plugin::contract::manifest::read(&component).unwrap();
        assert_eq!((&manifest.name, &manifest.version), (&plugin.name, &plugin.version));
        let imports = imports(&component);
        assert!(imports.iter().all(|it| it.starts_with("nightclerk:plugin/")), "{}: {imports:?}", plugin.name);
        assert!(plugin.bytes < 150_000, "{} has {} bytes", plugin.name, plugin.bytes);
    }
}

#[test]
fn a_new_plugin_builds_as_it_is_and_only_when_something_changed() {
    let parent = tempfile::tempdir().unwrap();
    let folder = scaffold::create("new-plugin", parent.path(), Some(&repository().join("sdk/rust"))).unwrap();
    // The versions and the compiled libraries of the repository, so that nothing is fetched or built twice.
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = repository().join("target");
    fs::create_dir_all(&target).unwrap();
    std::os::unix::fs::symlink(target, folder.join("target")).unwrap();
    let out = parent.path().join("out");
    let build = |only_stale| build(std::slice::from_ref(&folder), &out, only_stale, &quietly);

    let [built] = &build(true).unwrap()[..] else { panic!("one plugin was asked for") };
    assert!(!built.was_fresh);
    let component = fs::read(&built.file).unwrap();
    assert_eq!(crate::plugin::contract::manifest::read(&component).unwrap().name, "new-plugin");
    let hooks: Vec<_> = world::hooks(&component).unwrap().into_iter().map(|it| it.hook).collect();
    assert_eq!(hooks, [Hook::Message]);
    assert!(build(true).unwrap()[0].was_fresh);

    fs::write(folder.join("src/lib.rs"), "this is not Rust").unwrap();
    let before = fs::read(&built.file).unwrap();
    let error = build(true).unwrap_err().to_string();
    assert!(error.contains("src/lib.rs:1"), "{error}");
    assert_eq!(fs::read(&built.file).unwrap(), before, "the last good one stays");
}

#[test]
fn a_folder_without_sources_or_without_a_plugin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let build = |at: &Path| build(&[at.to_owned()], folder.path(), false, &quietly);
    assert!(matches!(build(folder.path()), Err(BuildError::NoSource { .. })));
    assert!(matches!(build(&repository().join("sdk/rust")), Err(BuildError::NotAPlugin { .. })));
}

#[test]
fn names_with_spaces_are_read_from_dep_info() {
    let files = dependencies("/t/x.wasm: /a/lib.rs /a\\ b/c\\ d.rs\n\n/other: /e\n");
    assert_eq!(files, [PathBuf::from("/a/lib.rs"), PathBuf::from("/a b/c d.rs")]);
    assert!(dependencies("").is_empty());
}

/// The names of the functions and instances that a component imports at its top level; types need nobody's leave.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            wasmparser::Payload::Version { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            wasmparser::Payload::ComponentImportSection(section) if depth == 1 => {
                let imports = section.into_iter().map(Result::unwrap);
                let needed = imports.filter(|it| !matches!(it.ty, wasmparser::ComponentTypeRef::Type(_)));
                names.extend(needed.map(|import| import.name.name.to_owned()));
            }
            _ => {}
        }
    }
    names
}
