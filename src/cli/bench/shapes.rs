//! Load in other shapes than that of the bar: what a store may meet beside the even flow of known customers.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use miette::{IntoDiagnostic, Report};

use super::{
    daemon::{Daemon, Site},
    load::{Until, saturate},
    messages::{Kind, Messages, OF_ALL_KINDS},
    platform::Api,
    rounds::{Runner, Spread, Turns, in_turn},
    script,
};

/// Conversations of a large store.
const MANY: u64 = 100_000;
/// A burst: so many messages at once, from so many connections.
pub const BURST: u64 = 2048;
pub const BURST_CONNECTIONS: usize = 512;

/// What each shape reached: messages per second, microseconds of processor time.
pub struct Shapes {
    pub many: (Spread, Spread),
    pub mixed: (Spread, Spread),
    pub of_all_kinds: (Spread, Spread),
    pub by_plugin: (Spread, Spread),
    pub by_script: (Spread, Spread),
    /// From the first message of a burst to the last one's answer.
    pub burst: Duration,
}

/// Measures all on the running daemon, and what scripts cost on another of its kind.
pub async fn measure(
    daemon: &Daemon,
    api: &Api,
    connections: usize,
    turns: Turns,
    other: &Other<'_>,
) -> Result<Shapes, Report> {
    let generic = &[Kind::StandardWebhooks];
    let many = Messages::new(generic, MANY)?;
    saturate(daemon.address, api, &many, connections, Until::OnceRound).await?.whole()?;
    let mixed = Messages::new(&[Kind::StandardWebhooks, Kind::Telegram], super::CHATS)?;
    saturate(daemon.address, api, &mixed, connections, Until::OnceRound).await?.whole()?;
    let of_all_kinds = Messages::new(generic, super::CHATS)?.saying(OF_ALL_KINDS);
    saturate(daemon.address, api, &of_all_kinds, connections, Until::OnceRound).await?.whole()?;
    let scripted = other.start()?;
    let newcomers = Messages::new(generic, u64::MAX)?;
    let others = Messages::new(generic, u64::MAX)?;
    let loads =
        [(daemon, &many), (daemon, &mixed), (daemon, &of_all_kinds), (daemon, &newcomers), (&scripted, &others)];
    let runners = loads.map(|(server, messages)| Runner {
        address: server.address,
        process: Some(server.process()),
        messages,
        connections,
    });
    let mut reached = in_turn(&runners, api, turns).await?.into_iter().map(super::rounds::Reached::whole);
    let mut next = || reached.next().unwrap_or_else(|| Err(miette::miette!("nothing was measured")));
    let (many, mixed, of_all_kinds) = (next()?, next()?, next()?);
    let (by_plugin, by_script) = (next()?, next()?);
    scripted.stop()?;
    Ok(Shapes { many, mixed, of_all_kinds, by_plugin, by_script, burst: burst(daemon.address, api).await? })
}

/// The time in which a burst is answered, by the median of three.
async fn burst(address: SocketAddr, api: &Api) -> Result<Duration, Report> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let messages = Messages::new(&[Kind::StandardWebhooks], BURST)?;
        let run = saturate(address, api, &messages, BURST_CONNECTIONS, Until::Messages(BURST)).await?.whole()?;
        times.push(run.took);
    }
    times.sort_unstable();
    Ok(times[1])
}

/// A site of the same configuration, whose newcomers are greeted by a script.
pub struct Other<'a> {
    pub config: &'a Path,
    pub scratch: &'a Path,
    pub api: SocketAddr,
}

impl Other<'_> {
    fn start(&self) -> Result<Daemon, Report> {
        let none = self.scratch.join("no-plugins");
        fs::create_dir_all(&none).into_diagnostic()?;
        let site = Site::lay(&self.scratch.join("scripted"), self.config, &none, self.api)?;
        fs::write(site.plugins().join("greeting.js"), script::SOURCE).into_diagnostic()?;
        let grants = "[greeting]\ngrants = [\"reply\", \"tag\"]\n";
        fs::write(site.config().join("plugins.toml"), grants).into_diagnostic()?;
        Ok(site.start()?.0)
    }
}
