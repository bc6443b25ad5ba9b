//! What decisions read, on a connection of their own.

use super::{SqliteStore, queries};
use crate::{
    model::{Address, Contact, ContactKey, Conversation, Order, Ticket, Versioned},
    store::{StoreError, Views},
};

impl Views for SqliteStore {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError> {
        self.read(|connection| queries::conversation(connection, address))
    }

    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError> {
        self.read(|connection| queries::order(connection, shop, id))
    }

    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_numbered(connection, number, limit))
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_of(connection, address, limit))
    }

    fn ticket(&self, id: &str) -> Result<Versioned<Ticket>, StoreError> {
        self.read(|connection| queries::ticket(connection, id))
    }

    fn contact(&self, id: &str) -> Result<Versioned<Contact>, StoreError> {
        self.read(|connection| queries::contact(connection, id))
    }

    fn contact_by(&self, key: &ContactKey) -> Result<Option<String>, StoreError> {
        self.read(|connection| queries::contact_by(connection, key))
    }

    fn orders_of_contact(
        &self,
        contact: &str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<Versioned<Order>>, StoreError> {
        self.read(|connection| queries::orders_of_contact(connection, contact, address, limit))
    }

    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError> {
        self.read(|connection| queries::kv(connection, plugin, key, now_ms))
    }

    fn kv_keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        self.read(|connection| queries::kv_keys(connection, plugin, prefix, after, now_ms, limit))
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        self.read(|connection| queries::kv_size(connection, plugin))
    }

    fn waiting_timers(&self, address: &Address, owner: &str) -> Result<usize, StoreError> {
        self.read(|connection| queries::waiting_timers(connection, address, owner))
    }
}
