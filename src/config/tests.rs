use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A folder with these files and nothing else.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn mistakes(files: &[(&str, &str)]) -> Vec<Mistake> {
    let dir = folder(files);
    Config::load(dir.path()).err().expect("a configuration with mistakes").mistakes
}

/// The one mistake in `file`, as (line, column), message and hint.
fn only_mistake(file: &'static str, text: &str) -> ((usize, usize), String, String) {
    let found = mistakes(&[(file, text)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    let mistake = &found[0];
    assert!(mistake.file.ends_with(file));
    (mistake.place().expect("a place"), mistake.message.clone(), mistake.hint.clone().unwrap_or_default())
}

#[test]
fn an_empty_folder_stands_for_the_defaults() {
    let dir = folder(&[]);
    let config = Config::load(dir.path()).unwrap();
    assert!(config.channels.is_empty());
    assert_eq!(config.daemon.server.listen.port(), 8080);
    assert_eq!(config.data_dir, dir.path().join("../var"));
}

#[test]
fn the_shipped_folder_is_good() {
    let config = Config::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap();
    assert!(config.channels.iter().any(|channel| channel.id == "webchat"));
    assert!(config.plugins.plugins.contains_key("greeting"));
}

#[test]
fn a_missing_folder_is_named() {
    let error = Config::load(std::path::Path::new("no/such/folder")).err().unwrap();
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

#[test]
fn a_misspelt_key_is_shown_where_it_is_with_the_right_one() {
    let (place, message, hint) = only_mistake("nightclerk.toml", "[server]\nbody_limt = 5\n");
    assert_eq!(place, (2, 1), "{message}");
    assert!(hint.contains("body_limit"), "{hint}");
}

#[test]
fn a_language_that_is_none_is_shown_where_it_is_with_the_right_one() {
    for (file, text, place, right) in [
        ("phrases.toml", "[phrase.welcome]\nzh = \"您好\"\njp = \"ようこそ\"\n", (3, 1), "`ja`"),
        ("rules.toml", "[[menu]]\nlabel = { zh = \"是\", zh_TW = \"是\" }\n", (2, 21), "`zh-TW`"),
        ("catalogue.toml", "[[promotion]]\ntext = { eng = \"10 off\" }\n", (2, 10), "`en`"),
        ("store.toml", "[store]\nlanguage = \"cn\"\n", (2, 12), "`zh`"),
        ("store.toml", "[store]\nname.zh = \"茶\"\nname.Chinese = \"茶\"\n", (3, 6), "`zh`"),
    ] {
        let (found, message, hint) = only_mistake(file, text);
        assert_eq!(found, place, "{message}");
        assert!(hint.contains(right), "{hint}");
    }
}

#[test]
fn a_bad_value_is_shown_where_it_is() {
    let (place, message, _) = only_mistake("nightclerk.toml", "[server]\nheader_timeout = \"soon\"\n");
    assert_eq!(place, (2, 18), "{message}");
    assert!(message.contains("soon"), "{message}");
}

#[test]
fn a_channel_of_an_unknown_kind_is_shown_with_the_likely_one() {
    let (place, _, hint) = only_mistake("channels.toml", "[[channel]]\nid = \"a\"\nkind = \"telegramm\"\n");
    assert_eq!(place, (3, 8));
    assert!(hint.contains("`telegram`"), "{hint}");
}

#[test]
fn an_entry_of_a_kind_that_is_a_shops_too_reads_orders_beside_messages() {
    let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let text = format!(
        "[[channel]]\nid = \"shop\"\nkind = \"standard-webhooks\"\nsecrets = [\"{key}\"]\n\
         reply_url = \"https://shop.example\"\n[[channel]]\nid = \"chat\"\nkind = \"webchat\"\n"
    );
    let dir = folder(&[("channels.toml", &text)]);
    let config = Config::load(dir.path()).unwrap_or_else(|error| panic!("{error}"));
    let read: Vec<_> =
        config.channels.iter().map(|it| (it.id.as_str(), it.source.is_some(), it.web_chat.is_some())).collect();
    assert_eq!(read, [("shop", true, false), ("chat", false, true)]);
}

#[test]
fn a_channels_unknown_setting_is_shown_where_it_is() {
    let text = "[[channel]]\nid = \"a\"\nkind = \"webchat\"\n\n[[channel]]\nid = \"b\"\nkind = \"line\"\nchannel_secret = \"s\"\naccess_tokn = \"t\"\n";
    let ((line, _), message, _) = only_mistake("channels.toml", text);
    assert_eq!(line, 9, "{message}");
}

#[test]
fn two_channels_of_one_name_are_refused() {
    let text = "[[channel]]\nid = \"a\"\nkind = \"webchat\"\n[[channel]]\nid = \"a\"\nkind = \"webchat\"\n";
    let ((line, _), message, _) = only_mistake("channels.toml", text);
    assert_eq!(line, 4);
    assert!(message.contains("`a`"), "{message}");
}

#[test]
fn a_secret_from_an_unset_variable_is_named_without_a_value() {
    let text = "[[channel]]\nid = \"a\"\nkind = \"line\"\nchannel_secret = { env = \"NIGHTCLERK_TEST_UNSET\" }\naccess_token = \"t\"\n";
    let ((line, _), message, _) = only_mistake("channels.toml", text);
    assert!(line >= 1);
    assert!(message.contains("NIGHTCLERK_TEST_UNSET"), "{message}");
}

#[test]
fn the_lines_shown_with_a_mistake_hide_secrets() {
    let text =
        "[[channel]]\nid = \"a\"\nkind = \"line\"\nchannel_secret = \"top-secret\"\naccess_tokn = \"also-secret\"\n";
    let found = mistakes(&[("channels.toml", text)]);
    let drawn = format!("{:?}", miette::Report::new(found[0].clone()));
    assert!(drawn.contains("access_tokn"), "{drawn}");
    assert!(!drawn.contains("top-secret") && !drawn.contains("also-secret"), "{drawn}");
}

#[test]
fn mistakes_of_all_files_come_at_once() {
    let found = mistakes(&[
        ("nightclerk.toml", "[server]\nlisten = 5\n"),
        ("hours.toml", "timezon = \"Asia/Shanghai\"\n"),
        ("channels.toml", "[[chanel]]\n"),
        ("plugins.toml", "[greeting]\ngrant = []\n"),
    ]);
    let files: Vec<_> = found.iter().filter_map(|it| it.file.file_name()?.to_str()).collect();
    for file in ["nightclerk.toml", "hours.toml", "channels.toml", "plugins.toml"] {
        assert!(files.contains(&file), "{file} is missing in {files:?}");
    }
}

#[test]
fn of_a_thousand_mistakes_of_a_kind_the_first_are_shown_and_the_others_counted() {
    let rules: String =
        (0..1_000).map(|it| format!("[[rule]]\nid = \"{it}\"\nany = [\"w{it}\"]\nphrase = \"none\"\n")).collect();
    let dir = folder(&[("rules.toml", &rules), ("hours.toml", "timezon = \"Asia/Shanghai\"\n")]);
    let error = Config::load(dir.path()).err().unwrap();
    let of_rules = error.mistakes.iter().filter(|it| it.file.ends_with("rules.toml")).count();
    assert_eq!((of_rules, error.untold), (50, 950));
    assert!(error.mistakes.iter().any(|it| it.file.ends_with("hours.toml")), "no file hides another's");
    assert!(error.to_string().lines().last().is_some_and(|it| it.contains("950")), "{error}");
}

#[test]
fn a_rule_that_names_an_unknown_phrase_is_shown_where_it_is() {
    let text = "[[rule]]\nid = \"a\"\nany = [\"x\"]\nphrase = \"no-such-phrase\"\n";
    let ((line, column), message, _) = only_mistake("rules.toml", text);
    assert_eq!((line, column), (4, 10), "{message}");
    assert!(message.contains("no-such-phrase"), "{message}");
}

#[test]
fn a_file_that_is_not_utf8_is_refused_in_words() {
    let dir = folder(&[]);
    std::fs::write(dir.path().join("rules.toml"), b"# \xff\xfe").unwrap();
    let error = Config::load(dir.path()).err().unwrap();
    assert!(error.to_string().contains("rules.toml"), "{error}");
    assert!(error.to_string().contains("UTF-8"), "{error}");
}

#[test]
fn what_only_a_restart_can_apply_is_named_and_nothing_else() {
    let read = |text: &str| toml::from_str::<DaemonConfig>(text).unwrap();
    let running = read("");
    for (edit, waits) in [
        ("[server]\nlisten = \"127.0.0.1:1\"", "[server] listen"),
        ("[server]\nheader_timeout = \"1s\"", "[server] header_timeout"),
        ("[server]\nmax_connections = 1", "[server] max_connections"),
        ("[admin]\nlisten = \"127.0.0.1:1\"", "[admin] listen"),
        ("[admin]\ntoken = \"t\"", "[admin] token"),
        ("[data]\ndir = \"elsewhere\"", "[data] dir"),
        ("[plugins]\nmemory_mb = 32", "[plugins]"),
        ("[log]\nlevel = \"debug\"", "[log]"),
        ("[outbox]\nmax_attempts = 3", "[outbox]"),
    ] {
        assert_eq!(running.waits_for_restart(&read(edit)), [waits], "{edit}");
    }
    let at_once = read("[server]\nbody_limit = 1\nbody_timeout = \"1s\"");
    assert!(running.waits_for_restart(&at_once).is_empty());
}

#[test]
fn mistakes_between_files_do_not_hide_those_within_them() {
    let dir = folder(&[
        ("rules.toml", "[[rule]]\nid = \"a\"\nany = [\"x\"]\nchannels = [\"nowhere\"]\nphrase = \"no-such-phrase\"\n"),
        ("nightclerk.toml", "[server]\nbody_limit = 0\n"),
    ]);
    let mut reading = Reading::of(dir.path()).unwrap();
    assert!(reading.is_sound("rules.toml") && !reading.is_sound("nightclerk.toml"));
    let path = ["rule".into(), 0_usize.into(), "channels".into(), 0_usize.into()];
    reading.report(vec![crate::setting::Problem::new("rules.toml", path, "there is no channel `nowhere`")]);
    let found = reading.finish().err().unwrap().mistakes;
    let lines: Vec<_> = found.iter().filter_map(|it| it.place()).collect();
    assert_eq!(lines, [(2, 14), (4, 13), (5, 10)], "{found:#?}");
}

#[test]
fn what_may_stand_there_is_said_once_and_mistakes_come_in_the_order_of_the_file() {
    let (_, message, hint) = only_mistake("rules.toml", "[[rule]]\nid = \"a\"\nanny = [\"x\"]\ntext = \"x\"\n");
    assert_eq!((message.as_str(), hint.as_str()), ("unknown field `anny`", "did you mean `any`?"));
    let found = mistakes(&[("rules.toml", "[[rule]]\ntext.zh = \"one\ntwo\"\nid = \"a\"\n")]);
    let lines: Vec<_> = found.iter().filter_map(|it| Some(it.place()?.0)).collect();
    assert_eq!(lines, [2, 3], "{found:#?}");
    let (_, message, _) = only_mistake("hours.toml", "[[holiday]]\ndate = \"12-25\"\n");
    assert!(message.contains("yearly = true"), "{message}");
    let (_, message, _) = only_mistake("catalogue.toml", "[[product]]\nsku = \"a\"\nname = \"a\"\nstock = -1\n");
    assert!(message.contains("a whole number, 0 or more"), "{message}");
}
