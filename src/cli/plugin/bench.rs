//! `nightclerk plugin bench`: what a call of a plugin costs.

use std::{path::Path, time::Duration};

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report};
use serde::Serialize;

use super::{
    super::output::{field, say},
    call::{Call, CallArgs},
    subject::pretty,
};
use crate::{model::Hook, plugin::host::workbench::Ending};

/// Calls before the clock counts: pages and caches are cold.
const WARM_UP: u32 = 20;

#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    call: CallArgs,
    /// How many calls are counted.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    calls: u32,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    plugin: String,
    moment: Hook,
    calls: u32,
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    p50_us: f64,
    p90_us: f64,
    p99_us: f64,
    max_us: f64,
    memory_bytes: usize,
}

pub fn run(args: &BenchArgs, config_dir: &Path) -> Result<(), Report> {
    let Call { workbench, plugin, hook, scene, facts, .. } = args.call.prepare(config_dir)?;
    let style = ProgressStyle::with_template("{bar:40} {percent}%  {msg}").into_diagnostic()?;
    let bar = ProgressBar::new(u64::from(args.calls)).with_style(style).with_message("calling it");
    let mut times = Vec::with_capacity(args.calls as usize);
    let (mut failures, mut last_failure, mut memory_bytes) = (0, None, 0);
    for call in 0..WARM_UP.saturating_add(args.calls) {
        let report = workbench.call(&plugin, &scene, &facts, |_| Err("not asked: this is a bench".to_owned()));
        if call < WARM_UP {
            continue;
        }
        times.push(report.took);
        memory_bytes = memory_bytes.max(report.memory_bytes);
        if let Ending::Failed { why } = report.ending {
            failures += 1;
            last_failure = Some(why);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    times.sort_unstable();
    let at = |part: f64| microseconds(times.get(((times.len() - 1) as f64 * part) as usize).copied());
    let figures = Figures {
        plugin: plugin.manifest.name.clone(),
        moment: hook,
        calls: args.calls,
        failures,
        last_failure,
        p50_us: at(0.5),
        p90_us: at(0.9),
        p99_us: at(0.99),
        max_us: at(1.0),
        memory_bytes,
    };
    if args.json {
        say!("{}", pretty(&figures)?)?;
        return Ok(());
    }
    let Figures { plugin, p50_us, p90_us, p99_us, max_us, .. } = &figures;
    say!("{} at {hook}, {} calls", field(plugin), args.calls)?;
    say!("  p50 {p50_us:.1} µs, p90 {p90_us:.1} µs, p99 {p99_us:.1} µs, longest {max_us:.1} µs")?;
    say!("  {} of memory", HumanBytes(memory_bytes as u64))?;
    if let Some(why) = &figures.last_failure {
        say!("  failed {failures} times; at last it {}", field(why))?;
    }
    Ok(())
}

fn microseconds(time: Option<Duration>) -> f64 {
    time.unwrap_or_default().as_secs_f64() * 1e6
}
