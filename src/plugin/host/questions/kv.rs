//! The capability `kv`: the plugin's own keys. What a call writes is staged, so that it reads what it wrote, and is
//! committed with the event.

use std::collections::{BTreeMap, BTreeSet};

use super::{super::text::line, Answer};
use crate::{
    model::{HookCall, KvWrite},
    plugin::{
        contract::{Capability, LIMITS, world::kv},
        host::guest::{ASKED, Guest},
    },
};

/// What a call wrote to its keys so far.
#[derive(Default)]
pub struct StagedKeys {
    writes: BTreeMap<String, StagedWrite>,
    /// How many of them were written one by one.
    written: usize,
    /// How many bytes more, or fewer, are kept than before the call.
    grown: i64,
}

#[derive(Clone)]
struct StagedWrite {
    /// `None`: deleted.
    value: Option<Vec<u8>>,
    expires_ms: Option<i64>,
}

impl StagedKeys {
    /// The writes to be committed.
    pub fn into_writes(self, plugin: &str) -> Vec<KvWrite> {
        let write =
            |(key, StagedWrite { value, expires_ms })| KvWrite { plugin: plugin.to_owned(), key, value, expires_ms };
        self.writes.into_iter().map(write).collect()
    }
}

impl kv::Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Answer<Option<Vec<u8>>>> {
        self.answer(
            format!("kv.get `{}`", line(&key)),
            &Capability::Kv,
            |guest| {
                check_key(&key)?;
                Ok(guest.kept(&key))
            },
            |found| found.as_ref().map_or("none".to_owned(), |value| format!("{} bytes", value.len())),
        )
    }

    fn set(&mut self, key: String, value: Vec<u8>, expires_ms: Option<i64>) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv.set `{}`, {} bytes", line(&key), value.len());
        let write = StagedWrite { value: Some(value), expires_ms };
        self.answer(question, &Capability::Kv, |guest| guest.stage(key, write), |()| "staged".to_owned())
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv.delete `{}`", line(&key));
        let write = StagedWrite { value: None, expires_ms: None };
        self.answer(question, &Capability::Kv, |guest| guest.stage(key, write), |()| "staged".to_owned())
    }

    fn keys(&mut self, prefix: String, after: String, limit: u32) -> wasmtime::Result<Answer<Vec<String>>> {
        self.answer(
            format!("kv.keys `{}` after `{}`", line(&prefix), line(&after)),
            &Capability::Kv,
            |guest| Ok(guest.keys_with(&prefix, &after, limit.min(LIMITS.keys_page) as usize)),
            |found| found.len().to_string(),
        )
    }

    fn delete_prefix(&mut self, prefix: String) -> wasmtime::Result<Answer<u32>> {
        self.answer(
            format!("kv.delete-prefix `{}`", line(&prefix)),
            &Capability::Kv,
            |guest| {
                let found = guest.keys_with(&prefix, "", LIMITS.deletes_by_prefix as usize);
                let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
                for key in found {
                    guest.put(key, StagedWrite { value: None, expires_ms: None });
                }
                Ok(count)
            },
            |count| format!("{count} staged"),
        )
    }

    fn compare_and_set(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        expires_ms: Option<i64>,
    ) -> wasmtime::Result<Answer<bool>> {
        self.answer(
            format!("kv.compare-and-set `{}`", line(&key)),
            &Capability::Kv,
            |guest| {
                check_key(&key)?;
                if guest.kept(&key) != expected {
                    return Ok(false);
                }
                guest.stage(key, StagedWrite { value, expires_ms }).map(|()| true)
            },
            |done| if *done { "staged".to_owned() } else { "it is another value".to_owned() },
        )
    }
}

impl Guest {
    /// The value of a key as the call sees it.
    fn kept(&self, key: &str) -> Option<Vec<u8>> {
        ASKED.with(|asked| {
            let now = |value: &Option<Vec<u8>>, expires_ms: Option<i64>| {
                value.clone().filter(|_| expires_ms.is_none_or(|at| at > asked.now_ms))
            };
            if let Some(write) = self.keys.writes.get(key) {
                return now(&write.value, write.expires_ms);
            }
            match earlier(asked, self.seat.name()).rev().find(|write| write.key == key) {
                Some(write) => now(&write.value, write.expires_ms),
                None => asked.lookups.kv(self.seat.name(), key),
            }
        })
    }

    /// Keys from the store, less what was deleted, with what was written since.
    fn keys_with(&self, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        ASKED.with(|asked| {
            let plugin = self.seat.name();
            let mut changed: BTreeSet<&str> = earlier(asked, plugin).map(|write| write.key.as_str()).collect();
            changed.extend(self.keys.writes.keys().map(String::as_str));
            changed.retain(|key| key.starts_with(prefix) && *key > after);
            // As many more as may have been deleted, so that enough remain.
            let stored = asked.lookups.kv_keys(plugin, prefix, after, limit.saturating_add(changed.len()));
            let mut keys: BTreeSet<String> = stored.into_iter().filter(|key| !changed.contains(key.as_str())).collect();
            keys.extend(changed.iter().filter(|key| self.kept(key).is_some()).map(|key| (*key).to_owned()));
            keys.into_iter().take(limit).collect()
        })
    }

    /// Stages a write, if it is within the limits.
    fn stage(&mut self, key: String, write: StagedWrite) -> Answer<()> {
        check_key(&key)?;
        let value_bytes = write.value.as_ref().map_or(0, Vec::len);
        if value_bytes > LIMITS.value_bytes {
            return Err(format!("the value has {value_bytes} bytes; {} are allowed", LIMITS.value_bytes));
        }
        let is_new = !self.keys.writes.contains_key(&key);
        if is_new && self.keys.written >= LIMITS.writes {
            return Err(format!("one call may write {} keys", LIMITS.writes));
        }
        if write.value.is_some() {
            let plugin = self.seat.name();
            let kept = ASKED.with(|asked| {
                let earlier =
                    earlier(asked, plugin).filter_map(|write| Some(write.key.len() + write.value.as_ref()?.len()));
                asked.lookups.kv_size(plugin).saturating_add(earlier.sum::<usize>() as u64)
            });
            let grown = self.keys.grown.saturating_add(self.growth(&key, &write));
            if kept.saturating_add_signed(grown) > self.seat.keep_bytes {
                let allowed = self.seat.keep_bytes;
                return Err(format!("a plugin may keep {allowed} bytes here; delete some first, or let them expire"));
            }
        }
        self.keys.written += usize::from(is_new);
        self.put(key, write);
        Ok(())
    }

    fn put(&mut self, key: String, write: StagedWrite) {
        self.keys.grown = self.keys.grown.saturating_add(self.growth(&key, &write));
        self.keys.writes.insert(key, write);
    }

    /// How many bytes more are kept with a write than before it.
    fn growth(&self, key: &str, write: &StagedWrite) -> i64 {
        let bytes = |value: Option<&[u8]>| {
            value.map_or(0, |value| i64::try_from(key.len().saturating_add(value.len())).unwrap_or(i64::MAX))
        };
        bytes(write.value.as_deref()).saturating_sub(bytes(self.kept(key).as_deref()))
    }
}

/// What this plugin wrote earlier in the same decision.
fn earlier<'a>(asked: &HookCall<'a>, plugin: &str) -> impl DoubleEndedIterator<Item = &'a KvWrite> {
    asked.written.iter().filter(move |write| write.plugin == plugin)
}

fn check_key(key: &str) -> Answer<()> {
    let longest = LIMITS.key_bytes;
    if key.is_empty() || key.len() > longest { Err(format!("a key takes 1 to {longest} bytes")) } else { Ok(()) }
}
