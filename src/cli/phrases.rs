//! `nightclerk phrases`: what the clerk says by itself, to copy from.

use miette::{IntoDiagnostic, Report, miette};

use super::output::whole;
use crate::engine::{BUILT_IN_PHRASES, PHRASE_TRANSLATIONS};

/// # Errors
/// A language that the clerk does not speak, or standard output takes no more; a reader that left early is none.
pub fn run(language: Option<&str>) -> Result<(), Report> {
    let text = match language {
        None | Some("zh" | "en") => BUILT_IN_PHRASES.to_owned(),
        Some(language) => translated(language)?,
    };
    Ok(whole(text.as_bytes())?)
}

/// The phrases of one language as they are written in phrases.toml.
fn translated(language: &str) -> Result<String, Report> {
    let found = PHRASE_TRANSLATIONS.iter().find(|(tag, _)| *tag == language);
    let Some((tag, text)) = found else {
        let spoken: Vec<_> = PHRASE_TRANSLATIONS.iter().map(|(tag, _)| *tag).collect();
        let help = format!("it speaks zh, en, {}; traditional Chinese is made from zh", spoken.join(", "));
        return Err(miette!(help = help, "the clerk has no words of its own in `{language}`"));
    };
    let phrases: toml::Table = toml::from_str(text).into_diagnostic()?;
    let by_language = |(name, words)| (name, toml::Value::Table(toml::Table::from_iter([((*tag).to_owned(), words)])));
    let phrases: toml::Table = phrases.into_iter().map(by_language).collect();
    toml::to_string(&toml::Table::from_iter([("phrase".to_owned(), phrases.into())])).into_diagnostic()
}
