//! `nightclerk bench`: plays platform and API on loopback and measures the daemon against a bare server in the
//! same run, or other servers under the same load.

mod against;
mod bare;
mod daemon;
mod history;
mod hot_load;
mod instructions;
mod load;
mod messages;
mod native;
mod own;
mod platform;
mod plugin_call;
mod process;
mod rounds;
mod script;
mod shapes;
mod table;

use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use http::Uri;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report, miette};
use serde::Serialize;

use super::output::say;
use crate::config::Reading;
use messages::Kind;

/// The folder of plugins where none is named.
const PLUGINS: &str = "plugins";
/// Conversations the load is dealt out to.
const CHATS: u64 = 20_000;

#[derive(Args)]
pub struct BenchArgs {
    /// The folder whose plugins the daemon loads beside the shipped ones [default: plugins, if there is such a folder].
    #[arg(long, value_name = "FOLDER")]
    plugins: Option<PathBuf>,
    /// Seconds each load runs.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// How often each server has its turn under a load.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections that send at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// The longer history to compare with one of a thousand messages.
    #[arg(long, default_value_t = 1_000_000)]
    history: u64,
    /// The table as JSON.
    #[arg(long)]
    json: bool,
    /// Count the instructions of one message in place of all else, by stage (needs valgrind).
    #[arg(long)]
    instructions: bool,
    /// Drive another server, which takes webhooks there, in place of the daemon.
    #[arg(long, value_name = "URL", conflicts_with = "instructions")]
    against: Option<Uri>,
    /// Where that server sends its replies: this bench listens there.
    #[arg(long, value_name = "ADDRESS", requires = "against")]
    replies: Option<SocketAddr>,
    /// What that server takes.
    #[arg(long, value_enum, default_value = "standard-webhooks", requires = "against")]
    kind: Kind,
    /// That server's process, to tell its processor time and memory.
    #[arg(long, value_name = "NUMBER", requires = "against")]
    pid: Option<u32>,
    /// Drive the bots that this folder's peers.toml lists beside the daemon, all by turns (see benches/peers).
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["instructions", "against"])]
    peers: Option<PathBuf>,
    /// Be the bare server that answers to this API (used by the bench itself).
    #[arg(long, hide = true, value_name = "ADDRESS")]
    bare: Option<SocketAddr>,
}

pub fn run(args: &BenchArgs, config: &Path) -> Result<(), Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    if let Some(api) = args.bare {
        return runtime.block_on(bare::serve(api)).into_diagnostic();
    }
    let steps = ProgressBar::no_length();
    steps.set_style(ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}").into_diagnostic()?);
    runtime.block_on(async {
        if let Some(url) = &args.against {
            let compared = against::one(args, url, &steps).await?;
            return print(&compared, args.json, &steps);
        }
        // Before anything is measured, and in the words of every other command.
        Reading::of(config)?;
        let scratch = Scratch::new()?;
        if args.instructions {
            return print(&instructions::count(config, &scratch.0, &steps).await?, args.json, &steps);
        }
        if let Some(folder) = &args.peers {
            let compared = against::peers(args, config, folder, &scratch.0, &steps).await?;
            return print(&compared, args.json, &steps);
        }
        let plugins = match args.plugins.as_deref() {
            Some(named) if !named.is_dir() => {
                let help = "name the folder that holds the plugins, or leave --plugins out";
                return Err(miette!(help = help, "there is no folder {}", named.display()));
            }
            named => plugins_to_load(named.unwrap_or(Path::new(PLUGINS)), &scratch.0)?,
        };
        print(&own::measure(args, config, &plugins, &scratch.0, &steps).await?, args.json, &steps)
    })
}

fn print(table: &(impl Serialize + fmt::Display), json: bool, steps: &ProgressBar) -> Result<(), Report> {
    steps.finish_and_clear();
    if json {
        say!("{}", serde_json::to_string_pretty(table).into_diagnostic()?)?;
    } else {
        say!("{}", table.to_string().trim_end())?;
    }
    Ok(())
}

/// A copy of a folder's plugins to measure with, as the bench leaves the owner's folder alone. One that is not there is empty,
/// as for `serve`.
fn plugins_to_load(folder: &Path, scratch: &Path) -> Result<PathBuf, Report> {
    let copy = scratch.join("own-plugins");
    fs::create_dir_all(&copy).into_diagnostic()?;
    if folder.is_dir() {
        daemon::copy_all(folder, &copy, "wasm")?;
    }
    Ok(copy)
}

/// A folder that goes away with the bench.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Report> {
        let dir = std::env::temp_dir().join(format!("nightclerk-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).into_diagnostic()?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_loads_the_folders_plugins_and_does_without_a_folder() {
        let (scratch, shop) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = shop.path().join(PLUGINS);
        let loaded = || {
            let copy = plugins_to_load(&folder, scratch.path()).unwrap();
            fs::read_dir(copy).unwrap().map(|it| it.unwrap().file_name()).collect::<Vec<_>>()
        };
        assert!(loaded().is_empty());
        assert!(!folder.exists(), "it makes none");
        fs::create_dir(&folder).unwrap();
        for file in ["own.wasm", "own.toml"] {
            fs::write(folder.join(file), "").unwrap();
        }
        assert_eq!(loaded(), ["own.wasm"]);
    }
}
