//! The shadow's keys: what it wrote, over what the version in place keeps.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{KvWrite, Lookups, Order, Product, Ticket, is_there, laid_over};

/// What a shadow wrote, by key.
pub type OwnKeys = BTreeMap<String, Own>;

/// A value of its own; `None`: it deleted the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    #[serde(with = "in_hex")]
    value: Option<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_ms: Option<i64>,
}

impl Own {
    pub fn of(write: KvWrite) -> (String, Self) {
        (write.key, Self { value: write.value, expires_ms: write.expires_ms })
    }

    fn at(&self, now_ms: i64) -> Option<Vec<u8>> {
        self.value.clone().filter(|_| is_there(self.expires_ms, now_ms))
    }
}

mod in_hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_deref().map(hex::encode).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| hex::decode(text).map_err(D::Error::custom)).transpose()
    }
}

/// What a shadow finds when it looks things up.
pub struct ShadowLookups {
    pub lookups: Arc<dyn Lookups>,
    pub own: Arc<OwnKeys>,
    /// What the keys held that the version in place wrote about this event.
    pub before: BTreeMap<String, Option<Vec<u8>>>,
    pub now_ms: i64,
}

impl Lookups for ShadowLookups {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.lookups.order(shop, id)
    }

    fn orders(&self) -> Vec<Order> {
        self.lookups.orders()
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.lookups.products(query, limit)
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        if let Some(own) = self.own.get(key) {
            return own.at(self.now_ms);
        }
        match self.before.get(key) {
            Some(before) => before.clone(),
            None => self.lookups.kv(plugin, key),
        }
    }

    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let mine = self.own.keys().chain(self.before.keys());
        let mine = mine.map(String::as_str).filter(|key| key.starts_with(prefix) && *key > after);
        let mine: BTreeMap<&str, bool> = mine.map(|key| (key, self.kv(plugin, key).is_some())).collect();
        let kept = self.lookups.kv_keys(plugin, prefix, after, limit.saturating_add(mine.len()));
        laid_over(kept, &mine, limit)
    }

    /// About: what both keep is counted twice.
    fn kv_size(&self, plugin: &str) -> u64 {
        let own = self.own.iter().map(|(key, own)| (key.len() + own.value.as_ref().map_or(0, Vec::len)) as u64);
        self.lookups.kv_size(plugin).max(own.sum())
    }

    fn tickets(&self) -> Vec<Ticket> {
        self.lookups.tickets()
    }

    fn waiting_timers(&self, plugin: &str) -> usize {
        self.lookups.waiting_timers(plugin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::host::scene::Facts;

    #[test]
    fn a_shadow_finds_its_own_keys_over_those_of_the_version_in_place_as_they_were_before_the_event() {
        let kept = [("a", "live"), ("b", "live"), ("c", "new")];
        let keys = kept.iter().map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec())).collect();
        let own = |key: &str, value: Option<&[u8]>, expires_ms| {
            let value = value.map(<[u8]>::to_vec);
            Own::of(KvWrite { plugin: "hello".to_owned(), key: key.to_owned(), value, expires_ms })
        };
        let shadow = ShadowLookups {
            lookups: Arc::new(Facts { keys, ..Facts::default() }),
            own: Arc::new(
                [
                    own("a", Some(b"own"), None),
                    own("b", None, None),
                    own("x", Some(b"gone"), Some(5)),
                    own("y", Some(b"own"), None),
                ]
                .into(),
            ),
            before: [("c".to_owned(), None), ("d".to_owned(), Some(b"was".to_vec()))].into(),
            now_ms: 9,
        };
        let value = |key: &str| shadow.kv("hello", key).map(|value| String::from_utf8(value).unwrap());
        assert_eq!(value("a").as_deref(), Some("own"));
        assert_eq!(value("b"), None, "it deleted it");
        assert_eq!(value("c"), None, "it was not there before");
        assert_eq!(value("d").as_deref(), Some("was"));
        assert_eq!(value("x"), None, "its time is over");
        assert_eq!(shadow.kv_keys("hello", "", "", 9), ["a", "d", "y"]);
        assert_eq!(shadow.kv_keys("hello", "", "a", 1), ["d"]);
        let text = serde_json::to_string(&*shadow.own).unwrap();
        assert_eq!(serde_json::from_str::<OwnKeys>(&text).unwrap(), *shadow.own);
    }
}
