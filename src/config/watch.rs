//! Tells when something happens where the files of a configuration are, so that nobody has to look again and again.
//!
//! A notice says no more than that it is time to look: what is to be seen is `look`'s. Links are followed on their whole way,
//! as each of them may be pointed elsewhere, and so is the folder, as another may be put in its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    fs,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::sync::Notify;

/// Links on the way to one file; more of them lead in a circle.
const MOST_LINKS: usize = 40;

/// The name that stands for every file of a folder.
const ANYTHING: &str = "";

/// The folders in which something may happen, each with the names of what counts there.
type Places = BTreeMap<PathBuf, BTreeSet<OsString>>;

/// Watches while it lives.
pub struct EditWatch {
    watcher: RecommendedWatcher,
    places: Arc<Mutex<Places>>,
    happened: Arc<Notify>,
}

impl EditWatch {
    /// # Errors
    /// The system has no more watches to give.
    pub fn new() -> notify::Result<Self> {
        let places = Arc::new(Mutex::new(Places::new()));
        let happened = Arc::new(Notify::new());
        let (known, tell) = (places.clone(), happened.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // What went wrong in watching is a reason to look as well.
            if event.map_or(true, |event| counts(&event, &known.lock().unwrap_or_else(PoisonError::into_inner))) {
                tell.notify_one();
            }
        })?;
        Ok(Self { watcher, places, happened })
    }

    /// Watches what these paths lead to, and nothing else: files, and folders in which everything counts. What happened
    /// before, nobody tells.
    ///
    /// # Errors
    /// The system has no more watches to give.
    pub fn follow(&mut self, files: Vec<PathBuf>, folders: Vec<PathBuf>) -> notify::Result<()> {
        let mut wanted = Places::new();
        for file in &files {
            note_way(file, &mut wanted);
        }
        for folder in &folders {
            let leads_to = note_way(folder, &mut wanted);
            note(&leads_to, ANYTHING.into(), &mut wanted);
        }
        let before =
            std::mem::replace(&mut *self.places.lock().unwrap_or_else(PoisonError::into_inner), wanted.clone());
        // Anew each time: a watch is on the folder that was there, not on the one in its place.
        for dir in before.keys() {
            // It ended by itself where the folder is gone.
            let _ = self.watcher.unwatch(dir);
        }
        for dir in wanted.keys().filter(|dir| dir.is_dir()) {
            match self.watcher.watch(dir, RecursiveMode::NonRecursive) {
                Err(error) if dir.is_dir() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits until something happens.
    pub async fn happens(&self) {
        self.happened.notified().await;
    }
}

/// Whether an event is an edit, or may be one.
fn counts(event: &Event, places: &Places) -> bool {
    let is_read = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        kind => kind.is_access(),
    };
    let is_known = |path: &PathBuf| {
        let among = |dir: &Path| {
            let names = places.get(dir);
            names.is_some_and(|it| {
                it.contains(OsStr::new(ANYTHING)) || path.file_name().is_some_and(|name| it.contains(name))
            })
        };
        places.contains_key(path) || path.parent().is_some_and(among)
    };
    !is_read && (event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(is_known))
}

/// Notes each folder on the way to a path in which a change makes it lead elsewhere, and the name that counts there; where
/// it leads to.
fn note_way(path: &Path, places: &mut Places) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: Vec<OsString> = names(&path);
    rest.reverse();
    let mut here = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = rest.pop() {
        if name == ".." {
            here.pop();
            continue;
        }
        let next = here.join(&name);
        match fs::read_link(&next) {
            Ok(target) if links < MOST_LINKS => {
                links += 1;
                note(&here, name, places);
                if target.is_absolute() {
                    here = PathBuf::from("/");
                }
                rest.extend(names(&target).into_iter().rev());
            }
            _ => {
                // The last two: the file in its folder, and the folder where it is.
                if rest.len() < 2 {
                    note(&here, name, places);
                }
                here = next;
            }
        }
    }
    here
}

fn note(dir: &Path, name: OsString, places: &mut Places) {
    places.entry(dir.to_owned()).or_default().insert(name);
}

fn names(path: &Path) -> Vec<OsString> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, time::Duration};

    use tempfile::TempDir;

    use super::*;

    /// A folder as a ConfigMap is mounted, and the watch on a file in it.
    fn config_map() -> (TempDir, PathBuf) {
        let root = TempDir::new().unwrap();
        let config = root.path().canonicalize().unwrap().join("config");
        fs::create_dir_all(config.join("..1")).unwrap();
        fs::write(config.join("..1/rules.toml"), "1").unwrap();
        symlink("..1", config.join("..data")).unwrap();
        symlink("..data/rules.toml", config.join("rules.toml")).unwrap();
        (root, config.join("rules.toml"))
    }

    #[test]
    fn every_link_on_the_way_counts_and_so_does_the_folder_itself() {
        let (root, file) = config_map();
        let mut places = Places::new();
        note_way(&file, &mut places);
        let config = file.parent().unwrap();
        let names =
            |dir: &Path| places.get(dir).into_iter().flatten().map(|it| it.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(names(config), ["..1", "..data", "rules.toml"]);
        assert_eq!(names(&config.join("..1")), ["rules.toml"]);
        assert_eq!(names(&root.path().canonicalize().unwrap()), ["config"]);
    }

    #[test]
    fn a_circle_of_links_has_an_end() {
        let root = TempDir::new().unwrap();
        symlink("b", root.path().join("a")).unwrap();
        symlink("a", root.path().join("b")).unwrap();
        note_way(&root.path().join("a/rules.toml"), &mut Places::new());
    }

    #[tokio::test]
    async fn edits_are_told_and_reading_and_strangers_files_are_not() {
        let (root, file) = config_map();
        let mut watch = EditWatch::new().unwrap();
        watch.follow(vec![file.clone()], Vec::new()).unwrap();
        let config = file.parent().unwrap();
        let told = async |what: &str| {
            let told = tokio::time::timeout(Duration::from_secs(20), watch.happens()).await;
            assert!(told.is_ok(), "{what}");
        };
        fs::write(&file, "2").unwrap();
        told("an edit through the links").await;
        symlink("..1", config.join("fresh")).unwrap();
        fs::rename(config.join("fresh"), config.join("..data")).unwrap();
        told("another target").await;
        fs::read_to_string(&file).unwrap();
        fs::write(config.join("notes.txt"), "x").unwrap();
        fs::write(root.path().join("log"), "x").unwrap();
        // What is told comes in order: only the last is an edit, so it alone may be told now.
        while tokio::time::timeout(Duration::from_millis(200), watch.happens()).await.is_ok() {}
        fs::read_to_string(&file).unwrap();
        fs::write(config.join("notes.txt"), "y").unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(500), watch.happens()).await.is_err(), "nothing was edited");
        fs::rename(config, root.path().join("old")).unwrap();
        told("the folder that was moved away").await;
    }
}
