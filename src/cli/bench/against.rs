//! Other servers under the same load: one that runs already, or all that a folder names, the daemon among them.

use std::{
    fmt, fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use http::Uri;
use indicatif::ProgressBar;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use serde::{Deserialize, Serialize};

use super::{
    BenchArgs, CHATS,
    daemon::{Daemon, Site},
    load::{Until, pace, percentile, saturate},
    messages::{Kind, Messages},
    platform::Api,
    process::Process,
    rounds::{Reached, Runner, Turns, in_turn},
};

/// What a folder of peers calls its list.
const LIST: &str = "peers.toml";
/// How long a peer may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Messages a second at which times are taken.
const PACE: u32 = 200;

/// Bots that are there to compare with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peers {
    peer: Vec<Peer>,
}

/// One of them. It takes Telegram's updates at `/hooks/bench` on the port `PORT`, and calls the Bot API at `API`
/// (`127.0.0.1:8081`); `SCRATCH` is a folder that it may write into.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    name: String,
    /// The command and its arguments, run in the list's folder.
    start: Vec<String>,
    /// Connections it is sent messages by at once, where it breaks down under as many as the others have.
    connections: Option<usize>,
}

/// What the servers reached.
#[derive(Serialize)]
pub struct Comparison {
    pub servers: Vec<Compared>,
}

#[derive(Serialize)]
pub struct Compared {
    pub name: String,
    #[serde(flatten)]
    pub reached: Reached,
    /// Of the bare server's rate.
    pub share: f64,
    /// Resident, under load.
    pub memory_bytes: Option<u64>,
    /// From webhook to reply at 200 messages a second, in milliseconds; `None` where some were never answered.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

/// A server that takes its turn.
struct Rival {
    name: String,
    address: SocketAddr,
    process: Option<Process>,
    messages: Messages,
    connections: usize,
}

/// A peer's process; ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that runs already, beside the bare one.
pub async fn one(args: &BenchArgs, url: &Uri, steps: &ProgressBar) -> Result<Comparison, Report> {
    let mut api = Api::start(args.replies).await.into_diagnostic()?;
    let kind = kinds(args.kind);
    let (host, port) = (url.host().unwrap_or_default(), url.port_u16().unwrap_or(80));
    if url.scheme_str() != Some("http") || host.is_empty() {
        let help = "as in http://127.0.0.1:8080/hooks/shop; servers behind TLS are not measured";
        return Err(miette!(help = help, "`{url}` is no address of a webhook"));
    }
    let mut found =
        tokio::net::lookup_host((host, port)).await.into_diagnostic().wrap_err("the server is not found")?;
    let address = found.next().ok_or_else(|| miette!("the server is not found"))?;
    let bare = Daemon::bare(api.address)?;
    let rivals = [
        Rival {
            name: "bare server".to_owned(),
            address: bare.address,
            process: Some(bare.process()),
            messages: Messages::new(kind, CHATS)?,
            connections: args.connections,
        },
        Rival {
            name: url.to_string(),
            address,
            process: args.pid.map(Process),
            messages: Messages::new(kind, CHATS)?.sent_to(url.path()),
            connections: args.connections,
        },
    ];
    compare(&rivals, &mut api, args, steps).await
}

/// The bare server, the daemon and the peers of a folder, by turns, all as bots of Telegram.
pub async fn peers(
    args: &BenchArgs,
    config: &Path,
    folder: &Path,
    scratch: &Path,
    steps: &ProgressBar,
) -> Result<Comparison, Report> {
    let list = folder.join(LIST);
    let text =
        fs::read_to_string(&list).into_diagnostic().wrap_err_with(|| format!("{} cannot be read", list.display()))?;
    let list: Peers =
        toml::from_str(&text).into_diagnostic().wrap_err_with(|| format!("{} is not a list", list.display()))?;
    let mut api = Api::start(None).await.into_diagnostic()?;
    let kind = kinds(Kind::Telegram);
    let bare = Daemon::bare(api.address)?;
    let none = scratch.join("no-plugins");
    fs::create_dir_all(&none).into_diagnostic()?;
    let site = Site::lay(&scratch.join("among-peers"), config, &none, api.address)?;
    let (daemon, _) = site.start()?;
    let mut rivals = Vec::new();
    for (name, server) in [("bare server", &bare), ("nightclerk", &daemon)] {
        rivals.push(Rival {
            name: name.to_owned(),
            address: server.address,
            process: Some(server.process()),
            messages: Messages::new(kind, CHATS)?,
            connections: args.connections,
        });
    }
    let mut running = Vec::new();
    for Peer { name, start, connections } in list.peer {
        steps.set_message(format!("starting {name}"));
        let (peer, address) = run(&start, folder, &scratch.join(&name), api.address).wrap_err_with(|| {
            format!("{name} does not start: are the peers installed? (see {})", folder.join("README.md").display())
        })?;
        let process = Some(Process(peer.0.id()));
        running.push(peer);
        let messages = Messages::new(kind, CHATS)?.sent_to("/hooks/bench");
        let connections = connections.unwrap_or(args.connections);
        rivals.push(Rival { name, address, process, messages, connections });
    }
    compare(&rivals, &mut api, args, steps).await
}

fn kinds(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::StandardWebhooks => &[Kind::StandardWebhooks],
        Kind::Telegram => &[Kind::Telegram],
    }
}

/// Starts a peer, and waits until it listens.
fn run(start: &[String], folder: &Path, scratch: &Path, api: SocketAddr) -> Result<(Running, SocketAddr), Report> {
    let (program, arguments) = start.split_first().ok_or_else(|| miette!("`start` names no command"))?;
    fs::create_dir_all(scratch).into_diagnostic()?;
    // A free one, for the moment.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).into_diagnostic()?;
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PORT", address.port().to_string())
        .env("API", api.to_string())
        .env("SCRATCH", scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .into_diagnostic()
        .wrap_err_with(|| format!("`{program}` cannot be run"))?;
    let mut running = Running(child);
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = running.0.try_wait().into_diagnostic()? {
            return Err(miette!("it ended at once: {status}"));
        }
        if began.elapsed() > PATIENCE {
            return Err(miette!("it does not listen after {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((running, address))
}

async fn compare(rivals: &[Rival], api: &mut Api, args: &BenchArgs, steps: &ProgressBar) -> Result<Comparison, Report> {
    for Rival { name, address, messages, connections, .. } in rivals {
        steps.set_message(format!("warming up {name}"));
        // Past the welcomes, which the daemon alone gives: what is measured is a message of somebody known.
        saturate(*address, api, messages, *connections, Until::OnceRound).await.wrap_err_with(|| name.clone())?;
    }
    steps.set_message("saturation, by turns");
    let runners: Vec<_> = rivals
        .iter()
        .map(|Rival { address, process, messages, connections, .. }| Runner {
            address: *address,
            process: *process,
            messages,
            connections: *connections,
        })
        .collect();
    let turns = Turns { rounds: args.rounds, duration: Duration::from_secs(args.seconds) / 2 };
    let reached = in_turn(&runners, api, turns).await?;
    let yardstick = reached.first().map_or(f64::NAN, |bare| bare.rate.median);
    let mut servers = Vec::with_capacity(rivals.len());
    for (Rival { name, address, process, messages, .. }, reached) in rivals.iter().zip(reached) {
        steps.set_message(format!("latency of {name}"));
        let memory_bytes = process.and_then(Process::memory);
        let times = pace(*address, api, messages, PACE, Duration::from_secs(args.seconds)).await.ok();
        let at = |share| times.as_deref().map(|times| percentile(times, share).as_secs_f64() * 1e3);
        let share = reached.rate.median / yardstick;
        servers.push(Compared { name: name.clone(), reached, share, memory_bytes, p50_ms: at(0.5), p99_ms: at(0.99) });
    }
    Ok(Comparison { servers })
}

impl fmt::Display for Comparison {
    /// Markdown, so that it can go into a document as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| server | messages/s | of the bare server | processor, µs a message | memory | p50 / p99 at {PACE}/s | unanswered |"
        )?;
        writeln!(f, "| --- | --: | --: | --: | --: | --: | --: |")?;
        for Compared { name, reached, share, memory_bytes, p50_ms, p99_ms } in &self.servers {
            let processor = reached.processor_us.map_or(String::new(), |it| format!("{it:.0}"));
            let memory = memory_bytes.map_or(String::new(), |bytes| format!("{:.0} MB", bytes as f64 / 1e6));
            let times = match (p50_ms, p99_ms) {
                (Some(p50), Some(p99)) => format!("{p50:.2} / {p99:.2} ms"),
                _ => "some never answered".to_owned(),
            };
            let Reached { rate, unanswered, .. } = reached;
            writeln!(f, "| {name} | {rate} | {share:.2} | {processor} | {memory} | {times} | {unanswered} |")?;
        }
        Ok(())
    }
}
