//! What an operator does with plugins from the command line, on the running daemon and without one.

use std::{
    fs,
    process::{Command, Output},
};

use crate::guests;
use crate::harness::{Daemon, Shop, built_plugin, eventually, generic::shop_talking_to, platform::Platform, root};
use http::Method;
use serde_json::{Value, json};

fn shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    install_greeting(&shop);
    shop.write("plugins.toml", ENTRY);
    shop
}

fn install_greeting(shop: &Shop) {
    fs::copy(built_plugin("greeting"), shop.plugins().join("greeting.wasm")).unwrap();
}

const ENTRY: &str = "# Who may do what.\n[greeting]\ngrants = [\"reply\", \"catalogue\"]  # and no more\n";

/// The greeting plugin as another version of itself.
fn greeting(version: &str) -> Vec<u8> {
    let bytes = fs::read(built_plugin("greeting")).unwrap();
    let edit = |manifest: &mut Value| manifest["version"] = json!(version);
    nightclerk::plugin::contract::manifest::rewrite(&bytes, edit).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a command that must succeed, and gives what it said.
fn run(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// Runs a command that must fail, and gives what it said, on one line.
fn fails(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output).split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

async fn greeting_status(daemon: &Daemon) -> Value {
    let all = daemon.admin(Method::GET, "/v1/plugins").await.json();
    all.as_array().unwrap().iter().find(|it| it["name"] == "greeting").cloned().unwrap_or_default()
}

async fn until_greeting_is(daemon: &Daemon, state: &str) -> Value {
    eventually(state, async || Some(greeting_status(daemon).await).filter(|it| it["state"] == state)).await
}

#[tokio::test]
async fn the_list_shows_the_running_daemons_states_and_what_the_files_say_where_none_runs() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let listed = run(&shop, &["plugin", "list"]);
    assert!(listed.contains("no clerk runs") && listed.contains("granted reply, catalogue"), "{listed}");
    let daemon = shop.start().await;
    fs::write(shop.plugins().join("other.wasm"), "no plugin").unwrap();
    eventually("the refusal", async || {
        run(&shop, &["plugin", "list"]).contains("refused\n    it is not WebAssembly").then_some(())
    })
    .await;
    let listed = run(&shop, &["plugin", "list"]);
    assert!(!listed.contains("no clerk runs"), "{listed}");
    let listed: Value = serde_json::from_str(&run(&shop, &["plugin", "list", "--json"])).unwrap();
    assert_eq!((&listed[0]["name"], &listed[0]["state"]), (&json!("greeting"), &json!("active")));
    drop(daemon);
}

#[tokio::test]
async fn a_plugin_is_disabled_and_enabled_while_the_clerk_runs() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    run(&shop, &["plugin", "disable", "greeting"]);
    until_greeting_is(&daemon, "disabled").await;
    run(&shop, &["plugin", "enable", "greeting"]);
    until_greeting_is(&daemon, "active").await;
    assert_eq!(fs::read_to_string(shop.config().join("plugins.toml")).unwrap(), ENTRY);
    let refusal = fails(&shop, &["plugin", "disable", "greting"]);
    assert!(refusal.contains("has no [greting]") && refusal.contains("did you mean `greeting`?"), "{refusal}");
}

#[tokio::test]
async fn a_roll_back_says_from_where_to_where_and_outlives_a_restart() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    fs::write(shop.plugins().join("greeting.wasm"), greeting("1.0.0")).unwrap();
    let daemon = shop.start().await;
    fs::write(shop.plugins().join("next"), greeting("1.0.1")).unwrap();
    fs::rename(shop.plugins().join("next"), shop.plugins().join("greeting.wasm")).unwrap();
    eventually("the new version", async || (greeting_status(&daemon).await["version"] == "1.0.1").then_some(())).await;
    let words = run(&shop, &["plugin", "rollback", "greeting"]);
    assert!(words.contains("from 1.0.1 (") && words.contains("to 1.0.0 ("), "{words}");
    shop.logged("rolled back").await;
    daemon.kill();
    let daemon = shop.start().await;
    let status = greeting_status(&daemon).await;
    assert_eq!((&status["version"], &status["state"]), (&json!("1.0.0"), &json!("active")));
    let listed = run(&shop, &["plugin", "list"]);
    assert!(listed.contains("active, rolled back") && listed.contains("rolled back from 1.0.1 ("), "{listed}");
    let refusal = fails(&shop, &["plugin", "rollback", "greeting"]);
    assert!(refusal.contains("no earlier version of `greeting` is kept"), "{refusal}");
    run(&shop, &["plugin", "rollback", "greeting", "--to", "1.0.1"]);
    assert_eq!(greeting_status(&daemon).await["version"], "1.0.1");
}

#[tokio::test]
async fn a_plugin_that_fails_for_everybody_is_set_aside_until_it_is_reinstated_or_its_entry_mended() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let text = fs::read_to_string(shop.config().join("nightclerk.toml")).unwrap();
    shop.write("nightclerk.toml", &text.replace("[plugins]", "[plugins]\nfailures_before_set_aside = 1"));
    let daemon = shop.start().await;
    let settings = greeting_status(&daemon).await["settings"].clone();
    let texts = settings.as_object().unwrap().iter().filter(|(_, it)| it["type"] == "string");
    let broken: String = texts.map(|(key, _)| format!("{key} = \"{{{{ broken\"\n")).collect();
    let broken = format!("{ENTRY}[greeting.settings]\n{broken}");
    shop.write("plugins.toml", &broken);
    let mut customers = 0..;
    let mut fail = async |until: &str| {
        eventually(until, async || {
            let customer = customers.next().unwrap();
            daemon.say(&format!("m{customer}"), &format!("c{customer}"), "Hello!").await;
            Some(greeting_status(&daemon).await).filter(|it| it["state"] == "set-aside")
        })
        .await
    };
    let status = fail("set aside").await;
    assert!(status["failures"].as_u64() >= Some(4), "its own errors are borne longer: {status}");
    let listed = run(&shop, &["plugin", "list"]);
    assert!(listed.contains("set-aside until "), "{listed}");
    shop.logged("the plugin is set aside until").await;

    run(&shop, &["plugin", "reinstate", "greeting"]);
    assert_eq!(greeting_status(&daemon).await["state"], "active");
    assert!(fails(&shop, &["plugin", "reinstate", "greeting"]).contains("is not set aside"));
    fail("set aside again").await;
    shop.write("plugins.toml", ENTRY);
    until_greeting_is(&daemon, "active").await;
}

#[tokio::test]
async fn what_a_plugin_logs_can_be_asked_for() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    let words = run(&shop, &["plugin", "logs", "greeting"]);
    assert!(words.contains("greeting has logged nothing"), "{words}");
    assert!(fails(&shop, &["plugin", "logs", "nobody"]).contains("there is no plugin `nobody`"));
    drop(daemon);
    assert!(fails(&shop, &["plugin", "logs", "greeting"]).contains("start it with `nightclerk serve`"));
}

#[tokio::test]
async fn the_api_describes_the_plugins_it_lists() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    let described = daemon.admin(Method::GET, "/v1/openapi.json").await.json();
    let schema = &described["components"]["schemas"]["PluginStatus"]["properties"];
    let status = greeting_status(&daemon).await;
    for key in status.as_object().unwrap().keys() {
        assert!(schema.get(key).is_some(), "{key} is not described");
    }
    let answer = &described["paths"]["/v1/plugins"]["get"]["responses"]["200"];
    assert!(answer.to_string().contains("#/components/schemas/PluginStatus"), "{answer}");
    for path in ["/v1/plugins/{name}/rollback", "/v1/plugins/{name}/reinstate", "/v1/plugins/{name}/logs"] {
        assert!(described["paths"].get(path).is_some(), "{path}");
    }
    let unknown = daemon.admin(Method::POST, "/v1/plugins/nobody/rollback").await;
    assert_eq!(unknown.status, http::StatusCode::NOT_FOUND);
}

#[test]
fn check_fails_wherever_the_daemon_would_refuse_and_lists_the_settings() {
    let shop = Shop::new();
    install_greeting(&shop);
    shop.write("plugins.toml", ENTRY);
    let words = run(&shop, &["plugin", "check"]);
    assert!(words.contains("can be loaded") && words.contains("its entry in plugins.toml is good"), "{words}");
    assert!(words.contains("open_zh: string, default \"") && words.contains("Follows the greeting"), "{words}");

    shop.write("plugins.toml", "");
    let words = run(&shop, &["plugin", "check"]);
    assert!(words.contains("it waits: add [greeting] to plugins.toml with grants = ["), "{words}");

    shop.write("plugins.toml", &format!("{ENTRY}[greeting.settings]\nno_such_setting = 1\n"));
    let words = fails(&shop, &["plugin", "check"]);
    assert!(words.contains("has no setting `no_such_setting`"), "{words}");

    shop.write("plugins.toml", &format!("{ENTRY}[openning-hours]\n"));
    let words = fails(&shop, &["plugin", "check"]);
    assert!(words.contains("[openning-hours] is the entry of no plugin"), "{words}");

    shop.write("plugins.toml", ENTRY);
    fs::rename(shop.plugins().join("greeting.wasm"), shop.plugins().join("hello.wasm")).unwrap();
    let file = shop.plugins().join("hello.wasm");
    for check in [&["plugin", "check", file.to_str().unwrap()][..], &["check"]] {
        let words = fails(&shop, check);
        assert!(words.contains("its file must be called greeting.wasm"), "{words}");
    }
}

#[test]
fn a_component_of_other_tools_becomes_a_plugin_with_a_manifest() {
    let shop = Shop::new();
    let component = built_plugin("greeting");
    let mut manifest = None;
    let bytes = fs::read(&component).unwrap();
    nightclerk::plugin::contract::manifest::rewrite(&bytes, |it| {
        it["name"] = json!("hello");
        manifest = Some(it.clone());
    })
    .unwrap();
    let manifest_file = shop.config().join("manifest.json");
    let out = shop.plugins().join("hello.wasm");
    let (component, manifest_path, out) =
        (component.to_str().unwrap(), manifest_file.to_str().unwrap(), out.to_str().unwrap());
    let pack = ["plugin", "pack", component, "--manifest", manifest_path, "-o", out];

    fs::write(&manifest_file, "{}").unwrap();
    assert!(fails(&shop, &pack).contains("manifest is not usable"));
    assert!(!fs::exists(out).unwrap());
    fs::write(&manifest_file, manifest.unwrap().to_string()).unwrap();
    run(&shop, &pack);
    assert!(run(&shop, &["plugin", "check", out]).contains("hello "));
}

#[test]
fn a_core_module_of_other_tools_becomes_a_plugin_as_well_and_one_that_wants_a_system_does_not() {
    let shop = Shop::new();
    let (module, manifest) = (shop.config().join("hello.wasm"), shop.config().join("manifest.json"));
    let out = shop.plugins().join("hello.wasm");
    fs::write(&manifest, guests::manifest("hello", "1.0.0").to_string()).unwrap();
    let pack = ["plugin", "pack", module.to_str().unwrap(), "--manifest", manifest.to_str().unwrap(), "-o"];
    let pack = [&pack[..], &[out.to_str().unwrap()]].concat();

    fs::write(&module, wat::parse_str(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#).unwrap())
        .unwrap();
    let words = fails(&shop, &pack);
    assert!(words.contains("wasi_snapshot_preview1") && words.contains("hello.wasm"), "{words}");
    assert!(!out.exists());
    fs::write(&module, guests::core_module(&mut guests::contract(), "on-message", guests::REPLY, "Good night"))
        .unwrap();
    run(&shop, &pack);
    assert!(run(&shop, &["plugin", "check", out.to_str().unwrap()]).contains("hello 1.0.0"));
}

#[test]
fn a_reader_that_has_seen_enough_ends_a_command_without_a_word() {
    let shop = Shop::new();
    install_greeting(&shop);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightclerk"));
    command.arg("--config").arg(shop.config()).args(["plugin", "list"]).stdout(writer);
    let output = command.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[tokio::test]
async fn no_customer_steers_the_operators_terminal() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = shop.start().await;
    daemon.say("m1", "an\u{1b}[2Ja", "\u{1b}]0;owned\u{7} \u{202e}txt.exe\u{9b}31m 你好").await;
    let explained = run(&shop, &["explain", "m1"]);
    assert!(explained.contains("\\u001b]0;owned\\u0007 \\u202etxt.exe\\u009b31m 你好"), "{explained}");
    let json = run(&shop, &["explain", "m1", "--json"]);
    for text in [&explained, &json] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{text:?}");
    }
    assert!(json.parse::<Value>().unwrap().to_string().contains("\u{202e}txt.exe"), "it is the same text");
}

/// Far from any clone of the repository.
#[test]
fn a_new_plugin_anywhere_passes_its_test() {
    let folder = tempfile::tempdir().unwrap();
    let nightclerk = Command::new(env!("CARGO_BIN_EXE_nightclerk"))
        .args(["plugin", "new", "hello"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(nightclerk.status.success(), "{nightclerk:?}");
    // The versions of the repository, so that nothing is fetched.
    fs::copy(root().join("Cargo.lock"), folder.path().join("hello/Cargo.lock")).unwrap();
    let tests = Command::new("cargo")
        .args(["test", "--offline"])
        .env("CARGO_TARGET_DIR", root().join("target/new-plugin"))
        .env_remove("RUSTFLAGS")
        .current_dir(folder.path().join("hello"))
        .output()
        .unwrap();
    let words = said(&tests);
    assert!(tests.status.success() && words.contains("test result: ok.") && !words.contains(" 0 passed"), "{words}");
}
