//! What the author of a plugin may rely on who tries it before any customer meets it.

use std::fs;

use crate::harness::{Shop, built_plugin, chat::Chat, eventually, generic::shop_talking_to, platform::Platform};
use http::Method;
use serde_json::{Value, json};

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a command that succeeds says in JSON.
fn json_of(shop: &Shop, arguments: &[&str]) -> Value {
    let output = shop.run(arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output)))
}

const ECHO: &str = r#"
export const manifest = { version: "1.2.0", description: "Says it again", capabilities: ["reply", "tag", "kv", "http:api.example.com"] };
export async function message(context, message) {
  if (message.text === "fail")
    throw new Error("as asked");
  if (message.text === "rate") {
    try {
      const answer = await clerk.http("https://api.example.com/rate");
      return `rate ${answer.json().rate} (${answer.status})`;
    } catch (error) { return `no rate: ${error.message}`; }
  }
  console.log(`heard ${message.text}`);
  clerk.kv.set("seen", String(Number(clerk.kv.get("seen") ?? 0) + 1));
  return [`${context.storeName}, ${context.localTime}, ${context.open}: ${message.text}`, { tag: "heard" }];
}
"#;

fn shop_with_echo(grants: &str) -> Shop {
    let shop = Shop::new();
    shop.write("plugins.toml", &format!("[echo]\ngrants = [{grants}]\n"));
    shop.write(
        "hours.toml",
        "timezone = \"Asia/Shanghai\"\n[[shift]]\nname = \"day\"\nfrom = \"09:00\"\nuntil = \"18:00\"\n",
    );
    fs::write(shop.plugins().join("echo.js"), ECHO).unwrap();
    shop
}

#[test]
fn one_call_shows_what_the_clerk_would_do_and_why_it_would_not() {
    let shop = shop_with_echo(r#""reply", "tag", "kv", "http:api.example.com""#);
    shop.compiled();
    let context = shop.config().with_file_name("context.json");
    fs::write(&context, r#"{ "store": { "name": "Tea House" }, "keys": { "seen": "41" } }"#).unwrap();
    let context = context.to_str().unwrap();
    let at = "2026-11-26T21:30:00+08:00";
    let ran = json_of(&shop, &["plugin", "run", "echo", "--text", "hi", "--context", context, "--at", at, "--json"]);
    assert_eq!(ran["outcome"], "took", "{ran}");
    assert_eq!(ran["actions"][0]["content"]["text"], "Tea House, 2026-11-26T21:30:00+08:00, false: hi");
    assert_eq!(ran["actions"][1], json!({ "type": "tag", "tag": "heard" }));
    assert_eq!(ran["log"], json!([{ "level": "info", "text": "heard hi" }]));
    assert_eq!(ran["keys"], json!([{ "key": "seen", "value": "\"42\"", "expires_ms": null }]));
    assert!(ran["time_us"].as_u64().unwrap() > 0 && ran["memory_bytes"].as_u64().unwrap() > 64 * 1024, "{ran}");
    assert_eq!(ran["all_granted"], false);

    // The same in words, and by its file.
    let file = shop.plugins().join("echo.js");
    let words = shop.run(&["plugin", "run", file.to_str().unwrap(), "--moment", "message", "--text", "hi"]);
    assert!(words.status.success(), "{}", text(&words));
    assert!(text(&words).contains("answered in the clerk's place:") && text(&words).contains("key    seen = \"1\""));

    let failed = shop.run(&["plugin", "run", "echo", "--text", "fail", "--json"]);
    assert_eq!(failed.status.code(), Some(1));
    let failed: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert_eq!(failed["outcome"], "failed");
    assert_eq!(failed["place"]["file"], "echo.js", "{failed}");
    assert_eq!(failed["place"]["line"], 5, "{failed}");

    // Grants are the store's own.
    shop.write("plugins.toml", "[echo]\ngrants = [\"reply\", \"kv\"]\n");
    let refused = json_of(&shop, &["plugin", "run", "echo", "--text", "hi", "--json"]);
    assert_eq!(refused["outcome"], "failed");
    assert!(refused["why"].as_str().unwrap().contains("add \"tag\" to the grants of [echo]"), "{refused}");

    let wrong = shop.run(&["plugin", "run", "echo", "--moment", "daily"]);
    assert!(text(&wrong).contains("echo is not asked at `daily`, only at message"), "{}", text(&wrong));
    let nobody = shop.run(&["plugin", "run", "ehco", "--text", "hi"]);
    assert!(text(&nobody).contains("no plugin of that name"), "{}", text(&nobody));
}

#[test]
fn nobody_outside_is_asked_and_what_they_would_answer_can_be_said() {
    let shop = shop_with_echo(r#""reply", "tag", "kv", "http:api.example.com""#);
    shop.compiled();
    let ran = json_of(&shop, &["plugin", "run", "echo", "--text", "rate", "--json"]);
    let said = ran["actions"][0]["content"]["text"].as_str().unwrap();
    assert!(said.starts_with("no rate: ") && said.contains("for --outside"), "{said}");
    assert_eq!(ran["outside"][0]["answered"], false);

    let file = shop.config().with_file_name("outside.json");
    let answers = json!([{ "url": "https://api.example.com/rate", "status": 203, "body": { "rate": 7 } }]);
    fs::write(&file, answers.to_string()).unwrap();
    let outside = file.to_str().unwrap();
    let ran = json_of(&shop, &["plugin", "run", "echo", "--text", "rate", "--outside", outside, "--json"]);
    assert_eq!(ran["actions"][0]["content"]["text"], "rate 7 (203)");
    assert_eq!(ran["outside"], json!([{ "method": "GET", "url": "https://api.example.com/rate", "answered": true }]));
}

#[test]
fn a_shipped_plugin_is_called_by_its_name_and_measured() {
    let shop = Shop::new();
    let ran = json_of(&shop, &["plugin", "run", "greeting", "--json"]);
    assert_eq!((&ran["outcome"], &ran["all_granted"]), (&json!("took"), &json!(true)), "{ran}");
    let figures = json_of(&shop, &["plugin", "bench", "greeting", "--calls", "50", "--json"]);
    let us = |key: &str| figures[key].as_f64().unwrap();
    assert!(0.0 < us("p50_us") && us("p50_us") <= us("p90_us") && us("p90_us") <= us("p99_us"), "{figures}");
    assert_eq!((&figures["calls"], &figures["failures"]), (&json!(50), &json!(0)));
    assert!(figures["memory_bytes"].as_u64().unwrap() >= 64 * 1024);
}

#[test]
fn an_owner_reads_in_plain_words_what_a_plugin_may_do_and_what_a_new_version_wants_more() {
    let shop = shop_with_echo(r#""reply", "kv""#);
    shop.compiled();
    let told = text(&shop.run(&["plugin", "inspect", "echo"]));
    for line in [
        "echo 1.2.0: Says it again",
        "JavaScript, ",
        "at every message, before the store's own rules",
        "answer customers in the clerk's place, or leave them without an answer (reply)",
        "it wishes for more than it may",
        "send anything it knows over the internet to `api.example.com` (http:api.example.com)",
        "add \"tag\", \"http:api.example.com\" to the grants of [echo] in plugins.toml",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    let chinese = shop.command().env("NIGHTCLERK_LANGUAGE", "zh").args(["plugin", "inspect", "echo"]).output().unwrap();
    let chinese = text(&chinese);
    assert!(chinese.contains("把它知道的任何内容经互联网发给 `api.example.com`"), "{chinese}");
    assert!(chinese.contains("每条消息，先于店铺自己的规则") && chinese.contains("要允许它，请把"), "{chinese}");

    let next = shop.config().with_file_name("next");
    fs::create_dir(&next).unwrap();
    let newer = ECHO.replace("\"tag\", ", "\"orders:any\", ").replace("1.2.0", "2.0.0");
    fs::write(next.join("echo.js"), newer).unwrap();
    let file = next.join("echo.js");
    let difference = json_of(&shop, &["plugin", "inspect", file.to_str().unwrap(), "--json"]);
    assert_eq!(difference["difference"]["wishes_added"], json!(["orders:any"]));
    assert_eq!(difference["difference"]["wishes_dropped"], json!(["tag"]));
    assert!(difference["in_place"].as_str().unwrap().starts_with("1.2.0 ("), "{difference}");
    let told = text(&shop.run(&["plugin", "inspect", file.to_str().unwrap()]));
    assert!(told.contains("+ read the orders of all customers (orders:any; not granted)"), "{told}");

    // A component needs nothing compiled for it.
    let told = text(&shop.run(&["plugin", "inspect", built_plugin("greeting").to_str().unwrap()]));
    assert!(told.contains("Rust, ") && told.contains("read the products (catalogue)"), "{told}");
}

#[test]
fn a_new_script_is_asked_at_the_moments_that_were_named_and_loads_as_it_is() {
    let shop = Shop::new();
    shop.compiled();
    for (language, file) in [("--js", "hello.js"), ("--ts", "hello.ts")] {
        let made = shop.run(&[
            "plugin",
            "new",
            "hello",
            language,
            "--hook",
            "welcome",
            "--hook",
            "paymentReminder",
            "--hook",
            "order",
            "--hook",
            "daily",
            "--hook",
            "timer",
            "--hook",
            "message",
        ]);
        assert!(made.status.success(), "{}", text(&made));
        let file = shop.plugins().join(file);
        let checked = shop.run(&["plugin", "check", file.to_str().unwrap()]);
        assert!(checked.status.success(), "{}", text(&checked));
        for trial in
            ["welcome: took it", "payment-reminder: took it", "daily: took it", "timer: took it", "message: passed"]
        {
            assert!(text(&checked).contains(trial), "{trial} is not in {}", text(&checked));
        }
        let ran = json_of(
            &shop,
            &["plugin", "run", file.to_str().unwrap(), "--moment", "message", "--text", "hello", "--json"],
        );
        assert_eq!(ran["actions"][0]["content"]["text"], "Hello!");
        fs::remove_file(file).unwrap();
    }
    let wrong = shop.run(&["plugin", "new", "hello", "--js", "--hook", "mesage"]);
    assert!(text(&wrong).contains("there are welcome, message"), "{}", text(&wrong));
}

#[test]
fn a_plugin_in_python_is_begun_without_its_compiler_and_what_to_install_is_said_where_that_is_missing() {
    let shop = Shop::new();
    let nothing = shop.config().with_file_name("nothing");
    fs::create_dir(&nothing).unwrap();
    let without = |arguments: &[&str]| shop.command().env("PATH", &nothing).args(arguments).output().unwrap();
    let made = without(&["plugin", "new", "hello", "--python"]);
    assert!(made.status.success(), "{}", text(&made));
    assert!(text(&made).contains("pip install componentize-py"), "{}", text(&made));
    let folder = shop.plugins().join("hello");
    for file in ["app.py", "manifest.json", "wit/world.wit", "wit/deps/nightclerk/types.wit"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let folder = folder.to_str().unwrap();
    let wanted = ["componentize-py, which builds plugins in Python, is not on the PATH", "pip install componentize-py"];
    let built = without(&["plugin", "build", folder]);
    assert!(!built.status.success());
    assert!(wanted.iter().all(|words| text(&built).contains(words)), "{}", text(&built));
    let chat = Chat::with(&shop, &["hello"], &[("PATH", nothing.to_str().unwrap())]);
    let told = chat.until("pip install componentize-py");
    assert!(told.contains(wanted[0]), "{told}");
    drop(chat);
    assert!(!shop.plugins().join("hello.wasm").exists());

    // A manifest with a mistake is told before anything is compiled.
    let manifest = shop.plugins().join("hello/manifest.json");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace("\"1.0\"", "\"one\"")).unwrap();
    let built = without(&["plugin", "build", folder]);
    assert!(text(&built).contains("manifest.json: its manifest is not usable: `one`"), "{}", text(&built));

    for (arguments, words) in [
        (&["plugin", "new", "hello", "--python"][..], "is there already"),
        (&["plugin", "new", "bye", "--python", "--ts"], "cannot be used with"),
        (&["plugin", "new", "Bye", "--python"], "is no name for a plugin"),
    ] {
        let refused = shop.run(arguments);
        assert!(!refused.status.success() && text(&refused).contains(words), "{}", text(&refused));
    }
}

/// Ended with the test, whatever comes of it.
struct Follower(std::process::Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_logs_is_followed_through_a_restart_of_the_clerk() {
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write("plugins.toml", "[echo]\ngrants = [\"reply\", \"tag\", \"kv\"]\n");
    fs::write(shop.plugins().join("echo.js"), ECHO).unwrap();
    shop.compiled();
    // Compiles the engine, so that the daemon waits for nothing.
    assert!(shop.run(&["plugin", "inspect", "echo"]).status.success());
    let daemon = shop.start().await;
    daemon.until_active("echo").await;
    daemon.say("m1", "ana", "first").await;
    eventually("the first line", async || {
        text(&shop.run(&["plugin", "logs", "echo"])).contains("heard first").then_some(())
    })
    .await;
    let followed = shop.config().with_file_name("followed");
    let file = fs::File::create(&followed).unwrap();
    let _child = Follower(shop.command().args(["plugin", "logs", "-f"]).stdout(file).spawn().unwrap());
    let read = || fs::read_to_string(&followed).unwrap();
    eventually("what was logged before", async || read().contains("echo: heard first").then_some(())).await;
    daemon.say("m2", "ana", "second").await;
    eventually("the next line", async || read().contains("echo: heard second").then_some(())).await;
    assert!(daemon.terminate().success());
    let daemon = shop.start().await;
    daemon.until_active("echo").await;
    daemon.say("m3", "ana", "third").await;
    eventually("the line after the restart", async || read().contains("echo: heard third").then_some(())).await;
    let lines = read();
    for words in ["heard first", "heard second", "heard third"] {
        assert_eq!(lines.matches(words).count(), 1, "{words}: {lines}");
    }
    let nobody = shop.run(&["plugin", "logs", "-f", "ehco"]);
    assert!(text(&nobody).contains("there is no plugin `ehco`"), "{}", text(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_says_of_customers_stands_in_its_own_log_and_nowhere_else() {
    let script = r#"
export const manifest = { version: "1.0.0", capabilities: ["reply"] };
export function message(context, message) {
  console.log(`heard ${message.text}`);
  if (message.text.startsWith("boom"))
    throw new TypeError(`cannot read ${message.text}`);
  return "fine";
}
"#;
    let platform = Platform::start().await;
    let shop = shop_talking_to(&platform);
    shop.write("plugins.toml", "[quote]\ngrants = [\"reply\"]\n");
    fs::write(shop.plugins().join("quote.js"), script).unwrap();
    shop.compiled();
    assert!(shop.run(&["plugin", "inspect", "quote"]).status.success());
    let daemon = shop.start_with(&[("NIGHTCLERK_LOG", "debug")]).await;
    daemon.until_active("quote").await;
    assert_eq!(text(&shop.run(&["plugin", "logs", "quote"])).matches("heard").count(), 0, "a trial is nobody's call");
    daemon.say("m1", "ana", "boom SECRETWORD 13800138000").await;
    let own = eventually("its own log", async || {
        let own = text(&shop.run(&["plugin", "logs", "quote"]));
        own.contains("cannot read boom SECRETWORD 13800138000").then_some(own)
    })
    .await;
    assert!(own.contains("heard boom SECRETWORD") && own.contains("quote.js:6:"), "{own}");
    let log = eventually("the clerk's log", async || Some(shop.log()).filter(|it| it.contains("was skipped"))).await;
    assert!(log.contains("the plugin was skipped: it failed: quote.js:6:") && log.contains("TypeError"), "{log}");
    let listed = text(&shop.run(&["plugin", "list"]));
    assert!(listed.contains("quote.js:6:"), "{listed}");
    for path in ["/v1/plugins", "/v1/status", "/metrics"] {
        let answer = daemon.admin(Method::GET, path).await.text();
        assert!(!answer.contains("SECRETWORD") && !answer.contains("13800138000"), "{path}: {answer}");
    }
    for public in [log, listed] {
        assert!(!public.contains("SECRETWORD") && !public.contains("13800138000"), "{public}");
    }
}
