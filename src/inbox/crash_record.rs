//! What each lane was deciding when the process died.
//!
//! A message that brings the whole process down is delivered again by its platform, and would bring it down again. So a
//! lane notes which event it is deciding in a file, which outlives the process, however it ends; the next start counts
//! those that were under way, and an event that was so twice is decided with more care. Two writes of eight bytes a
//! message to the page cache, no sync: after a loss of power nobody has to be blamed.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{atomic_file, model::Event};

/// Bytes of a lane's place: the mark of the event it decides, or zeros.
const PLACE: usize = 8;
/// Events that are remembered for what they did; the least suspect make room.
const SUSPECTS: usize = 64;

/// The record of one data folder; shared by its lanes.
pub struct CrashRecord {
    file: File,
    suspects: HashMap<Mark, u32>,
}

/// An event, by a hash of its channel and delivery id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Mark(u64);

/// How an event is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    Usual,
    /// Most of what can go wrong is in plugins.
    WithoutPlugins,
    /// It is not looked into: a person finds it on the list.
    SetAside,
}

impl Care {
    /// What is left to try after this went wrong.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Usual => Some(Self::WithoutPlugins),
            Self::WithoutPlugins => Some(Self::SetAside),
            Self::SetAside => None,
        }
    }
}

impl CrashRecord {
    /// Reads what an earlier run left in the folder, and begins anew.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn open(folder: &Path, lanes: usize) -> io::Result<Self> {
        let path = folder.join("under-way");
        let found = std::fs::read(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(Vec::new()),
            _ => Err(error),
        })?;
        let mut suspects = read_suspects(&suspects_path(folder));
        let places = found.chunks_exact(PLACE).filter_map(|place| place.try_into().ok()).map(u64::from_le_bytes);
        let died_at: Vec<_> = places.filter(|mark| *mark != 0).map(Mark).collect();
        if !died_at.is_empty() {
            died_at.iter().for_each(|mark| *suspects.entry(*mark).or_default() += 1);
            keep_the_worst(&mut suspects);
            write_suspects(&suspects_path(folder), &suspects)?;
        }
        let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path)?;
        file.set_len((lanes * PLACE) as u64)?;
        Ok(Self { file, suspects })
    }

    /// How to decide an event, by how often the process died over it.
    pub fn care_for(&self, event: &Event) -> Care {
        if self.suspects.is_empty() {
            return Care::Usual;
        }
        match self.suspects.get(&Mark::of(event)) {
            None | Some(0 | 1) => Care::Usual,
            Some(2) => Care::WithoutPlugins,
            Some(_) => Care::SetAside,
        }
    }

    /// A lane begins to decide an event.
    pub fn begin(&self, lane: usize, event: &Event) {
        self.put(lane, Mark::of(event).0);
    }

    /// It is done, or failed without taking the process with it.
    pub fn end(&self, lane: usize) {
        self.put(lane, 0);
    }

    fn put(&self, lane: usize, mark: u64) {
        // Where it cannot be noted, a crash is no worse than it was.
        let _ = self.file.write_all_at(&mark.to_le_bytes(), (lane * PLACE) as u64);
    }
}

impl Mark {
    fn of(event: &Event) -> Self {
        let mut hasher = DefaultHasher::new();
        event.channel.hash(&mut hasher);
        event.dedupe.hash(&mut hasher);
        Self(hasher.finish().max(1))
    }
}

fn suspects_path(folder: &Path) -> PathBuf {
    folder.join("suspects.json")
}

fn read_suspects(path: &Path) -> HashMap<Mark, u32> {
    let known = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Vec<(Mark, u32)>>(&bytes).ok());
    known.unwrap_or_default().into_iter().collect()
}

fn write_suspects(path: &Path, suspects: &HashMap<Mark, u32>) -> io::Result<()> {
    let listed: Vec<_> = suspects.iter().collect();
    atomic_file::replace(path, &serde_json::to_vec(&listed)?)
}

fn keep_the_worst(suspects: &mut HashMap<Mark, u32>) {
    let mut ranked: Vec<_> = suspects.drain().collect();
    ranked.sort_unstable_by_key(|(mark, crashes)| (std::cmp::Reverse(*crashes), *mark));
    ranked.truncate(SUSPECTS);
    suspects.extend(ranked);
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::model::{Address, EventKind, Message};

    fn event(dedupe: &str) -> Event {
        Event {
            channel: "shop".to_owned(),
            dedupe: dedupe.to_owned(),
            address: Address::new("shop", "1"),
            at_ms: 0,
            kind: EventKind::Message(Message::default()),
        }
    }

    #[test]
    fn an_event_is_suspect_only_if_the_process_died_over_it_twice() {
        let folder = TempDir::new().unwrap();
        let run = |deciding: &str, done: &str| {
            let record = CrashRecord::open(folder.path(), 2).unwrap();
            record.begin(0, &event(deciding));
            record.begin(1, &event(done));
            record.end(1);
            record.care_for(&event(deciding))
        };
        assert_eq!(run("bad", "good"), Care::Usual);
        assert_eq!(run("bad", "good"), Care::Usual, "it may have been chance");
        assert_eq!(run("bad", "good"), Care::WithoutPlugins);
        assert_eq!(run("bad", "good"), Care::SetAside);
        let record = CrashRecord::open(folder.path(), 2).unwrap();
        assert_eq!(record.care_for(&event("good")), Care::Usual);
        assert_eq!(record.care_for(&event("new")), Care::Usual);
    }

    #[test]
    fn what_the_files_hold_is_never_a_reason_not_to_start() {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("under-way"), b"short").unwrap();
        std::fs::write(suspects_path(folder.path()), b"{").unwrap();
        assert_eq!(CrashRecord::open(folder.path(), 2).unwrap().care_for(&event("any")), Care::Usual);
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut suspects: HashMap<_, _> = (1..=1000).map(|mark| (Mark(mark), 1)).collect();
        suspects.insert(Mark(5000), 2);
        keep_the_worst(&mut suspects);
        assert_eq!((suspects.len(), suspects.get(&Mark(5000))), (SUSPECTS, Some(&2)));
    }
}
