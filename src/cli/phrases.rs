//! `nightclerk phrases`: what the clerk says by itself, to copy from.

use std::io::{self, Write};

use miette::{IntoDiagnostic, Report};

use crate::engine::BUILT_IN_PHRASES;

/// # Errors
/// Standard output takes no more; a reader that left early is none.
pub fn run() -> Result<(), Report> {
    match io::stdout().write_all(BUILT_IN_PHRASES.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).into_diagnostic(),
        _ => Ok(()),
    }
}
