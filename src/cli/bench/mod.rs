//! `nightclerk bench`: plays platform and API on loopback and measures the daemon against a bare server in the
//! same run.

mod bare;
mod daemon;
mod history;
mod hot_load;
mod load;
mod native;
mod platform;
mod plugin_call;
mod rounds;
mod script;
mod table;

use std::{
    fs::{self, File},
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report, miette};

use super::output::say;
use crate::config::Reading;
use daemon::{Daemon, Site};
use load::{Until, pace, percentile, saturate};
use platform::{Api, Messages};
use rounds::{Reached, Runner, in_turn};
use table::{Row, Table};

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
    /// Connections that send at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// The longer history to compare with one of a thousand messages.
    #[arg(long, default_value_t = 1_000_000)]
    history: u64,
    /// The table as JSON.
    #[arg(long)]
    json: bool,
    /// Be the bare server that answers to this API (used by the bench itself).
    #[arg(long, hide = true, value_name = "ADDRESS")]
    bare: Option<SocketAddr>,
}

pub fn run(args: &BenchArgs, config: &Path) -> Result<(), Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    if let Some(api) = args.bare {
        return runtime.block_on(bare::serve(api)).into_diagnostic();
    }
    let table = runtime.block_on(measure(args, config))?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&table).into_diagnostic()?)?;
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

async fn measure(args: &BenchArgs, config: &Path) -> Result<Table, Report> {
    let steps = ProgressBar::new(8);
    steps.set_style(ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}").into_diagnostic()?);
    // Before anything is measured, and in the words of every other command.
    Reading::of(config)?;
    let scratch = Scratch::new()?;
    let plugins = match args.plugins.as_deref() {
        Some(named) if !named.is_dir() => {
            let help = "name the folder that holds the plugins, or leave --plugins out";
            return Err(miette!(help = help, "there is no folder {}", named.display()));
        }
        named => plugins_to_load(named.unwrap_or(Path::new(PLUGINS)), &scratch.0)?,
    };
    let mut table = Table::default();
    let duration = Duration::from_secs(args.seconds);

    steps.set_message("disk sync");
    let sync = disk_sync(&scratch.0)?;
    steps.inc(1);

    steps.set_message("bare server");
    let mut api = Api::start().await.into_diagnostic()?;
    let bare = Daemon::bare(api.address)?;
    let bare_messages = Messages::new("bare", CHATS)?;
    let bare_times = pace(bare.address, &mut api, &bare_messages, 200, duration).await?;
    steps.inc(1);

    steps.set_message("start and memory");
    let site = Site::lay(&scratch.0.join("site"), config, &plugins, api.address)?;
    site.start()?.0.stop()?;
    let (daemon, start) = site.start()?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let memory = daemon.memory();
    steps.inc(1);

    steps.set_message("latency at 200 messages/s");
    let times = pace(daemon.address, &mut api, &Messages::new("paced", CHATS)?, 200, duration).await?;
    steps.inc(1);

    steps.set_message("saturation");
    let messages = Messages::new("saturated", CHATS)?;
    // Past the welcomes: what is measured is a message of somebody known.
    saturate(daemon.address, &api, &messages, args.connections, Until::OnceRound).await?;
    let runners = [Runner { server: &bare, messages: &bare_messages }, Runner { server: &daemon, messages: &messages }];
    let [bare_reached, reached] = in_turn(&runners, &api, args.connections, duration / 2).await?;
    drop(bare);
    steps.inc(1);

    steps.set_message("hot load");
    let hot = hot_load::measure(&site, &daemon, &mut api).await?;
    daemon.stop()?;
    steps.inc(1);

    steps.set_message("plugin call");
    let call = plugin_call::measure(&plugins, &scratch.0)?;
    let script = script::measure(&scratch.0)?;
    let native = native::measure();
    steps.inc(1);

    steps.set_message("growing history");
    let setup = history::Setup {
        dir: &scratch.0,
        config,
        plugins: &plugins,
        history: args.history,
        connections: args.connections,
        duration,
    };
    let history = history::measure(&setup, &api, &steps).await?;
    steps.finish_and_clear();

    let per_second = |it: Reached| format!("{:.0}/s", it.rate);
    let milliseconds = |it: Duration| format!("{:.2} ms", it.as_secs_f64() * 1e3);
    let p99_beyond_sync = percentile(&times, 0.99).saturating_sub(percentile(&sync, 0.99));
    table.rows = vec![
        Row::new("bare server, webhook to reply", per_second(bare_reached), "", "the yardstick"),
        Row::new(
            "durable webhook to reply, at saturation",
            per_second(reached),
            format!("{:.2} of the bare server", reached.rate / bare_reached.rate),
            "at least 0.50",
        )
        .held(reached.rate * 2.0 >= bare_reached.rate),
        Row::new(
            "processor time per message, bare server / durable",
            format!("{:.1} µs / {:.1} µs", micros(bare_reached.processor), micros(reached.processor)),
            format!("{:.1} of the bare server", reached.processor.as_secs_f64() / bare_reached.processor.as_secs_f64()),
            "steadier than the rate",
        ),
        Row::new(
            "disk sync alone, p50 / p99",
            format!("{} / {}", milliseconds(percentile(&sync, 0.5)), milliseconds(percentile(&sync, 0.99))),
            "",
            "the disk's own",
        ),
        Row::new(
            "bare server at 200/s, p50 / p99",
            format!("{} / {}", milliseconds(percentile(&bare_times, 0.5)), milliseconds(percentile(&bare_times, 0.99))),
            "",
            "the yardstick",
        ),
        Row::new(
            "latency at 200/s, p50 / p99",
            format!("{} / {}", milliseconds(percentile(&times, 0.5)), milliseconds(percentile(&times, 0.99))),
            format!("p99 {} beyond the sync", milliseconds(p99_beyond_sync)),
            "p99 below 3 ms beyond the sync",
        )
        .held(p99_beyond_sync < Duration::from_millis(3)),
        Row::new(
            "plugin call, fresh instance, p50 / p99",
            format!("{:.1} µs / {:.1} µs", micros(percentile(&call, 0.5)), micros(percentile(&call, 0.99))),
            "",
            "p50 below 25 µs",
        )
        .held(percentile(&call, 0.5) < Duration::from_micros(25)),
        Row::new(
            "script call, fresh instance, p50 / p99",
            format!(
                "{:.1} µs / {:.1} µs",
                micros(percentile(&script.call, 0.5)),
                micros(percentile(&script.call, 0.99))
            ),
            "",
            "p50 below 80 µs",
        )
        .held(percentile(&script.call, 0.5) < Duration::from_micros(80)),
        Row::new(
            "the script's answer by a native function, p50 / p99",
            format!("{:.1} µs / {:.1} µs", micros(percentile(&native, 0.5)), micros(percentile(&native, 0.99))),
            format!(
                "script {:.0} times that",
                percentile(&script.call, 0.5).as_secs_f64() / percentile(&native, 0.5).as_secs_f64()
            ),
            "the yardstick",
        ),
        Row::new("script saved to first answer from it", milliseconds(script.saved), "", "below 250 ms")
            .held(script.saved < Duration::from_millis(250)),
        Row::new(
            "idle memory, four plugins",
            memory.map_or("unknown".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6)),
            "",
            "below 60 MB",
        )
        .held(memory.is_some_and(|bytes| bytes < 60_000_000)),
        Row::new("start to first webhook, warm cache", milliseconds(start), "", "below 50 ms")
            .held(start < Duration::from_millis(50)),
        Row::new("plugin saved to first answer from it", milliseconds(hot), "", "below 500 ms")
            .held(hot < Duration::from_millis(500)),
        Row::new(
            format!("cost per message, {} of history", args.history),
            format!("{:.1} µs", micros(history.long)),
            format!("{:.2} of that at 1000", history.long.as_secs_f64() / history.short.as_secs_f64()),
            "at most 1.10",
        )
        .held(history.long.as_secs_f64() <= history.short.as_secs_f64() * 1.1),
    ];
    Ok(table)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Times of a small write and its sync, sorted: what no durable store on this disk can be faster than.
fn disk_sync(dir: &Path) -> Result<Vec<Duration>, Report> {
    let mut file = File::create(dir.join("sync")).into_diagnostic()?;
    let mut times = Vec::with_capacity(400);
    for _ in 0..400 {
        let began = Instant::now();
        file.write_all(&[0; 4096]).into_diagnostic()?;
        file.sync_data().into_diagnostic()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
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
