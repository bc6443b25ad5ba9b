//! Key-value writes that were decided but are not durable yet, so that the next decision sees them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::model::{KvWrite, Version, Versioned};

/// Shared by all lanes, because a plugin's keys belong to no conversation.
#[derive(Clone, Default)]
pub struct Drafts(Arc<Mutex<HashMap<(String, String), Draft>>>);

struct Draft {
    entry: Versioned<Vec<u8>>,
    writers: usize,
}

impl Drafts {
    /// Notes what a decision of this version writes.
    pub fn stage(&self, writes: &[KvWrite], version: Version) {
        if writes.is_empty() {
            return;
        }
        let mut drafts = self.lock();
        for write in writes {
            let draft = drafts
                .entry((write.plugin.clone(), write.key.clone()))
                .or_insert(Draft { entry: Versioned::none(), writers: 0 });
            draft.entry = match &write.value {
                Some(value) => Versioned::new(value.clone(), version),
                None => Versioned::none(),
            };
            draft.writers += 1;
        }
    }

    /// Forgets writes that are durable now, or that failed.
    pub fn release(&self, writes: &[(String, String)]) {
        if writes.is_empty() {
            return;
        }
        let mut drafts = self.lock();
        for key in writes {
            if let Some(draft) = drafts.get_mut(key) {
                draft.writers -= 1;
                if draft.writers == 0 {
                    drafts.remove(key);
                }
            }
        }
    }

    pub fn get(&self, plugin: &str, key: &str) -> Option<Versioned<Vec<u8>>> {
        let drafts = self.lock();
        if drafts.is_empty() {
            return None;
        }
        drafts.get(&(plugin.to_owned(), key.to_owned())).map(|draft| draft.entry.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), Draft>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
