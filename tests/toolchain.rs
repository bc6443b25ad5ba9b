//! What needs a compiler for WebAssembly. `cargo test --workspace` leaves this out, as it asks for none; run it with
//! `cargo test --workspace --test toolchain`.

use std::{
    fs,
    path::{Path, PathBuf},
};

mod harness;

use harness::{PATIENCE, Shop, chat::Chat};
use nightclerk::{
    model::Hook,
    plugin::{
        contract::{manifest, world},
        make::{build::build, built::BuildError, dist, scaffold},
    },
};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn quietly(_: &str) {}

/// Copies what cargo needs of the repository to build its plugins.
fn copy_of_the_repository() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("fuzz")).unwrap();
    for part in [
        "Cargo.toml",
        "Cargo.lock",
        "plugins",
        "sdk",
        "src",
        "tests",
        "fuzz/Cargo.toml",
        "fuzz/src",
        "fuzz/fuzz_targets",
    ] {
        copy_all(&repository().join(part), &copy.path().join(part));
    }
    copy
}

fn copy_all(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "target" {
            copy_all(&from.join(&name), &to.join(&name));
        }
    }
}

#[test]
#[ignore = "it builds everything twice; where the compilers are the lock's, `.ci/run` compares its own build with the tracked one"]
fn the_shipped_plugins_build_to_the_same_bytes_wherever_they_lie() {
    let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = copy_of_the_repository();
    let built = dist::build(repository(), here.path(), &quietly).unwrap();
    let again = dist::build(copy.path(), elsewhere.path(), &quietly).unwrap();
    assert_eq!((built.len(), again.len()), (4, 4));
    for (one, other) in built.iter().zip(&again) {
        assert!(fs::read(&one.file).unwrap() == fs::read(&other.file).unwrap(), "{} differs", one.name);
    }
    let lock = |folder: &Path| fs::read_to_string(folder.join("lock.toml")).unwrap();
    assert_eq!(lock(here.path()), lock(elsewhere.path()));
}

/// Lends a plugin the versions and the compiled libraries of the repository, so that nothing is fetched or built twice.
fn with_what_is_compiled(folder: &Path) {
    fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = repository().join("target");
    fs::create_dir_all(&target).unwrap();
    std::os::unix::fs::symlink(target, folder.join("target")).unwrap();
}

#[test]
fn a_new_plugin_builds_as_it_is_and_a_broken_one_leaves_the_last_good_one() {
    let parent = tempfile::tempdir().unwrap();
    let folder = scaffold::create("new-plugin", parent.path(), Some(&repository().join("sdk/rust")), &[]).unwrap();
    with_what_is_compiled(&folder);
    let out = parent.path().join("out");
    let build = || build(std::slice::from_ref(&folder), &out, &quietly);

    let [built] = &build().unwrap()[..] else { panic!("one plugin was asked for") };
    let component = fs::read(&built.file).unwrap();
    assert_eq!(manifest::read(&component).unwrap().name, "new-plugin");
    let hooks: Vec<_> = world::hooks(&component).unwrap().into_iter().map(|it| it.hook).collect();
    assert_eq!(hooks, [Hook::Message]);

    fs::write(folder.join("src/lib.rs"), "this is not Rust").unwrap();
    let before = fs::read(&built.file).unwrap();
    let error = build().unwrap_err().to_string();
    assert!(error.contains("src/lib.rs:1"), "{error}");
    assert_eq!(fs::read(&built.file).unwrap(), before, "the last good one stays");
}

#[test]
fn a_plugin_in_rust_is_talked_with_while_it_is_written_and_what_is_saved_answers_the_next_line() {
    let shop = Shop::new();
    shop.compiled();
    let sdk = repository().join("sdk/rust");
    let made = shop.run(&["plugin", "new", "hello", "--sdk", sdk.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = shop.plugins().join("hello");
    with_what_is_compiled(&folder);
    // A first build compiles the standard library as well.
    let mut chat = Chat::begin(&shop, &["hello", "--at", "monday 10:00"]).waiting(20 * PATIENCE);
    let begun = chat.until("nothing is sent");
    assert!(begun.contains("building ") && begun.contains("hello 0.1.0 is loaded: asked at message"), "{begun}");
    assert!(begun.contains("[hello]\n  grants = [\"reply\"]"), "it has no entry, and is told of: {begun}");
    chat.say("Good evening");
    chat.until("decided in ");
    chat.say("Your hours, please");
    let told = chat.until("decided in ");
    assert!(told.contains(" right now.") && told.contains("plugin:hello"), "{told}");
    assert!(
        told.contains("message: the plugins took ") || chat.until("the plugins took").contains("message"),
        "{told}"
    );

    let manifest = folder.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("right now.", "as we speak.")).unwrap();
    chat.until("hello 0.1.0 is reloaded: asked at message");
    chat.say("Your hours, please");
    assert!(chat.until("decided in ").contains(" as we speak."));

    let lib = folder.join("src/lib.rs");
    let good = fs::read_to_string(&lib).unwrap();
    fs::write(&lib, "this is not Rust").unwrap();
    assert!(chat.until("src/lib.rs:1").contains("cargo failed"));
    chat.say("Your hours, please");
    assert!(chat.until("decided in ").contains(" as we speak."), "the last good one goes on");
    fs::write(&lib, good).unwrap();
    chat.until("is reloaded: asked at message");
    assert!(chat.end().success());
    assert!(!shop.plugins().join("hello.wasm").exists(), "no customer is answered with what is being written");
}

#[test]
fn a_folder_without_sources_or_without_a_plugin_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let build = |at: PathBuf| build(&[at], folder.path(), &quietly);
    assert!(matches!(build(folder.path().to_owned()), Err(BuildError::NoSource { .. })));
    assert!(matches!(build(repository().join("sdk/rust")), Err(BuildError::NotAPlugin { .. })));
}
