/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum StoreError {
    /// Another process has it, it is damaged, of a newer version, or the system refuses.
    #[error("the store cannot be opened: {0}")]
    Open(String),
    #[error("the store could not write: {0}")]
    Write(String),
    #[error("the store could not read: {0}")]
    Read(String),
    /// A row that the decision was made on has moved since; decide again.
    #[error("the decision was made on what has changed since")]
    Stale,
    /// What is asked does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    #[error("the store is closed")]
    Closed,
}
