//! `check` and `serve` accept the same configurations, and refuse the same in the same words.

use std::{
    fs,
    io::Read,
    process::Stdio,
    time::{Duration, Instant},
};

use crate::harness::{PATIENCE, Shop, component, sign};

/// A web chat, which needs no account.
const WEB_CHAT: &str = "[[channel]]\nid = \"chat\"\nkind = \"webchat\"\n";

/// A shop with a plugin `hours` that has settings.
fn shop() -> Shop {
    let shop = Shop::new();
    let settings = r#"{
        "days": { "type": "integer", "minimum": 1, "maximum": 30, "default": 3, "description": "how many days" },
        "tone": { "type": "string", "default": "warm" }
    }"#;
    fs::write(shop.plugins().join("hours.wasm"), component("hours", settings)).unwrap();
    let settings = r#"{ "key": { "type": "string" } }"#;
    fs::write(shop.plugins().join("keyed.wasm"), component("keyed", settings)).unwrap();
    shop
}

/// Runs a command that is expected to end by itself: its exit code and what it says of mistakes.
fn run(shop: &Shop, command: &str) -> (Option<i32>, String) {
    let mut child = shop.command().arg(command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("`{command}` takes what it should refuse");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (status.code(), words)
}

/// The text without the marks around a place, and that place as `line:column`.
fn marked(text: &str) -> (String, String) {
    let (before, rest) = text.split_once('«').expect("a mark");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (format!("{before}{}", rest.replacen('»', "", 1)), format!("{line}:{column}"))
}

/// A file whose marked place is wrong, and what is said of it.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Ranges.
    ("nightclerk.toml", "[server]\nmax_connections = «0»", "nobody could ever connect"),
    ("nightclerk.toml", "[server]\nbody_limit = «0»", "no webhook would ever fit"),
    ("nightclerk.toml", "[server]\nbody_timeout = «\"0s\"»", "no request would ever be in time"),
    ("nightclerk.toml", "[server]\nheader_timeout = «\"0s\"»", "no request would ever be in time"),
    ("nightclerk.toml", "[plugins]\nmemory_mb = «0»", "no plugin runs without memory"),
    ("nightclerk.toml", "[plugins]\nmemory_mb = «99999999»", "no plugin gets more than 1 GiB"),
    ("nightclerk.toml", "[plugins]\ntimeout = «\"0s\"»", "no plugin would ever be in time"),
    ("nightclerk.toml", "[outbox]\nmax_attempts = «0»", "no message would ever be sent"),
    ("nightclerk.toml", "[outbox]\nrequest_timeout = «\"0ms\"»", "no platform would ever be in time"),
    ("nightclerk.toml", "[outbox]\nfirst_backoff = \"2s\"\nmax_backoff = «\"1s\"»", "shorter than `first_backoff`"),
    ("nightclerk.toml", "[log]\nlevel = «\"a=b=c\"»", "is not a level"),
    ("nightclerk.toml", "[admin]\nlisten = «\"127.0.0.1:8080\"»", "is the public address already"),
    ("nightclerk.toml", "[admin]\ntoken = «\" \"»", "it is empty"),
    // Between files.
    (
        "rules.toml",
        "[[rule]]\nid = \"a\"\nany = [\"x\"]\nlink = \"https://a.example\"\nchannels = [«\"webcaht\"»]",
        "no channel `webcaht`",
    ),
    ("store.toml", "[[team]]\nname = \"a\"\nchannel = «\"telegrm\"»\nchat = \"1\"", "no channel `telegrm`"),
    ("store.toml", "[[person]]\nname = \"a\"\nchannel = «\"telegrm\"»\nchat = \"1\"", "no channel `telegrm`"),
    ("store.toml", "[routing]\nperson = «\"a\"»\n[[team]]\nname = \"a\"", "the a can be told on no channel"),
    (
        "store.toml",
        "[routing]\nperson = «\"a\"»\n[[team]]\nname = \"a\"\nchannel = \"console\"",
        "nobody of `a` can sign in to the console",
    ),
    ("store.toml", "[[team]]\nname = \"a\"\nchannel = \"console\"\nchat = «\"1\"»", "the console has no chats"),
    ("store.toml", "[[team]]\nname = \"a\"\nchannel = \"console\"\ntopics = «true»", "the console has no chats"),
    (
        "store.toml",
        "[morning]\nto = [«\"a\"»]\n[[team]]\nname = \"a\"\nchannel = \"console\"\n[[person]]\nname = \"b\"\nteam = \"a\"",
        "the a can be told on no channel",
    ),
    ("channels.toml", "[[channel]]\nid = «\"console\"»\nkind = \"webchat\"", "the id `console` is the clerk's own"),
    (
        "rules.toml",
        "[[rule]]\nid = \"a\"\nany = [\"x\"]\nnotify = { to = «\"person\"», text = { en = \"x\" } }",
        "can be told on no channel",
    ),
    ("plugins.toml", "«[openning-hours]»\ngrants = []", "there is no plugin `openning-hours`"),
    ("plugins.toml", "[hours.settings]\nday = «1»", "has no setting `day`"),
    ("plugins.toml", "[hours.settings]\ndays = «\"three\"»", "is not an integer"),
    ("plugins.toml", "[hours.settings]\ndays = «31»", "31 is above 30"),
    ("plugins.toml", "«[keyed]»\ngrants = []", "needs its setting `key`"),
    ("plugins.toml", "[hours]\ngrants = «[\"everything\"]»", "is not a capability"),
    ("plugins.toml", "[hours]\ngrants = «[\"reply\", \"notify:warehouze\"]»", "no team or person `warehouze`"),
    ("plugins.toml", "[hours]\ngrants = «[\"notify:person\"]»", "the person can be told on no channel"),
    // Channels.
    (
        "channels.toml",
        "[[channel]]\nid = \"a\"\nkind = \"webchat\"\n«[[channel]]»\nid = \"b\"\nkind = \"webchat\"",
        "talks to `a` already",
    ),
    ("channels.toml", "[[channel]]\nid = \"a\"\nkind = «\"pigeon\"»", "unknown kind `pigeon`"),
];

#[test]
fn what_check_refuses_serve_refuses_in_the_same_words_at_the_same_place() {
    for (file, text, message) in MISTAKES {
        let shop = shop();
        let (text, place) = marked(text);
        shop.write(file, &text);
        let (code, words) = run(&shop, "check");
        assert_eq!(code, Some(2), "{file}: {text}\n{words}");
        let line = words.lines().find(|line| line.contains(&format!("{file}:{place}: ")));
        assert!(line.is_some_and(|line| line.contains(message)), "{place} in {file}: {text}\n{words}");
        assert!(words.contains("1 mistake in"), "{file}: {text}\n{words}");
        assert_eq!(run(&shop, "serve"), (code, words), "{file}: {text}");
    }
}

#[tokio::test]
async fn what_check_accepts_serve_runs() {
    let shop_channel = format!(
        "[[channel]]\nid = \"shop\"\nkind = \"standard-webhooks\"\nsecrets = [\"{}\"]\nreply_url = \"https://a.example\"\n",
        sign::WEBHOOK_SECRET
    );
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("as shipped, without channels", &[]),
        ("a web chat of any name", &[("channels.toml", WEB_CHAT)]),
        ("a shop", &[("channels.toml", &shop_channel)]),
        ("settings that fit", &[("plugins.toml", "[hours.settings]\ndays = 30\n[keyed.settings]\nkey = \"k\"")]),
        (
            "settings of a plugin that is switched off",
            &[("plugins.toml", "[hours]\nenabled = false\n[hours.settings]\nday = 1")],
        ),
        ("an entry for a plugin that the daemon brings along", &[("plugins.toml", "[greeting]\ngrants = [\"reply\"]")]),
        (
            "a team that can be told",
            &[
                ("channels.toml", &shop_channel),
                ("store.toml", "[routing]\nperson = \"a\"\n[[team]]\nname = \"a\"\nchannel = \"shop\"\nchat = \"1\""),
                (
                    "rules.toml",
                    "[[rule]]\nid = \"a\"\nany = [\"x\"]\nchannels = [\"shop\"]\nnotify = { to = \"a\", text = { en = \"x\" } }",
                ),
            ],
        ),
    ];
    for (what, files) in cases {
        let shop = shop();
        for (file, text) in *files {
            shop.write(file, text);
        }
        let about_plugins = files.iter().any(|(file, _)| *file == "plugins.toml");
        if !about_plugins {
            fs::remove_file(shop.plugins().join("hours.wasm")).unwrap();
            fs::remove_file(shop.plugins().join("keyed.wasm")).unwrap();
        }
        let (code, words) = run(&shop, "check");
        let mistakes = words.lines().filter(|line| !line.contains("would be refused")).count();
        assert_eq!(mistakes, 0, "{what}: {words}");
        // The plugins of this shop can do nothing, so that they would be refused is no mistake of its files.
        assert!(about_plugins || code == Some(0), "{what}: {code:?}");
        shop.start().await;
    }
}

#[test]
fn a_plugin_file_that_would_be_refused_is_shown_and_makes_check_fail() {
    let shop = Shop::new();
    assert_eq!(run(&shop, "check").0, Some(0));
    fs::write(shop.plugins().join("torn.wasm"), b"not wasm at all").unwrap();
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(2));
    assert!(words.contains("torn.wasm would be refused"), "{words}");
}

#[test]
fn a_check_leaves_the_data_folder_alone() {
    let shop = Shop::new();
    assert_eq!(run(&shop, "check").0, Some(0));
    assert!(!shop.data().exists());
}

#[test]
fn a_data_folder_that_cannot_be_used_is_refused_before_anything_starts() {
    let shop = Shop::new();
    let beside = shop.config().with_file_name("a-file");
    fs::write(&beside, "").unwrap();
    for dir in ["../a-file", "../a-file/var"] {
        shop.write("nightclerk.toml", &format!("[data]\ndir = \"{dir}\"\n"));
        for command in ["check", "serve"] {
            let (code, words) = run(&shop, command);
            assert_eq!(code, Some(2), "{command} {dir}: {words}");
            assert!(words.contains("nightclerk.toml:2:7") && words.contains("the data folder"), "{words}");
        }
    }
    fs::remove_file(&beside).unwrap();
    fs::create_dir(&beside).unwrap();
    shop.write("nightclerk.toml", "[data]\ndir = \"../a-file\"\n");
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(0), "{words}");
    assert_eq!(fs::read_dir(&beside).unwrap().count(), 0, "it looks, and leaves nothing");
    fs::write(beside.join("nightclerk.sqlite"), "this is no store, and was never one, however long one looks at it")
        .unwrap();
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("damaged or is no store"), "{words}");
}

#[tokio::test]
async fn a_store_that_a_newer_version_wrote_is_refused_by_check_and_a_full_disk_is_named() {
    let shop = Shop::new();
    shop.write("channels.toml", WEB_CHAT);
    drop(shop.start().await);
    let config = fs::read_to_string(shop.config().join("nightclerk.toml")).unwrap();
    shop.write("nightclerk.toml", &format!("{config}\n[alerts]\ndisk_free_mb = 999999999\n"));
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("MB are free there"), "{words}");
    let store = rusqlite::Connection::open(shop.data().join("nightclerk.sqlite")).unwrap();
    store.execute("INSERT INTO refinery_schema_history VALUES (999, 'later', '', '')", ()).unwrap();
    drop(store);
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("newer nightclerk"), "{words}");
}

#[tokio::test]
async fn commands_reach_the_daemon_whatever_mistake_is_in_the_folder() {
    let shop = Shop::new();
    shop.write("channels.toml", WEB_CHAT);
    let _daemon = shop.start().await;
    let config = fs::read_to_string(shop.config().join("nightclerk.toml")).unwrap();
    for (file, text) in [
        ("rules.toml", "[[rule]]\nid = “a”\n".to_owned()),
        ("plugins.toml", "[nobody]\ngrants = 1\n".to_owned()),
        ("nightclerk.toml", format!("{config}\n[log]\nlevel = 5\nno TOML\n")),
    ] {
        shop.write(file, &text);
        for command in [&["tickets"][..], &["outbox", "list"], &["plugin", "list"], &["health"]] {
            let done = shop.run(command);
            assert!(done.status.success(), "{command:?} with a mistake in {file}: {done:?}");
        }
    }
}

#[tokio::test]
async fn a_channel_whose_messages_can_be_forged_is_doubtful_to_check_and_at_the_start() {
    let shop = Shop::new();
    let plain = "[[channel]]\nid = \"wx\"\nkind = \"wechat\"\ntoken = \"secret\"\napp_id = \"wx1\"\n";
    shop.write("channels.toml", plain);
    let (code, words) = run(&shop, "check");
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("doubtful") && words.contains("path_token"), "{words}");
    drop(shop.start().await);
    let warning = shop.log().lines().find(|it| it.contains("WARN") && it.contains("channel `wx`")).map(str::to_owned);
    assert!(warning.is_some_and(|it| it.contains("can make up others")), "{}", shop.log());
    let key = "encoding_aes_key = \"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\"\n";
    for safer in ["path_token = \"a-segment\"\n", key] {
        let shop = Shop::new();
        shop.write("channels.toml", &format!("{plain}{safer}"));
        let (_, words) = run(&shop, "check");
        assert!(!words.contains("doubtful"), "{words}");
        drop(shop.start().await);
        assert!(!shop.log().contains("can make up others"), "{}", shop.log());
    }
}
