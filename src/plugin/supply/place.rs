//! Files of the plugins folder, put there and taken away so that whoever watches it never sees half of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    atomic_file,
    plugin::{contract::files_of, host::folder::signature_file},
};

/// Where files lie that were taken away, within the plugins folder; nobody looks into it.
const ASIDE: &str = "removed";

/// Puts a file into its place, and takes away those of another ending that are the same plugin. What vouches for it goes
/// first: alone it does no harm.
///
/// # Errors
/// The folder cannot be written to; what was there is there.
pub fn seat(dir: &Path, name: &str, file: &str, bytes: &[u8], signatures: Option<&str>) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let path = dir.join(file);
    let vouching = signature_file(&path);
    if let Some(signatures) = signatures {
        atomic_file::replace_durably(&vouching, signatures.as_bytes())?;
    }
    atomic_file::replace_durably(&path, bytes)?;
    if signatures.is_none() {
        drop_if_there(&vouching)?;
    }
    for other in files_of(dir, name).iter().filter(|other| *other != file) {
        discard(dir, other)?;
    }
    Ok(())
}

/// Deletes a file, if it is there, with what vouches for it.
///
/// # Errors
/// It cannot be deleted.
pub fn discard(dir: &Path, file: &str) -> io::Result<()> {
    let path = dir.join(file);
    drop_if_there(&path)?;
    drop_if_there(&signature_file(&path))
}

/// Takes a file away, with what vouches for it; where it lies then.
///
/// # Errors
/// It cannot be moved.
pub fn put_aside(dir: &Path, file: &str) -> io::Result<PathBuf> {
    let aside = dir.join(ASIDE);
    fs::create_dir_all(&aside)?;
    let free = |number: u32| match number {
        0 => aside.join(file),
        _ => aside.join(format!("{number}-{file}")),
    };
    let to = (0..).map(free).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| aside.join(file));
    fs::rename(dir.join(file), &to)?;
    let vouching = signature_file(&dir.join(file));
    if vouching.exists() {
        fs::rename(vouching, signature_file(&to))?;
    }
    Ok(to)
}

fn drop_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn one_file_is_the_plugin_with_what_vouches_for_it_and_nothing_is_lost_that_was_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        seat(dir, "hello", "hello.wasm", b"one", Some("signed")).unwrap();
        assert_eq!(files(dir), ["hello.wasm", "hello.wasm.sig"]);
        seat(dir, "hello", "hello.js", b"two", None).unwrap();
        assert_eq!(files(dir), ["hello.js"]);
        assert_eq!(put_aside(dir, "hello.js").unwrap(), dir.join("removed/hello.js"));
        seat(dir, "hello", "hello.js", b"three", Some("signed")).unwrap();
        assert_eq!(put_aside(dir, "hello.js").unwrap(), dir.join("removed/1-hello.js"));
        assert_eq!(files(&dir.join("removed")), ["1-hello.js", "1-hello.js.sig", "hello.js"]);
        assert_eq!(files(dir), ["removed"]);
    }
}
