//! A plugin's keys as one call sees them: what the store keeps, what was decided earlier, and what the call wrote
//! itself, which is committed with the event.

use std::collections::BTreeMap;

use crate::{
    model::{HookCall, KvWrite, is_there, laid_over},
    plugin::contract::LIMITS,
};

/// Whose keys they are, and what else is known of them.
pub struct Space<'a> {
    pub plugin: &'a str,
    /// Bytes of keys and values it may keep.
    pub keep_bytes: u64,
    pub asked: &'a HookCall<'a>,
}

/// What a call wrote to its keys so far.
#[derive(Default)]
pub struct StagedKeys {
    writes: BTreeMap<String, Write>,
    /// How many of them were written one by one.
    written: usize,
    /// How many bytes more, or fewer, are kept than before the call.
    grown: i64,
}

/// A value to be kept until then; `None` deletes.
#[derive(Default)]
pub struct Write {
    pub value: Option<Vec<u8>>,
    pub expires_ms: Option<i64>,
}

impl StagedKeys {
    /// The writes to be committed.
    pub fn into_writes(self, plugin: &str) -> Vec<KvWrite> {
        let write = |(key, Write { value, expires_ms })| KvWrite { plugin: plugin.to_owned(), key, value, expires_ms };
        self.writes.into_iter().map(write).collect()
    }

    /// # Errors
    /// The key is none.
    pub fn get(&self, space: &Space<'_>, key: &str) -> Result<Option<Vec<u8>>, String> {
        check_key(key)?;
        Ok(self.kept(space, key))
    }

    /// Stages a write.
    ///
    /// # Errors
    /// It is beyond what one call may write, or a plugin keep.
    pub fn set(&mut self, space: &Space<'_>, key: String, write: Write) -> Result<(), String> {
        check_key(&key)?;
        let bytes = write.value.as_ref().map_or(0, Vec::len);
        if bytes > LIMITS.value_bytes {
            return Err(format!("the value has {bytes} bytes; {} are allowed", LIMITS.value_bytes));
        }
        let is_new = !self.writes.contains_key(&key);
        if is_new && self.written >= LIMITS.writes {
            return Err(format!("one call may write {} keys", LIMITS.writes));
        }
        let growth = self.growth(space, &key, &write);
        if write.value.is_some() && space.kept_bytes().saturating_add_signed(self.grown + growth) > space.keep_bytes {
            let allowed = space.keep_bytes;
            return Err(format!("a plugin may keep {allowed} bytes here; delete some first, or let them expire"));
        }
        self.written += usize::from(is_new);
        self.put(growth, key, write);
        Ok(())
    }

    /// Stages a write if the value is `expected` now; whether it was.
    ///
    /// # Errors
    /// As for `set`.
    pub fn compare_and_set(
        &mut self,
        space: &Space<'_>,
        key: String,
        expected: Option<&[u8]>,
        write: Write,
    ) -> Result<bool, String> {
        if self.get(space, &key)?.as_deref() != expected {
            return Ok(false);
        }
        self.set(space, key, write).map(|()| true)
    }

    /// The keys that begin with `prefix`, in the order of their bytes, those after `after` alone.
    pub fn list(&self, space: &Space<'_>, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let changed = space.earlier().map(|write| write.key.as_str()).chain(self.writes.keys().map(String::as_str));
        let changed = changed.filter(|key| key.starts_with(prefix) && *key > after);
        let changed: BTreeMap<&str, bool> = changed.map(|key| (key, self.kept(space, key).is_some())).collect();
        // As many more as may have been deleted, so that enough remain.
        let stored = space.asked.lookups.kv_keys(space.plugin, prefix, after, limit.saturating_add(changed.len()));
        laid_over(stored, &changed, limit)
    }

    /// Stages the deletion of keys that begin with `prefix`; how many.
    pub fn delete_prefix(&mut self, space: &Space<'_>, prefix: &str) -> u32 {
        let found = self.list(space, prefix, "", LIMITS.deletes_by_prefix as usize);
        let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
        for key in found {
            let growth = self.growth(space, &key, &Write::default());
            self.put(growth, key, Write::default());
        }
        count
    }

    fn put(&mut self, growth: i64, key: String, write: Write) {
        self.grown += growth;
        self.writes.insert(key, write);
    }

    fn kept(&self, space: &Space<'_>, key: &str) -> Option<Vec<u8>> {
        let now = |value: &Option<Vec<u8>>, expires_ms: Option<i64>| {
            value.clone().filter(|_| is_there(expires_ms, space.asked.now_ms))
        };
        if let Some(write) = self.writes.get(key) {
            return now(&write.value, write.expires_ms);
        }
        match space.earlier().rev().find(|write| write.key == key) {
            Some(write) => now(&write.value, write.expires_ms),
            None => space.asked.lookups.kv(space.plugin, key),
        }
    }

    /// How many bytes more are kept with a write than before it.
    fn growth(&self, space: &Space<'_>, key: &str, write: &Write) -> i64 {
        let bytes = |value: Option<&[u8]>| value.map_or(0, |value| (key.len() + value.len()) as i64);
        bytes(write.value.as_deref()) - bytes(self.kept(space, key).as_deref())
    }
}

impl<'a> Space<'a> {
    /// What this plugin wrote earlier in the same decision.
    fn earlier(&self) -> impl DoubleEndedIterator<Item = &'a KvWrite> {
        let plugin = self.plugin;
        self.asked.written.iter().filter(move |write| write.plugin == plugin)
    }

    /// What is kept before the call; what was overwritten earlier in the decision counts twice.
    fn kept_bytes(&self) -> u64 {
        let earlier: usize =
            self.earlier().filter_map(|write| Some(write.key.len() + write.value.as_ref()?.len())).sum();
        self.asked.lookups.kv_size(self.plugin).saturating_add(earlier as u64)
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let longest = LIMITS.key_bytes;
    if key.is_empty() || key.len() > longest { Err(format!("a key takes 1 to {longest} bytes")) } else { Ok(()) }
}
