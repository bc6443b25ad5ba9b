//! Whether the data folder can be used, found out without changing anything in it.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use crate::{
    daemon::address_file::VISITOR_KEY_FILE,
    setting::Problem,
    store::{self, StoreError},
};

const FILE: &str = "nightclerk.toml";
/// The store's file within the data folder.
pub const STORE_FILE: &str = "nightclerk.sqlite";

/// The store of a data folder, or a backup that was named in its place.
pub fn store_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(STORE_FILE) } else { path.to_owned() }
}

/// What would keep a daemon from starting on it.
pub fn problems(data_dir: &Path) -> Vec<Problem> {
    let problem = |message: String, hint: &str| Problem::new(FILE, ["data".into(), "dir".into()], message).hint(hint);
    let shown = data_dir.display();
    if let Err((place, error)) = is_usable(data_dir) {
        let why = match place == data_dir {
            true => format!("the data folder {shown} cannot be used: {error}"),
            false => format!("the data folder {shown} cannot be made: {}: {error}", place.display()),
        };
        return vec![problem(why, "name another, or give it to the user who runs the clerk")];
    }
    match store::look_at(&data_dir.join(STORE_FILE)) {
        Ok(()) => Vec::new(),
        Err(StoreError::Open(why)) => {
            vec![problem(format!("the store cannot be opened: {why}"), "see docs/operating.md")]
        }
        // It is in use, or something else that passes.
        Err(_) => Vec::new(),
    }
}

/// Whether somebody used the folder, and what was in its store is gone.
pub fn lost_its_store(data_dir: &Path) -> bool {
    // Made once there is a store, and kept as long as the folder.
    data_dir.join(VISITOR_KEY_FILE).exists() && store::is_empty(&data_dir.join(STORE_FILE))
}

/// Whether other users of the machine can look into the folder.
pub fn is_open_to_others(data_dir: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    data_dir.metadata().is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
}

/// Whether files can be made in the folder, or the folder where it is not there yet; else what stands in the way.
fn is_usable(dir: &Path) -> Result<(), (&Path, io::Error)> {
    let mut place = dir;
    loop {
        match place.metadata() {
            Ok(found) if !found.is_dir() => return Err((place, io::ErrorKind::NotADirectory.into())),
            Ok(_) => {
                let may = access(place, Access::WRITE_OK | Access::EXEC_OK);
                return may.map_err(|error| (place, error.into()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match place.parent() {
                Some(parent) if parent.as_os_str().is_empty() => place = Path::new("."),
                Some(parent) => place = parent,
                None => return Err((place, error)),
            },
            Err(error) => return Err((place, error)),
        }
    }
}

/// How few bytes are free there, where that is fewer than `least`; nothing where the system does not say.
pub fn short_of_space(data_dir: &Path, least: u64) -> Option<u64> {
    let there = data_dir.ancestors().find(|it| it.is_dir())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    // What anybody but root may still write.
    Some(disk.f_bavail.saturating_mul(disk.f_frsize)).filter(|free| *free < least)
}
