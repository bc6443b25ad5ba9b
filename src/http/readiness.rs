//! Whether webhooks are taken: the daemon is up, does not stop, and its store can write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::store::{Store, wait};

/// A store that takes longer than this to write eight bytes does not answer customers.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds: asking is cheap for strangers, and writing is not for the disk.
const FRESH: Duration = Duration::from_secs(1);

/// Asked by whoever watches over the daemon.
pub struct Readiness {
    store: Arc<dyn Store>,
    up: AtomicBool,
    /// When the store was last asked, and whether it could write.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// Not ready yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, up: AtomicBool::new(false), last: Mutex::new(None) }
    }

    /// The daemon is up, or is about to leave.
    pub fn set(&self, up: bool) {
        self.up.store(up, Ordering::Release);
    }

    /// `Err`: why webhooks are not taken.
    pub async fn ask(&self) -> Result<(), &'static str> {
        if !self.up.load(Ordering::Acquire) {
            return Err("not ready");
        }
        // Held while the store is asked, so that many who ask at once ask it once.
        let mut last = self.last.lock().await;
        let writes = match *last {
            Some((asked, writes)) if asked.elapsed() < FRESH => writes,
            _ => {
                let writes = matches!(timeout(PATIENCE, wait(self.store.probe())).await, Ok(Ok(())));
                *last = Some((Instant::now(), writes));
                writes
            }
        };
        if writes { Ok(()) } else { Err("not ready: the store cannot write") }
    }
}
