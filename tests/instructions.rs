//! What one message costs the daemon in user instructions, held against the figure that is tracked here.
//!
//! Counted by valgrind (Debian's package), which runs the daemon's own code and nothing else, so the figure is the same on
//! a busy machine. It is the release build's that counts: `cargo test --release --workspace --test instructions`.

mod harness;

use std::{fs, path::Path, process::Command};

use harness::{Daemon, eventually, generic, platform::Platform};
use tempfile::TempDir;

/// Instructions of one message of a known customer, answered by a rule, with nobody beside it to share a commit with. To be changed on purpose only, with a word in
/// docs/performance.md.
const TRACKED: u64 = 525_000;
/// Thousandths that a change may cost beyond it.
const MARGIN: u64 = 30;

const CHATS: usize = 100;
const MESSAGES: usize = 600;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_costs_no_more_instructions_than_the_tracked_figure() {
    if cfg!(debug_assertions) {
        panic!("run it with --release: other builds cost what they like");
    }
    let platform = Platform::start().await;
    let shop = generic::shop_talking_to(&platform);
    shop.edit("channels.toml", "allow_private_targets", "per_second = 1000000\nallow_private_targets");
    shop.edit("store.toml", "replies = 20", "replies = 0");
    let counts = TempDir::new().unwrap();
    let out = counts.path().join("counts");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--collect-systime=no"]).arg(format!("--callgrind-out-file={}", out.display()));
    let daemon = shop.start_under(&mut valgrind).await;

    // Each customer is met before it counts.
    say(&daemon, &platform, 0..2 * CHATS).await;
    control(&daemon, "--zero");
    say(&daemon, &platform, 2 * CHATS..2 * CHATS + MESSAGES).await;
    control(&daemon, "--dump");
    let each = instructions(counts.path()) / MESSAGES as u64;

    println!("{each} instructions a message; {TRACKED} are tracked");
    assert!(each <= TRACKED + TRACKED * MARGIN / 1000, "{each} instructions a message, {TRACKED} before");
    assert!(each >= TRACKED - TRACKED * MARGIN / 1000, "{each} instructions a message: track the lower figure");
}

/// Sends messages, and waits until each is answered.
async fn say(daemon: &Daemon, platform: &Platform, numbers: std::ops::Range<usize>) {
    let end = numbers.end;
    for number in numbers {
        let chat = format!("customer-{}", number % CHATS);
        daemon.say(&format!("m-{number}"), &chat, &format!("Do you ship abroad? ({number})")).await;
    }
    // First contacts are welcomed as well.
    eventually("the replies to all of them", async || (platform.received().len() >= end + CHATS).then_some(())).await;
}

fn control(daemon: &Daemon, what: &str) {
    let status = Command::new("callgrind_control").args([what, &daemon.pid().to_string()]).status();
    assert!(status.expect("callgrind_control, of valgrind").success());
}

/// The counts that were dumped.
fn instructions(folder: &Path) -> u64 {
    let dumps = fs::read_dir(folder).unwrap().map(|it| fs::read_to_string(it.unwrap().path()).unwrap());
    let totals = dumps.filter_map(|dump| {
        let line = dump.lines().find_map(|it| it.strip_prefix("summary:").or(it.strip_prefix("totals:")))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    totals.max().expect("valgrind dumped its counts")
}
