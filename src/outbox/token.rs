//! Access tokens: fetched when needed, kept for most of their life, fetched by one task at a time.
//!
//! One that the platform refuses before its time was as a rule replaced by another system of the shop: the current one is
//! asked for. Only where that is the refused one itself a new one is forced, which ends the token of everybody else: once
//! in `FORCED_APART`, and `FORCED_A_DAY` times a day (what WeChat allows), and then a person is needed.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    ChannelHandle,
    backoff::Backoff,
    renewals::{ASKED_A_DAY, Allowance, FORCED_A_DAY, FORCED_APART_MS, Renewals},
};
use crate::{
    channel::{Channel, TokenRequest},
    clock::{self, now_ms},
    egress,
};

/// A token is renewed this long before its end, or when a tenth of its life is left if that is less.
const LONGEST_MARGIN: Duration = Duration::from_secs(300);
const FORCED_APART: Duration = Duration::from_millis(FORCED_APART_MS.unsigned_abs());
/// So many tokens may be refused within `FORCED_APART` before the platform is left in peace for so long.
const REFUSED_IN_A_ROW: usize = 3;
/// No platform's token lives longer; keeps sums of times in range.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Why there is no token; texts never hold one, nor the URL it is asked for at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoToken {
    pub reason: String,
    /// When it is worth asking again.
    pub until: Instant,
}

/// Why there is none.
#[derive(Clone, Debug)]
pub enum TokenError {
    NotNow(NoToken),
    /// Not without a person.
    Refused(String),
}

pub struct Tokens {
    client: egress::Client,
    timeout: Duration,
    backoff: Backoff,
    slots: Mutex<HashMap<String, SlotOf>>,
    renewals: Renewals,
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
    /// The last one that the platform refused before its time.
    refused: Option<Arc<str>>,
    /// When tokens were refused of late.
    refusals: VecDeque<Instant>,
    failures: u32,
    failed: Option<NoToken>,
}

impl Tokens {
    pub fn new(client: egress::Client, timeout: Duration, backoff: Backoff, renewals: Renewals) -> Self {
        Self { client, timeout, backoff, slots: Mutex::default(), renewals }
    }

    /// The channel's token, fetched if need be; `None` for channels without.
    pub async fn get(&self, handle: &ChannelHandle) -> Result<Option<Arc<str>>, TokenError> {
        let Some(slot) = self.slot(handle) else { return Ok(None) };
        // Whoever comes while a token is being fetched waits here, and then finds it.
        let mut slot = slot.lock().await;
        let now = clock::instant();
        if let Some((token, good_until)) = &slot.token
            && *good_until > now
        {
            return Ok(Some(token.clone()));
        }
        if let Some(failed) = &slot.failed
            && failed.until > now
        {
            return Err(TokenError::NotNow(failed.clone()));
        }
        slot.refusals.retain(|at| now.saturating_duration_since(*at) < FORCED_APART);
        if slot.refusals.len() >= REFUSED_IN_A_ROW {
            return Err(slot.not_now("the platform refuses every token it gives".to_owned(), now + FORCED_APART));
        }
        if let Allowance::At(at_ms) = self.renewals.may_ask(&handle.id, now_ms()) {
            let reason = format!("{ASKED_A_DAY} tokens were asked for in a day: is the clerk restarted over and over?");
            return Err(slot.not_now(reason, instant_of(at_ms)));
        }
        let current = self.fetch(handle, false).await;
        let fetched = match (current, &slot.refused) {
            (Ok(Some((token, _))), Some(refused)) if token == **refused => {
                match self.renewals.may_force(&handle.id, now_ms()) {
                    Allowance::Now => self.fetch(handle, true).await,
                    Allowance::At(at_ms) => {
                        let reason = "the platform refuses its newest token, and may not be asked for another yet";
                        return Err(slot.not_now(reason.to_owned(), instant_of(at_ms)));
                    }
                    Allowance::Spent => {
                        return Err(TokenError::Refused(format!(
                            "the platform refuses its own tokens, and gave {FORCED_A_DAY} new ones in a day, which is all it \
                         gives: does another system of the shop fetch tokens for the same account?"
                        )));
                    }
                }
            }
            (fetched, _) => fetched,
        };
        match fetched {
            Ok(None) => Ok(None),
            Ok(Some((token, life))) => {
                let token: Arc<str> = token.into();
                let life = Duration::from_secs(life).min(LONGEST_LIFE);
                let good_until = clock::instant() + (life - LONGEST_MARGIN.min(life / 10));
                let refusals = std::mem::take(&mut slot.refusals);
                *slot = Slot { token: Some((token.clone(), good_until)), refusals, ..Slot::default() };
                Ok(Some(token))
            }
            Err(reason) => {
                slot.failures = slot.failures.saturating_add(1);
                tracing::warn!(channel = handle.id, reason, failures = slot.failures, "no access token");
                let until = clock::instant() + self.backoff.after(slot.failures);
                Err(slot.not_now(reason, until))
            }
        }
    }

    /// The platform refused this token; the next `get` fetches another, unless one was fetched meanwhile.
    pub async fn refused(&self, handle: &ChannelHandle, token: &str) {
        let Some(slot) = self.slot(handle) else { return };
        let mut slot = slot.lock().await;
        if let Some((current, _)) = slot.token.take_if(|(current, _)| **current == *token) {
            slot.refused = Some(current);
            slot.refusals.push_back(clock::instant());
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

    /// `None` for channels without tokens.
    async fn fetch(&self, handle: &ChannelHandle, force: bool) -> Result<Option<(String, u64)>, String> {
        let Some(token): Option<TokenRequest> = handle.channel.token(force) else { return Ok(None) };
        let response = self.client.send(token.request, handle.allow_private_targets, self.timeout).await;
        let response = response.map_err(|error| error.to_string())?;
        // Some platforms explain a refusal with a 200, some with a status; `parse` reads either.
        (token.parse)(response.body())
            .map(Some)
            .map_err(|reason| format!("{reason} (HTTP {})", response.status().as_u16()))
    }
}

/// When the wall clock will show this.
fn instant_of(at_ms: i64) -> Instant {
    clock::instant() + Duration::from_millis(at_ms.saturating_sub(now_ms()).max(0).unsigned_abs())
}

impl Slot {
    fn not_now(&mut self, reason: String, until: Instant) -> TokenError {
        let failed = NoToken { reason, until };
        self.failed = Some(failed.clone());
        TokenError::NotNow(failed)
    }
}
