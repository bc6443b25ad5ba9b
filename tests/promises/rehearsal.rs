//! What an owner may rely on who tries a shop out before it speaks to customers.

use std::{fs, path::Path, process::Output, time::Instant};

use crate::harness::{Shop, chat::Chat, generic, root};

/// A shop with a web chat and a shop system, to which nothing is ever sent.
fn shop() -> Shop {
    let shop = Shop::new();
    let channels = "[[channel]]\nid = \"webchat\"\nkind = \"webchat\"\n";
    shop.write("channels.toml", &format!("{channels}{}", generic::channel("https://shop.invalid")));
    shop
}

fn scenario(shop: &Shop, file: &str, text: &str) {
    fs::create_dir_all(shop.config().join("tests")).unwrap();
    shop.write(&format!("tests/{file}"), text);
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", out(output), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_new_store_has_scenarios_and_all_of_them_are_as_expected() {
    for answers in [
        &["--languages", "zh,en", "--timezone", "Asia/Shanghai"][..],
        &["--languages", "en", "--timezone", "Europe/Berlin", "--hours", "none", "--name", "Tea & Co"],
        &["--languages", "ja,en", "--hours", "22:00-06:00", "--timezone", "America/New_York"],
    ] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("config");
        let run = |arguments: &[&str]| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nightclerk"));
            command.arg("--config").arg(&folder).args(arguments).output().unwrap()
        };
        let init: Vec<_> = ["init", "--yes"].iter().chain(answers).copied().collect();
        let made = run(&init);
        assert!(made.status.success(), "{}", said(&made));
        let tested = run(&["test"]);
        assert!(tested.status.success(), "{answers:?}: {}", said(&tested));
        assert!(out(&tested).contains("all as expected"), "{}", out(&tested));
        assert!(run(&["check"]).status.success(), "the folder of scenarios is no mistake");
    }
}

#[test]
fn our_own_scenarios_are_as_expected_with_the_plugins_that_come_with_the_clerk() {
    let shop = shop().with_plugins();
    let tested = shop.run(&["test", root().join("tests/scenarios").to_str().unwrap()]);
    assert!(tested.status.success(), "{}", said(&tested));
}

#[test]
fn what_comes_out_otherwise_is_named_with_its_line_what_was_expected_and_what_was_said() {
    let shop = shop();
    let text = r#"
[[scenario]]
name = "as it is"
at = "10:00"
[[scenario.step]]
says = "我要退货"
contains = "7 天"

[[scenario]]
name = "as it is not"
at = "10:00"
[[scenario.step]]
says = "我要退货"
contains = ["7 天", "一个月"]
lacks = "换货"
intent = "complaint"
by = "plugin:greeting"
ticket = "complaint"
actions = ["tag vip"]
silent = true
"#;
    // Who is told nothing is told no words: that alone is a mistake of the file's.
    scenario(&shop, "returns.toml", &text.replace("silent = true", "silent = false"));
    let report = shop.data().join("../report.xml");
    let tested = shop.run(&["test", "--junit", report.to_str().unwrap()]);
    assert_eq!(tested.status.code(), Some(1), "{}", said(&tested));
    let told = out(&tested);
    for expected in [
        "ok    ",
        "returns.toml:2  as it is\n",
        "returns.toml:9  as it is not\n",
        "returns.toml:14: expected contains “一个月”",
        "returns.toml:15: expected lacks “换货”",
        "returns.toml:16: expected the intent complaint",
        "instead return",
        "returns.toml:17: expected answered by plugin:greeting",
        "returns.toml:18: expected a ticket complaint",
        "instead a ticket returns",
        "returns.toml:19: expected the action tag vip",
        "Wed 10:00:00  我要退货",
        "2 scenarios, 1 not as expected",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains("contains “7 天”"), "{told}");
    let report = fs::read_to_string(report).unwrap();
    assert!(report.contains("tests=\"2\" failures=\"1\"") && report.contains("returns.toml:14: expected"), "{report}");
}

#[test]
fn a_slip_in_a_scenario_is_refused_at_its_place_and_nothing_of_the_file_is_played() {
    let shop = shop();
    for (text, place, words) in [
        ("[[scenario]]\nname = \"a\"\n[[scenario.step]]\nsay = \"hi\"\n", ":4:1", "unknown field `say`"),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.step]]\nsays = \"hi\"\nintent = \"complaints\"\n",
            ":5:10",
            "complaint",
        ),
        ("[[scenario]]\nname = \"a\"\nat = \"25:00\"\n[[scenario.step]]\nsays = \"hi\"\n", ":3:6", "no time"),
        ("[[scenario]]\nname = \"a\"\nchannel = \"webcat\"\n[[scenario.step]]\nsays = \"hi\"\n", ":3:11", "`webchat`"),
        ("[[scenario]]\nname = \"a\"\n[[scenario.step]]\nsays = \"hi\"\nopens = true\n", ":3:", "two things"),
        ("[[scenario]]\nname = \"a\"\n[[scenario.step]]\nactions = [\"tags vip\"]\nafter = \"1m\"\n", ":4:1", "`tag`"),
        (
            "[[scenario]]\nname = \"a\"\n[[scenario.step]]\norder = { id = \"1\", is = \"payed\" }\n",
            ":4:26",
            "did you mean",
        ),
        ("[[scenario]]\nname = \"a\"\n[[scenario.step]]\ncontains = \"x\"\n", ":3:", "nothing happens"),
        ("[[scenario]]\nname = \"a\"\n", ":2:", "nothing happens"),
        ("[[scenario]\nname = \"a\"\n", ":1:", ""),
    ] {
        scenario(&shop, "slip.toml", text);
        let tested = shop.run(&["test"]);
        assert_eq!(tested.status.code(), Some(2), "{text}: {}", said(&tested));
        let told = said(&tested);
        assert!(told.contains(&format!("slip.toml{place}")) && told.contains(words), "{text}: {told}");
        assert!(!told.contains("as expected"), "{told}");
    }
    assert_eq!(shop.run(&["test", "nowhere"]).status.code(), Some(1));
}

#[test]
fn a_script_is_tried_out_with_answers_from_outside_and_the_file_beside_it_is_found() {
    let shop = shop();
    shop.write("plugins.toml", "[parcel]\ngrants = [\"reply\", \"http:carrier.example\"]\n");
    let script = r#"
        export async function message(context, message) {
            if (!message.text.startsWith("parcel")) return
            try {
                const found = await clerk.http("https://carrier.example/track/" + message.text.split(" ")[1])
                return `It is ${found.json().where}.`
            } catch {
                return "The carrier does not answer."
            }
        }
    "#;
    fs::write(shop.plugins().join("parcel.js"), script).unwrap();
    let text = r#"
[[scenario]]
name = "the carrier knows"
known = true
[[scenario.outside]]
url = "https://carrier.example/track/SF1"
body = '{"where": "in Shanghai"}'
[[scenario.step]]
says = "parcel SF1"
answer = "It is in Shanghai."
by = "plugin:parcel"
[[scenario.step]]
says = "parcel SF2"
answer = "The carrier does not answer."
"#;
    fs::write(shop.plugins().join("parcel.test.toml"), text).unwrap();
    let began = Instant::now();
    let tested = shop.run(&["test"]);
    assert!(tested.status.success(), "{}", said(&tested));
    assert!(out(&tested).contains("parcel.test.toml:2  the carrier knows"), "{}", out(&tested));
    println!("with the script engine compiled: {:?}", began.elapsed());
    assert!(!Path::new(&shop.data()).join("nightclerk.sqlite").exists(), "nothing is kept");
    fs::write(shop.plugins().join("parcel.js"), "export const message = () => oops(;\n").unwrap();
    let tested = shop.run(&["test"]);
    assert_eq!(tested.status.code(), Some(1), "{}", said(&tested));
    assert!(said(&tested).contains("the plugin parcel is not asked: ") && said(&tested).contains("parcel.js:1:"));
}

#[test]
fn the_scenarios_beside_a_plugin_are_played_by_its_name_and_no_others() {
    let shop = shop();
    shop.compiled();
    let missing = shop.run(&["plugin", "test", "hello"]);
    assert!(!missing.status.success());
    assert!(said(&missing).contains("there are no scenarios of hello: ") && said(&missing).contains("hello.test.toml"));

    let story = |name: &str, answer: &str| {
        format!(
            "[[scenario]]\nname = \"{name}\"\nknown = true\n[[scenario.step]]\nsays = \"ping\"\nanswer = \"{answer}\"\nby = \"plugin:hello\"\n"
        )
    };
    fs::write(shop.plugins().join("hello.test.toml"), story("it answers", "pong")).unwrap();
    fs::write(shop.plugins().join("other.test.toml"), story("another's", "never")).unwrap();
    let unwritten = shop.run(&["plugin", "test", "hello"]);
    assert!(!unwritten.status.success(), "{}", said(&unwritten));
    assert!(said(&unwritten).contains("hello"), "{}", said(&unwritten));

    let script = "export const message = (context, message) => message.text === 'ping' ? 'pong' : undefined;\n";
    fs::write(shop.plugins().join("hello.js"), script).unwrap();
    let junit = shop.config().with_file_name("report.xml");
    let file = shop.plugins().join("hello.js");
    for plugin in ["hello", file.to_str().unwrap()] {
        let tested = shop.run(&["plugin", "test", plugin, "--junit", junit.to_str().unwrap()]);
        assert!(tested.status.success(), "{}", said(&tested));
        assert!(out(&tested).contains("hello.test.toml:1  it answers") && !out(&tested).contains("another's"));
        assert!(said(&tested).contains("plugins.toml has no entry of it"), "{}", said(&tested));
    }
    assert!(fs::read_to_string(&junit).unwrap().contains("it answers"));

    // What the store's own entry does not grant, it does not do.
    shop.write("plugins.toml", "[hello]\ngrants = [\"tag\"]\n");
    let ungranted = shop.run(&["plugin", "test", "hello"]);
    assert_eq!(ungranted.status.code(), Some(1), "{}", said(&ungranted));
    assert!(out(&ungranted).contains("FAIL"), "{}", out(&ungranted));
    shop.write("plugins.toml", "[hello]\ngrants = [\"reply\"]\n");
    fs::write(&file, script.replace("'pong'", "'peng'")).unwrap();
    let differs = shop.run(&["plugin", "test", "hello"]);
    assert_eq!(differs.status.code(), Some(1), "{}", said(&differs));
    assert!(out(&differs).contains("pong") && out(&differs).contains("peng"), "{}", out(&differs));
    fs::write(&file, "export const message = () => oops(;\n").unwrap();
    let broken = shop.run(&["plugin", "test", "hello"]);
    assert!(!broken.status.success() && said(&broken).contains("hello.js:1:"), "{}", said(&broken));
    fs::write(shop.plugins().join("hello.test.toml"), "[[scenario]]\nnome = \"x\"\n").unwrap();
    fs::write(&file, script).unwrap();
    assert_eq!(shop.run(&["plugin", "test", "hello"]).status.code(), Some(2), "what cannot be read");
}

#[test]
fn a_script_is_written_and_talked_with_and_what_is_saved_answers_the_next_line() {
    let shop = shop();
    let file = shop.plugins().join("hello.js");
    let script = |word: &str| {
        format!(
            "export const message = (context, message) => {{
                console.log('heard', message.text)
                return context.customer.tags.includes('vip') ? `{word} vip at ${{context.localTime.slice(11, 16)}}` : undefined
            }}"
        )
    };
    fs::write(&file, script("hello")).unwrap();
    let mut chat = Chat::begin(&shop, &["hello", "--at", "monday 10:00"]);
    let begun = chat.until("nothing is sent");
    assert!(begun.contains("hello ") && begun.contains("is loaded: asked at message"), "{begun}");
    assert!(begun.contains("[hello]\n  grants = [\"reply\"]"), "it has no entry, and is told of: {begun}");
    chat.say("我要退货");
    let told = chat.until("log info  heard 我要退货");
    assert!(told.contains("> ") && told.contains("7 天") && told.contains("rule:returns"), "{told}");
    assert!(told.contains("message: the plugins took ") && told.contains("decided in "), "{told}");
    chat.say("/tag vip");
    chat.say("/at 23:30");
    chat.say("good evening");
    let told = chat.until("log info  heard good evening");
    assert!(told.contains("> hello vip at 23:30") && told.contains("plugin:hello"), "{told}");

    fs::write(&file, script("welcome")).unwrap();
    chat.until("is reloaded: asked at message");
    chat.say("good evening again");
    let told = chat.until("log info  heard good evening again");
    assert!(told.contains("> welcome vip at 23:3"), "{told}");
    fs::write(&file, "export const message = () =>\n  oops(;\n").unwrap();
    let refused = chat.until("SyntaxError");
    assert!(refused.contains("hello.js:2:"), "{refused}");
    chat.say("are you there");
    assert!(chat.until("log info  heard are you there").contains("> welcome vip"), "the last good one goes on");

    chat.say("/order 1001 placed total=99.00 currency=CNY");
    chat.say("/at 10:00");
    assert!(chat.until("1001").contains("1001"));
    chat.say("/frobnicate");
    chat.until("there is no `/frobnicate`");
    chat.say("/lang en");
    chat.say("/new");
    chat.say("do you ship abroad?");
    chat.until("> Yes, we ship to most countries");
    assert!(chat.end().success());
}

#[tokio::test]
async fn what_is_tried_out_beside_the_running_clerk_needs_the_token_and_leaves_no_trace() {
    use bytes::Bytes;
    use http::{Method, StatusCode};
    use serde_json::{Value, json};

    let shop = shop();
    let daemon = shop.start().await;
    let url = format!("http://{}/v1/try", daemon.admin);
    let token = format!("Bearer {}", crate::harness::ADMIN_TOKEN);
    let send = async |headers: &[(&str, &str)], body: Value| {
        daemon.call(Method::POST, &url, headers, Bytes::from(body.to_string())).await.unwrap()
    };
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let lines =
        json!({ "lines": ["我要退货"], "at": "2026-01-14 23:30", "language": "zh", "tags": ["vip"], "known": true });
    assert_eq!(send(&headers[1..], lines.clone()).await.status, StatusCode::UNAUTHORIZED);
    let played = send(&headers, lines.clone()).await;
    assert_eq!(played.status, StatusCode::OK, "{}", played.text());
    let event = &played.json()["played"][0];
    assert!(event["messages"][0]["text"].as_str().unwrap().contains("7 天"), "{event}");
    assert!(event["trace"].as_array().unwrap().iter().any(|it| it["by"] == "rule:returns"), "{event}");
    assert_eq!(event["time"], "Wed 23:30:00");
    let took = |it: &Value| it["played"][0]["messages"].clone();
    assert_eq!(took(&send(&headers, lines).await.json()), took(&played.json()), "the same again: nothing was kept");
    for (wrong, words) in [
        (json!({ "lines": ["x"], "at": "25:00" }), "no time"),
        (json!({ "lines": ["x"], "channel": "nowhere" }), "no channel"),
        (json!({ "lines": ["/oder 1"] }), "`order`"),
        (json!({ "lines": vec!["x"; 201] }), "200 lines"),
    ] {
        let refused = send(&headers, wrong).await;
        assert!(refused.status == StatusCode::BAD_REQUEST && refused.text().contains(words), "{}", refused.text());
    }
    let page = daemon.call(Method::GET, &format!("http://{}/try", daemon.admin), &[], Bytes::new()).await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert_eq!(daemon.admin(Method::GET, "/v1/customers/webchat/customer").await.status, StatusCode::NOT_FOUND);
}
