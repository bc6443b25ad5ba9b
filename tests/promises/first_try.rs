//! Whatever command somebody tries first, in a folder of a new store or in one that holds nothing yet: it does what it is
//! for, or says what is missing and what to do.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// What each command is called with; none of the things named is there. Of those that go on until they are stopped, or measure
/// for minutes, the help is tried alone.
const CALLS: &[&[&str]] = &[
    &["serve", "--help"],
    &["check"],
    &["test"],
    &["replay"],
    &["report"],
    &["config"],
    &["init", "--help"],
    &["status"],
    &["reload"],
    &["channel", "setup", "telegram"],
    &["doctor"],
    &["phrases"],
    &["desk"],
    &["conversation", "take", "shop", "ana"],
    &["conversation", "return", "shop", "ana"],
    &["conversation", "say", "shop", "ana", "hello"],
    &["conversation", "transfer", "shop", "ana", "li"],
    &["conversation", "note", "shop", "ana", "tall"],
    &["console", "invite", "li"],
    &["console", "revoke", "li"],
    &["understand", "hello"],
    &["tickets"],
    &["tickets", "take", "1"],
    &["tickets", "hold", "1"],
    &["tickets", "close", "1"],
    &["tickets", "drop", "1"],
    &["today"],
    &["forget", "shop", "ana"],
    &["contact", "list"],
    &["contact", "show", "1"],
    &["contact", "note", "1", "tall"],
    &["contact", "name", "1", "Ana"],
    &["contact", "tag", "1", "vip"],
    &["contact", "merge", "1", "2"],
    &["contact", "split", "1", "shop:ana"],
    &["contact", "import", "list.csv"],
    &["contact", "export"],
    &["contact", "forget", "1"],
    &["export", "shop", "ana"],
    &["backup", "backup.sqlite"],
    &["restore", "backup.sqlite"],
    &["plugin", "new", "--help"],
    &["plugin", "build"],
    &["plugin", "pack", "mine.wasm", "--manifest", "manifest.json"],
    &["plugin", "check"],
    &["plugin", "check", "mine.wasm"],
    &["plugin", "inspect", "greeting"],
    &["plugin", "run", "greeting"],
    &["plugin", "test", "greeting"],
    &["plugin", "bench", "greeting", "--calls", "20"],
    &["plugin", "install", "mine.wasm"],
    &["plugin", "remove", "mine"],
    &["plugin", "compare", "mine"],
    &["plugin", "promote", "mine"],
    &["plugin", "abort", "mine"],
    &["plugin", "keygen", "secret.key"],
    &["plugin", "sign", "mine.wasm", "--key", "no.key"],
    &["plugin", "verify", "mine.wasm"],
    &["plugin", "dev", "mine"],
    &["plugin", "list"],
    &["plugin", "logs"],
    &["plugin", "enable", "mine"],
    &["plugin", "disable", "mine"],
    &["plugin", "rollback", "mine"],
    &["plugin", "reinstate", "mine"],
    &["outbox", "list"],
    &["outbox", "retry", "1"],
    &["outbox", "drop", "1"],
    &["audit"],
    &["explain", "1"],
    &["bench", "--help"],
    &["health"],
    &["completions", "bash"],
    &["man"],
];

fn nightclerk(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightclerk"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env("NIGHTCLERK_LANGUAGE", "en").env_remove("NIGHTCLERK_CONFIG").output().unwrap()
}

/// The commands that a help text lists.
fn listed(folder: &Path, of: &[&str]) -> Vec<String> {
    let help = nightclerk(folder, &[of, &["--help"]].concat()).stdout;
    let help = String::from_utf8(help).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next().map(str::to_owned));
    names.filter(|name| name != "help").collect()
}

/// Why what a command said leaves somebody without help; `None`: it does not.
fn fault(output: &Output) -> Option<&'static str> {
    let complaint = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        _ if complaint.contains("panicked") => Some("it fell over"),
        Some(0) => None,
        Some(1 | 2) if complaint.contains("(os error") => Some("the system's words stand in for the clerk's"),
        Some(1 | 2) if complaint.trim().is_empty() => Some("it says nothing"),
        Some(1 | 2) if complaint.contains("Usage:") => Some("it is called wrongly by this test"),
        Some(1 | 2) => None,
        _ => Some("it ended otherwise than a command does"),
    }
}

/// Those that leave somebody without help in this folder.
fn faults(folder: &Path) -> Vec<String> {
    let tried = CALLS.iter().filter_map(|call| {
        let output = nightclerk(folder, call);
        fault(&output).map(|why| format!("{call:?}: {why}: {}", String::from_utf8_lossy(&output.stderr)))
    });
    tried.collect()
}

#[test]
fn every_command_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let is_tried = |command: &[&str]| CALLS.iter().any(|call| call.starts_with(command));
    for command in listed(folder.path(), &[]) {
        assert!(is_tried(&[&command]), "`{command}` is tried by none of these");
        for part in listed(folder.path(), &[&command]) {
            assert!(is_tried(&[&command, &part]), "`{command} {part}` is tried by none of these");
        }
    }
}

#[test]
fn in_a_new_stores_folder_every_command_works_or_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    assert!(nightclerk(folder.path(), &["init", "--yes"]).status.success());
    let faults = faults(folder.path());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for call in [&["check"][..], &["test"], &["plugin", "check"], &["plugin", "list"]] {
        let output = nightclerk(folder.path(), call);
        assert!(output.status.success(), "{call:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn in_an_empty_folder_every_command_works_or_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let faults = faults(folder.path());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for call in [&["check"][..], &["status"], &["report"], &["bench"], &["serve"]] {
        let output = nightclerk(folder.path(), call);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains("there is no such configuration folder"), "{complaint}");
        assert!(complaint.contains("help: name it with --config"), "{call:?}: {complaint}");
    }
}

#[test]
fn who_has_read_enough_of_a_long_text_is_no_failure() {
    for call in ["completions bash", "man", "phrases", "config"] {
        let pipe = format!("set -o pipefail; \"$0\" {call} 2>&1 | head -n 1 > /dev/null");
        let status = Command::new("bash").args(["-c", &pipe, env!("CARGO_BIN_EXE_nightclerk")]).status().unwrap();
        assert!(status.success(), "{call}: {status}");
    }
}
