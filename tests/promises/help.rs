//! What the command line says of itself: help, completions, manual pages.

use std::process::{Command, Output};

fn nightclerk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nightclerk")).args(arguments).output().unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = nightclerk(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands as `--help` lists them.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<_> = listed.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect();
    assert!(commands.iter().any(|it| it == "serve") && commands.len() > 5, "{help}");
    commands
}

#[test]
fn every_shell_learns_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = said(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} is not told of `{command}`");
        }
    }
    assert!(!nightclerk(&["completions", "command.com"]).status.success(), "a shell that nobody knows");
}

#[test]
fn the_manual_has_a_page_for_each_command_and_is_printed_without_a_folder() {
    let page = said(&["man"]);
    assert!(page.contains(".TH nightclerk 1") && page.contains("Exit codes"), "{page}");
    let folder = tempfile::TempDir::new().unwrap();
    let pages = folder.path().join("man1");
    said(&["man", pages.to_str().unwrap()]);
    for command in commands().iter().filter(|it| *it != "help") {
        let page = std::fs::read_to_string(pages.join(format!("nightclerk-{command}.1")));
        assert!(page.is_ok_and(|page| page.contains(".SH SYNOPSIS")), "no page for {command}");
    }
}

#[test]
fn help_shows_how_a_command_is_used_and_what_its_exit_codes_mean() {
    for arguments in [&["--help"][..], &["check", "--help"], &["health", "--help"]] {
        let help = said(arguments);
        assert!(help.contains("Exit codes:") && help.contains("Examples:\n  nightclerk"), "{help}");
    }
    for command in commands().iter().filter(|it| *it != "help" && *it != "bench") {
        let help = said(&[command, "--help"]);
        assert!(help.contains("Examples:\n  nightclerk"), "`{command} --help` shows no example: {help}");
    }
}

#[test]
fn called_wrongly_is_exit_code_2() {
    assert_eq!(nightclerk(&["serv"]).status.code(), Some(2));
}
