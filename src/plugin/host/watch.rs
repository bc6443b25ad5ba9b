//! Keeps the plugins in step with their folder.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::{PluginHost, folder::belongs_to};
use crate::plugin::contract::PluginError;

/// How long a folder must be quiet before a change in it is taken up.
const QUIET: Duration = Duration::from_millis(60);
/// A folder that is never quiet is looked at all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The folder is watched while this lives.
pub struct Watch {
    _watcher: RecommendedWatcher,
}

impl PluginHost {
    /// Watches the folder: a component or script that appears or changes is loaded, one
    /// that disappears unloaded. A file that is still being written is refused and looked at again as it grows.
    ///
    /// # Errors
    /// The folder cannot be watched.
    pub fn watch(self: Arc<Self>) -> Result<Watch, PluginError> {
        let failed = |why: &dyn std::fmt::Display| {
            PluginError::Io(format!("the plugins folder {} cannot be watched: {why}", self.dir().display()))
        };
        let (tell, told) = mpsc::channel();
        let tell = move |event: notify::Result<Event>| {
            // Reading a file is an event too; only changes count.
            if event.as_ref().map_or(true, |it| it.need_rescan() || !it.kind.is_access()) {
                drop(tell.send(event));
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(|it| failed(&it))?;
        watcher.watch(self.dir(), RecursiveMode::NonRecursive).map_err(|it| failed(&it))?;
        let host = self.clone();
        let follow = move || {
            while let Some(changes) = Changes::next(&told) {
                // Whatever a file makes go wrong, the next change is followed.
                let _ = catch_unwind(AssertUnwindSafe(|| host.take_up(&changes)));
            }
        };
        thread::Builder::new().name("plugin-folder".to_owned()).spawn(follow).map_err(|it| failed(&it))?;
        Ok(Watch { _watcher: watcher })
    }

    /// Looks again at each file that the folder says has changed; at all of them where it cannot say which.
    fn take_up(&self, changes: &Changes) {
        match changes {
            Changes::Of(files) => files.iter().for_each(|file| self.refresh(file)),
            Changes::Unknown => self.refresh_all(),
        }
    }
}

/// What changed until the folder was quiet.
enum Changes {
    /// The plugins' files.
    Of(BTreeSet<String>),
    Unknown,
}

impl Changes {
    /// Sleeps until something changes, and waits for it to be over; `None` once nobody watches any more.
    fn next(told: &Receiver<notify::Result<Event>>) -> Option<Self> {
        let mut changes = Self::Of(BTreeSet::new());
        while !changes.note(told.recv().ok()?) {}
        let began = Instant::now();
        let mut quiet_from = began + QUIET;
        loop {
            let until = quiet_from.min(began + LONGEST_WAIT);
            match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    if changes.note(event) {
                        quiet_from = Instant::now() + QUIET;
                    }
                }
                Err(_) => return Some(changes),
            }
        }
    }

    /// Notes an event; whether it is of a change.
    fn note(&mut self, event: notify::Result<Event>) -> bool {
        match event {
            Ok(event) if event.need_rescan() => *self = Self::Unknown,
            Ok(event) => {
                let files: BTreeSet<_> = event.paths.iter().filter_map(|path| belongs_to(path)).collect();
                if files.is_empty() {
                    return false;
                }
                if let Self::Of(known) = self {
                    known.extend(files);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "watching the plugins folder");
                *self = Self::Unknown;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use notify::{EventKind, event::ModifyKind};

    use super::*;

    fn event(kind: EventKind, file: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(file.into()))
    }

    #[test]
    fn what_comes_together_is_taken_up_once() {
        let (tell, told) = mpsc::channel();
        let changed = EventKind::Modify(ModifyKind::Any);
        tell.send(event(changed, "notes.txt")).unwrap();
        for file in ["a.wasm", "b.js", "a.wasm", "a.wasm.sig"] {
            tell.send(event(changed, file)).unwrap();
        }
        let Some(Changes::Of(files)) = Changes::next(&told) else { panic!("no files") };
        assert_eq!(files.into_iter().collect::<Vec<_>>(), ["a.wasm", "b.js"]);
        tell.send(event(changed, "c.wasm")).unwrap();
        tell.send(Err(notify::Error::generic("events were lost"))).unwrap();
        assert!(matches!(Changes::next(&told), Some(Changes::Unknown)));
        drop(tell);
        assert!(Changes::next(&told).is_none(), "nobody watches any more");
    }
}
