//! The daemon against its bars, beside a bare server in the same run.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use indicatif::ProgressBar;
use miette::{IntoDiagnostic, Report};

use super::{
    BenchArgs, CHATS,
    daemon::{Daemon, Site},
    history, hot_load,
    load::{Until, pace, percentile, saturate},
    messages::{Kind, Messages},
    native,
    platform::Api,
    plugin_call,
    rounds::{Reached, Runner, Spread, Turns, in_turn},
    script,
    shapes::{self, BURST, BURST_CONNECTIONS, Other, Shapes},
    table::{Row, Table},
};

/// What stands in the table's column for a bar where a row only tells.
const TOLD: &str = "";

/// All that is measured, before it is held against anything.
struct Measured {
    sync: Vec<Duration>,
    bare_times: Vec<Duration>,
    first_answer: Vec<Duration>,
    times: Vec<Duration>,
    /// Messages per second, microseconds of processor time a message.
    bare: (Spread, Spread),
    durable: (Spread, Spread),
    shapes: Shapes,
    first_start: Duration,
    start: Duration,
    first_memory: Option<u64>,
    memory: Option<u64>,
    peak_memory: Option<u64>,
    hot: Duration,
    call: Vec<Duration>,
    script: script::Times,
    native: Vec<Duration>,
    history: history::Cost,
}

/// Measures everything, and holds it against the bars.
pub async fn measure(
    args: &BenchArgs,
    config: &Path,
    plugins: &Path,
    scratch: &Path,
    steps: &ProgressBar,
) -> Result<Table, Report> {
    steps.set_length(10);
    let duration = Duration::from_secs(args.seconds);
    let turns = Turns { rounds: args.rounds, duration: duration / 2 };
    let generic = &[Kind::StandardWebhooks];

    steps.set_message("disk sync");
    let sync = disk_sync(scratch)?;
    steps.inc(1);

    steps.set_message("bare server");
    let mut api = Api::start(None).await.into_diagnostic()?;
    let bare = Daemon::bare(api.address)?;
    let bare_messages = Messages::new(generic, CHATS)?;
    let bare_times = pace(bare.address, &mut api, &bare_messages, 200, duration).await?;
    steps.inc(1);

    steps.set_message("start and memory");
    let site = Site::lay(&scratch.join("site"), config, plugins, api.address)?;
    let (first, first_start) = site.start()?;
    // Until its plugins are compiled, and their compiler's memory is given back.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let first_memory = first.process().memory();
    first.stop()?;
    let (daemon, start) = site.start()?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let memory = daemon.process().memory();
    steps.inc(1);

    // What the daemon makes once, when somebody first writes, is a figure of its own.
    steps.set_message("first message");
    let once = Messages::new(generic, 1)?;
    let first_answer = pace(daemon.address, &mut api, &once, 1, Duration::from_secs(1)).await?;
    steps.set_message("latency at 200 messages/s");
    let times = pace(daemon.address, &mut api, &Messages::new(generic, CHATS)?, 200, duration).await?;
    steps.inc(1);

    steps.set_message("saturation");
    let messages = Messages::new(generic, CHATS)?;
    // Past the welcomes: what is measured is a message of somebody known.
    saturate(daemon.address, &api, &messages, args.connections, Until::OnceRound).await?.whole()?;
    let runners = [(&bare, &bare_messages), (&daemon, &messages)].map(|(server, messages)| Runner {
        address: server.address,
        process: Some(server.process()),
        messages,
        connections: args.connections,
    });
    let mut reached = in_turn(&runners, &api, turns).await?.into_iter().map(Reached::whole);
    let mut next = || reached.next().unwrap_or_else(|| Err(miette::miette!("nothing was measured")));
    let (bare_reached, durable) = (next()?, next()?);
    drop(bare);
    steps.inc(1);

    steps.set_message("other shapes of load");
    let other = Other { config, scratch, api: api.address };
    let shapes = shapes::measure(&daemon, &api, args.connections, turns, &other).await?;
    let peak_memory = daemon.process().peak_memory();
    steps.inc(1);

    steps.set_message("hot load");
    let hot = hot_load::measure(&site, &daemon, &mut api).await?;
    daemon.stop()?;
    steps.inc(1);

    steps.set_message("plugin call");
    let call = plugin_call::measure(plugins, scratch)?;
    let script = script::measure(scratch)?;
    let native = native::measure();
    steps.inc(1);

    steps.set_message("growing history");
    let setup = history::Setup {
        dir: scratch,
        config,
        plugins,
        history: args.history,
        connections: args.connections,
        duration,
    };
    let history = history::measure(&setup, &api, steps).await?;
    steps.inc(1);
    let measured = Measured {
        sync,
        bare_times,
        first_answer,
        times,
        bare: bare_reached,
        durable,
        shapes,
        first_start,
        start,
        first_memory,
        memory,
        peak_memory,
        hot,
        call,
        script,
        native,
        history,
    };
    Ok(Table { rows: rows(&measured, args.history) })
}

/// The table's rows.
fn rows(it: &Measured, longer: u64) -> Vec<Row> {
    let Measured { bare, durable, shapes, history, script, .. } = it;
    let shape = |what: &str, (rate, processor): (Spread, Spread)| {
        let ratio = format!("{:.2} of the known customer's", processor.median / durable.1.median);
        Row::new(what, format!("{rate}/s, {processor:.1} µs a message"), ratio, TOLD)
    };
    let p99_beyond_sync = percentile(&it.times, 0.99).saturating_sub(percentile(&it.sync, 0.99));
    vec![
        Row::new("bare server, webhook to reply", format!("{}/s", bare.0), "", "the yardstick"),
        Row::new(
            "durable webhook to reply, at saturation",
            format!("{}/s", durable.0),
            format!("{:.2} of the bare server", durable.0.median / bare.0.median),
            "at least 0.50",
        )
        .held(durable.0.median * 2.0 >= bare.0.median),
        Row::new("processor time a message, bare server", format!("{:.1} µs", bare.1), "", "the yardstick"),
        Row::new(
            "processor time a message, durable",
            format!("{:.1} µs", durable.1),
            format!("the bare server's is {:.2} of it", bare.1.median / durable.1.median),
            "at least 0.45",
        )
        .held(bare.1.median >= 0.45 * durable.1.median),
        Row::new("disk sync alone, p50 / p99", both(&it.sync), "", "the disk's own"),
        Row::new("bare server at 200/s, p50 / p99", both(&it.bare_times), "", "the yardstick"),
        Row::new(
            "the first message after a start, to its answer",
            milliseconds(percentile(&it.first_answer, 0.5)),
            "",
            TOLD,
        ),
        Row::new(
            "latency at 200/s, p50 / p99",
            both(&it.times),
            format!("p99 {} beyond the sync", milliseconds(p99_beyond_sync)),
            "p99 below 3 ms beyond the sync",
        )
        .held(p99_beyond_sync < Duration::from_millis(3)),
        shape("10⁵ conversations", shapes.many),
        shape("two channels by turns, generic and Telegram", shapes.mixed),
        shape("questions of twelve kinds, a third of them troubles", shapes.of_all_kinds),
        shape("newcomers, each greeted by a plugin", shapes.by_plugin),
        shape("newcomers, each greeted by a script", shapes.by_script),
        Row::new(
            format!("a burst of {BURST} messages from {BURST_CONNECTIONS} connections, the last one's answer after"),
            milliseconds(shapes.burst),
            "",
            TOLD,
        ),
        Row::new(
            "plugin call, fresh instance, p50 / p99",
            format!("{:.1} µs / {:.1} µs", micros(percentile(&it.call, 0.5)), micros(percentile(&it.call, 0.99))),
            "",
            "p50 at most 12 µs",
        )
        .held(percentile(&it.call, 0.5) <= Duration::from_micros(12)),
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
            format!("{:.1} µs / {:.1} µs", micros(percentile(&it.native, 0.5)), micros(percentile(&it.native, 0.99))),
            format!(
                "script {:.0} times that",
                percentile(&script.call, 0.5).as_secs_f64() / percentile(&it.native, 0.5).as_secs_f64()
            ),
            "the yardstick",
        ),
        Row::new("script saved to first answer from it", milliseconds(script.saved), "", "below 250 ms")
            .held(script.saved < Duration::from_millis(250)),
        Row::new("plugin saved to first answer from it", milliseconds(it.hot), "", "below 500 ms")
            .held(it.hot < Duration::from_millis(500)),
        Row::new("start to first webhook, cold cache", milliseconds(it.first_start), "", "below 500 ms")
            .held(it.first_start < Duration::from_millis(500)),
        Row::new("start to first webhook, warm cache", milliseconds(it.start), "", "below 50 ms")
            .held(it.start < Duration::from_millis(50)),
        Row::new("idle memory after a first start, four plugins", megabytes(it.first_memory), "", "below 60 MB")
            .held(it.first_memory.is_some_and(|bytes| bytes < 60_000_000)),
        Row::new("idle memory, four plugins", megabytes(it.memory), "", "below 60 MB")
            .held(it.memory.is_some_and(|bytes| bytes < 60_000_000)),
        Row::new("memory at its peak, all these loads", megabytes(it.peak_memory), "", TOLD),
        Row::new(
            format!("cost per message, {longer} of history"),
            format!("{:.1} µs", micros(history.long)),
            format!("{:.2} of that at 1000", history.long.as_secs_f64() / history.short.as_secs_f64()),
            "at most 1.10",
        )
        .held(history.long.as_secs_f64() <= history.short.as_secs_f64() * 1.1),
    ]
}

fn both(times: &[Duration]) -> String {
    format!("{} / {}", milliseconds(percentile(times, 0.5)), milliseconds(percentile(times, 0.99)))
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or("unknown".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6))
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
