//! Notices files that are empty for a moment: many programs write a file by emptying it first.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The files of a configuration folder that have something in them.
#[derive(Default)]
pub struct Filled(BTreeSet<PathBuf>);

impl Filled {
    /// Looks at the folder as it is now.
    pub fn of(dir: &Path) -> Self {
        let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let filled =
            files.filter(|path| path.extension().is_some_and(|it| it == "toml") && is_empty(path) == Some(false));
        Self(filled.collect())
    }

    /// One of them that is there and empty now.
    pub fn emptied(&self) -> Option<&Path> {
        self.0.iter().map(PathBuf::as_path).find(|path| is_empty(path) == Some(true))
    }
}

/// Whether there is nothing but white space in a file; `None` where it cannot be read.
fn is_empty(path: &Path) -> Option<bool> {
    fs::read_to_string(path).ok().map(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_that_lost_all_it_held_is_noticed_and_one_that_was_empty_or_is_removed_is_not() {
        let dir = TempDir::new().unwrap();
        let file = |name: &str| dir.path().join(name);
        fs::write(file("rules.toml"), "# rules\n").unwrap();
        fs::write(file("channels.toml"), "\n").unwrap();
        fs::write(file("hours.toml"), "# hours\n").unwrap();
        let filled = Filled::of(dir.path());
        assert_eq!(filled.emptied(), None);
        fs::remove_file(file("hours.toml")).unwrap();
        assert_eq!(filled.emptied(), None, "a file may be taken away");
        fs::write(file("rules.toml"), "").unwrap();
        assert_eq!(filled.emptied(), Some(file("rules.toml").as_path()));
    }
}
