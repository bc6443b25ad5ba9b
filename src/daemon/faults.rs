//! What a fault of the program's own may cost: the one thing it was doing.

use std::{
    panic::{self, AssertUnwindSafe},
    thread,
    time::Duration,
};

use futures_util::FutureExt;
use tokio::task::JoinHandle;

/// Between a task's end by a panic and its new beginning.
const PAUSE: Duration = Duration::from_secs(1);

/// Has panics told in the log by their place. What they say stays out of it: it may quote a customer.
pub fn tell_by_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = thread::current();
        let thread = thread.name().unwrap_or_default();
        metrics::counter!("nightclerk_panics_total").increment(1);
        tracing::error!(place, thread, "a fault in the clerk; please report this place");
    }));
}

/// Runs a task that should never end, and starts it anew where it panics.
pub fn keep_going<F>(name: &'static str, task: impl Fn() -> F + Send + 'static) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
            tracing::error!(task = name, "it is started again");
            tokio::time::sleep(PAUSE).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_started_again() {
        let rounds = Arc::new(AtomicU32::new(0));
        let counted = rounds.clone();
        let task = keep_going("test", move || {
            let rounds = counted.clone();
            async move { assert!(rounds.fetch_add(1, Ordering::Relaxed) >= 1, "not yet") }
        });
        task.await.unwrap();
        assert_eq!(rounds.load(Ordering::Relaxed), 2);
    }
}
