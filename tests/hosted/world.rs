//! What the host may look up.

use std::collections::BTreeMap;

use nightclerk::model::{KvWrite, Lookups, Order, Product, Ticket};

#[derive(Default)]
pub struct World {
    /// The order that the moment is about.
    pub at_hand: Option<Order>,
    pub orders: Vec<Order>,
    pub products: Vec<Product>,
    pub tickets: Vec<Ticket>,
    /// By key: the value, and when it is forgotten.
    kept: BTreeMap<String, (Vec<u8>, Option<i64>)>,
}

impl World {
    /// Forgets what is past its time.
    pub fn begin(&mut self, now_ms: i64) {
        self.kept.retain(|_, (_, expires_ms)| expires_ms.is_none_or(|at| at > now_ms));
    }

    pub fn write(&mut self, writes: &[KvWrite]) {
        for write in writes {
            match &write.value {
                Some(value) => drop(self.kept.insert(write.key.clone(), (value.clone(), write.expires_ms))),
                None => drop(self.kept.remove(&write.key)),
            }
        }
    }

    pub fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    fn all_orders(&self) -> impl Iterator<Item = &Order> {
        let others = self.orders.iter();
        others.filter(|it| self.at_hand.as_ref().is_none_or(|at_hand| at_hand.id != it.id)).chain(&self.at_hand)
    }
}

impl Lookups for World {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.all_orders().find(|order| order.shop == shop && order.id == id).cloned()
    }

    fn orders(&self) -> Vec<Order> {
        self.all_orders().cloned().collect()
    }

    /// Products named in the text; for an empty text all, those that sell well first.
    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        let query = query.to_lowercase();
        let named = |product: &&Product| {
            let name = serde_json::to_value(&product.name).unwrap();
            query.is_empty()
                || query.contains(&name.as_str().unwrap_or_default().to_lowercase())
                || query.contains(&product.sku.to_lowercase())
        };
        let mut products: Vec<Product> = self.products.iter().filter(named).cloned().collect();
        products.sort_by_key(|product| !product.hot);
        products.truncate(limit);
        products
    }

    fn kv(&self, _plugin: &str, key: &str) -> Option<Vec<u8>> {
        self.kept.get(key).map(|(value, _)| value.clone())
    }

    fn kv_keys(&self, _plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let keys = self.kept.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after);
        keys.take(limit).cloned().collect()
    }

    fn tickets(&self) -> Vec<Ticket> {
        self.tickets.clone()
    }

    fn takes_remarks(&self, _shop: &str) -> bool {
        true
    }

    fn kv_size(&self, _plugin: &str) -> u64 {
        self.kept.iter().map(|(key, (value, _))| (key.len() + value.len()) as u64).sum()
    }
}
