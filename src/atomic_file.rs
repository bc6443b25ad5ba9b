//! Files that are replaced whole or not at all: who reads or watches one sees the old bytes or the new, never half.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Replaces the file by writing beside it and renaming. For what can be made again: a power failure may leave
/// neither the old bytes nor the new.
///
/// # Errors
/// The folder cannot be written to; the file is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    swap_in(path, bytes, false)
}

/// As [`replace`], and when it returns, the new bytes outlive a power failure.
///
/// # Errors
/// As for [`replace`].
pub fn replace_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    swap_in(path, bytes, true)?;
    keep_name(path)
}

/// Moves a file or folder whose bytes are on the disk already, in the same file system; when it returns, it outlives a power
/// failure under its new name.
///
/// # Errors
/// It cannot be moved.
pub fn move_durably(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    keep_name(to)
}

/// Makes the folder where it is missing, for this user alone, and none above it: a data folder that is away must find its
/// place free when it comes back.
///
/// # Errors
/// What it lies in is not there, or cannot be written.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// A name is kept by the folder that it stands in.
fn keep_name(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn swap_in(path: &Path, bytes: &[u8], durably: bool) -> io::Result<()> {
    let new = beside(path);
    let write = || -> io::Result<()> {
        let mut file = File::create(&new)?;
        // Somebody may have closed the old one to other users.
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(bytes)?;
        if durably {
            file.sync_all()?;
        }
        fs::rename(&new, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// A name in the same folder that no other writer uses.
fn beside(path: &Path) -> PathBuf {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(format!(".{}-{}.new", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_nothing_else_is_left_behind() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        replace_durably(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_made_where_its_place_is_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let one = folder.path().join("one");
        make_folder(&one).unwrap();
        make_folder(&one).unwrap();
        let away = folder.path().join("away");
        assert_eq!(make_folder(&away.join("one")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(one.is_dir() && !away.exists());
    }

    #[test]
    fn a_file_is_moved_wherever_its_folder_is_named_from() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::write(&one, "1").unwrap();
        move_durably(&one, &two).unwrap();
        assert!(!one.exists() && fs::read(&two).unwrap() == b"1");
        assert!(move_durably(&one, &two).is_err() && two.exists());
        keep_name(Path::new("named-without-its-folder")).unwrap();
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"two").is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
