//! What is not counted as it happens but looked at when somebody asks: states, ages, sizes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    clock,
    http::admin::Edits,
    inbox::Inbox,
    outbox::Outbox,
    plugin::host::PluginHost,
    store::{Store, wait},
};

/// How often samples are folded while events come in.
const FOLD_EVERY: Duration = Duration::from_secs(5);

/// Tickets are counted up to here.
const MOST_TICKETS: usize = 10_000;

/// Where the daemon looks.
#[derive(Clone)]
pub struct Gauges {
    pub metrics: PrometheusHandle,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub plugins: Arc<PluginHost>,
    pub store: Arc<dyn Store>,
    pub edits: Arc<Edits>,
    /// The store's file.
    pub database: PathBuf,
    /// The plugins' states that were read last.
    pub shown: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Gauges {
    /// Folds the samples of histograms into their buckets: until then each one takes memory, and nobody may ever read them. Runs
    /// until it is aborted, and sleeps while nothing happens.
    pub async fn keep_small(self) {
        loop {
            self.inbox.stirs().await;
            tokio::time::sleep(FOLD_EVERY).await;
            self.metrics.run_upkeep();
        }
    }

    /// All that is counted and measured, in Prometheus' text format.
    pub async fn read(&self) -> String {
        self.look();
        if let Ok(open) = wait(self.store.open_tickets(MOST_TICKETS)).await {
            metrics::gauge!("nightclerk_tickets_open").set(open.len() as f64);
        }
        self.metrics.run_upkeep();
        self.metrics.render()
    }

    fn look(&self) {
        metrics::gauge!("nightclerk_config_up_to_date").set(if self.edits.refused.load().is_none() {
            1.0
        } else {
            0.0
        });
        metrics::gauge!("nightclerk_inbox_waiting").set(self.inbox.waiting() as f64);
        let age_ms = self.outbox.oldest_ms().map_or(0, |oldest| clock::now_ms().saturating_sub(oldest).max(0));
        metrics::gauge!("nightclerk_outbox_oldest_seconds").set(age_ms as f64 / 1000.0);
        let states = self.plugins.status().into_iter().map(|it| (it.name, it.state.to_string())).collect();
        show_states(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner), states);
        for (file, path) in [("database", self.database.clone()), ("log", log_of(&self.database))] {
            // The log is absent where nothing was written since the last start.
            let bytes = fs::metadata(path).map_or(0, |it| it.len());
            metrics::gauge!("nightclerk_store_bytes", "file" => file).set(bytes as f64);
        }
    }
}

/// Each plugin is in one state: what it was in before is set to 0, also for a plugin that is gone.
fn show_states(shown: &mut BTreeMap<String, String>, states: BTreeMap<String, String>) {
    let set = |plugin: &str, state: &str, value: f64| {
        metrics::gauge!("nightclerk_plugin_state", "plugin" => plugin.to_owned(), "state" => state.to_owned())
            .set(value);
    };
    for (plugin, state) in shown.iter().filter(|(plugin, state)| states.get(*plugin) != Some(state)) {
        set(plugin, state, 0.0);
    }
    for (plugin, state) in &states {
        set(plugin, state, 1.0);
    }
    *shown = states;
}

/// SQLite's write-ahead log lies beside the database.
fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn a_plugin_is_shown_in_one_state_and_in_none_once_it_is_gone() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let state = |state: &str| BTreeMap::from([("greeting".to_owned(), state.to_owned())]);
        let value = |state: &str| {
            let line = format!("nightclerk_plugin_state{{plugin=\"greeting\",state=\"{state}\"}} ");
            let page = recorder.handle().render();
            page.lines().find_map(|it| it.strip_prefix(&line).map(str::to_owned)).unwrap_or_default()
        };
        metrics::with_local_recorder(&recorder, || {
            let mut shown = BTreeMap::new();
            show_states(&mut shown, state("waiting"));
            assert_eq!(value("waiting"), "1");
            show_states(&mut shown, state("active"));
            assert_eq!((value("waiting").as_str(), value("active").as_str()), ("0", "1"));
            show_states(&mut shown, BTreeMap::new());
            assert_eq!(value("active"), "0");
        });
    }
}
