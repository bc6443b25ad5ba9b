//! How the files of a configuration look from outside, and what is in them: enough to notice an edit, however it was made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use toml::de::{DeTable, DeValue};

use super::INTENTS;
use crate::engine::ANSWERS;

/// What the system says of some files. Links are followed, so it differs after any save, and also after a link was
/// pointed elsewhere, or a folder put in another's place: what a notice of one folder's changes does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look(BTreeMap<PathBuf, Option<Trace>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Trace {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    pub fn at(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let trace = |path: &Path| {
            let it = fs::metadata(path).ok()?;
            Some(Trace {
                device: it.dev(),
                inode: it.ino(),
                bytes: it.size(),
                modified: (it.mtime(), it.mtime_nsec()),
                changed: (it.ctime(), it.ctime_nsec()),
            })
        };
        Self(files.into_iter().map(|path| (path.clone(), trace(&path))).collect())
    }

    /// Both together; what is in both as it looks in the other.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// The files of a folder, and of those within it, whose names end in `.<extension>`.
fn files_of(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

/// The files that a configuration folder is read from.
pub fn config_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = files_of(dir, "toml");
    files.extend(Some(dir.join(ANSWERS)).filter(|path| path.exists()));
    files.extend(files_of(&dir.join(INTENTS), "toml"));
    files
}

/// The folders that the files are in: others may appear there.
pub fn folders(dir: &Path) -> [PathBuf; 2] {
    [dir.to_owned(), dir.join(INTENTS)]
}

/// What is in the files, as far as there is anything.
#[derive(Default)]
pub struct Contents {
    texts: BTreeMap<PathBuf, String>,
    /// Files that hold a secret each, named by `{ file = "…" }`.
    pub secrets: BTreeSet<PathBuf>,
}

/// How a file lost what it held.
#[derive(Debug, PartialEq, Eq)]
pub enum Loss {
    /// There is no such file any more.
    Gone(PathBuf),
    /// There is nothing in it.
    Emptied(PathBuf),
    /// It ends where it went on before.
    CutShort(PathBuf),
}

impl Contents {
    pub fn of(dir: &Path) -> Self {
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).ok()?;
            (!text.trim().is_empty()).then_some((path, text))
        };
        let texts: BTreeMap<_, _> = config_files(dir).into_iter().filter_map(read).collect();
        let settings = texts.iter().filter(|(path, _)| !path.ends_with(ANSWERS));
        let secrets = settings.flat_map(|(_, text)| secret_files(text)).collect();
        Self { texts, secrets }
    }

    /// What a file has lost since these were read. Programs empty a file before they write it, disks fill, and uploads
    /// stop half way: a file that was there and is not, or that is a mere beginning of itself, is no edit somebody made
    /// (a sentence file of `intents/` may go: it is one of many).
    pub fn loss(&self) -> Option<Loss> {
        let look = |(path, before): (&PathBuf, &String)| match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_intent = path.parent().is_some_and(|it| it.ends_with(INTENTS));
                (!is_intent).then(|| Loss::Gone(path.clone()))
            }
            // What cannot be read is said when the folder is.
            Err(_) => None,
            Ok(text) if text.trim().is_empty() => Some(Loss::Emptied(path.clone())),
            Ok(text) if text.len() < before.len() && before.starts_with(&text) => Some(Loss::CutShort(path.clone())),
            Ok(_) => None,
        };
        let losses: Vec<_> = self.texts.iter().filter_map(look).collect();
        let cut_short = |it: &Loss| matches!(it, Loss::CutShort(_));
        // What waits for a person comes before what is over in a moment.
        losses.into_iter().min_by_key(cut_short)
    }
}

/// The paths of all `{ file = "…" }` in a text, whatever else may be wrong with it.
fn secret_files(text: &str) -> Vec<PathBuf> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut found = Vec::new();
    let mut tables = vec![table.get_ref()];
    let mut lists = Vec::new();
    loop {
        if let Some(table) = tables.pop() {
            for (key, value) in table {
                match value.get_ref() {
                    DeValue::String(path) if table.len() == 1 && key.get_ref() == "file" => {
                        found.push(path.as_ref().into())
                    }
                    DeValue::Table(inner) => tables.push(inner),
                    DeValue::Array(inner) => lists.push(inner),
                    _ => {}
                }
            }
        } else if let Some(list) = lists.pop() {
            for value in list.iter() {
                match value.get_ref() {
                    DeValue::Table(inner) => tables.push(inner),
                    DeValue::Array(inner) => lists.push(inner),
                    _ => {}
                }
            }
        } else {
            return found;
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_that_lost_what_it_held_is_noticed_and_one_that_was_empty_is_not() {
        let dir = TempDir::new().unwrap();
        let file = |name: &str| dir.path().join(name);
        let write = |name: &str, text: &str| fs::write(file(name), text).unwrap();
        write("rules.toml", "# rules\n[[rule]]\n");
        write("channels.toml", "\n");
        fs::create_dir(file("intents")).unwrap();
        write("intents/late.toml", "# late\n");
        let contents = Contents::of(dir.path());
        assert_eq!(contents.loss(), None);
        fs::remove_file(file("channels.toml")).unwrap();
        fs::remove_file(file("intents/late.toml")).unwrap();
        assert_eq!(contents.loss(), None, "nothing of worth was in the one, and the other is one of many");
        write("rules.toml", "");
        assert_eq!(contents.loss(), Some(Loss::Emptied(file("rules.toml"))));
        write("rules.toml", "# rules\n");
        assert_eq!(contents.loss(), Some(Loss::CutShort(file("rules.toml"))));
        write("rules.toml", "# none\n");
        assert_eq!(contents.loss(), None, "somebody took the rules out");
        fs::remove_file(file("rules.toml")).unwrap();
        assert_eq!(contents.loss(), Some(Loss::Gone(file("rules.toml"))));
    }

    #[test]
    fn files_with_secrets_are_found_wherever_they_are_named() {
        let text = "[[channel]]\ntoken = { file = \"/a\" }\nsecrets = [\"x\", { file = \"/b\" }]\nbroken = “x”\n";
        assert_eq!(secret_files(text).into_iter().collect::<BTreeSet<_>>(), ["/a".into(), "/b".into()].into());
    }

    #[test]
    fn a_link_that_points_elsewhere_is_seen() {
        let dir = TempDir::new().unwrap();
        let link = dir.path().join("rules.toml");
        let point_to = |target: &str| {
            let _ = fs::remove_file(&link);
            fs::write(dir.path().join(target), "x").unwrap();
            std::os::unix::fs::symlink(target, &link).unwrap();
            Look::at([link.clone()])
        };
        let first = point_to("a");
        assert_eq!(first, Look::at([link.clone()]));
        assert_ne!(first, point_to("b"));
    }
}
