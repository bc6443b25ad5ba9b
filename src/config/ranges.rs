//! Values of `nightclerk.toml` that can be read and cannot work.

use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::daemon::{DaemonConfig, FILE};
use crate::setting::Problem;

/// A wasm module's memory ends at 4 GiB, and the pool reserves as much for each that may run at once.
const MOST_MEMORY_MB: usize = 1024;
/// An order that is followed, a conversation that goes on: a day is the least that both need.
const LEAST_KEPT_MS: i64 = 24 * 60 * 60 * 1000;
const MOST_OUTPUT_KB: usize = 16 * 1024;

impl DaemonConfig {
    /// Every value that is out of its range.
    pub(super) fn out_of_range(&self) -> Vec<Problem> {
        let Self { server, admin, plugins, log, outbox, retention, .. } = self;
        let mut problems = Vec::new();
        let mut wrong = |section: &str, key: &str, message: String, hint: String| {
            problems.push(Problem::new(FILE, [section.into(), key.into()], message).hint(hint));
        };
        let example = |example: &str| format!("for example {example}");
        let none_left = "no request would ever be in time";
        for (is_zero, section, key, message, usual) in [
            (server.body_limit == 0, "server", "body_limit", "no webhook would ever fit", "1048576"),
            (server.max_connections == 0, "server", "max_connections", "nobody could ever connect", "4096"),
            (plugins.memory_mb == 0, "plugins", "memory_mb", "no plugin runs without memory", "16"),
            (plugins.output_kb == 0, "plugins", "output_kb", "no plugin could ever answer", "64"),
            (
                plugins.failures_before_set_aside == 0,
                "plugins",
                "failures_before_set_aside",
                "every plugin would be set aside at once",
                "5",
            ),
            (outbox.max_attempts == 0, "outbox", "max_attempts", "no message would ever be sent", "10"),
            (outbox.max_in_flight == 0, "outbox", "max_in_flight", "no message would ever be sent", "256"),
        ] {
            if is_zero {
                wrong(section, key, format!("{message} with 0"), example(usual));
            }
        }
        for (duration, section, key, message, usual) in [
            (server.header_timeout, "server", "header_timeout", none_left, "\"10s\""),
            (server.body_timeout, "server", "body_timeout", none_left, "\"10s\""),
            (plugins.timeout, "plugins", "timeout", "no plugin would ever be in time", "\"100ms\""),
            (
                outbox.first_backoff,
                "outbox",
                "first_backoff",
                "a failed message would be tried without a pause",
                "\"1s\"",
            ),
            (outbox.request_timeout, "outbox", "request_timeout", "no platform would ever be in time", "\"15s\""),
        ] {
            if duration == Duration::ZERO {
                wrong(section, key, format!("{message} with no time at all"), example(usual));
            }
        }
        for (delay, key) in [
            (retention.log, "log"),
            (retention.conversations, "conversations"),
            (retention.orders, "orders"),
            (retention.tickets, "tickets"),
        ] {
            if delay.as_ms() < LEAST_KEPT_MS {
                let message = "what is deleted so soon is deleted while it is needed".to_owned();
                wrong("retention", key, message, "at least \"1d\"".to_owned());
            }
        }
        if plugins.memory_mb > MOST_MEMORY_MB {
            wrong(
                "plugins",
                "memory_mb",
                format!("{} is more than {MOST_MEMORY_MB}", plugins.memory_mb),
                example("16"),
            );
        }
        if plugins.output_kb > MOST_OUTPUT_KB {
            wrong(
                "plugins",
                "output_kb",
                format!("{} is more than {MOST_OUTPUT_KB}", plugins.output_kb),
                example("64"),
            );
        }
        if outbox.max_backoff < outbox.first_backoff {
            let hint = "the longest wait is at least as long as the first";
            wrong("outbox", "max_backoff", "it is shorter than `first_backoff`".to_owned(), hint.to_owned());
        }
        if admin.listen == server.listen && admin.listen.port() != 0 {
            let hint = "the operator's side has an address of its own, such as \"127.0.0.1:8081\"";
            wrong("admin", "listen", format!("{} is the public address already", admin.listen), hint.to_owned());
        }
        if admin.token.as_ref().is_some_and(|token| token.expose().trim().is_empty()) {
            wrong(
                "admin",
                "token",
                "it is empty".to_owned(),
                "leave it out, and one is made at the first start".to_owned(),
            );
        }
        if let Err(error) = EnvFilter::try_new(&log.level) {
            let hint = "write `info`, or a filter such as `info,nightclerk::outbox=debug`";
            wrong("log", "level", format!("`{}` is not a level: {error}", log.level), hint.to_owned());
        }
        problems
    }
}
