//! The second version of a plugin: for whom it answers, what it is counted by, and when it stops.

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lru::LruCache;
use sha2::{Digest as _, Sha256};

use super::{
    super::{
        cache::Digest,
        convert::customer_id,
        outcome::Outcome,
        seat::{PluginEntry, Seat},
        version::{Seated, Version},
    },
    state::{self, Back, State, Which},
    tally::{Reason, goes_back},
};
use crate::{
    model::{Address, Failure, Hook, HookCall, TraceId},
    plugin::contract::PluginError,
};

/// Events that are remembered, since one may be decided more than once, and conversations that were answered lately.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(8192).unwrap();
/// What a customer says so long after an answer is still about it.
const ABOUT_IT_MS: i64 = 30 * 60_000;

/// The second version of a plugin.
pub struct Shadow {
    /// Its file in the plugins folder.
    pub file: String,
    /// What `plugins.toml` says of the plugin.
    entry: PluginEntry,
    /// Of the version in place.
    in_place: Digest,
    /// As it is called where nobody hears it.
    pub(super) unheard: Seated,
    /// As it is called where it answers.
    answering: Seated,
    /// Where what is known of it is kept.
    path: PathBuf,
    state: Mutex<State>,
    lately: Mutex<Lately>,
}

/// What is forgotten with the process.
struct Lately {
    /// Counted already.
    events: LruCache<(TraceId, Hook), ()>,
    answered: LruCache<Address, Heard>,
}

/// What a customer heard of a plugin, of late.
#[derive(Clone, Copy)]
struct Heard {
    of: Which,
    first_ms: i64,
    last_ms: i64,
}

impl Shadow {
    /// `before`: the same plugin's second version until now, whose counts go on where it is the same file.
    ///
    /// # Errors
    /// The entry's settings are not this version's.
    pub fn new(
        file: String,
        entry: &PluginEntry,
        version: Version,
        in_place: &Version,
        path: PathBuf,
        before: Option<&Self>,
    ) -> Result<Self, PluginError> {
        let seat = Seat::new(&version.manifest, entry)?;
        let (second, live) = (hex::encode(version.digest), hex::encode(in_place.digest));
        let known = before.map_or_else(|| State::read(&path), |before| before.lock().clone());
        let version = Arc::new(version);
        let unheard = Arc::new(seat.unheard());
        Ok(Self {
            file,
            entry: entry.clone(),
            in_place: in_place.digest,
            unheard: Seated { version: version.clone(), seat: unheard },
            answering: Seated { version, seat: Arc::new(seat) },
            path,
            state: Mutex::new(known.going_on(&live, &second)),
            lately: Mutex::new(Lately { events: LruCache::new(REMEMBERED), answered: LruCache::new(REMEMBERED) }),
        })
    }

    /// Whether there is nothing to do for this file, entry and version in place.
    pub fn is_of(&self, file: &str, digest: &Digest, entry: &PluginEntry, in_place: &Version) -> bool {
        self.file == file
            && self.version().digest == *digest
            && self.entry == *entry
            && self.in_place == in_place.digest
    }

    pub fn version(&self) -> &Version {
        &self.answering.version
    }

    pub fn share(&self) -> u8 {
        self.entry.canary.min(100)
    }

    /// Why it does not answer any more, if it did.
    pub fn back(&self) -> Option<Back> {
        self.lock().back.clone()
    }

    pub(super) fn name(&self) -> &str {
        self.answering.seat.name()
    }

    /// The version that answers a call, where this is it: for a stable part of the contacts, as long as it does no worse.
    pub fn answering(&self, call: &HookCall<'_>) -> Option<&Seated> {
        let address = call.customer?.address;
        let answers =
            self.is_for(address) && self.version().hooks.contains(&call.moment.hook()) && self.lock().back.is_none();
        answers.then_some(&self.answering)
    }

    /// By what the customer is called, and nothing else: every daemon, at every time, gives the same.
    fn is_for(&self, address: &Address) -> bool {
        if self.share() == 0 {
            return false;
        }
        let hash = Sha256::digest(format!("{}\0{}", self.name(), customer_id(address)));
        let number = hash.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
        number % 100 < u32::from(self.share())
    }

    /// It has answered itself. Whether it was for the last time.
    pub fn answered(&self, call: &HookCall<'_>, result: &Result<Outcome, Failure>, took: Duration) -> bool {
        let counts = self.counts(call);
        if counts {
            self.count(Which::Second, call, result, took);
        }
        counts && self.judge(call.now_ms)
    }

    /// Whether a customer was answered by a plugin with a canary, so that their next words may be about that.
    pub fn awaits_word_of(&self, address: &Address) -> bool {
        self.share() > 0 && self.recent().answered.peek(address).is_some()
    }

    /// The customer asks for a person, or complains. Whether the second version answers no more for it.
    pub fn contradicted(&self, address: &Address, now_ms: i64) -> bool {
        let about = {
            let mut lately = self.recent();
            // Their first words are about nothing.
            let is_about = |it: &&Heard| it.first_ms < now_ms && now_ms - it.last_ms <= ABOUT_IT_MS;
            let about = lately.answered.peek(address).filter(is_about).copied();
            if about.is_some() {
                lately.answered.pop(address);
            }
            about
        };
        let Some(heard) = about else { return false };
        self.change(|state| state.side_mut(heard.of).contradicted += 1);
        self.judge(now_ms)
    }

    /// Forgets the keys that hold the name of a customer.
    pub fn forget(&self, customer_id: &str) {
        self.change(|state| Arc::make_mut(&mut state.keys).retain(|key, _| !key.contains(customer_id)));
        self.keep();
    }

    /// Writes down what is known, if that is more than was written.
    pub fn keep(&self) {
        let text = {
            let mut state = self.lock();
            if !std::mem::take(&mut state.is_changed) {
                return;
            }
            serde_json::to_vec(&*state)
        };
        let written = text.map_err(std::io::Error::other).and_then(|text| state::write(&self.path, &text));
        if let Err(error) = written {
            tracing::warn!(%error, plugin = self.name(), "what is known of its second version cannot be kept");
        }
    }

    /// Forgets what is kept of a plugin's second version.
    pub fn drop_kept(path: &std::path::Path) {
        // What stays is not read: it is of another file.
        let _ = std::fs::remove_file(path);
    }

    /// Whether this event is counted: the first time it is decided, or where nobody knows which it is.
    pub(super) fn counts(&self, call: &HookCall<'_>) -> bool {
        let Some(event) = call.event else { return true };
        self.recent().events.put((event, call.moment.hook()), ()).is_none()
    }

    pub(super) fn count(&self, which: Which, call: &HookCall<'_>, result: &Result<Outcome, Failure>, took: Duration) {
        let is_new = match (call.customer, result) {
            (Some(customer), Ok(outcome)) if self.share() > 0 && outcome.speaks() => {
                let mut lately = self.recent();
                let known = lately.answered.get(customer.address).copied();
                let known = known.filter(|it| it.of == which && call.now_ms - it.last_ms <= ABOUT_IT_MS);
                let first_ms = known.map_or(call.now_ms, |it| it.first_ms);
                lately.answered.put(customer.address.clone(), Heard { of: which, first_ms, last_ms: call.now_ms });
                known.is_none()
            }
            _ => false,
        };
        self.change(|state| {
            let side = state.side_mut(which);
            side.count(result.as_ref().err(), took);
            side.answered += u64::from(is_new);
        });
    }

    /// Lets it answer no more, where it does worse, and says whether it did so now.
    fn judge(&self, now_ms: i64) -> bool {
        let reason: Reason = {
            let mut state = self.lock();
            if state.back.is_some() {
                return false;
            }
            let Some(reason) = goes_back(&state.in_place, &state.canary) else { return false };
            state.back = Some(Back { at_ms: now_ms, why: reason.to_string() });
            state.is_changed = true;
            reason
        };
        tracing::error!(plugin = self.name(), "the second version answers no more: {reason}");
        self.keep();
        true
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.is_changed = true;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self) -> MutexGuard<'_, Lately> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
