//! `nightclerk.toml`: addresses, limits, folders, log.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use super::source::Folder;
use crate::{
    channel::webchat::origin_host,
    http::Budget,
    outbox::OutboxSettings,
    setting::{Delay, Secret, duration},
    store::Retention,
};

pub(super) const FILE: &str = "nightclerk.toml";

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DaemonConfig {
    pub server: ServerConfig,
    pub admin: AdminConfig,
    pub data: DataConfig,
    pub plugins: PluginsFolder,
    pub log: LogConfig,
    pub outbox: OutboxConfig,
    pub retention: RetentionConfig,
    pub alerts: AlertsConfig,
}

/// `[server]`: the public side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// Bytes of a webhook's body.
    pub body_limit: usize,
    #[serde(deserialize_with = "duration")]
    pub header_timeout: Duration,
    #[serde(deserialize_with = "duration")]
    pub body_timeout: Duration,
    pub max_connections: usize,
    /// Webhooks that may be refused of one address before it has to wait.
    pub refused_per_minute: u32,
    /// Genuine webhooks of one channel that may wait to be kept at once.
    pub waiting_per_channel: usize,
    /// The address at which platforms and browsers reach it: `https://clerk.shop.example`.
    pub public_url: Option<PublicUrl>,
    /// Whose `X-Forwarded-…` headers are believed: addresses and networks.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
}

/// An origin: a scheme and a host, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let origin = text.trim_end_matches('/').to_ascii_lowercase();
        match origin_host(&origin) {
            Some(_) => Ok(Self(origin)),
            None => Err(de::Error::custom(
                "`public_url` is a scheme and a host without a path, such as https://chat.example",
            )),
        }
    }
}

/// Networks, or single addresses.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parse = |text: &String| text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()));
    let network = |text: &String| {
        parse(text).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is neither an address nor a network such as 10.0.0.0/8"))
        })
    };
    texts.iter().map(network).collect()
}

impl ServerConfig {
    /// What strangers, and one channel of many, may take.
    pub fn budget(&self) -> Budget {
        Budget { refused_per_minute: self.refused_per_minute, waiting_per_channel: self.waiting_per_channel }
    }

    /// The web chat's address in browsers, as far as it is known.
    pub fn web_chat(&self, listening: impl fmt::Display) -> String {
        match &self.public_url {
            Some(public) => format!("{}/chat/", public.as_str()),
            None => format!("http://{listening}/chat/"),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            body_limit: 1 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            max_connections: 4096,
            refused_per_minute: 60,
            waiting_per_channel: 1024,
            public_url: None,
            trusted_proxies: vec![
                IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8),
                IpAddr::V6(Ipv6Addr::LOCALHOST).into(),
            ],
        }
    }
}

/// `[admin]`: the operator's side.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    pub listen: SocketAddr,
    /// Where absent, one is made at the first start and kept in the data folder.
    pub token: Option<Secret>,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)), token: None }
    }
}

/// `[data]`: where the store and the caches live; relative to the configuration folder.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    pub dir: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { dir: "../var".into() }
    }
}

/// `[plugins]`: the watched folder, relative to the configuration folder, and what one call may take.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PluginsFolder {
    pub dir: PathBuf,
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    pub memory_mb: usize,
    pub output_kb: usize,
    pub failures_before_set_aside: u32,
}

impl Default for PluginsFolder {
    fn default() -> Self {
        Self {
            dir: "../plugins".into(),
            timeout: Duration::from_millis(100),
            memory_mb: 16,
            output_kb: 64,
            failures_before_set_aside: 5,
        }
    }
}

/// `[retention]`: how long what is kept is kept.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Events, decisions and messages.
    pub log: Delay,
    /// Conversations after their last event.
    pub conversations: Delay,
    /// Orders after their last change.
    pub orders: Delay,
    /// Tickets after they were closed.
    pub tickets: Delay,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        const DAY: i64 = 24 * 60;
        Self {
            log: Delay::minutes(90 * DAY),
            conversations: Delay::minutes(400 * DAY),
            orders: Delay::minutes(400 * DAY),
            tickets: Delay::minutes(400 * DAY),
        }
    }
}

impl From<RetentionConfig> for Retention {
    fn from(config: RetentionConfig) -> Self {
        Self {
            log_ms: config.log.as_ms(),
            conversations_ms: config.conversations.as_ms(),
            orders_ms: config.orders.as_ms(),
            tickets_ms: config.tickets.as_ms(),
        }
    }
}

/// `[alerts]`: who is told when something needs a person. Nobody where absent; the log and `nightclerk status` say it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// Teams and people of store.toml who have a `channel` and a `chat`.
    pub to: Vec<String>,
    /// An address that takes Standard Webhooks.
    pub webhook: Option<String>,
    /// `whsec_…`, by which the webhook knows that it is us.
    pub webhook_secret: Option<Secret>,
    /// Whether the webhook may be on this host or its private network.
    pub allow_private_targets: bool,
    /// Fewer megabytes free where the data lies are told.
    pub disk_free_mb: u64,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self { to: Vec::new(), webhook: None, webhook_secret: None, allow_private_targets: false, disk_free_mb: 500 }
    }
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,nightclerk::outbox=debug`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    Human,
    Json,
}

/// `[outbox]`: how delivery behaves.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxConfig {
    /// After so many attempts at what the platform refuses, a message becomes a dead letter.
    pub max_attempts: u32,
    /// How long a message is tried while its platform is away or busy.
    pub keep_trying: Delay,
    #[serde(deserialize_with = "duration")]
    pub first_backoff: Duration,
    #[serde(deserialize_with = "duration")]
    pub max_backoff: Duration,
    #[serde(deserialize_with = "duration")]
    pub request_timeout: Duration,
    pub max_in_flight: usize,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        let settings = OutboxSettings::default();
        Self {
            max_attempts: settings.max_attempts,
            keep_trying: Delay::minutes(24 * 60),
            first_backoff: Duration::from_millis(settings.first_backoff_ms),
            max_backoff: Duration::from_millis(settings.max_backoff_ms),
            request_timeout: Duration::from_millis(settings.request_timeout_ms),
            max_in_flight: settings.max_in_flight,
        }
    }
}

impl From<OutboxConfig> for OutboxSettings {
    fn from(config: OutboxConfig) -> Self {
        let milliseconds = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        Self {
            max_attempts: config.max_attempts,
            keep_trying_ms: config.keep_trying.as_ms(),
            first_backoff_ms: milliseconds(config.first_backoff),
            max_backoff_ms: milliseconds(config.max_backoff),
            request_timeout_ms: milliseconds(config.request_timeout),
            max_in_flight: config.max_in_flight,
        }
    }
}

impl DaemonConfig {
    pub fn read(folder: &mut Folder) -> Self {
        folder.read(FILE)
    }

    /// Settings of `new` that differ from these, the running ones, and that only a restart brings into force.
    pub fn waits_for_restart(&self, new: &Self) -> Vec<&'static str> {
        // Alerts are in force at once.
        let Self { server, admin, data, plugins, log, outbox, retention, alerts: _ } = self;
        let changed = [
            (server.listen != new.server.listen, "[server] listen"),
            (server.header_timeout != new.server.header_timeout, "[server] header_timeout"),
            (server.max_connections != new.server.max_connections, "[server] max_connections"),
            (server.refused_per_minute != new.server.refused_per_minute, "[server] refused_per_minute"),
            (server.waiting_per_channel != new.server.waiting_per_channel, "[server] waiting_per_channel"),
            (admin.listen != new.admin.listen, "[admin] listen"),
            (admin.token != new.admin.token, "[admin] token"),
            (data != &new.data, "[data] dir"),
            (plugins != &new.plugins, "[plugins]"),
            (log != &new.log, "[log]"),
            (outbox != &new.outbox, "[outbox]"),
            (retention != &new.retention, "[retention]"),
        ];
        changed.into_iter().filter_map(|(changed, setting)| changed.then_some(setting)).collect()
    }
}
