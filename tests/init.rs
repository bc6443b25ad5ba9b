//! A new store's folder is written from a few answers, and is good as it stands.

use std::process::{Command, Output};

fn nightclerk(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightclerk"));
    command.arg("--config").arg(folder).args(arguments).stdin(std::process::Stdio::null());
    command.env("NIGHTCLERK_LANGUAGE", "en");
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn what_init_writes_passes_check_and_holds_the_answers() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("config");
    let answers =
        ["init", "--name", "茶铺", "--languages", "en,zh", "--timezone", "Europe/Berlin", "--hours", "10:00-16:00"];
    let made = nightclerk(&folder, &[&answers[..], &["--channel", "telegram"]].concat());
    assert!(made.status.success(), "{}", said(&made));
    assert!(said(&made).contains("TELEGRAM_TOKEN"), "says what is left to do: {}", said(&made));
    let checked = nightclerk(&folder, &["check"]);
    assert!(checked.status.success(), "{}", said(&checked));
    let store = std::fs::read_to_string(folder.join("store.toml")).unwrap();
    assert!(store.contains("name = \"茶铺\"") && store.contains("language = \"en\""), "{store}");
    let again = nightclerk(&folder, &["init", "--yes"]);
    assert!(!again.status.success(), "a folder that is there is never written over");
}

#[test]
fn answers_that_make_no_configuration_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("config");
    let refused = nightclerk(&folder, &["init", "--yes", "--timezone", "Asia/Shangai"]);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("Asia/Shanghai"), "{}", said(&refused));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
