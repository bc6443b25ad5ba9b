//! The examples of plugins in C and Python are built as their documents say, and run in the daemon's own host.
//!
//! They need `wit-bindgen` (`cargo install wit-bindgen-cli`), a `clang` and `wasm-ld` that know WebAssembly, and `componentize-py`
//! (`pip install componentize-py`), which `cargo test --workspace` asks for none; run them with
//! `cargo test --workspace --test other_languages`.

mod hosted;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hosted::Bench;

/// The example in a folder of its own, with the contract where its world looks for it.
fn example(language: &str) -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    copy(&root.join("examples/plugins").join(language), dir.path());
    copy(&root.join("sdk/wit/v1"), &dir.path().join("wit/deps/nightclerk"));
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { _ = fs::copy(entry.path(), to).unwrap() }
    }
}

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Attaches the manifest, and asks the plugin what it is asked by customers.
fn says_whether_the_store_is_open(folder: &Path, name: &str) {
    let file: PathBuf = folder.join(format!("{name}.wasm"));
    run(
        folder,
        env!("CARGO_BIN_EXE_nightclerk"),
        &["plugin", "pack", file.to_str().unwrap(), "--manifest", "manifest.json"],
    );
    let bench = || -> Bench { Bench::of(name, (format!("{name}.wasm"), fs::read(&file).unwrap()), &["reply"]) };
    let mut closed = bench();
    assert_eq!(closed.message("Are you open?").text(), "Tea House is closed; people are back tomorrow at 09:00.");
    assert!(closed.message("Hello").passed());
    assert_eq!(bench().open(true).message("open").text(), "Tea House is open.");
    assert_eq!(bench().back(None).message("open").text(), "Tea House is closed.");
}

#[test]
fn a_plugin_in_python_is_a_plugin() {
    let dir = example("python");
    let arguments = ["-d", "wit", "-w", "hello", "componentize", "app", "--stub-wasi", "-o", "hello-python.wasm"];
    run(dir.path(), "componentize-py", &arguments);
    says_whether_the_store_is_open(dir.path(), "hello-python");
}

#[test]
fn a_plugin_in_c_is_a_plugin() {
    let dir = example("c");
    run(dir.path(), "sh", &["build.sh"]);
    says_whether_the_store_is_open(dir.path(), "hello-c");
}
