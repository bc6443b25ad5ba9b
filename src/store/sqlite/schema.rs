//! Opening the file: its lock, its connections and their settings, its migrations.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use refinery::error::Kind;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::store::StoreError;

mod embedded {
    refinery::embed_migrations!("src/store/sqlite/migrations");
}

/// Read and written by the owner alone.
const PRIVATE: u32 = 0o600;

/// Prepared statements a connection keeps; more than there are in the code.
const STATEMENTS: usize = 96;

/// Another tool (a backup) may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(5);

/// Held while a store is open. The system lets go of both with the process, however it ends.
pub struct StoreLock {
    _beside: File,
    /// The store itself, for the case that somebody removes the file beside it. SQLite's own locks are of another kind,
    /// and this does not touch them; it must outlive the connections, as closing it would.
    _itself: File,
}

/// Keeps a second process from the same store: its timers and messages would go out twice.
///
/// # Errors
/// Another process holds it, or the file or the one beside it cannot be written.
pub fn lock(store: &Path) -> Result<StoreLock, StoreError> {
    let path = lock_path(store);
    if let Some(folder) = store.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| StoreError::Open(format!("the folder {} cannot be made: {error}", folder.display())))?;
    }
    let beside = lock_file(&path, store)?;
    let itself = lock_file(store, store)?;
    Ok(StoreLock { _beside: beside, _itself: itself })
}

fn lock_file(path: &Path, store: &Path) -> Result<File, StoreError> {
    let file = open_private(path).map_err(|error| unwritable(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Open(format!(
            "{} is in use by another nightclerk; stop that one first, or give this one a data folder of its own",
            store.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(StoreError::Open(format!("{} cannot be locked: {error}", path.display())))
        }
    }
}

/// Makes the file where it is missing, and keeps others of this machine from reading it: it holds what customers say.
///
/// # Errors
/// The system refuses.
pub fn make_private(path: &Path) -> io::Result<()> {
    open_private(path).map(drop)
}

fn open_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(PRIVATE).open(path)?;
    // One that was there may be open to all.
    file.set_permissions(Permissions::from_mode(PRIVATE))?;
    Ok(file)
}

fn unwritable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open(format!(
        "{} cannot be opened for writing ({error}); check who owns it and its folder",
        path.display()
    ))
}

/// Takes a name among all that ever opened the store, and the claims of those that are gone: the lock proves that
/// they are.
///
/// # Errors
/// The file cannot be written.
pub fn come_in(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let come_in = || {
        let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
        // Never 0, which claims nothing.
        let daemon = (high >> 1) as i64 | 1;
        connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM daemons;")?;
        connection.execute("INSERT INTO daemons VALUES (?1, ?2)", (daemon, i64::MAX))?;
        connection.execute("UPDATE messages SET claimed_by = ?1 WHERE state = 0", (daemon,))?;
        connection.execute("UPDATE timers SET claimed_by = 0, claimed_until_ms = 0 WHERE claimed_until_ms > 0", ())?;
        connection.execute_batch("COMMIT")?;
        Ok(daemon)
    };
    come_in().map_err(|error| cannot_open(path, &error))
}

/// `nightclerk.sqlite.lock` beside `nightclerk.sqlite`.
fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The one connection that writes, with the schema brought up to date.
///
/// # Errors
/// The file is no store, is damaged, was written by a newer version, or cannot be written.
pub fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    // SQLite gives its log the permissions of the file.
    make_private(path).map_err(|error| unwritable(path, &error))?;
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let settings = "PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA secure_delete = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -8192;";
    connection.execute_batch(settings).map_err(|error| cannot_open(path, &error))?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// A connection that sees what is committed, and can change nothing.
///
/// # Errors
/// The file cannot be read.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;")
        .map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

/// A connection that moves pages from the write-ahead log into the file.
///
/// # Errors
/// The file cannot be opened.
pub fn open_checkpointer(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")
        .map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // Each connection is used by one thread at a time, so SQLite need not lock it as well.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| cannot_open(path, &error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A statement with a bound LIMIT would be prepared anew at each use, for a plan that fits the number.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .and_then(|_| connection.busy_timeout(BUSY))
        .map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let runner = embedded::migrations::runner().set_abort_missing(true).set_abort_divergent(true);
    match runner.run(connection) {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            Kind::MissingVersion(newer) => newer_wrote(path, newer.version()),
            Kind::DivergentVersion(theirs, ours) => StoreError::Open(format!(
                "{} has another schema ({theirs}) than this nightclerk ({ours}); run the version that wrote it",
                path.display()
            )),
            Kind::Connection(_, cause) => match cause.downcast_ref::<rusqlite::Error>() {
                Some(error) => cannot_open(path, error),
                None => StoreError::Open(format!("{}: {cause}", path.display())),
            },
            other => StoreError::Open(format!("{}: {other}", path.display())),
        }),
    }
}

/// Looks whether the store at `path` is one that this version can open, and changes nothing; one that is not there is made.
///
/// # Errors
/// It is damaged, no store, or a newer version wrote it.
pub fn look_at(path: &Path) -> Result<(), StoreError> {
    if is_empty(path) {
        return Ok(());
    }
    let newest = open_reader(path)?
        .query_row("SELECT max(version) FROM refinery_schema_history", (), |row| row.get::<_, Option<i64>>(0))
        .map_err(|error| cannot_open(path, &error))?
        .unwrap_or_default();
    let runner = embedded::migrations::runner();
    let known = runner.get_migrations().iter().map(|it| i64::from(it.version())).max().unwrap_or_default();
    if newest > known { Err(newer_wrote(path, newest)) } else { Ok(()) }
}

/// A connection that sees what is committed, for whoever needs the newest schema and may not bring it up to date.
///
/// # Errors
/// It is damaged, no store, or of another version.
pub fn open_past(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Open(format!("there is no store {}", path.display())));
    }
    look_at(path)?;
    let connection = open_reader(path)?;
    let sql = "SELECT max(version) FROM refinery_schema_history";
    let version: Option<i64> =
        connection.query_row(sql, (), |row| row.get(0)).map_err(|error| cannot_open(path, &error))?;
    let known = embedded::migrations::runner().get_migrations().iter().map(|it| i64::from(it.version())).max();
    if version < known {
        return Err(StoreError::Open(format!(
            "{} was written by an older nightclerk; start this one on it once, or restore the backup first",
            path.display()
        )));
    }
    Ok(connection)
}

/// Whether nothing was ever written there, or nothing of it is left: what `open` begins with. Whoever kills a first start
/// before its first commit leaves a file without a table.
pub fn is_empty(path: &Path) -> bool {
    if path.metadata().map_or(true, |it| it.len() == 0) {
        return true;
    }
    let tables = "SELECT count(*) FROM sqlite_schema";
    open_reader(path).is_ok_and(|it| it.query_row(tables, (), |row| row.get::<_, i64>(0)).is_ok_and(|it| it == 0))
}

fn newer_wrote(path: &Path, version: impl std::fmt::Display) -> StoreError {
    StoreError::Open(format!(
        "{} was written by a newer nightclerk (its schema is at version {version}); run that version, or give this one a \
         data folder of its own",
        path.display(),
    ))
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> StoreError {
    let path = path.display();
    StoreError::Open(match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "{path} is damaged or is no store ({error}); restore it from a backup, or move it away to begin anew"
        ),
        Some(ErrorCode::DiskFull) => format!("{path}: the disk is full"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!("{path} cannot be opened for writing ({error}); check who owns it and its folder")
        }
        _ => format!("{path}: {error}"),
    })
}
