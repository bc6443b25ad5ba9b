//! Everything the daemon counts and measures: each name once, with what it means.

use std::time::{SystemTime, UNIX_EPOCH};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use miette::{IntoDiagnostic, Report};

/// One metric, as `/metrics` explains it.
struct Metric {
    name: &'static str,
    kind: Kind,
    help: &'static str,
}

enum Kind {
    Counter,
    Gauge,
    /// Upper bounds of the buckets, in seconds. Buckets can be added up over daemons and time; quantiles cannot.
    Histogram(&'static [f64]),
}

/// A decision or a plugin's call: tens of microseconds, a plugin's limit at the end.
const MOMENTS: &[f64] =
    &[0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];
/// One sync to disk: from a fast drive's to a tired one's.
const SYNCS: &[f64] = &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// From a commit to the platform's yes: milliseconds, or hours where the platform is down.
const DELIVERIES: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86_400.0];

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}

const fn histogram(name: &'static str, buckets: &'static [f64], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram(buckets), help }
}

const METRICS: &[Metric] = &[
    gauge("nightclerk_build_info", "Always 1; the label says which version runs."),
    gauge("nightclerk_start_time_seconds", "When the daemon started, in Unix time."),
    counter("nightclerk_config_reloads_total", "Edits of the configuration, by result: applied or refused."),
    gauge(
        "nightclerk_config_up_to_date",
        "1 if the newest edit of the configuration is in force, 0 if it was refused.",
    ),
    counter(
        "nightclerk_webhooks_total",
        "Requests to webhooks, by channel and the HTTP status they were answered with.",
    ),
    counter("nightclerk_ignored_total", "Things in webhooks that mean nothing to a clerk, by channel."),
    counter("nightclerk_duplicates_total", "Events that had come before."),
    gauge("nightclerk_inbox_waiting", "Events that wait to be decided."),
    counter("nightclerk_decided_again_total", "Decisions made again because a row they rested on had moved."),
    counter(
        "nightclerk_decisions_failed_total",
        "Decisions that failed by a fault of the clerk's, and were made with more care.",
    ),
    counter("nightclerk_panics_total", "Faults of the clerk's own; the log names their place."),
    gauge("nightclerk_tickets_open", "Tickets that wait for a person, up to ten thousand."),
    histogram("nightclerk_decision_seconds", MOMENTS, "Time to decide one event, plugins included."),
    counter("nightclerk_timers_fired_total", "Timers that became due and were acted on."),
    histogram("nightclerk_plugin_call_seconds", MOMENTS, "Time of one call of a plugin."),
    counter("nightclerk_plugin_failures_total", "Calls that failed and were skipped, by plugin."),
    gauge("nightclerk_plugin_state", "1 for the state a plugin is in, 0 for those it was in before."),
    gauge("nightclerk_outbox_waiting", "Messages in memory that wait to be delivered or are under way."),
    gauge("nightclerk_outbox_oldest_seconds", "Age of the oldest message that waits to be delivered; 0 without one."),
    histogram("nightclerk_outbox_delivery_seconds", DELIVERIES, "From a message's commit to its delivery, by channel."),
    counter("nightclerk_outbox_sent_total", "Messages that were delivered, by channel."),
    counter("nightclerk_outbox_retried_total", "Attempts that are to be repeated, by channel."),
    counter(
        "nightclerk_outbox_dead_total",
        "Messages that were given up, by channel; `nightclerk outbox list` shows them.",
    ),
    counter(
        "nightclerk_platform_answers_total",
        "What platforms answered to deliveries, by channel: 2xx, 3xx, 4xx, 429, 5xx, or none.",
    ),
    histogram("nightclerk_store_commit_seconds", SYNCS, "Time to write one group of changes and sync it to disk."),
    gauge("nightclerk_store_bytes", "Size of the store's files, by file: database, or log of changes not yet in it."),
];

/// Starts to collect. Once in a process.
///
/// # Errors
/// Something else collects already.
pub fn install() -> Result<PrometheusHandle, Report> {
    let handle = builder().into_diagnostic()?.install_recorder().into_diagnostic()?;
    describe();
    metrics::gauge!("nightclerk_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    metrics::gauge!("nightclerk_start_time_seconds").set(started.as_secs_f64());
    Ok(handle)
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    METRICS.iter().try_fold(PrometheusBuilder::new(), |builder, metric| match metric.kind {
        Kind::Histogram(buckets) => builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets),
        Kind::Counter | Kind::Gauge => Ok(builder),
    })
}

fn describe() {
    for Metric { name, kind, help } in METRICS {
        match kind {
            Kind::Counter => metrics::describe_counter!(*name, *help),
            Kind::Gauge => metrics::describe_gauge!(*name, *help),
            Kind::Histogram(_) => metrics::describe_histogram!(*name, *help),
        }
    }
}

#[cfg(test)]
mod tests;
