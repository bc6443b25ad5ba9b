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

use super::{ChannelHandle, backoff::Backoff};
use crate::{
    channel::{Channel, TokenRequest},
    egress,
};

/// A token is renewed this long before its end, or when a tenth of its life is left if that is less.
const LONGEST_MARGIN: Duration = Duration::from_secs(300);
const FORCED_APART: Duration = Duration::from_secs(30);
const FORCED_A_DAY: usize = 20;
const DAY: Duration = Duration::from_secs(24 * 3600);
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
    /// When tokens were forced, by channel; other settings do not give it another account's allowance.
    forced: Mutex<HashMap<String, VecDeque<Instant>>>,
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
    pub fn new(client: egress::Client, timeout: Duration, backoff: Backoff) -> Self {
        Self { client, timeout, backoff, slots: Mutex::default(), forced: Mutex::default() }
    }

    /// The channel's token, fetched if need be; `None` for channels without.
    pub async fn get(&self, handle: &ChannelHandle) -> Result<Option<Arc<str>>, TokenError> {
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
            return Err(TokenError::NotNow(failed.clone()));
        }
        slot.refusals.retain(|at| now.saturating_duration_since(*at) < FORCED_APART);
        if slot.refusals.len() >= REFUSED_IN_A_ROW {
            return Err(slot.not_now("the platform refuses every token it gives".to_owned(), now + FORCED_APART));
        }
        let current = self.fetch(handle, false).await;
        let fetched = match (current, &slot.refused) {
            (Ok(Some((token, _))), Some(refused)) if token == **refused => match self.may_force(&handle.id, now) {
                Allowance::Now => self.fetch(handle, true).await,
                Allowance::At(until) => {
                    let reason = "the platform refuses its newest token, and may not be asked for another yet";
                    return Err(slot.not_now(reason.to_owned(), until));
                }
                Allowance::Spent => {
                    return Err(TokenError::Refused(format!(
                        "the platform refuses its own tokens, and gave {FORCED_A_DAY} new ones in a day, which is all it \
                         gives: does another system of the shop fetch tokens for the same account?"
                    )));
                }
            },
            (fetched, _) => fetched,
        };
        match fetched {
            Ok(None) => Ok(None),
            Ok(Some((token, life))) => {
                let token: Arc<str> = token.into();
                let life = Duration::from_secs(life).min(LONGEST_LIFE);
                let good_until = Instant::now() + (life - LONGEST_MARGIN.min(life / 10));
                let refusals = std::mem::take(&mut slot.refusals);
                *slot = Slot { token: Some((token.clone(), good_until)), refusals, ..Slot::default() };
                Ok(Some(token))
            }
            Err(reason) => {
                slot.failures = slot.failures.saturating_add(1);
                tracing::warn!(channel = handle.id, reason, failures = slot.failures, "no access token");
                let until = Instant::now() + self.backoff.after(slot.failures);
                Err(slot.not_now(reason, until))
            }
        }
    }

    /// Whether the platform may be asked for another token in place of its current one; counted as if it is.
    fn may_force(&self, channel: &str, now: Instant) -> Allowance {
        let mut forced = self.forced.lock().unwrap_or_else(PoisonError::into_inner);
        let times = forced.entry(channel.to_owned()).or_default();
        times.retain(|at| now.saturating_duration_since(*at) < DAY);
        match times.back() {
            Some(last) if now.saturating_duration_since(*last) < FORCED_APART => Allowance::At(*last + FORCED_APART),
            _ if times.len() >= FORCED_A_DAY => Allowance::Spent,
            _ => {
                times.push_back(now);
                Allowance::Now
            }
        }
    }

    /// The platform refused this token; the next `get` fetches another, unless one was fetched meanwhile.
    pub async fn refused(&self, handle: &ChannelHandle, token: &str) {
        let Some(slot) = self.slot(handle) else { return };
        let mut slot = slot.lock().await;
        if let Some((current, _)) = slot.token.take_if(|(current, _)| **current == *token) {
            slot.refused = Some(current);
            slot.refusals.push_back(Instant::now());
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

enum Allowance {
    Now,
    At(Instant),
    Spent,
}

impl Slot {
    fn not_now(&mut self, reason: String, until: Instant) -> TokenError {
        let failed = NoToken { reason, until };
        self.failed = Some(failed.clone());
        TokenError::NotNow(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_forced_half_a_minute_apart_and_twenty_times_a_day() {
        let backoff = Backoff { first: Duration::from_secs(1), max: Duration::from_secs(1) };
        let tokens = Tokens::new(egress::Client::default(), Duration::from_secs(1), backoff);
        let start = Instant::now();
        let ask = |seconds: u64| match tokens.may_force("wx", start + Duration::from_secs(seconds)) {
            Allowance::Now => "now",
            Allowance::At(at) if at == start + Duration::from_secs(30) => "in half a minute",
            Allowance::At(_) => "later",
            Allowance::Spent => "spent",
        };
        assert_eq!((ask(0), ask(1), ask(29)), ("now", "in half a minute", "in half a minute"));
        for number in 1..20 {
            assert_eq!(ask(number * 30), "now", "{number}");
        }
        assert_eq!((ask(600), ask(86_399)), ("spent", "spent"));
        tokens.forget("wx");
        assert_eq!(ask(86_399), "spent", "other settings give no other allowance");
        assert_eq!(ask(86_401), "now", "a day after the first");
    }
}
