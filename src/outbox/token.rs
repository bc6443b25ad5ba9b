//! Access tokens: fetched when needed, kept for most of their life, fetched by one task at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{ChannelHandle, backoff::Backoff};
use crate::{
    channel::{Channel, TokenRequest},
    egress,
};

/// A token is renewed this long before its end, or when a tenth of its life is left if that is less.
const LONGEST_MARGIN: Duration = Duration::from_secs(300);
/// No platform's token lives longer; keeps sums of times in range.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Why there is no token; texts never hold one, nor the URL it is asked for at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoToken {
    pub reason: String,
    /// When it is worth asking again.
    pub until: Instant,
}

pub struct Tokens {
    client: egress::Client,
    timeout: Duration,
    backoff: Backoff,
    slots: Mutex<HashMap<String, SlotOf>>,
}

struct SlotOf {
    /// As it was when the slot was made.
    channel: Arc<dyn Channel>,
    slot: SharedSlot,
}

type SharedSlot = Arc<tokio::sync::Mutex<Slot>>;

#[derive(Default)]
struct Slot {
    /// Good until then.
    token: Option<(Arc<str>, Instant)>,
    /// The platform refused the last one before its time.
    refused: bool,
    failures: u32,
    failed: Option<NoToken>,
}

impl Tokens {
    pub fn new(client: egress::Client, timeout: Duration, backoff: Backoff) -> Self {
        Self { client, timeout, backoff, slots: Mutex::default() }
    }

    /// The channel's token, fetched if need be; `None` for channels without.
    pub async fn get(&self, handle: &ChannelHandle) -> Result<Option<Arc<str>>, NoToken> {
        let Some(slot) = self.slot(handle) else { return Ok(None) };
        // Whoever comes while a token is being fetched waits here, and then finds it.
        let mut slot = slot.lock().await;
        let now = Instant::now();
        if let Some((token, good_until)) = &slot.token
            && *good_until > now
        {
            return Ok(Some(token.clone()));
        }
        if let Some(failed) = &slot.failed
            && failed.until > now
        {
            return Err(failed.clone());
        }
        let Some(request) = handle.channel.token(slot.refused) else { return Ok(None) };
        match self.fetch(handle, request).await {
            Ok((token, life)) => {
                let token: Arc<str> = token.into();
                let life = Duration::from_secs(life).min(LONGEST_LIFE);
                let good_until = Instant::now() + (life - LONGEST_MARGIN.min(life / 10));
                *slot = Slot { token: Some((token.clone(), good_until)), ..Slot::default() };
                Ok(Some(token))
            }
            Err(reason) => {
                slot.failures = slot.failures.saturating_add(1);
                tracing::warn!(channel = handle.id, reason, failures = slot.failures, "no access token");
                let failed = NoToken { reason, until: Instant::now() + self.backoff.after(slot.failures) };
                slot.failed = Some(failed.clone());
                Err(failed)
            }
        }
    }

    /// The platform refused this token; the next `get` fetches another, unless one was fetched meanwhile.
    pub async fn refused(&self, handle: &ChannelHandle, token: &str) {
        let Some(slot) = self.slot(handle) else { return };
        let mut slot = slot.lock().await;
        if slot.token.as_ref().is_some_and(|(current, _)| **current == *token) {
            slot.token = None;
            slot.refused = true;
        }
    }

    /// Forgets what is known of a channel, because its settings may have changed.
    pub fn forget(&self, channel: &str) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(channel);
    }

    /// The channel's slot, a new one when its settings were replaced; `None` for channels without tokens.
    fn slot(&self, handle: &ChannelHandle) -> Option<SharedSlot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        match slots.get(&handle.id) {
            Some(known) if Arc::ptr_eq(&known.channel, &handle.channel) => Some(known.slot.clone()),
            _ => {
                handle.channel.token(false)?;
                let slot = SharedSlot::default();
                let known = SlotOf { channel: handle.channel.clone(), slot: slot.clone() };
                slots.insert(handle.id.clone(), known);
                Some(slot)
            }
        }
    }

    async fn fetch(&self, handle: &ChannelHandle, token: TokenRequest) -> Result<(String, u64), String> {
        let response = self.client.send(token.request, handle.allow_private_targets, self.timeout).await;
        let response = response.map_err(|error| error.to_string())?;
        // Some platforms explain a refusal with a 200, some with a status; `parse` reads either.
        (token.parse)(response.body()).map_err(|reason| format!("{reason} (HTTP {})", response.status().as_u16()))
    }
}
