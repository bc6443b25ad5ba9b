use std::{collections::BTreeMap, sync::Arc};

use crate::model::{Lookups, Order, Product, Ticket};

/// How a store finds its products.
pub type Search = Arc<dyn Fn(&str, usize) -> Vec<Product> + Send + Sync>;

/// What there is to look up, said beforehand.
#[derive(Clone, Default)]
pub struct Facts {
    pub orders: Vec<Order>,
    pub products: Vec<Product>,
    /// In place of `products`.
    pub search: Option<Search>,
    pub tickets: Vec<Ticket>,
    /// The plugin's keys.
    pub keys: BTreeMap<String, Vec<u8>>,
    pub waiting_timers: usize,
}

impl Lookups for Facts {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.orders.iter().find(|order| order.id == id && order.shop == shop).cloned()
    }

    fn orders(&self) -> Vec<Order> {
        let mut orders = self.orders.clone();
        orders.sort_by_key(|order| std::cmp::Reverse(order.placed_ms));
        orders.truncate(10);
        orders
    }

    /// By SKU, name or alias, without the finer points of a store's catalogue.
    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        if let Some(search) = &self.search {
            return search(query, limit);
        }
        let query = query.to_lowercase();
        let is_named = |product: &&Product| {
            let names = product.name.entries().map(|(_, name)| name);
            let mut words = [&product.sku].into_iter().chain(names).chain(&product.aliases);
            words.any(|word| !word.is_empty() && query.contains(&word.to_lowercase()))
        };
        let found: Box<dyn Iterator<Item = &Product>> = match query.trim() {
            "" => Box::new(self.products.iter().filter(|product| product.hot)),
            _ => Box::new(self.products.iter().filter(is_named)),
        };
        found.take(limit).cloned().collect()
    }

    fn kv(&self, _plugin: &str, key: &str) -> Option<Vec<u8>> {
        self.keys.get(key).cloned()
    }

    fn kv_keys(&self, _plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let keys = self.keys.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after);
        keys.take(limit).cloned().collect()
    }

    fn kv_size(&self, _plugin: &str) -> u64 {
        self.keys.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }

    fn tickets(&self) -> Vec<Ticket> {
        self.tickets.iter().filter(|ticket| ticket.is_open()).cloned().collect()
    }

    fn waiting_timers(&self, _plugin: &str) -> usize {
        self.waiting_timers
    }
}
