//! What is in force: the configuration as the running rooms use it. It is swapped whole, so that one event meets one
//! configuration from its webhook to its messages.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use http::Uri;
use ipnet::IpNet;

use crate::{
    channel::webchat::WebChat,
    engine::Playbook,
    model::{Address, Event, EventKind},
    outbox::{ChannelHandle, Channels},
    setting::Secret,
    source::Source,
    webhook::standard::SigningKey,
};

/// One configuration.
pub struct InForce {
    pub playbook: Playbook,
    /// By id, as are all below.
    pub channels: BTreeMap<String, Arc<ChannelHandle>>,
    /// What reads reports of orders; its webhooks arrive at `/hooks/<id>` like a channel's.
    pub sources: BTreeMap<String, Arc<dyn Source>>,
    /// The unguessable path segment a webhook's URL must carry, for those that have one.
    pub gates: BTreeMap<String, Secret>,
    /// The channel that the page at `/chat/` talks to.
    pub web_chat: Option<Arc<WebChat>>,
    pub front: Front,
    pub owner: Owner,
    pub intake: Intake,
}

/// How the daemon is reached from outside.
#[derive(Clone, Debug, Default)]
pub struct Front {
    /// `https://chat.example`: the address in a browser, where a proxy hides it.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Front {
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}

/// Who is told when something needs a person.
#[derive(Default)]
pub struct Owner {
    pub addresses: Vec<Address>,
    pub webhook: Option<OwnerWebhook>,
    /// Whether notices are in Chinese; else they are in English.
    pub is_chinese: bool,
    /// Fewer bytes free on the disk of the data are trouble.
    pub disk_free_bytes: u64,
}

/// The owner's own webhook, signed as Standard Webhooks are.
pub struct OwnerWebhook {
    pub url: Uri,
    pub key: SigningKey,
    /// Whether it may be on this host or its private network.
    pub allow_private_targets: bool,
}

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Bytes of a body.
    pub body_limit: usize,
    pub body_timeout: Duration,
}

impl Default for Intake {
    fn default() -> Self {
        Self { body_limit: 1 << 20, body_timeout: Duration::from_secs(10) }
    }
}

/// The configuration in force now; load it once for each thing that is done with it.
pub type Current = Arc<ArcSwap<InForce>>;

impl InForce {
    /// A store without any way in or out yet.
    pub fn new(playbook: Playbook) -> Self {
        Self {
            playbook,
            channels: BTreeMap::new(),
            sources: BTreeMap::new(),
            gates: BTreeMap::new(),
            web_chat: None,
            front: Front::default(),
            owner: Owner::default(),
            intake: Intake::default(),
        }
    }

    /// How long the messages of an event are kept back for its webhook's own response; `None`: they are not.
    pub fn hold_ms(&self, event: &Event) -> Option<i64> {
        match event.kind {
            EventKind::Message(_) | EventKind::Opened { .. } | EventKind::Colleague(_) => {
                self.channels.get(&event.channel)?.hold_ms()
            }
            _ => None,
        }
    }

    /// Whether the channel of this id is the one that the page at `/chat/` talks to.
    pub fn is_web_chat(&self, id: &str) -> bool {
        self.web_chat.as_ref().is_some_and(|web_chat| web_chat.id() == id)
    }

    /// The shop that orders are of where nobody says of which.
    pub fn first_shop(&self) -> &str {
        self.sources.keys().min().map_or("shop", String::as_str)
    }

    /// Whether webhooks arrive under this name.
    pub fn listens(&self, id: &str) -> bool {
        self.channels.contains_key(id) || self.sources.contains_key(id)
    }
}

impl Channels for ArcSwap<InForce> {
    fn channel(&self, id: &str) -> Option<Arc<ChannelHandle>> {
        self.load().channels.get(id).cloned()
    }

    fn public_url(&self) -> Option<String> {
        self.load().front.public_url.clone()
    }
}
