//! Values of `nightclerk.toml` that can be read and cannot work.

use std::time::Duration;

use tracing_subscriber::EnvFilter;

use super::daemon::{DaemonConfig, FILE};
use crate::setting::{Delay, Problem};

const NO_TIME: Duration = Duration::ZERO;
/// The pool reserves a plugin's memory for each instance that may run at once.
const GIB_IN_MB: usize = 1024;
const MIB_IN_KB: usize = 1024;
/// A conversation that goes on, an order that is followed: both need a day at least.
const LEAST_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

impl DaemonConfig {
    /// Every value that is out of its range: its place, what would come of it, and what to write.
    pub(super) fn out_of_range(&self) -> Vec<Problem> {
        let Self { server, admin, plugins, log, outbox, retention, .. } = self;
        let too_soon = |kept: Delay| kept.as_ms() < LEAST_KEPT_MS;
        let same_address = admin.listen == server.listen && admin.listen.port() != 0;
        let empty_token = admin.token.as_ref().is_some_and(|token| token.expose().trim().is_empty());
        #[rustfmt::skip]
        let checks = [
            (server.body_limit == 0, "server", "body_limit", "no webhook would ever fit", "for example 1048576"),
            (server.header_timeout == NO_TIME, "server", "header_timeout", "no request would ever be in time", "for example \"10s\""),
            (server.body_timeout == NO_TIME, "server", "body_timeout", "no request would ever be in time", "for example \"10s\""),
            (server.max_connections == 0, "server", "max_connections", "nobody could ever connect", "for example 4096"),
            (server.refused_per_minute == 0, "server", "refused_per_minute", "one slip would shut its sender out", "for example 60"),
            (server.waiting_per_channel == 0, "server", "waiting_per_channel", "no webhook would ever be kept", "for example 1024"),
            (same_address, "admin", "listen", "it is the public address already", "the operator's side has one of its own"),
            (empty_token, "admin", "token", "it is empty", "leave it out, and one is made at the first start"),
            (plugins.timeout == NO_TIME, "plugins", "timeout", "no plugin would ever be in time", "for example \"100ms\""),
            (plugins.memory_mb == 0, "plugins", "memory_mb", "no plugin runs without memory", "for example 16"),
            (plugins.memory_mb > GIB_IN_MB, "plugins", "memory_mb", "no plugin gets more than 1 GiB", "for example 16"),
            (plugins.output_kb == 0, "plugins", "output_kb", "no plugin could ever answer", "for example 64"),
            (plugins.output_kb > MIB_IN_KB, "plugins", "output_kb", "no plugin may say more than 1 MiB", "for example 64"),
            (plugins.failures_before_set_aside == 0, "plugins", "failures_before_set_aside", "every plugin would be set aside at once", "for example 5"),
            (outbox.max_attempts == 0, "outbox", "max_attempts", "no message would ever be sent", "for example 10"),
            (outbox.max_in_flight == 0, "outbox", "max_in_flight", "no message would ever be sent", "for example 256"),
            (outbox.request_timeout == NO_TIME, "outbox", "request_timeout", "no platform would ever be in time", "for example \"15s\""),
            (outbox.first_backoff == NO_TIME, "outbox", "first_backoff", "failed messages would be tried without a pause", "for example \"1s\""),
            (outbox.max_backoff < outbox.first_backoff, "outbox", "max_backoff", "it is shorter than `first_backoff`", "for example \"5m\""),
            (too_soon(retention.log), "retention", "log", "what is deleted so soon is still needed", "at least \"1d\""),
            (too_soon(retention.conversations), "retention", "conversations", "what is deleted so soon is still needed", "at least \"1d\""),
            (too_soon(retention.orders), "retention", "orders", "what is deleted so soon is still needed", "at least \"1d\""),
            (too_soon(retention.tickets), "retention", "tickets", "what is deleted so soon is still needed", "at least \"1d\""),
        ];
        let wrong = checks.into_iter().filter(|(is_wrong, ..)| *is_wrong);
        let mut problems: Vec<_> = wrong
            .map(|(_, section, key, why, hint)| Problem::new(FILE, [section.into(), key.into()], why).hint(hint))
            .collect();
        if let Err(error) = EnvFilter::try_new(&log.level) {
            let why = format!("`{}` is not a level: {error}", log.level);
            let hint = "write `info`, or a filter such as `info,nightclerk::outbox=debug`";
            problems.push(Problem::new(FILE, ["log".into(), "level".into()], why).hint(hint));
        }
        problems
    }
}
