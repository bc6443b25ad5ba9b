//! Lookups for who comes after a decision: as things are then, and part of no decision.

use std::sync::Arc;

use super::drafts::Drafts;
use crate::{
    in_force::InForce,
    model::{Address, Conversation, Lookups, Order, Product, Ticket},
    store::Store,
};

/// What can be read is told; what cannot is not there.
pub struct Later {
    pub store: Arc<dyn Store>,
    pub in_force: Arc<InForce>,
    pub drafts: Option<Drafts>,
    pub address: Address,
    pub conversation: Arc<Conversation>,
    pub now_ms: i64,
}

impl Lookups for Later {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.store.order(shop, id).ok()?.value
    }

    fn orders(&self) -> Vec<Order> {
        let found = match &self.conversation.contact {
            Some(contact) => self.store.orders_of_contact(&contact.id, &self.address, 10),
            None => self.store.orders_of(&self.address, 10),
        };
        let found = found.unwrap_or_default();
        found.into_iter().filter_map(|it| it.value).collect()
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.in_force.playbook.products(query, limit)
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        match self.drafts.as_ref().and_then(|drafts| drafts.get(plugin, key)) {
            Some(staged) => staged.value,
            None => self.store.kv(plugin, key, self.now_ms).ok()?.value,
        }
    }

    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        self.store.kv_keys(plugin, prefix, after, self.now_ms, limit).unwrap_or_default()
    }

    fn kv_size(&self, plugin: &str) -> u64 {
        self.store.kv_size(plugin).unwrap_or_default()
    }

    fn waiting_timers(&self, plugin: &str) -> usize {
        self.store.waiting_timers(&self.address, plugin).unwrap_or_default()
    }

    fn tickets(&self) -> Vec<Ticket> {
        let ids = self.conversation.tickets.iter();
        let found = ids.filter_map(|it| self.store.ticket(&it.id).ok()?.value);
        found.filter(Ticket::is_open).collect()
    }
}
