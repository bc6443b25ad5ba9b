//! Wires the rooms together, and runs until it is told to stop.

use std::{
    collections::{HashMap, HashSet},
    fs,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use miette::{IntoDiagnostic, Report, WrapErr, miette};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{
    Prepared,
    address_file::{Addresses, MEDIA_KEY_FILE, VISITOR_KEY_FILE, admin_token, own_secret, write_addresses},
    address_space,
    alerts::Alerts,
    descriptors::Shares,
    digest::Digests,
    faults::{self, keep_going},
    gauges::Gauges,
    metrics,
    morning::MorningCalls,
    next_rung::NextRung,
    outside::OutsideWorld,
    pictures,
    prepare::{STORE_FILE, is_open_to_others, lost_its_store},
    reload::{self, Reload, Watched, tell_doubts},
    retention::Expiry,
    spare_memory,
    store_clock::{ByTheClock, StoreClock},
    store_moments::StoreMoments,
    undelivered::Undelivered,
    workshop::ConfigFolder,
};
use crate::{
    channel::webchat::VisitorKey,
    egress::{self, EgressSettings},
    http::{
        self, BACKLOG, Budgets, Chat, ChatHub, Concerns, ListenerLimits, Public, Readiness,
        admin::{Admin, Edits, Troubles},
    },
    inbox::{CrashRecord, Inbox, Services, Timers},
    outbox::{Folder, Outbox, OutboxSettings, Renewals},
    pictures::{Pictures, Seal},
    plugin::host::PluginHost,
    store::{SqliteStore, Store},
    template,
};

/// How long all that is under way may take once the daemon is told to stop: less than the ten seconds after which
/// supervisors lose patience.
const GRACE: Duration = Duration::from_secs(8);
/// Of that, for requests.
const REQUESTS_GRACE: Duration = Duration::from_secs(4);
/// How many access tokens were had of late, within the data folder.
const RENEWALS_FILE: &str = "tokens.json";
/// Bytes of a request's head.
const HEAD_BYTES: usize = 16 * 1024;

/// Runs the clerk on a configuration, and takes the changes of its folder.
///
/// # Errors
/// The store, an address or a folder cannot be had.
pub async fn run(config_dir: &Path, prepared: Prepared) -> Result<(), Report> {
    let Prepared { daemon: config, data_dir, plugins: plugin_config, in_force, doubts, seen, .. } = prepared;
    address_space::suffices()?;
    let metrics = metrics::install()?;
    let stop = told_to_stop()?;
    faults::tell_by_place();
    let database = data_dir.join(STORE_FILE);
    if lost_its_store(&data_dir) {
        tracing::warn!(
            store = %database.display(),
            "the data folder was in use, and its store is empty: if what it held is missed, stop the clerk and restore a \
             backup (`nightclerk restore`)"
        );
    }
    if is_open_to_others(&data_dir) {
        tracing::warn!(
            folder = %data_dir.display(),
            "other users of this machine can look into the data folder, where customers' words and secrets are: close it to \
             them (`chmod 700`)"
        );
    }
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&database, config.retention.into())?);
    let client = egress::Client::new(EgressSettings::default());
    let host = plugin_config.host_settings(&data_dir, template::render);
    let plugins = Arc::new(PluginHost::new(host).into_diagnostic()?);
    let _watching_plugins = plugins.clone().watch().into_diagnostic()?;
    // The door opens meanwhile.
    let loading = plugins.clone();
    // No task of the runtime's: who stops the clerk does not wait for a compiler.
    std::thread::Builder::new()
        .name("plugin-loading".to_owned())
        .spawn(move || {
            loading.load_dir();
            loading.make_scripts_ready();
            spare_memory::give_back();
        })
        .into_diagnostic()?;

    tell_doubts(&doubts);
    let has_web_chat = in_force.web_chat.is_some();
    let in_force = Arc::new(ArcSwap::from_pointee(in_force));
    let hub = Arc::new(ChatHub::default());
    let outbox_settings = OutboxSettings::from(config.outbox.clone());
    let shares = Shares::in_force(config.server.max_connections, outbox_settings.max_in_flight);
    let outbox_settings = OutboxSettings { max_in_flight: shares.outbox, ..outbox_settings };
    let renewals = Renewals::kept_in(data_dir.join(RENEWALS_FILE));
    let pictures = Pictures::open(data_dir.join(pictures::FOLDER))
        .into_diagnostic()
        .wrap_err("the folder of the customers' pictures cannot be used")?;
    let pictures = Arc::new(pictures);
    let seal = Arc::new(Seal::new(own_secret(&data_dir, MEDIA_KEY_FILE)?));
    let folder = Folder { pictures: pictures.clone(), seal: seal.clone() };
    let outbox = Outbox::start(store.clone(), in_force.clone(), hub.clone(), folder, outbox_settings, renewals);
    let lanes = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    let crash_record = CrashRecord::open(&data_dir, lanes)
        .into_diagnostic()
        .wrap_err("what an earlier run was doing cannot be read from the data folder")?;
    let services = Services {
        store: store.clone(),
        in_force: in_force.clone(),
        plugins: plugins.clone(),
        outbox: outbox.clone(),
        outside: Arc::new(OutsideWorld::new(client)),
        crash_record: Arc::new(crash_record),
    };
    let (inbox, timer_set) = Inbox::start(services, lanes).into_diagnostic()?;
    let undecided = inbox.take_up().await?;
    if undecided > 0 {
        tracing::info!(undecided, "events wait for an answer from outside; they are taken up again");
    }

    let public_listener = bind(config.server.listen)?;
    let admin_listener = bind(config.admin.listen)?;
    let addresses = Addresses {
        pid: std::process::id(),
        public: public_listener.local_addr().into_diagnostic()?.to_string(),
        admin: admin_listener.local_addr().into_diagnostic()?.to_string(),
    };
    let token = admin_token(&data_dir, config.admin.token.clone())?;

    let visitor_key = VisitorKey::new(own_secret(&data_dir, VISITOR_KEY_FILE)?);
    let chat = Chat::new(visitor_key, hub, pictures.clone(), seal, shares.public);

    let stopping = CancellationToken::new();
    let readiness = Arc::new(Readiness::new(store.clone()));
    let edits = Arc::new(Edits::default());
    let troubles = Troubles::default();
    let reload = Reload {
        config_dir: config_dir.to_owned(),
        plugins_dir: plugin_config.dir.clone(),
        running: config.clone(),
        in_force: in_force.clone(),
        plugins: plugins.clone(),
        outbox: outbox.clone(),
        edits: edits.clone(),
    };
    let reload = Arc::new(Watched::new(reload, seen));
    let concerns = Arc::new(Concerns::default());
    let public = Public {
        inbox: inbox.clone(),
        outbox: outbox.clone(),
        store: store.clone(),
        in_force: in_force.clone(),
        chat: Arc::new(chat),
        concerns: concerns.clone(),
        bodies: Arc::default(),
        budgets: Arc::new(Budgets::new(config.server.budget())),
        brake: Arc::default(),
        readiness: readiness.clone(),
        stopping: stopping.clone(),
    };
    let gauges = Gauges {
        metrics,
        inbox: inbox.clone(),
        outbox: outbox.clone(),
        plugins: plugins.clone(),
        store: store.clone(),
        edits: edits.clone(),
        database,
        shown: Arc::default(),
    };
    let admin = Admin {
        token,
        store: store.clone(),
        inbox: inbox.clone(),
        outbox: outbox.clone(),
        plugins: plugins.clone(),
        pictures: pictures.clone(),
        in_force: in_force.clone(),
        concerns,
        metrics: {
            let gauges = gauges.clone();
            Arc::new(move || {
                let gauges = gauges.clone();
                async move { gauges.read().await }.boxed()
            })
        },
        edits: edits.clone(),
        troubles: troubles.clone(),
        workshop: Arc::new(ConfigFolder::new(config_dir, plugins.clone())),
        console_url: config.admin.console(&addresses.admin).into(),
        reload: {
            let reload = reload.clone();
            Arc::new(move || reload.reload())
        },
    };
    let alerts = Alerts {
        data_dir: data_dir.clone(),
        in_force: in_force.clone(),
        outbox: outbox.clone(),
        plugins: plugins.clone(),
        store: store.clone(),
        readiness: readiness.clone(),
        edits: edits.clone(),
        shown: troubles,
        client: egress::Client::default(),
    };
    let limits = ListenerLimits {
        header_timeout: config.server.header_timeout.into(),
        header_bytes: HEAD_BYTES,
        connections: shares.public,
        grace: REQUESTS_GRACE,
    };
    let of_admin = ListenerLimits { connections: shares.admin, ..limits };
    let servers = [
        tokio::spawn(http::serve(public_listener, http::router(public), limits, stopping.clone())),
        tokio::spawn(http::serve(
            admin_listener,
            http::console::router(admin.clone()).merge(http::admin::router(admin)),
            of_admin,
            stopping.clone(),
        )),
    ];
    let hangups = reload::hangups();
    let timers = Timers { store: store.clone(), inbox: inbox.clone(), timer_set };
    let store_clock = StoreClock { in_force: in_force.clone(), edits: edits.clone(), plugins: plugins.clone() };
    let by_the_clock = {
        let (store, inbox, plugins) = (store.clone(), inbox.clone(), plugins.clone());
        let console = config.admin.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        move || -> Vec<Box<dyn ByTheClock>> {
            let (store, inbox, plugins, console) = (store.clone(), inbox.clone(), plugins.clone(), console.clone());
            vec![
                Box::new(StoreMoments { plugins, inbox: inbox.clone(), past: HashMap::new() }),
                Box::new(MorningCalls { store: store.clone(), inbox: inbox.clone(), console, done: HashSet::new() }),
                Box::new(Digests { store, inbox, done: None }),
            ]
        }
    };
    let next_rung =
        NextRung { store: store.clone(), inbox: inbox.clone(), outbox: outbox.clone(), in_force: in_force.clone() };
    let undelivered = Undelivered { store: store.clone(), inbox: inbox.clone(), outbox: outbox.clone() };
    let expiry = Expiry { store: store.clone(), pictures, retention: config.retention.into() };
    let housekeeping = [
        keep_going("timers", move || timers.clone().run()),
        keep_going("the store's clock", move || store_clock.clone().run(by_the_clock())),
        keep_going("undelivered notices", move || next_rung.clone().run()),
        keep_going("undelivered answers", move || undelivered.clone().run()),
        keep_going("retention", move || expiry.clone().run()),
        keep_going("metrics", move || gauges.clone().keep_small()),
        keep_going("alerts", move || alerts.clone().run()),
        keep_going("edits of the configuration", move || reload.clone().follow(hangups.clone())),
    ];
    let web_chat = has_web_chat.then(|| config.server.web_chat(&addresses.public));

    write_addresses(&data_dir, &addresses)?;
    readiness.set(true);
    tracing::info!(address = %addresses.public, "the clerk is in");
    if let Some(address) = web_chat {
        tracing::info!("web chat at {address}");
    }
    tracing::info!(address = %addresses.admin, "admin API");
    tracing::info!("console at {}/console/", config.admin.console(&addresses.admin));

    // What was read to make the configuration is free by now; a large store's is more than all that stays.
    spare_memory::give_back();
    stop.await;
    let told = Instant::now();
    tracing::info!("the clerk is leaving: finishing what is under way");
    readiness.set(false);
    for task in housekeeping {
        task.abort();
    }
    stopping.cancel();
    for server in servers {
        let _ = server.await;
    }
    drop(inbox);
    let left = outbox.drain(GRACE.saturating_sub(told.elapsed())).await;
    if left > 0 {
        tracing::info!(left, "messages wait in the store for the next start");
    }
    plugins.keep();
    store.close();
    let _ = fs::remove_file(data_dir.join(Addresses::FILE));
    tracing::info!("good night");
    Ok(())
}

fn bind(address: SocketAddr) -> Result<TcpListener, Report> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| {
        miette!(
            help = "is another clerk running? choose another address in nightclerk.toml",
            "the address {address} cannot be listened on: {error}"
        )
    })
}

/// Waits for SIGTERM or Ctrl-C. To be called early: from then on both are heard, and no longer end us where we stand.
fn told_to_stop() -> Result<impl Future<Output = ()>, Report> {
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    let mut interrupt = signal(SignalKind::interrupt()).into_diagnostic()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
