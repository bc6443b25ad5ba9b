//! The outbox: delivers committed messages, those of one conversation in order, different conversations in
//! parallel.
//!
//! Delivery is *at least once*. A message counts as sent when the store has written that down; a daemon killed
//! between the platform's answer and that write sends it again at the next start, with the same key, so that a
//! platform with idempotency keys drops the copy. While the daemon runs, a message of unknown fate follows the
//! request's own `Uncertain` policy. A platform that is away costs a message nothing but time: it is tried for hours, and
//! what waits leaves as soon as something gets through again.
//!
//! `queue` decides what may leave, `courier` makes one attempt, for which `porter` brings what a message carries from
//! another platform, `dispatcher` runs them, `settler` writes down what came of it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    bell::Listener,
    channel::Channel,
    egress,
    model::{Address, Carried},
    pictures::Kind,
    store::{Queued, Store},
};

mod backoff;
mod courier;
mod dispatcher;
mod meters;
mod moves;
mod porter;
mod queue;
mod renewals;
mod settler;
#[cfg(test)]
mod tests;
mod token;

use backoff::Backoff;
use courier::Courier;
use dispatcher::Dispatcher;
use meters::Meters;
use moves::Moves;
pub use porter::Folder;
use porter::Porter;
pub use renewals::Renewals;
use token::Tokens;

/// A configured channel.
pub struct ChannelHandle {
    /// Its name in the configuration, and in addresses.
    pub id: String,
    pub channel: Arc<dyn Channel>,
    /// Whether its requests may go to this host and its private network.
    pub allow_private_targets: bool,
    /// Messages per second, where the store's owner wants another limit than the platform's.
    pub per_second: Option<u32>,
}

/// How long a reply is kept back for the webhook's own response before it goes out another way: the
/// platforms that take one there repeat an unanswered request for about this long.
const HOLD_MS: i64 = 15_000;

impl ChannelHandle {
    /// How long the messages of an event are kept back for its webhook's own response, where the platform takes one there.
    pub fn hold_ms(&self) -> Option<i64> {
        self.channel.capabilities().answers_in_response.then_some(HOLD_MS)
    }

    /// Messages per second; 0 for no limit.
    fn rate(&self) -> u32 {
        self.per_second.unwrap_or_else(|| self.channel.capabilities().per_second)
    }
}

/// The channels in force. Asked for each message anew, so that a change of the configuration holds at once.
pub trait Channels: Send + Sync {
    fn channel(&self, id: &str) -> Option<Arc<ChannelHandle>>;

    /// Where platforms reach the daemon: `https://clerk.example`.
    fn public_url(&self) -> Option<String> {
        None
    }
}

/// Takes messages that do not leave the daemon (`Rendered::Local`).
pub trait LocalDelivery: Send + Sync {
    /// Called once the message is committed; must not block.
    fn deliver(&self, message: &Queued);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxSettings {
    /// After so many attempts at what the platform refuses, a message becomes a dead letter.
    pub max_attempts: u32,
    /// How long a message is tried while the platform is away, whatever the number of attempts.
    pub keep_trying_ms: i64,
    /// The longest wait after the first failed attempt; doubles with each.
    pub first_backoff_ms: u64,
    pub max_backoff_ms: u64,
    /// From resolving the name to the last byte of the answer.
    pub request_timeout_ms: u64,
    /// Messages under way at once; one channel gets at most three quarters.
    pub max_in_flight: usize,
}

impl Default for OutboxSettings {
    fn default() -> Self {
        Self {
            max_attempts: 10,
            keep_trying_ms: 24 * 3_600_000,
            first_backoff_ms: 1000,
            max_backoff_ms: 300_000,
            request_timeout_ms: 15_000,
            max_in_flight: 256,
        }
    }
}

impl OutboxSettings {
    fn backoff(&self) -> Backoff {
        Backoff { first: Duration::from_millis(self.first_backoff_ms), max: Duration::from_millis(self.max_backoff_ms) }
    }
}

/// Clones are the same outbox.
#[derive(Clone)]
pub struct Outbox(Arc<Dispatcher>);

impl Outbox {
    /// Starts delivering, first what an earlier run left in the store. Must be called inside a tokio runtime,
    /// and before anything is committed that will be enqueued.
    pub fn start(
        store: Arc<dyn Store>,
        channels: Arc<dyn Channels>,
        local: Arc<dyn LocalDelivery>,
        folder: Folder,
        settings: OutboxSettings,
        renewals: Renewals,
    ) -> Self {
        let client = egress::Client::default();
        let timeout = Duration::from_millis(settings.request_timeout_ms);
        let tokens = Tokens::new(client.clone(), timeout, settings.backoff(), renewals);
        let moves = Arc::new(Moves::of(store.clone()));
        let porter = Porter::new(folder, channels.clone(), timeout);
        let courier = Courier { client, tokens, local, porter, timeout, moves, meters: Meters::default() };
        Self(Dispatcher::start(store, channels, courier, &settings))
    }

    /// Takes messages that are committed. One that is here already, or not pending, is ignored.
    pub fn enqueue(&self, messages: Vec<Queued>) {
        self.0.enqueue(messages);
    }

    /// Takes a message that is held back (`not_before_ms`) out of the outbox, so that its webhook's response can
    /// carry it: whoever gets `true` must settle it, or enqueue it again. False if it is not held (any more).
    /// To be called after the message was enqueued.
    pub fn claim(&self, id: i64) -> bool {
        self.0.claim(id)
    }

    /// Lets messages leave that are held back.
    pub fn release(&self, ids: impl IntoIterator<Item = i64>) {
        self.0.release(ids);
    }

    /// The conversation's own name for a chat that the platform gave another id.
    pub fn home_of(&self, address: &Address) -> Option<Address> {
        self.0.home_of(address)
    }

    /// Drops what waits for an address, because its customer is forgotten.
    pub fn forget(&self, address: &Address) {
        self.0.forget(address);
    }

    /// Channels from which nothing leaves, each with the reason: stopped, or without an access token for now.
    pub fn stopped_channels(&self) -> Vec<(String, String)> {
        self.0.halted()
    }

    /// Rung when messages are done with, in the store too.
    pub fn settlements(&self) -> Listener {
        self.0.bells().settled.listen()
    }

    /// Whether it may be that a message to this address has arrived, and the store does not know it yet.
    pub fn is_unsettled(&self, address: &Address) -> bool {
        self.0.is_unsettled(address)
    }

    /// Rung when a message was given up or a channel stopped.
    pub fn troubles(&self) -> Listener {
        self.0.bells().troubled.listen()
    }

    /// A platform took a message, and said later that it could not deliver it.
    pub fn failed_after_all(&self) {
        self.0.bells().troubled.ring();
    }

    /// When the oldest message was committed that waits in memory; older ones are read from the store first.
    pub fn oldest_ms(&self) -> Option<i64> {
        self.0.oldest_ms()
    }

    /// Lets nothing of a channel leave for so long, or until it is resumed: its platform said so.
    pub fn hold_channel(&self, id: &str, reason: String, time: Option<Duration>) {
        self.0.hold(id, reason, time);
    }

    /// Where a conversation's messages go, if that is not its name.
    pub fn now_at(&self, address: &Address) -> Option<String> {
        self.0.now_at(address)
    }

    /// From now on this conversation's messages go to that chat.
    pub fn found_at(&self, address: &Address, chat: &str) {
        self.0.found_at(address, chat);
    }

    /// What was sent on a channel, for whoever looks at it in the clerk's own pages.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    pub async fn fetch(&self, carried: &Carried) -> Result<(Kind, Bytes), String> {
        self.0.fetch(carried).await
    }

    /// Tries once to say something that is kept nowhere: what must get out also where nothing can be written.
    ///
    /// # Errors
    /// Why it did not arrive, in words.
    pub async fn tell(&self, address: &Address, text: &str, key: &str) -> Result<(), String> {
        self.0.tell(address, text, key).await
    }

    /// Lets a stopped channel's messages leave again; whether there is such a channel.
    pub fn resume_channel(&self, id: &str) -> bool {
        self.0.resume(id)
    }

    /// Goes on for up to `grace` with what can be sent now, finishes what is under way, and stops. Returns how
    /// many messages wait in the store for the next start.
    pub async fn drain(&self, grace: Duration) -> usize {
        self.0.drain(grace).await
    }
}
