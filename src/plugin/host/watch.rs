//! Keeps the plugins in step with their folder.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
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

/// Files that are told apart: in a folder where more change at once, all are looked at.
const MOST_FILES: usize = 256;

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
        let told = Arc::new(Told::default());
        let teller = Teller(told.clone());
        let tell = move |event: notify::Result<Event>| {
            // Reading a file is an event too; only changes count.
            if event.as_ref().map_or(true, |it| it.need_rescan() || !it.kind.is_access()) {
                teller.0.note(event);
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(|it| failed(&it))?;
        watcher.watch(self.dir(), RecursiveMode::NonRecursive).map_err(|it| failed(&it))?;
        let host = self.clone();
        let follow = move || {
            while let Some(changes) = told.next() {
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

/// What the folder has told of, and nobody has taken up yet. However much happens while a file is looked at, it is noted
/// once.
#[derive(Default)]
struct Told {
    waiting: Mutex<Waiting>,
    stirred: Condvar,
}

#[derive(Default)]
struct Waiting {
    noted: Option<Noted>,
    /// Nobody watches any more.
    is_over: bool,
}

struct Noted {
    changes: Changes,
    first: Instant,
    latest: Instant,
}

/// Held by whoever watches.
struct Teller(Arc<Told>);

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.stirred.notify_all();
    }
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps until something changes, and waits for it to be over; `None` once nobody watches any more.
    fn next(&self) -> Option<Changes> {
        let mut waiting = self.lock();
        loop {
            let Some(noted) = &waiting.noted else {
                if waiting.is_over {
                    return None;
                }
                waiting = self.stirred.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let until = (noted.latest + QUIET).min(noted.first + LONGEST_WAIT);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return waiting.noted.take().map(|it| it.changes);
            }
            waiting = self.stirred.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn note(&self, event: notify::Result<Event>) {
        let Some(changes) = Changes::of(event) else { return };
        let now = Instant::now();
        let mut waiting = self.lock();
        if let Some(noted) = &mut waiting.noted {
            noted.latest = now;
            noted.changes.extend(changes);
        } else {
            waiting.noted = Some(Noted { changes, first: now, latest: now });
            self.stirred.notify_all();
        }
    }
}

impl Changes {
    /// What an event says; `None` where it is of no plugin.
    fn of(event: notify::Result<Event>) -> Option<Self> {
        match event {
            Ok(event) if event.need_rescan() => Some(Self::Unknown),
            Ok(event) => {
                let files: BTreeSet<_> = event.paths.iter().filter_map(|path| belongs_to(path)).collect();
                (!files.is_empty()).then_some(Self::Of(files))
            }
            Err(error) => {
                tracing::warn!(%error, "watching the plugins folder");
                Some(Self::Unknown)
            }
        }
    }

    fn extend(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::Of(known), Self::Of(files)) if known.len() < MOST_FILES => known.extend(files),
            _ => *self = Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use notify::{
        EventKind,
        event::{CreateKind, ModifyKind},
    };

    use super::*;

    fn event(kind: EventKind, file: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(file.into()))
    }

    #[test]
    fn what_comes_together_is_taken_up_once() {
        let told = Arc::new(Told::default());
        let teller = Teller(told.clone());
        let changed = EventKind::Modify(ModifyKind::Any);
        teller.0.note(event(changed, "notes.txt"));
        for file in ["a.wasm", "b.js", "a.wasm", "a.wasm.sig"] {
            teller.0.note(event(changed, file));
        }
        let Some(Changes::Of(files)) = told.next() else { panic!("no files") };
        assert_eq!(files.into_iter().collect::<Vec<_>>(), ["a.wasm", "b.js"]);
        teller.0.note(event(changed, "c.wasm"));
        teller.0.note(Err(notify::Error::generic("events were lost")));
        assert!(matches!(told.next(), Some(Changes::Unknown)));
        drop(teller);
        assert!(told.next().is_none(), "nobody watches any more");
    }

    #[test]
    fn a_flood_of_files_is_noted_in_bounds_and_looked_at_as_a_whole() {
        let told = Told::default();
        for number in 0..100_000 {
            told.note(event(EventKind::Create(CreateKind::File), &format!("{number}.wasm")));
        }
        assert!(matches!(told.next(), Some(Changes::Unknown)));
        assert!(told.lock().noted.is_none(), "once");
    }
}
