//! How long the plugins took.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::model::{Hook, HookAnswer, HookCall, Plugins};

/// The plugins, with a watch held to them.
pub struct Timed {
    plugins: Arc<dyn Plugins>,
    calls: Mutex<Vec<(Hook, Duration)>>,
}

impl Timed {
    pub fn new(plugins: Arc<dyn Plugins>) -> Self {
        Self { plugins, calls: Mutex::default() }
    }

    /// The moments at which they were asked since this was asked last, each with the time that all of them took together.
    pub fn take(&self) -> Vec<(Hook, Duration)> {
        std::mem::take(&mut *self.calls())
    }

    fn calls(&self) -> MutexGuard<'_, Vec<(Hook, Duration)>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plugins for Timed {
    fn offer(&self, call: &HookCall<'_>) -> HookAnswer {
        let began = Instant::now();
        let answer = self.plugins.offer(call);
        if self.plugins.any_at(call.moment.hook()) {
            self.calls().push((call.moment.hook(), began.elapsed()));
        }
        answer
    }

    fn any_at(&self, hook: Hook) -> bool {
        self.plugins.any_at(hook)
    }
}
