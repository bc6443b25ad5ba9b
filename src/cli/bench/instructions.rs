//! What one message costs the daemon in user instructions, by stage: a figure that is the same on a busy machine.
//!
//! Counted by valgrind's callgrind, apart for each thread, and each stage of a message has threads of its own. Valgrind
//! shows programs a processor without instructions for SHA, so signatures weigh more than they do in truth.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use indicatif::ProgressBar;
use miette::{IntoDiagnostic, Report, miette};
use serde::Serialize;

use super::{
    daemon::{Daemon, Site},
    load::{Until, saturate},
    messages::{Kind, Messages},
    platform::Api,
};

/// Conversations, each of which is met before it counts.
const CHATS: u64 = 300;
/// Messages that count.
const MESSAGES: u64 = 1200;
/// Senders at once: some share a commit.
const CONNECTIONS: usize = 8;
/// The daemon starts slowly under valgrind, and an unoptimised one yet more so.
const PATIENCE: Duration = Duration::from_secs(600);
/// What callgrind calls its counts.
const COUNTS: &str = "counts";

/// User instructions of one message, all and by stage.
#[derive(Serialize)]
pub struct Instructions {
    pub all: u64,
    pub stages: BTreeMap<&'static str, u64>,
}

/// Counts on a store of its own in `scratch`.
pub async fn count(config: &Path, scratch: &Path, steps: &ProgressBar) -> Result<Instructions, Report> {
    let api = Api::start(None).await.into_diagnostic()?;
    let none = scratch.join("no-plugins");
    fs::create_dir_all(&none).into_diagnostic()?;
    let site = Site::lay(&scratch.join("counted"), config, &none, api.address)?;
    let out = scratch.join(COUNTS);
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--separate-threads=yes"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(std::env::current_exe().into_diagnostic()?);
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Err(miette!(help = "install it: apt-get install valgrind", "valgrind is not there to count with"));
    }
    steps.set_message("starting under valgrind");
    let (daemon, _) = site.start_as(valgrind, PATIENCE)?;
    let messages = Messages::new(&[Kind::StandardWebhooks], CHATS)?;
    steps.set_message("meeting each customer");
    saturate(daemon.address, &api, &messages, CONNECTIONS, Until::OnceRound).await?.whole()?;
    tell(&daemon, "zero")?;
    steps.set_message("counting");
    saturate(daemon.address, &api, &messages, CONNECTIONS, Until::Messages(MESSAGES)).await?.whole()?;
    tell(&daemon, "dump")?;
    let threads = threads(&tell(&daemon, "v.info scheduler")?, &daemon);
    daemon.stop()?;

    let mut stages = BTreeMap::new();
    for entry in fs::read_dir(scratch).into_diagnostic()? {
        let path = entry.into_diagnostic()?.path();
        // One file for each thread of the first dump; those of the end come after.
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(thread) = name.strip_prefix(COUNTS).and_then(|rest| rest.strip_prefix(".1-")?.parse().ok()) else {
            continue;
        };
        let counted = total(&fs::read_to_string(&path).into_diagnostic()?)
            .ok_or_else(|| miette!("valgrind wrote no total into {name}"))?;
        *stages.entry(stage(threads.get(&thread).map_or("", String::as_str))).or_default() += counted;
    }
    let all = stages.values().sum::<u64>() / MESSAGES;
    if all == 0 {
        return Err(miette!("valgrind counted nothing"));
    }
    stages.values_mut().for_each(|counted| *counted /= MESSAGES);
    Ok(Instructions { all, stages })
}

/// Tells the daemon's valgrind to do something; what it answers.
fn tell(daemon: &Daemon, what: &str) -> Result<String, Report> {
    let answer =
        Command::new("vgdb").arg(format!("--pid={}", daemon.child.id())).arg(what).output().into_diagnostic()?;
    if !answer.status.success() {
        return Err(miette!("valgrind does not do `{what}`: {}", String::from_utf8_lossy(&answer.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// Names of threads by valgrind's numbers, from its list of them
/// (`Thread 2: status = VgTs_WaitSys syscall 232 (lwpid 4711)`).
fn threads(list: &str, daemon: &Daemon) -> BTreeMap<u32, String> {
    let found = list.lines().filter_map(|line| {
        let (number, rest) = line.strip_prefix("Thread ")?.split_once(": status")?;
        let (_, system) = rest.rsplit_once("(lwpid ")?;
        let system = system.trim_end_matches(')');
        let name = fs::read_to_string(format!("/proc/{}/task/{system}/comm", daemon.child.id())).ok()?;
        Some((number.parse().ok()?, name.trim().to_owned()))
    });
    found.collect()
}

/// What a thread of that name does with a message.
fn stage(thread: &str) -> &'static str {
    match thread {
        "tokio-rt-worker" => "webhook and delivery",
        lane if lane.starts_with("lane-") => "deciding",
        "store-writer" => "writing",
        store if store.starts_with("store-") => "reading and checkpoints",
        _ => "all else",
    }
}

/// The instructions in a file of callgrind's.
fn total(counts: &str) -> Option<u64> {
    let line = counts.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.split_whitespace().next()?.parse().ok()
}

impl fmt::Display for Instructions {
    /// Markdown, so that it can go into a document as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| stage | user instructions a message |\n| --- | --: |")?;
        for (stage, counted) in &self.stages {
            writeln!(f, "| {stage} | {counted} |")?;
        }
        writeln!(f, "| all | {} |", self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_read_from_valgrinds_own_words() {
        assert_eq!(total("version: 1\nthread: 7\n\ntotals: 125068209\n"), Some(125_068_209));
        assert_eq!(total("version: 1\n"), None);
        assert_eq!(
            ["lane-3", "store-checkpoin", "notify-rs inoti"].map(stage),
            ["deciding", "reading and checkpoints", "all else"]
        );
    }
}
