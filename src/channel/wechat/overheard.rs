//! A plain message's signature covers no more than the time and a number, so whoever overheard one could put any words
//! under it while it is fresh. Each is good for the message that first came with it.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use lru::LruCache;

use crate::model::Event;

/// More come in five minutes to few accounts; of those, the oldest are forgotten.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(8192).unwrap();

/// Signatures that were used, each with the conversation and the message it was used for.
pub struct Overheard(Mutex<LruCache<String, (String, String)>>);

impl Default for Overheard {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Overheard {
    /// Whether this signature was used for another message than this; the platform repeats the same.
    pub fn is_reused(&self, signature: &str, event: &Event) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let this = || (event.address.chat.clone(), event.dedupe.clone());
        let (chat, dedupe) = used.get_or_insert_mut(signature.to_ascii_lowercase(), this);
        (&*chat, &*dedupe) != (&event.address.chat, &event.dedupe)
    }
}
