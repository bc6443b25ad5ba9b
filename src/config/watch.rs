//! Notices edits of the configuration while the daemon runs.

use std::{path::Path, time::Duration};

use miette::{IntoDiagnostic, Report, WrapErr};
use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

/// Editors write a file in several steps; a pause this long ends them.
const QUIET: Duration = Duration::from_millis(150);

/// Stops the watching when dropped.
pub type Watch = Debouncer<RecommendedWatcher, RecommendedCache>;

/// Calls `changed` after each edit of a file in `dir`, and in its folders where `depth` says so, whose name ends in
/// `.<extension>`.
///
/// # Errors
/// The system cannot watch the folder.
pub fn watch(
    dir: &Path,
    depth: RecursiveMode,
    extension: &'static str,
    changed: impl Fn() + Send + 'static,
) -> Result<Watch, Report> {
    let on_change = move |result: DebounceEventResult| match result {
        Ok(events) => {
            let edits = events.iter().filter(|event| !event.kind.is_access());
            // What is written into a new folder before it is watched shows as the folder alone.
            let new_folder = |path: &Path| depth == RecursiveMode::Recursive && path.is_dir();
            let concerns = |path: &Path| path.extension().is_some_and(|it| it == extension) || new_folder(path);
            if edits.flat_map(|event| &event.paths).any(|path| concerns(path)) {
                changed();
            }
        }
        Err(errors) => tracing::warn!(?errors, "edits of the configuration may go unnoticed"),
    };
    let mut debouncer = new_debouncer(QUIET, None, on_change).into_diagnostic()?;
    debouncer.watch(dir, depth).into_diagnostic().wrap_err_with(|| format!("{} cannot be watched", dir.display()))?;
    Ok(debouncer)
}
