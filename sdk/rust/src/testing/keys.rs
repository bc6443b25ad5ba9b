//! The key-value space on the bench.

use std::{collections::BTreeMap, ops::Bound};

use super::limits::LIMITS;

/// What is kept, and until when.
#[derive(Clone, Default)]
pub struct Keys {
    kept: BTreeMap<String, Kept>,
    written: std::collections::BTreeSet<String>,
    pub now_ms: i64,
    pub keep_bytes: usize,
}

#[derive(Clone)]
struct Kept {
    value: Vec<u8>,
    expires_ms: Option<i64>,
}

impl Keys {
    /// A new call begins: what expired is gone, and nothing is written yet.
    pub fn begin(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
        self.written.clear();
        self.kept.retain(|_, kept| kept.expires_ms.is_none_or(|at| at > now_ms));
    }

    /// Puts a value there without asking.
    pub fn put(&mut self, key: &str, value: Vec<u8>) {
        self.kept.insert(key.to_owned(), Kept { value, expires_ms: None });
    }

    /// All there is.
    pub fn values(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept.iter().map(|(key, kept)| (key.clone(), kept.value.clone())).collect()
    }

    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, String> {
        check_key(key)?;
        Ok(self.current(key))
    }

    pub fn set(&mut self, key: &str, value: Option<&[u8]>, expires_ms: Option<i64>) -> Result<(), String> {
        check_key(key)?;
        let bytes = value.map_or(0, <[u8]>::len);
        if bytes > LIMITS.value_bytes {
            return Err(format!("the value has {bytes} bytes; {} are allowed", LIMITS.value_bytes));
        }
        if !self.written.contains(key) && self.written.len() >= LIMITS.writes {
            return Err(format!("one call may write {} keys", LIMITS.writes));
        }
        if value.is_some() {
            let others = self.kept.iter().filter(|(other, _)| *other != key);
            let kept: usize = others.map(|(key, kept)| key.len() + kept.value.len()).sum();
            let allowed = self.keep_bytes;
            if kept + key.len() + bytes > allowed {
                return Err(format!("a plugin may keep {allowed} bytes here; delete some first, or let them expire"));
            }
        }
        self.written.insert(key.to_owned());
        match value {
            Some(value) => self.kept.insert(key.to_owned(), Kept { value: value.to_vec(), expires_ms }),
            None => self.kept.remove(key),
        };
        Ok(())
    }

    pub fn keys(&self, prefix: &str, after: &str, limit: u32) -> Vec<String> {
        let after = self.kept.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let found = after.map(|(key, _)| key).filter(|key| key.starts_with(prefix) && self.current(key).is_some());
        found.take(limit as usize).cloned().collect()
    }

    pub fn delete_prefix(&mut self, prefix: &str) -> u32 {
        let found = self.keys(prefix, "", LIMITS.deletes_by_prefix);
        found.iter().for_each(|key| drop(self.kept.remove(key)));
        u32::try_from(found.len()).unwrap_or(u32::MAX)
    }

    pub fn compare_and_set(
        &mut self,
        key: &str,
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        expires_ms: Option<i64>,
    ) -> Result<bool, String> {
        check_key(key)?;
        if self.current(key).as_deref() != expected {
            return Ok(false);
        }
        self.set(key, value, expires_ms).map(|()| true)
    }

    fn current(&self, key: &str) -> Option<Vec<u8>> {
        let kept = self.kept.get(key).filter(|kept| kept.expires_ms.is_none_or(|at| at > self.now_ms))?;
        Some(kept.value.clone())
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let longest = LIMITS.key_bytes;
    if key.is_empty() || key.len() > longest { Err(format!("a key takes 1 to {longest} bytes")) } else { Ok(()) }
}
