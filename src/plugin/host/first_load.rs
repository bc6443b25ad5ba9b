//! The time between the daemon's start and the moment when the plugins that it may ask are there.
//!
//! The door opens first. Who comes before the plugins are ready waits for them a little, and is answered without them
//! then.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Platforms wait five seconds or longer for their answer; some of that is the disk's and the network's.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct FirstLoad {
    /// Until then it is worth waiting.
    until: Instant,
    /// What each call asks first; the lock is for those who wait.
    is_over: AtomicBool,
    done: Mutex<bool>,
    changed: Condvar,
}

impl FirstLoad {
    /// It is yet to come.
    pub fn awaited() -> Self {
        Self {
            until: Instant::now() + PATIENCE,
            is_over: AtomicBool::new(false),
            done: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    pub fn done(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.is_over.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Returns when it is done, or has taken too long to wait for.
    pub fn wait(&self) {
        if self.is_over.load(Ordering::Acquire) {
            return;
        }
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        while !*done {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.is_over.store(true, Ordering::Release);
                return;
            }
            done = self.changed.wait_timeout(done, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn whoever_waits_goes_on_when_it_is_done() {
        let load = Arc::new(FirstLoad::awaited());
        let waiting = thread::spawn({
            let load = load.clone();
            move || load.wait()
        });
        assert!(!waiting.is_finished());
        load.done();
        waiting.join().unwrap();
        load.wait();
    }

    #[test]
    fn nobody_waits_for_what_takes_too_long() {
        let load = FirstLoad { until: Instant::now(), ..FirstLoad::awaited() };
        load.wait();
    }
}
