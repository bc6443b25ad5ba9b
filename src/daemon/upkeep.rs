//! Keeps the metrics small while nobody asks for them.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;

/// A histogram keeps each sample by itself until its upkeep folds them together.
const EVERY: Duration = Duration::from_secs(5);

/// Folds samples together now and then, until it is aborted.
pub async fn keep_up(metrics: PrometheusHandle) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}
