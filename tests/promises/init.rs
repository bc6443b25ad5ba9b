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

/// Answers each question in a terminal, as a person does; prints what the command said, and ends as it did.
const PERSON: &str = r#"
import os, pty, sys
answers = sys.argv[1].split("|")
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
    if said.endswith(b"]: ") and answers:
        os.write(terminal, answers.pop(0).encode() + b"\n")
        said += b"\n"
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;

#[test]
fn a_person_at_a_terminal_is_asked_and_an_empty_answer_takes_what_is_offered() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("config");
    let asked = Command::new("python3")
        .args(["-c", PERSON, "夜茶铺|zh, en|10:00-22:00|"])
        .arg(env!("CARGO_BIN_EXE_nightclerk"))
        .args(["--config", folder.to_str().unwrap(), "init", "--timezone", "Asia/Tokyo"])
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", said(&asked));
    let words = said(&asked);
    assert_eq!(words.matches("]: ").count(), 4, "what was given is not asked: {words}");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    assert!(read("store.toml").contains("name = \"夜茶铺\""), "{}", read("store.toml"));
    assert!(read("hours.toml").contains("timezone = \"Asia/Tokyo\""), "{}", read("hours.toml"));
    assert!(read("channels.toml").contains("\nkind = \"webchat\""), "{}", read("channels.toml"));
    let checked = nightclerk(&folder, &["check"]);
    assert!(checked.status.success(), "{}", said(&checked));
}
