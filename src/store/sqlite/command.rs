//! What the writer is asked to write.

use tokio::sync::oneshot;

use super::{
    errand::Errand,
    prepare::{Prepared, PreparedEvent},
};
use crate::store::{Committed, Settlement, StoreError};

/// Something to write, and whom to tell.
pub enum Command {
    Commit {
        prepared: Result<Box<Prepared>, StoreError>,
        done: oneshot::Sender<Result<Committed, StoreError>>,
    },
    Receive {
        prepared: Result<Box<PreparedEvent>, StoreError>,
        done: oneshot::Sender<Result<Committed, StoreError>>,
    },
    Settle {
        id: i64,
        settlement: Settlement,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    Expire {
        now_ms: i64,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    Barrier {
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    /// Writes something that changes nothing.
    Probe {
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    /// Whatever is seldom.
    Errand(Box<dyn Errand>),
}

impl Command {
    /// Whether it writes as much as a message does, or stands for one that would.
    pub fn is_full_sized(&self) -> bool {
        matches!(self, Self::Commit { .. } | Self::Receive { .. } | Self::Probe { .. })
    }

    pub fn is_settlement(&self) -> bool {
        matches!(self, Self::Settle { .. })
    }

    pub fn wipes(&self) -> bool {
        matches!(self, Self::Errand(errand) if errand.wipes())
    }

    /// Tells whoever handed it in that it is not written, and why.
    pub fn refuse(self, error: &StoreError) {
        // Whoever asked need not wait for the answer.
        match self {
            Self::Commit { done, .. } | Self::Receive { done, .. } => drop(done.send(Err(error.clone()))),
            Self::Settle { done, .. } | Self::Expire { done, .. } | Self::Barrier { done } | Self::Probe { done } => {
                drop(done.send(Err(error.clone())));
            }
            Self::Errand(errand) => errand.finish(Err(error.clone())),
        }
    }
}
