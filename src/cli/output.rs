//! What commands print. All of it goes through here: whoever reads it may go away (`nightclerk plugin list | head`),
//! and much of it was written by strangers.

use std::{
    borrow::Cow,
    fmt,
    io::{self, IsTerminal, Write},
};

use crate::setting;

/// Prints a line on standard output; the command ends where that fails.
macro_rules! say {
    ($($arguments:tt)*) => {
        $crate::cli::output::line(format_args!($($arguments)*))
    };
}
pub(super) use say;

/// Standard output is of no use any more.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("nothing can be printed: {0}")]
pub struct OutputError(io::Error);

impl OutputError {
    /// Whoever read the output has seen enough, which is no failure.
    pub fn is_enough(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Prints a line in which nothing steers the terminal. Escapes are those of JSON, so that JSON stays what it is.
///
/// # Errors
/// The output is closed, or its disk full.
pub fn line(text: fmt::Arguments<'_>) -> Result<(), OutputError> {
    let text = text.to_string();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", escape(&text, steers)).and_then(|()| out.flush()).map_err(OutputError)
}

/// Prints a whole text of the clerk's own as it is, for a shell or a pager.
///
/// # Errors
/// As for `line`.
pub fn whole(text: &[u8]) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(OutputError)
}

/// How a line is drawn, where a terminal shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Bold,
    Red,
    Green,
}

/// Prints lines as `line` does, drawn in a colour if a terminal shows them and nobody asked for none (`NO_COLOR`).
///
/// # Errors
/// As for `line`.
pub fn paint(colour: Colour, text: &str) -> Result<(), OutputError> {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty()) || !io::stdout().is_terminal();
    if plain {
        return line(format_args!("{text}"));
    }
    let code = match colour {
        Colour::Bold => 1,
        Colour::Red => 31,
        Colour::Green => 32,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "\x1b[{code}m{}\x1b[0m", escape(text, steers)).and_then(|()| out.flush()).map_err(OutputError)
}

/// A value that has its place within a line, whatever is in it: line breaks are escaped too.
pub fn field(text: &str) -> Cow<'_, str> {
    escape(text, |it| steers(it) || matches!(it, '\n' | '\t'))
}

/// What steers the terminal, but for what begins a line and keeps columns.
fn steers(character: char) -> bool {
    !matches!(character, '\n' | '\t') && setting::steers(character)
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' if is_escaped('\n') => shown.push_str("\\n"),
            it if is_escaped(it) => shown.push_str(&format!("\\u{:04x}", u32::from(it))),
            it => shown.push(it),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal_and_words_stay_as_they_are() {
        assert_eq!(escape("\x1b[2J\u{9b}0m\u{202e}cod.exe\r", steers), "\\u001b[2J\\u009b0m\\u202ecod.exe\\u000d");
        for words in ["晚上好 👋🏽\n\tna\u{301}ve", "שלום", ""] {
            assert_eq!(escape(words, steers), words);
        }
    }

    #[test]
    fn a_value_forges_no_second_line() {
        assert_eq!(field("ana\n7  shop/bo  0 attempts"), "ana\\n7  shop/bo  0 attempts");
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let words = "a\u{202e}b\x1b";
        let json = serde_json::to_string(words).unwrap();
        assert_eq!(serde_json::from_str::<String>(&escape(&json, steers)).unwrap(), words);
    }
}
