//! The visitors' pictures, which lie beside the store and go with it: into a backup, and back from one.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::atomic_file::move_durably;

/// The folder of the pictures within the data folder; in it one folder for each visitor.
pub const FOLDER: &str = "pictures";

/// Where a backup's pictures lie: `<file>.pictures`, beside it.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Copies the pictures to a folder beside a backup, while a clerk may run; how many there were.
///
/// # Errors
/// The folder is there already, or one of both cannot be read or written.
pub fn back_up(data_dir: &Path, file: &Path) -> io::Result<usize> {
    let from = data_dir.join(FOLDER);
    if visitors(&from)?.next().is_none() {
        return Ok(0);
    }
    let to = beside(file, ".pictures");
    fs::create_dir(&to)?;
    copy(&from, &to)
}

/// Puts a backup's pictures in the place of those that are there, which are kept beside; how many there are now.
///
/// # Errors
/// They cannot be read or written; what was there is where it was, or beside.
pub fn restore(file: &Path, data_dir: &Path) -> io::Result<usize> {
    let (from, to) = (beside(file, ".pictures"), data_dir.join(FOLDER));
    if !from.is_dir() {
        return Ok(0);
    }
    let new = data_dir.join(format!("{FOLDER}.new"));
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(&new)?,
    }
    let count = copy(&from, &new)?;
    if to.exists() {
        let free = (0..).map(|number| data_dir.join(format!("{FOLDER}.before-{number}"))).find(|it| !it.exists());
        fs::rename(&to, free.expect("numbers have no end"))?;
    }
    move_durably(&new, &to)?;
    Ok(count)
}

fn visitors(of: &Path) -> io::Result<impl Iterator<Item = PathBuf> + use<>> {
    let entries = match fs::read_dir(of) {
        Ok(entries) => Some(entries),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    Ok(entries.into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| path.is_dir()))
}

/// Copies what is there; a picture that is forgotten meanwhile is forgotten.
fn copy(from: &Path, to: &Path) -> io::Result<usize> {
    let mut count = 0;
    for visitor in visitors(from)? {
        let of_visitor = to.join(visitor.file_name().unwrap_or_default());
        fs::create_dir_all(&of_visitor)?;
        for picture in fs::read_dir(&visitor).into_iter().flatten().flatten() {
            let copied = fs::copy(picture.path(), of_visitor.join(picture.file_name()));
            match copied.and_then(|_| fs::File::open(of_visitor.join(picture.file_name()))?.sync_all()) {
                Ok(()) => count += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(count)
}
