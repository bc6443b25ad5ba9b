//! The capability `kv`: the plugin's own keys.

use super::{super::text::line, Answer};
use crate::plugin::{
    contract::{Capability, LIMITS, world::kv},
    host::{
        guest::{ASKED, Guest},
        keys::{Space, StagedKeys, Write},
    },
};

impl Guest {
    /// Asks its keys, where they are granted.
    fn on_keys<T>(
        &mut self,
        question: String,
        ask: impl FnOnce(&mut StagedKeys, &Space<'_>) -> Answer<T>,
        short: impl FnOnce(&T) -> String,
    ) -> wasmtime::Result<Answer<T>> {
        let ask = |guest: &mut Self| {
            let Self { seat, keys, .. } = guest;
            ASKED.with(|asked| {
                let space = Space { plugin: seat.name(), keep_bytes: seat.keep_bytes, asked };
                ask(keys, &space)
            })
        };
        self.answer(question, &Capability::Kv, ask, short)
    }
}

impl kv::Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Answer<Option<Vec<u8>>>> {
        let short = |found: &Option<Vec<u8>>| {
            found.as_ref().map_or("none".to_owned(), |value| format!("{} bytes", value.len()))
        };
        self.on_keys(format!("kv.get `{}`", line(&key)), |keys, space| keys.get(space, &key), short)
    }

    fn set(&mut self, key: String, value: Vec<u8>, expires_ms: Option<i64>) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv.set `{}`, {} bytes", line(&key), value.len());
        let write = Write { value: Some(value), expires_ms };
        self.on_keys(question, |keys, space| keys.set(space, key, write), |()| "staged".to_owned())
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<Answer<()>> {
        let question = format!("kv.delete `{}`", line(&key));
        self.on_keys(question, |keys, space| keys.set(space, key, Write::default()), |()| "staged".to_owned())
    }

    fn keys(&mut self, prefix: String, after: String, limit: u32) -> wasmtime::Result<Answer<Vec<String>>> {
        let question = format!("kv.keys `{}` after `{}`", line(&prefix), line(&after));
        let limit = limit.min(LIMITS.keys_page) as usize;
        self.on_keys(
            question,
            |keys, space| Ok(keys.list(space, &prefix, &after, limit)),
            |found| found.len().to_string(),
        )
    }

    fn delete_prefix(&mut self, prefix: String) -> wasmtime::Result<Answer<u32>> {
        let question = format!("kv.delete-prefix `{}`", line(&prefix));
        self.on_keys(question, |keys, space| Ok(keys.delete_prefix(space, &prefix)), |count| format!("{count} staged"))
    }

    fn compare_and_set(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
        expires_ms: Option<i64>,
    ) -> wasmtime::Result<Answer<bool>> {
        let question = format!("kv.compare-and-set `{}`", line(&key));
        let write = Write { value, expires_ms };
        self.on_keys(
            question,
            |keys, space| keys.compare_and_set(space, key, expected.as_deref(), write),
            |done| if *done { "staged".to_owned() } else { "it is another value".to_owned() },
        )
    }
}
