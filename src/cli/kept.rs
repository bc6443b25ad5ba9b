//! The store that a command reads by itself, whether a clerk runs on it or not.

use std::path::{Path, PathBuf};

use miette::{Report, miette};

use crate::daemon;

/// The store of a data folder, or a backup that was named in its place.
///
/// # Errors
/// There is none.
pub fn store_at(path: &Path) -> Result<PathBuf, Report> {
    let file = daemon::store_file(path);
    if file.is_file() {
        return Ok(file);
    }
    Err(miette!(
        help = "it is made by the clerk's first start: `nightclerk serve`",
        "there is no store at {}",
        file.display()
    ))
}
