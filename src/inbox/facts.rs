//! What a decision may ask for, read from the store and from what the lanes have decided but not yet
//! committed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    engine::Playbook,
    model::{Address, KvWrite, Lookups, Order, Product},
    store::Store,
};

/// Key-value writes that were decided but are not durable yet, so that the next decision sees them.
#[derive(Clone, Default)]
pub struct KvOverlay(Arc<Mutex<HashMap<(String, String), Staged>>>);

struct Staged {
    value: Option<Vec<u8>>,
    writers: usize,
}

impl KvOverlay {
    pub fn stage(&self, writes: &[KvWrite]) {
        let mut staged = self.lock();
        for write in writes {
            let entry =
                staged.entry((write.plugin.clone(), write.key.clone())).or_insert(Staged { value: None, writers: 0 });
            entry.value.clone_from(&write.value);
            entry.writers += 1;
        }
    }

    /// Forgets writes that are durable now, or that failed.
    pub fn release(&self, writes: &[(String, String)]) {
        let mut staged = self.lock();
        for key in writes {
            if let Some(entry) = staged.get_mut(key) {
                entry.writers -= 1;
                if entry.writers == 0 {
                    staged.remove(key);
                }
            }
        }
    }

    fn get(&self, plugin: &str, key: &str) -> Option<Option<Vec<u8>>> {
        let staged = self.lock();
        if staged.is_empty() {
            return None;
        }
        staged.get(&(plugin.to_owned(), key.to_owned())).map(|entry| entry.value.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Staged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lookups of one decision.
pub struct Facts<'a> {
    pub store: &'a dyn Store,
    pub kv: &'a KvOverlay,
    pub playbook: &'a Playbook,
    pub address: &'a Address,
    /// Whether this conversation has commits under way, which a read of its orders must wait for.
    pub unsettled: AtomicBool,
}

impl Facts<'_> {
    fn settle(&self) {
        if self.unsettled.swap(false, Ordering::Relaxed) {
            // A failed barrier means a failed commit: the epoch moves on and this decision is refused anyway.
            let _ = self.store.barrier().blocking_recv();
        }
    }
}

/// A read that fails is logged and answers as if there were nothing: the customer still gets a reply.
fn read<T: Default>(what: &str, result: Result<T, crate::store::StoreError>) -> T {
    result.unwrap_or_else(|error| {
        tracing::error!(%error, what, "a lookup failed");
        T::default()
    })
}

impl Lookups for Facts<'_> {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.settle();
        read("order", self.store.order(shop, id))
    }

    fn orders(&self) -> Vec<Order> {
        self.settle();
        read("orders", self.store.orders_of(self.address, 10))
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.playbook.products(query, limit)
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        match self.kv.get(plugin, key) {
            Some(staged) => staged,
            None => read("kv", self.store.kv(plugin, key)),
        }
    }

    fn kv_size(&self, plugin: &str) -> u64 {
        read("kv size", self.store.kv_size(plugin))
    }
}
