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

use crate::{
    bell::{Bell, Listener},
    store::{Store, wait},
};

/// A store that takes longer than this to write eight bytes does not answer customers.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer holds: asking is cheap for strangers, and writing is not for the disk.
const FRESH: Duration = Duration::from_secs(1);

/// A store that could write before and is only slow (a busy disk, a long clean-up) is nobody's trouble for so long.
const STUCK: Duration = Duration::from_secs(10);

/// Asked by whoever watches over the daemon.
pub struct Readiness {
    store: Arc<dyn Store>,
    up: AtomicBool,
    last: Mutex<Asked>,
    doubted: Bell,
}

/// What the store answered.
struct Asked {
    /// The last time, if it was asked yet.
    last: Option<(Instant, Wrote)>,
    /// Since when it is not known to write.
    doubtful_since: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrote {
    Yes,
    No,
    NotYet,
}

impl Readiness {
    /// Not ready yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let asked = Asked { last: None, doubtful_since: Instant::now() };
        Self { store, up: AtomicBool::new(false), last: Mutex::new(asked), doubted: Bell::default() }
    }

    /// Rung when something could not be written down.
    pub fn doubts(&self) -> Listener {
        self.doubted.listen()
    }

    /// Something could not be written down.
    pub fn doubt(&self) {
        self.doubted.ring();
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
        let mut asked = self.last.lock().await;
        if self.probe(&mut asked).await == Wrote::Yes {
            return Ok(());
        }
        self.doubt();
        Err("not ready: the store cannot write")
    }

    /// Whether a person should look after the store: it says that it cannot write, or has not done so for a while. A
    /// daemon that is about to start or leave is in no trouble.
    pub async fn store_is_stuck(&self) -> bool {
        if !self.up.load(Ordering::Acquire) {
            return false;
        }
        let mut asked = self.last.lock().await;
        match self.probe(&mut asked).await {
            Wrote::Yes => false,
            Wrote::No => true,
            Wrote::NotYet => asked.doubtful_since.elapsed() >= STUCK,
        }
    }

    /// `asked` is held meanwhile, so that many who ask at once ask the store once.
    async fn probe(&self, asked: &mut Asked) -> Wrote {
        if let Some((at, wrote)) = asked.last
            && at.elapsed() < FRESH
        {
            return wrote;
        }
        let wrote = match timeout(PATIENCE, wait(self.store.probe())).await {
            Ok(Ok(())) => Wrote::Yes,
            Ok(Err(_)) => Wrote::No,
            Err(_) => Wrote::NotYet,
        };
        let now = Instant::now();
        asked.last = Some((now, wrote));
        if wrote == Wrote::Yes {
            asked.doubtful_since = now;
        }
        wrote
    }
}
