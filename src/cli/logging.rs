//! Where the log goes, and in which form.

use std::io::{IsTerminal, stderr};

use miette::{Report, miette};
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Libraries whose debug lines carry request heads, and with them tokens: never below `info`.
const QUIET: [&str; 7] =
    ["refinery_core=warn", "hyper=info", "hyper_util=info", "h2=info", "rustls=info", "tokio=info", "cranelift=info"];

/// Starts the log on standard error: human on a terminal, JSON otherwise, unless the configuration says which.
///
/// # Errors
/// The level is no filter.
pub fn start(config: &LogConfig, verbose: u8) -> Result<(), Report> {
    let level = match verbose {
        0 => config.level.as_str(),
        1 => "debug",
        _ => "trace",
    };
    let mut filter = EnvFilter::try_new(level).map_err(|error| {
        miette!(
            help = "write `info`, or a filter such as `info,nightclerk::outbox=debug`",
            "`{level}` in [log] of nightclerk.toml is not a level: {error}"
        )
    })?;
    for directive in QUIET {
        filter = filter.add_directive(directive.parse().map_err(|error| miette!("{directive}: {error}"))?);
    }
    let human = match config.format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let started = match human {
        true => subscriber.with_target(false).compact().try_init(),
        false => subscriber.json().flatten_event(true).with_current_span(false).try_init(),
    };
    started.map_err(|error| miette!("the log cannot be started: {error}"))
}
