//! A clerk whom nobody wants anything of sleeps: the machine it runs on may, too.

use std::{fs, time::Duration};

use crate::harness::{Daemon, Shop, eventually_for};

/// How often the daemon's threads have gone to sleep by themselves since they began. Not the one that the system tells of files:
/// the folder of all tests' folders is never at rest.
fn sleeps(daemon: &Daemon) -> u64 {
    let threads = fs::read_dir(format!("/proc/{}/task", daemon.pid())).unwrap().flatten();
    // One that ends meanwhile has nothing to say.
    let statuses = threads.filter_map(|thread| fs::read_to_string(thread.path().join("status")).ok());
    let statuses = statuses.filter(|status| !status.starts_with("Name:\tnotify-rs"));
    let count = |status: &str| -> Option<u64> {
        status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
    };
    statuses.filter_map(|status| count(&status)).sum()
}

#[tokio::test]
async fn a_clerk_with_nothing_to_do_does_nothing_for_seconds_on_end() {
    let shop = Shop::new().with_plugins();
    let daemon = shop.start().await;
    falls_asleep(&daemon).await;
}

/// Waits until nothing happens for seconds on end. A machine under load sleeps no less deeply, only later.
pub async fn falls_asleep(daemon: &Daemon) {
    eventually_for(Duration::from_secs(120), "three seconds of sleep", async || {
        let before = sleeps(daemon);
        tokio::time::sleep(Duration::from_secs(3)).await;
        (sleeps(daemon) == before).then_some(())
    })
    .await;
}
