//! `nightclerk.toml`: addresses, limits, folders, log.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::source::Folder;
use crate::{
    channel::webchat::origin_host,
    http::Budget,
    outbox::OutboxSettings,
    plugin::contract::PublicKey,
    setting::{Delay, Secret, ascii_host, written_as_text},
    store::Retention,
};

pub(super) const FILE: &str = "nightclerk.toml";

/// The daemon itself: addresses, limits, folders, log.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DaemonConfig {
    /// The public side: webhooks and the web chat.
    pub server: ServerConfig,
    /// The operator's side; keep it off the internet.
    pub admin: AdminConfig,
    /// Where the store and the caches live.
    pub data: DataConfig,
    /// The watched folder, and what one call of a plugin may take.
    pub plugins: PluginsFolder,
    /// What the log says, and how.
    pub log: LogConfig,
    /// How messages are delivered.
    pub outbox: OutboxConfig,
    /// How long what is kept is kept.
    pub retention: RetentionConfig,
    /// Who is told when something needs a person.
    pub alerts: AlertsConfig,
}

/// `[server]`: the public side.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Where webhooks and the web chat are listened for.
    #[schemars(extend("x-type" = "address and port, such as \"127.0.0.1:8080\""))]
    pub listen: SocketAddr,
    /// Bytes of a webhook's body.
    #[schemars(range(min = 1), extend("x-below" = "no webhook would ever fit"))]
    pub body_limit: usize,
    /// How long a request's head may take.
    #[schemars(extend("x-least" = "1ms", "x-below" = "no request would ever be in time"))]
    pub header_timeout: Delay,
    /// How long a body may take.
    #[schemars(extend("x-least" = "1ms", "x-below" = "no request would ever be in time"))]
    pub body_timeout: Delay,
    /// Connections at once; fewer where the system allows fewer open files.
    #[schemars(range(min = 1), extend("x-below" = "nobody could ever connect"))]
    pub max_connections: usize,
    /// Webhooks that may be refused of one address before it has to wait.
    #[schemars(range(min = 1), extend("x-below" = "one slip would shut its sender out"))]
    pub refused_per_minute: u32,
    /// Genuine webhooks of one channel that may wait to be kept at once.
    #[schemars(range(min = 1), extend("x-below" = "no webhook would ever be kept"))]
    pub waiting_per_channel: usize,
    /// The address at which platforms and browsers reach it: `https://clerk.shop.example`.
    pub public_url: Option<PublicUrl>,
    /// Whose `X-Forwarded-…` headers are believed: addresses and networks.
    #[serde(deserialize_with = "networks")]
    #[schemars(with = "Vec<String>", extend("x-type" = "list of addresses and networks, such as \"10.0.0.0/8\""))]
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

written_as_text!(PublicUrl, "scheme and host, such as \"https://chat.example\"");

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let origin = ascii_host(&text).trim_end_matches('/').to_ascii_lowercase();
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
            header_timeout: Delay::seconds(10),
            body_timeout: Delay::seconds(10),
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
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    /// Where the admin API is listened for.
    #[schemars(extend("x-type" = "address and port, such as \"127.0.0.1:8080\""))]
    pub listen: SocketAddr,
    /// What opens it. Where absent, one is made at the first start and kept in the data folder.
    pub token: Option<Secret>,
    /// The address at which people's browsers reach the console, where a proxy stands before it:
    /// `https://desk.shop.example`.
    pub public_url: Option<PublicUrl>,
}

impl AdminConfig {
    /// Where the console is in browsers: a scheme and a host.
    pub fn console(&self, listening: impl fmt::Display) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{listening}"), |url| url.as_str().to_owned())
    }
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)), token: None, public_url: None }
    }
}

/// `[data]`: where the store and the caches live; relative to the configuration folder.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The folder, relative to the configuration folder.
    pub dir: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { dir: "../var".into() }
    }
}

/// `[plugins]`: the watched folder, relative to the configuration folder, and what one call may take.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PluginsFolder {
    /// The folder, relative to the configuration folder.
    pub dir: PathBuf,
    /// How long one call may take.
    #[schemars(extend("x-least" = "1ms", "x-below" = "no plugin would ever be in time"))]
    pub timeout: Delay,
    /// Megabytes of memory of one call.
    // The pool reserves this much for each instance that may run at once.
    #[schemars(range(min = 1, max = 1024))]
    #[schemars(extend("x-below" = "no plugin runs without memory", "x-above" = "no plugin gets more than 1 GiB"))]
    pub memory_mb: usize,
    /// Kilobytes that one call may answer.
    #[schemars(range(min = 1, max = 1024))]
    #[schemars(extend("x-below" = "no plugin could ever answer", "x-above" = "no plugin may say more than 1 MiB"))]
    pub output_kb: usize,
    /// After so many failures in a row a plugin is set aside.
    #[schemars(range(min = 1), extend("x-below" = "every plugin would be set aside at once"))]
    pub failures_before_set_aside: u32,
    /// Whose plugins are loaded: public keys, of which one must have signed a plugin's file; anybody's where there are none.
    pub trust: Vec<PublicKey>,
}

impl Default for PluginsFolder {
    fn default() -> Self {
        Self {
            dir: "../plugins".into(),
            timeout: Delay::ms(100),
            memory_mb: 16,
            output_kb: 64,
            failures_before_set_aside: 5,
            trust: Vec::new(),
        }
    }
}

/// `[retention]`: how long what is kept is kept.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Events, decisions and messages.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub log: Delay,
    /// Conversations after their last event.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub conversations: Delay,
    /// Orders after their last change.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub orders: Delay,
    /// Tickets after they were closed.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub tickets: Delay,
    /// Contacts after their last change, once no conversation and no order of theirs is left.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub contacts: Delay,
    /// What operators did and looked up, for `nightclerk audit`.
    #[schemars(extend("x-least" = "1d", "x-below" = "what is deleted so soon is still needed"))]
    pub audit: Delay,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        const DAY: i64 = 24 * 60;
        Self {
            log: Delay::minutes(90 * DAY),
            conversations: Delay::minutes(400 * DAY),
            orders: Delay::minutes(400 * DAY),
            tickets: Delay::minutes(400 * DAY),
            contacts: Delay::minutes(400 * DAY),
            audit: Delay::minutes(400 * DAY),
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
            contacts_ms: config.contacts.as_ms(),
            audit_ms: config.audit.as_ms(),
        }
    }
}

/// `[alerts]`: who is told when something needs a person. Nobody where absent; the log and `nightclerk status` say it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,nightclerk::outbox=debug`.
    pub level: String,
    /// How lines are written.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    Human,
    Json,
}

/// `[outbox]`: how delivery behaves.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxConfig {
    /// After so many attempts at what the platform refuses, a message becomes a dead letter.
    #[schemars(range(min = 1), extend("x-below" = "no message would ever be sent"))]
    pub max_attempts: u32,
    /// How long a message is tried while its platform is away or busy.
    pub keep_trying: Delay,
    /// The pause after the first attempt that failed; it doubles.
    #[schemars(extend("x-least" = "1ms", "x-below" = "failed messages would be tried without a pause"))]
    pub first_backoff: Delay,
    /// The longest pause between attempts.
    pub max_backoff: Delay,
    /// How long a platform may take to answer.
    #[schemars(extend("x-least" = "1ms", "x-below" = "no platform would ever be in time"))]
    pub request_timeout: Delay,
    /// Requests under way at once.
    #[schemars(range(min = 1), extend("x-below" = "no message would ever be sent"))]
    pub max_in_flight: usize,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        let settings = OutboxSettings::default();
        Self {
            max_attempts: settings.max_attempts,
            keep_trying: Delay::minutes(24 * 60),
            first_backoff: Delay::ms(settings.first_backoff_ms),
            max_backoff: Delay::ms(settings.max_backoff_ms),
            request_timeout: Delay::ms(settings.request_timeout_ms),
            max_in_flight: settings.max_in_flight,
        }
    }
}

impl From<OutboxConfig> for OutboxSettings {
    fn from(config: OutboxConfig) -> Self {
        let milliseconds = |it: Delay| it.as_ms().unsigned_abs();
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
        // Who asks the daemon what is wrong has to find it.
        folder.read_what_is_right(FILE)
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
            (admin.public_url != new.admin.public_url, "[admin] public_url"),
            (data != &new.data, "[data] dir"),
            (plugins != &new.plugins, "[plugins]"),
            (log != &new.log, "[log]"),
            (outbox != &new.outbox, "[outbox]"),
            (retention != &new.retention, "[retention]"),
        ];
        changed.into_iter().filter_map(|(changed, setting)| changed.then_some(setting)).collect()
    }
}
