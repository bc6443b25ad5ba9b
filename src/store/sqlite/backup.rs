//! Copying a store that is in use, and putting a copy back.

use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};
use tokio::sync::oneshot;

use super::schema;
use crate::{
    atomic_file::move_durably,
    store::{Pending, StoreError},
};

/// Pages copied between two words about the progress.
const STEP: i32 = 1024;

/// Copies the store at `from` into the new file `to`, on a thread of its own, whether a daemon has it open or not. The
/// copy shows one moment: it is made under a read transaction, which neither waits for writers nor holds them up. It is
/// put in place whole. `progress` hears of pages done, and of pages in all.
pub fn backup(from: &Path, to: PathBuf, progress: Box<dyn Fn(u64, u64) + Send>) -> Pending<()> {
    let from = from.to_owned();
    let (done, pending) = oneshot::channel();
    // Where the system refuses the thread, the sender within is gone, and who waits hears that.
    let _ = std::thread::Builder::new().name("store-backup".to_owned()).spawn(move || {
        let _ = done.send(copy(&from, &to, &*progress));
    });
    pending
}

fn copy(from: &Path, to: &Path, progress: &dyn Fn(u64, u64)) -> Result<(), StoreError> {
    let failed = |what: String| StoreError::Write(format!("the backup {}: {what}", to.display()));
    if to.exists() {
        return Err(StoreError::Conflict(format!("{} is there already; choose a new file", to.display())));
    }
    let partial = beside(to, ".part");
    let copied = copy_pages(from, &partial, progress).map_err(|error| failed(error.to_string()));
    let placed = copied.and_then(|()| {
        let place = || fs::File::open(&partial)?.sync_all().and_then(|()| move_durably(&partial, to));
        place().map_err(|error| failed(error.to_string()))
    });
    placed.inspect_err(|_| {
        let _ = fs::remove_file(&partial);
    })
}

fn copy_pages(from: &Path, to: &Path, progress: &dyn Fn(u64, u64)) -> rusqlite::Result<()> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    schema::make_private(to).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let mut target = Connection::open(to)?;
    // Held until the end, so that every step sees the same moment and none begins anew.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(STEP)?;
            let seen = backup.progress();
            let pages = |count: i32| u64::from(count.max(0).unsigned_abs());
            progress(pages(seen.pagecount - seen.remaining), pages(seen.pagecount));
            match step {
                rusqlite::backup::StepResult::Done => break,
                rusqlite::backup::StepResult::More => {}
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
    // One file, without a log beside it.
    target.execute_batch("PRAGMA journal_mode = DELETE;")
}

/// Puts the backup `from` in the place of the store at `path`, which no daemon may have open. What stood there is kept
/// beside it; its path is returned, if there was something.
///
/// # Errors
/// A daemon has the store open; the backup is no store, is damaged, or of a newer version; a file cannot be written.
pub fn restore(from: &Path, path: &Path) -> Result<Option<PathBuf>, StoreError> {
    let _lock = schema::lock(path)?;
    check(from)?;
    let failed = |error: io::Error| StoreError::Write(format!("{} cannot be restored: {error}", path.display()));
    let new = beside(path, ".restoring");
    schema::make_private(&new).map_err(failed)?;
    fs::copy(from, &new).and_then(|_| fs::File::open(&new)?.sync_all()).map_err(failed)?;
    // What waits in the log of the store that goes must not be taken for the new one's.
    let aside = path.exists().then(|| (0..).map(|n| beside(path, &format!(".before-{n}"))).find(|it| !it.exists()));
    let aside = aside.flatten();
    if let Some(aside) = &aside {
        for suffix in ["-wal", "-shm", ""] {
            match fs::rename(beside(path, suffix), beside(aside, suffix)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
    }
    move_durably(&new, path).map_err(failed)?;
    // The version may be an older one; it is brought up to date as at any start.
    schema::open_writer(path)?;
    Ok(aside)
}

/// Whether a file is a whole store.
fn check(file: &Path) -> Result<(), StoreError> {
    let refuse = |what: String| StoreError::Open(format!("{} cannot be restored: {what}", file.display()));
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| refuse(error.to_string()))?;
    let verdict: String = connection
        .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
        .map_err(|error| refuse(format!("it is damaged or is no store ({error})")))?;
    if verdict != "ok" {
        return Err(refuse(format!("it is damaged ({verdict})")));
    }
    connection
        .query_row("SELECT count(*) FROM events", (), |_| Ok(()))
        .map_err(|_| refuse("it is a database, but not a nightclerk's".to_owned()))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
