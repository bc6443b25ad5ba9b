//! Work for the writer that is too seldom to have a command of its own.

use std::cell::RefCell;

use rusqlite::Result;
use tokio::sync::oneshot;

use super::ledger::Ledger;
use crate::store::StoreError;

/// Something to do within a group's transaction, perhaps more than once: the group may be rolled back.
pub trait Errand: Send {
    /// # Errors
    /// It could not be written.
    fn run(&self, ledger: &Ledger<'_>) -> Result<()>;
    /// Tells who waits, once the group is durable or has failed.
    fn finish(self: Box<Self>, result: std::result::Result<(), StoreError>);
    /// Whether what it deletes must not stay readable on the disk.
    fn wipes(&self) -> bool;
}

/// Work with a result for whoever handed it in.
pub struct ErrandFor<T, F> {
    work: F,
    found: RefCell<Option<T>>,
    wipes: bool,
    done: oneshot::Sender<std::result::Result<T, StoreError>>,
}

impl<T, F: Fn(&Ledger<'_>) -> Result<T>> ErrandFor<T, F> {
    pub fn new(work: F, done: oneshot::Sender<std::result::Result<T, StoreError>>) -> Self {
        Self { work, found: RefCell::new(None), wipes: false, done }
    }

    pub fn wiping(self) -> Self {
        Self { wipes: true, ..self }
    }
}

impl<T: Send, F: Fn(&Ledger<'_>) -> Result<T> + Send> Errand for ErrandFor<T, F> {
    fn run(&self, ledger: &Ledger<'_>) -> Result<()> {
        self.found.replace(Some((self.work)(ledger)?));
        Ok(())
    }

    fn finish(self: Box<Self>, result: std::result::Result<(), StoreError>) {
        let found = self.found.into_inner();
        // Whoever asked need not wait for the answer.
        let _ = self.done.send(result.and_then(|()| found.ok_or(StoreError::Closed)));
    }

    fn wipes(&self) -> bool {
        self.wipes
    }
}
