//! The examples of plugins in C and Python are built as their documents say, and run in the daemon's own host.
//!
//! They need `wit-bindgen` (`cargo install wit-bindgen-cli`), a `clang` and `wasm-ld` that know WebAssembly, and `componentize-py`
//! (`pip install componentize-py`), which `cargo test --workspace` asks for none; run them with
//! `cargo test --workspace --test other_languages`.

mod harness;
mod hosted;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use harness::{Daemon, PATIENCE, Shop, chat::Chat, eventually, generic, generic::shop_talking_to, platform::Platform};
use hosted::Bench;
use http::Method;

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

fn said(output: &std::process::Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

async fn is_active(daemon: &Daemon, name: &str) {
    eventually("the plugin", async || {
        let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
        all.as_array().unwrap().iter().any(|it| it["name"] == name && it["state"] == "active").then_some(())
    })
    .await;
}

/// As an author goes, with nothing but the binary and componentize-py.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_plugin_in_python_is_built_tested_and_answers_a_customer_of_the_running_clerk() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.compiled();
    let began = Instant::now();
    let made = shop.run(&["plugin", "new", "hello", "--python"]);
    assert!(made.status.success(), "{}", said(&made));
    let folder = shop.plugins().join("hello");
    let built = shop.run(&["plugin", "build", folder.to_str().unwrap()]);
    assert!(built.status.success(), "{}", said(&built));
    println!("begun and built: {:?}", began.elapsed());
    let scenario = "[[scenario]]\nname = \"it says the hours\"\nknown = true\n[[scenario.step]]\nsays = \"Your hours, please\"\n\
                    contains = [\"right now.\"]\nby = \"plugin:hello\"\n";
    fs::write(shop.plugins().join("hello.test.toml"), scenario).unwrap();
    let tested = shop.run(&["plugin", "test", "hello"]);
    assert!(tested.status.success(), "{}", said(&tested));
    println!("and compiled and tested: {:?}", began.elapsed());

    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\"]\n");
    let daemon = shop.start().await;
    is_active(&daemon, "hello").await;
    println!("and active in the clerk: {:?}", began.elapsed());
    let asked = Instant::now();
    daemon.say("m1", "ana", "Your hours, please").await;
    let sent = eventually("the answer", async || {
        generic::replies(&platform.received()).into_iter().find(|(_, said)| said.contains("right now."))
    })
    .await;
    assert_eq!(sent.0, "ana");
    println!("answered within {:?}", asked.elapsed());
    assert!(daemon.terminate().success());

    // What an author does wrong is told with its line, and the last good one stays.
    let before = fs::read(shop.plugins().join("hello.wasm")).unwrap();
    let app = folder.join("app.py");
    let good = fs::read_to_string(&app).unwrap();
    fs::write(&app, good.replace("def handle(self, context", "def handle(self context")).unwrap();
    let refused = shop.run(&["plugin", "build", folder.to_str().unwrap()]);
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("File \"app.py\", line 10") && said(&refused).contains("SyntaxError"),
        "{}",
        said(&refused)
    );
    assert!(!said(&refused).contains("backtrace"), "{}", said(&refused));
    assert!(fs::read(shop.plugins().join("hello.wasm")).unwrap() == before, "the last good one stays");
    let unfinished =
        fs::read_dir(shop.plugins()).unwrap().flatten().filter(|it| it.file_name().to_string_lossy().starts_with('.'));
    assert_eq!(unfinished.count(), 0);
}

#[test]
fn a_plugin_in_python_for_each_moment_builds_and_is_asked_at_it_and_is_talked_with_while_it_is_written() {
    let shop = Shop::new();
    shop.compiled();
    let moments = [
        "welcome",
        "message",
        "order",
        "payment-reminder",
        "shipping-notice",
        "review-request",
        "timer",
        "shift-begins",
        "daily",
    ];
    let mut arguments = vec!["plugin", "new", "hello", "--python"];
    arguments.extend(moments.iter().flat_map(|moment| ["--hook", moment]));
    let made = shop.run(&arguments);
    assert!(made.status.success(), "{}", said(&made));
    let mut chat = Chat::begin(&shop, &["hello"]).waiting(20 * PATIENCE);
    let loaded = chat.until("nothing is sent");
    for moment in moments {
        assert!(loaded.contains(moment), "{loaded}");
    }
    chat.say("hello");
    assert!(chat.until("decided in ").contains("Welcome to "));
    chat.say("hello");
    assert!(chat.until("decided in ").contains("> Hello!"));
    let app = shop.plugins().join("hello/app.py");
    fs::write(&app, fs::read_to_string(&app).unwrap().replace("Hello!", "Good evening!")).unwrap();
    chat.until("is reloaded: asked at");
    chat.say("hello");
    assert!(chat.until("decided in ").contains("> Good evening!"));
    assert!(chat.end().success());
}
