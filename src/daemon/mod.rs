//! Wires the rooms together, and runs until it is told to stop.

pub mod address_file;
mod gauges;
mod metrics;
mod plugin_network;

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::{ArcSwap, ArcSwapOption};
use miette::{IntoDiagnostic, Report, miette};
use tokio::{
    net::TcpListener,
    runtime::Handle,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    channel, clock,
    config::{self, Config, ConfigError},
    egress::{self, EgressSettings},
    engine::Playbook,
    http::{self, ChatHub, Gates, Limits, Public, admin::Admin},
    inbox::{Inbox, Timers, Workbench},
    outbox::{ChannelHandle, Channels, Outbox},
    plugin::host::PluginHost,
    setting::Secret,
    store::{SqliteStore, Store},
    template,
};
use address_file::{Addresses, admin_token, write_addresses};
use gauges::Gauges;
use plugin_network::PluginNetwork;

/// How long requests and deliveries under way may take once the daemon is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Dedupe ids are kept this long: no platform delivers again after it (channels reference, section 0).
const KEPT_MS: i64 = 8 * 24 * 60 * 60 * 1000;
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Runs the clerk on a configuration, and takes the changes of its folder.
///
/// # Errors
/// The store, an address or a folder cannot be had.
pub async fn run(config_dir: &Path, config: Config) -> Result<(), Report> {
    let metrics = metrics::install()?;
    let database = config.data_dir.join("nightclerk.sqlite");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&database)?);
    let network = PluginNetwork { client: egress::Client::new(EgressSettings::default()), runtime: Handle::current() };
    let host = config.plugins.host_settings(&config.data_dir, template::render, Some(Arc::new(network)));
    let plugins = Arc::new(PluginHost::new(host).into_diagnostic()?);
    plugins.load_dir();
    let _watching_plugins = plugins.clone().watch().into_diagnostic()?;

    let channels: Channels = Arc::new(ArcSwap::from_pointee(open_channels(&config)?));
    let gates: Gates = Arc::new(ArcSwap::from_pointee(gates_of(&config)));
    let playbook = Arc::new(ArcSwap::from_pointee(config.playbook));
    let chat = Arc::new(ChatHub::default());
    let outbox = Outbox::start(store.clone(), channels.clone(), chat.clone(), config.outbox);
    let lanes = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    let bench = Workbench {
        store: store.clone(),
        playbook: playbook.clone(),
        plugins: plugins.clone(),
        channels: channels.clone(),
        outbox: outbox.clone(),
    };
    let (inbox, timer_set) = Inbox::start(bench, lanes).into_diagnostic()?;

    let public_listener = bind(config.server.listen).await?;
    let admin_listener = bind(config.admin.listen).await?;
    let addresses = Addresses {
        pid: std::process::id(),
        public: public_listener.local_addr().into_diagnostic()?.to_string(),
        admin: admin_listener.local_addr().into_diagnostic()?.to_string(),
    };
    let token = admin_token(&config.data_dir, config.admin.token.clone())?;

    let stopping = CancellationToken::new();
    let ready = Arc::new(AtomicBool::new(false));
    let config_error = Arc::new(ArcSwapOption::empty());
    let public = Public {
        inbox: inbox.clone(),
        outbox: outbox.clone(),
        store: store.clone(),
        channels: channels.clone(),
        gates: gates.clone(),
        chat,
        body_limit: config.server.body_limit,
        body_timeout: config.server.body_timeout,
        ready: ready.clone(),
        stopping: stopping.clone(),
    };
    let gauges = Gauges {
        metrics: metrics.clone(),
        inbox: inbox.clone(),
        outbox: outbox.clone(),
        plugins: plugins.clone(),
        config_error: config_error.clone(),
        database,
    };
    let admin = Admin {
        token,
        store: store.clone(),
        outbox: outbox.clone(),
        plugins: plugins.clone(),
        channels: channels.clone(),
        metrics,
        config_error: config_error.clone(),
    };
    let limits = Limits {
        header_timeout: config.server.header_timeout,
        header_bytes: 16 * 1024,
        connections: config.server.max_connections,
        grace: GRACE,
    };
    let servers = [
        tokio::spawn(http::serve(public_listener, http::router(public), limits, stopping.clone())),
        tokio::spawn(http::serve(admin_listener, http::admin::router(admin), limits, stopping.clone())),
    ];
    let timers = tokio::spawn(Timers { store: store.clone(), inbox: inbox.clone(), timer_set }.run());
    let pruning = tokio::spawn(prune(store.clone()));
    let looking = tokio::spawn(gauges.run());
    let in_force = InForce { playbook, channels, gates, plugins, outbox: outbox.clone(), config_error };
    let _watching_config = config::watch(config_dir, move |result| in_force.take(result))?;

    write_addresses(&config.data_dir, &addresses)?;
    ready.store(true, Ordering::Release);
    tracing::info!(address = %addresses.public, "the clerk is in; web chat at http://{}/chat/", addresses.public);
    tracing::info!(address = %addresses.admin, "admin API");

    wait_for_stop().await?;
    tracing::info!("the clerk is leaving: finishing what is under way");
    ready.store(false, Ordering::Release);
    timers.abort();
    pruning.abort();
    looking.abort();
    stopping.cancel();
    for server in servers {
        let _ = server.await;
    }
    drop(inbox);
    let left = outbox.drain(GRACE).await;
    if left > 0 {
        tracing::info!(left, "messages wait in the store for the next start");
    }
    store.close();
    let _ = fs::remove_file(config.data_dir.join(Addresses::FILE));
    tracing::info!("good night");
    Ok(())
}

/// What a change of the configuration replaces while the daemon runs.
struct InForce {
    playbook: Arc<ArcSwap<Playbook>>,
    channels: Channels,
    gates: Gates,
    plugins: Arc<PluginHost>,
    outbox: Outbox,
    config_error: Arc<ArcSwapOption<String>>,
}

impl InForce {
    fn take(&self, result: Result<Config, ConfigError>) {
        match result.map_err(Report::from).and_then(|config| Ok((open_channels(&config)?, config))) {
            Ok((channels, config)) => {
                self.gates.store(Arc::new(gates_of(&config)));
                self.channels.store(Arc::new(channels));
                self.plugins.reconfigure(config.plugins.plugins);
                self.playbook.store(Arc::new(config.playbook));
                for (channel, _) in self.outbox.stopped_channels() {
                    self.outbox.resume_channel(&channel);
                }
                self.config_error.store(None);
                ::metrics::counter!("nightclerk_config_reloads_total", "result" => "applied").increment(1);
                tracing::info!("the new configuration is in force");
            }
            Err(report) => {
                self.config_error.store(Some(Arc::new(report.to_string())));
                ::metrics::counter!("nightclerk_config_reloads_total", "result" => "refused").increment(1);
                tracing::error!(
                    "the configuration was changed and is not usable; the old one stays in force: {report}"
                );
            }
        }
    }
}

fn open_channels(config: &Config) -> Result<HashMap<String, Arc<ChannelHandle>>, Report> {
    config
        .channels
        .iter()
        .map(|entry| {
            let channel = channel::build(&entry.id, &entry.settings)
                .map_err(|why| miette!("the channel `{}` cannot be opened: {why}", entry.id))?;
            let handle = ChannelHandle {
                id: entry.id.clone(),
                channel: Arc::from(channel),
                allow_private_targets: entry.allow_private_targets,
                per_second: entry.per_second,
            };
            Ok((entry.id.clone(), Arc::new(handle)))
        })
        .collect()
}

fn gates_of(config: &Config) -> HashMap<String, Secret> {
    config.channels.iter().filter_map(|entry| entry.path_token.clone().map(|token| (entry.id.clone(), token))).collect()
}

async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, Report> {
    TcpListener::bind(address).await.map_err(|error| {
        miette!(
            help = "is another clerk running? choose another address in nightclerk.toml",
            "the address {address} cannot be listened on: {error}"
        )
    })
}

async fn prune(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(PRUNE_EVERY).await;
        if let Ok(Err(error)) = store.prune(clock::now_ms() - KEPT_MS).await {
            tracing::warn!(%error, "old records could not be removed");
        }
    }
}

async fn wait_for_stop() -> Result<(), Report> {
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.into_diagnostic(),
        _ = terminate.recv() => Ok(()),
    }
}
