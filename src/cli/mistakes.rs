//! How the mistakes of a configuration are shown, by whichever command met them.

use std::{path::Path, process::ExitCode};

use miette::Report;

use crate::config::ConfigError;

/// Shows each mistake where it stands; the exit code of a command that was configured wrongly.
pub fn show(error: ConfigError, dir: &Path) -> ExitCode {
    let count = error.mistakes.len() + error.untold;
    let rest = error.rest();
    let words = error.mistakes.first().map(|mistake| mistake.words).unwrap_or_default();
    for mistake in error.mistakes {
        eprintln!("{:?}", Report::new(mistake));
    }
    if let Some(rest) = rest {
        eprintln!("{rest}");
    }
    let sum = format!("{count} {} in {}", if count == 1 { "mistake" } else { "mistakes" }, dir.display());
    eprintln!("{}", words.say(&sum));
    ExitCode::from(2)
}
