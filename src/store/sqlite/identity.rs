//! Whether the store's file is still where it was opened.
//!
//! SQLite goes on writing to a file that was removed or moved away, and all of it is lost with the process: what is
//! acknowledged then would never be answered. So the writer looks before each group, and refuses.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::store::StoreError;

/// The file that was opened.
pub struct Identity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Identity {
    /// # Errors
    /// There is no such file.
    pub fn of(path: &Path) -> Result<Self, StoreError> {
        let about = fs::metadata(path).map_err(|error| StoreError::Open(format!("{}: {error}", path.display())))?;
        Ok(Self { path: path.to_owned(), device: about.dev(), inode: about.ino() })
    }

    /// # Errors
    /// `StoreError::Write`: the file, or the folder it is in, was removed, moved or replaced.
    pub fn check(&self) -> Result<(), StoreError> {
        let lost = |what: &str| Err(StoreError::Write(format!("the store's file {} {what}", self.path.display())));
        match fs::metadata(&self.path) {
            Ok(about) if (about.dev(), about.ino()) == (self.device, self.inode) => Ok(()),
            Ok(_) => lost("was replaced while the clerk runs: put the old one back, or start the clerk again"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                lost("is gone: put it back where it was, or start the clerk again")
            }
            // No more than a doubt; a write that fails says so itself.
            Err(_) => Ok(()),
        }
    }
}
