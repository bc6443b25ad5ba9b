#![no_main]
use nightclerk_fuzz::fuzz_target;
use std::{fs, sync::LazyLock};

use nightclerk::config::Config;
use tempfile::TempDir;

/// The files of the folder, each begun by a line of its own: `=== rules.toml`.
const MARK: &str = "=== ";
const FILES: [&str; 12] = [
    "nightclerk.toml",
    "store.toml",
    "hours.toml",
    "channels.toml",
    "rules.toml",
    "phrases.toml",
    "catalogue.toml",
    "orders.toml",
    "contacts.toml",
    "answers.csv",
    "intents/own.toml",
    "plugins.toml",
];

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|bytes: &[u8]| {
    let config = FOLDER.path().join("config");
    let _ = fs::remove_dir_all(&config);
    fs::create_dir_all(config.join("intents")).expect("a folder of our own");
    // Files need not be text; what names them is.
    let mut rest = bytes;
    for file in FILES {
        let heading = format!("{MARK}{file}\n");
        let Some(at) = find(rest, heading.as_bytes()) else { continue };
        let begins = &rest[at + heading.len()..];
        let ends = find(begins, MARK.as_bytes()).unwrap_or(begins.len());
        fs::write(config.join(file), &begins[..ends]).expect("a file of our own");
        rest = &begins[ends..];
    }
    // Mistakes are drawn with the lines they are in.
    if let Err(error) = Config::load(&config) {
        for mistake in error.mistakes {
            let _ = format!("{:?}", miette::Report::new(mistake));
        }
    }
});

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
