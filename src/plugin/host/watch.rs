//! Keeps the plugins in step with their folder.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

use super::{PluginHost, folder::belongs_to};
use crate::plugin::contract::PluginError;

/// How long a folder must be quiet before a change in it is taken up.
const QUIET: Duration = Duration::from_millis(60);

/// The folder is watched while this lives.
pub struct Watch {
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl PluginHost {
    /// Watches the folder: a component or script that appears or changes is loaded, one
    /// that disappears unloaded. A file that is still being written is refused and looked at again as it grows.
    ///
    /// # Errors
    /// The folder cannot be watched.
    pub fn watch(self: Arc<Self>) -> Result<Watch, PluginError> {
        let failed = |error: notify::Error| {
            PluginError::Io(format!("the plugins folder {} cannot be watched: {error}", self.dir().display()))
        };
        let host = self.clone();
        // Whatever a file makes go wrong, the next change is followed.
        let follow = move |result| drop(catch_unwind(AssertUnwindSafe(|| host.follow(result))));
        let mut debouncer = new_debouncer(QUIET, None, follow).map_err(failed)?;
        debouncer.watch(self.dir(), RecursiveMode::NonRecursive).map_err(failed)?;
        Ok(Watch { _debouncer: debouncer })
    }

    /// Looks again at each file that the folder says has changed; at all of them where it cannot say which.
    fn follow(&self, result: DebounceEventResult) {
        match result {
            Ok(events) if events.iter().any(|event| event.need_rescan()) => self.refresh_all(),
            Ok(events) => {
                // Reading a file is an event too; only changes count.
                let changes = events.iter().filter(|event| !event.kind.is_access());
                let files: BTreeSet<_> =
                    changes.flat_map(|event| &event.paths).filter_map(|path| belongs_to(path)).collect();
                files.iter().for_each(|file| self.refresh(file));
            }
            Err(errors) => {
                for error in errors {
                    tracing::warn!(%error, "watching the plugins folder");
                }
                self.refresh_all();
            }
        }
    }
}
