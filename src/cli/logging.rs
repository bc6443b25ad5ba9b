//! Where the log goes, in which form, and whose words it holds.

use std::io::{IsTerminal, stderr};

use miette::{Report, miette};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// The daemon's own targets: its modules, and what plugins say.
const OURS: [&str; 2] = ["nightclerk", "plugin"];
/// Libraries whose debug lines carry request heads, and with them tokens: never below `info`, whatever is asked.
const QUIET: [&str; 7] =
    ["refinery_core=warn", "hyper=info", "hyper_util=info", "h2=info", "rustls=info", "tokio=info", "cranelift=info"];

/// Starts the log on standard error: human on a terminal, JSON otherwise, unless the configuration says which.
///
/// # Errors
/// The level is no filter.
pub fn start(config: &LogConfig, verbose: u8) -> Result<(), Report> {
    let mut filter = EnvFilter::try_new(directives(&config.level, verbose)).map_err(|error| {
        miette!(
            help = "write `info`, or a filter such as `info,nightclerk::outbox=debug`",
            "`{}` in [log] of nightclerk.toml is not a level: {error}",
            config.level
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
        false => subscriber.json().flatten_event(true).with_span_list(false).try_init(),
    };
    started.map_err(|error| miette!("the log cannot be started: {error}"))
}

/// The filter for what is configured and what `-v` adds. A level alone is the daemon's own: of libraries, then, only
/// warnings are heard. A filter that names targets is taken at its word.
fn directives(configured: &str, verbose: u8) -> String {
    let mut directives = match configured.trim().parse::<LevelFilter>() {
        Ok(level) => ours(level.min(LevelFilter::WARN), level),
        Err(_) => configured.to_owned(),
    };
    let wanted = match verbose {
        0 => return directives,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    for target in OURS {
        directives.push_str(&format!(",{target}={wanted}"));
    }
    directives
}

fn ours(others: LevelFilter, level: LevelFilter) -> String {
    let ours = OURS.map(|target| format!("{target}={level}"));
    format!("{others},{}", ours.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_alone_is_the_daemons_own_and_libraries_only_warn() {
        assert_eq!(directives("trace", 0), "warn,nightclerk=trace,plugin=trace");
        assert_eq!(directives("info", 0), "warn,nightclerk=info,plugin=info");
        assert_eq!(directives("error", 0), "error,nightclerk=error,plugin=error");
        assert_eq!(directives("off", 0), "off,nightclerk=off,plugin=off");
    }

    #[test]
    fn a_filter_is_taken_at_its_word() {
        assert_eq!(directives("info,wasmtime=debug", 0), "info,wasmtime=debug");
    }

    #[test]
    fn more_words_are_more_of_the_daemons_own() {
        assert_eq!(directives("info,wasmtime=debug", 1), "info,wasmtime=debug,nightclerk=debug,plugin=debug");
        let filter = EnvFilter::try_new(directives("info", 2)).unwrap().to_string();
        assert!(
            filter.contains("nightclerk=trace") && !filter.contains("nightclerk=info"),
            "the last word holds: {filter}"
        );
        assert!(filter.contains("warn"), "{filter}");
    }
}
