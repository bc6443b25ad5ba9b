//! What a decision may ask for, read from the store and from what the lanes have decided but not yet committed; and a
//! record of what was read, so that the store can tell whether the decision still stands.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{drafts::Drafts, later::Later};
use crate::{
    channel::Channel,
    engine::Playbook,
    in_force::InForce,
    model::{Address, Basis, Conversation, Lookups, Order, Product, Ticket, Versioned},
    outbox::ChannelHandle,
    store::{Store, StoreError},
};

/// What outlives a decision.
type Kept = (Arc<dyn Store>, Arc<InForce>, Arc<Conversation>);

/// The lookups of one decision. Every row that is read becomes part of its basis.
pub struct Snapshot<'a> {
    pub store: &'a dyn Store,
    pub drafts: &'a Drafts,
    pub playbook: &'a Playbook,
    pub address: &'a Address,
    pub conversation: &'a Conversation,
    pub channels: Option<&'a HashMap<String, Arc<ChannelHandle>>>,
    /// What it takes to look things up later.
    kept: Option<Kept>,
    pub now_ms: i64,
    /// Whether this conversation has commits under way, which a read of its orders must wait for.
    unsettled: AtomicBool,
    basis: Mutex<Vec<Basis>>,
    failed: Mutex<Option<StoreError>>,
}

impl<'a> Snapshot<'a> {
    pub fn new(
        store: &'a dyn Store,
        drafts: &'a Drafts,
        playbook: &'a Playbook,
        address: &'a Address,
        conversation: &'a Conversation,
        now_ms: i64,
        unsettled: bool,
    ) -> Self {
        Self {
            store,
            drafts,
            playbook,
            address,
            conversation,
            channels: None,
            kept: None,
            now_ms,
            unsettled: AtomicBool::new(unsettled),
            basis: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// With the channels that customers and shops are spoken to on.
    pub fn on(self, channels: &'a HashMap<String, Arc<ChannelHandle>>) -> Self {
        Self { channels: Some(channels), ..self }
    }

    /// With what it takes to look things up when the decision is made and gone.
    pub fn also_later(self, store: Arc<dyn Store>, in_force: Arc<InForce>, conversation: Arc<Conversation>) -> Self {
        Self { kept: Some((store, in_force, conversation)), ..self }
    }

    fn channel(&self, id: &str) -> Option<&dyn Channel> {
        self.channels?.get(id).map(|handle| &*handle.channel)
    }

    /// The rows that were read.
    ///
    /// # Errors
    /// One could not be: what was decided without it is not to be kept.
    pub fn into_basis(self) -> Result<Vec<Basis>, StoreError> {
        match self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(self.basis.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    fn settle(&self) {
        if self.unsettled.swap(false, Ordering::Relaxed) {
            // A failed barrier means a failed commit: then the rows are read as they are, and the decision is made on
            // those.
            let _ = self.store.barrier().blocking_recv();
        }
    }

    fn note(&self, row: Basis) {
        let mut basis = self.basis.lock().unwrap_or_else(PoisonError::into_inner);
        if !basis.iter().any(|it| same_row(it, &row)) {
            basis.push(row);
        }
    }

    fn read<T: Default>(&self, result: Result<T, StoreError>) -> T {
        result.unwrap_or_else(|error| {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            T::default()
        })
    }

    fn note_order(&self, shop: &str, id: &str, found: Versioned<Order>) -> Option<Order> {
        let value = found.value.clone();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        self.note(Basis::Order { shop: shop.to_owned(), id: id.to_owned(), was });
        value
    }
}

/// A row that is read twice was the same both times, or the decision is refused for the first.
fn same_row(one: &Basis, other: &Basis) -> bool {
    match (one, other) {
        (Basis::Conversation { address, .. }, Basis::Conversation { address: other, .. }) => address == other,
        (Basis::Order { shop, id, .. }, Basis::Order { shop: other_shop, id: other, .. }) => {
            shop == other_shop && id == other
        }
        (Basis::Ticket { id, .. }, Basis::Ticket { id: other, .. }) => id == other,
        (Basis::Key { plugin, key, .. }, Basis::Key { plugin: other_plugin, key: other, .. }) => {
            plugin == other_plugin && key == other
        }
        _ => false,
    }
}

impl Lookups for Snapshot<'_> {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.settle();
        let found = self.read(self.store.order(shop, id));
        self.note_order(shop, id, found)
    }

    fn orders(&self) -> Vec<Order> {
        self.settle();
        let found = self.read(self.store.orders_of(self.address, 10));
        found
            .into_iter()
            .filter_map(|it| {
                let (shop, id) = it.value.as_ref().map(|order| (order.shop.clone(), order.id.clone()))?;
                self.note_order(&shop, &id, it)
            })
            .collect()
    }

    fn orders_numbered(&self, number: &str) -> Vec<Order> {
        self.settle();
        let found = self.read(self.store.orders_numbered(number, 8));
        found
            .into_iter()
            .filter_map(|it| {
                let (shop, id) = it.value.as_ref().map(|order| (order.shop.clone(), order.id.clone()))?;
                self.note_order(&shop, &id, it)
            })
            .collect()
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.playbook.products(query, limit)
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        let found = match self.drafts.get(plugin, key) {
            Some(staged) => staged,
            None => self.read(self.store.kv(plugin, key, self.now_ms)),
        };
        self.note(Basis::Key { plugin: plugin.to_owned(), key: key.to_owned(), version: found.version });
        found.value
    }

    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        self.settle();
        self.read(self.store.kv_keys(plugin, prefix, after, self.now_ms, limit))
    }

    fn kv_size(&self, plugin: &str) -> u64 {
        self.read(self.store.kv_size(plugin))
    }

    fn waiting_timers(&self, plugin: &str) -> usize {
        self.settle();
        self.read(self.store.waiting_timers(self.address, plugin))
    }

    fn later(&self) -> Option<Arc<dyn Lookups>> {
        let (store, in_force, conversation) = self.kept.clone()?;
        Some(Arc::new(Later {
            store,
            in_force,
            drafts: self.drafts.clone(),
            address: self.address.clone(),
            conversation,
            now_ms: self.now_ms,
        }))
    }

    fn link_to(&self, sender: &str) -> Option<String> {
        self.channel(&self.address.channel)?.link_to(&self.address.chat, sender)
    }

    fn takes_remarks(&self, shop: &str) -> bool {
        self.channel(shop).is_some_and(Channel::takes_remarks)
    }

    fn tickets(&self) -> Vec<Ticket> {
        if self.conversation.tickets.is_empty() {
            return Vec::new();
        }
        self.settle();
        let ids = self.conversation.tickets.iter().map(|it| &it.id);
        ids.filter_map(|id| {
            let found = self.read(self.store.ticket(id));
            let value = found.value.clone();
            let was = Versioned { value: found.value.map(Arc::new), version: found.version };
            self.note(Basis::Ticket { id: id.clone(), was });
            value.filter(Ticket::is_open)
        })
        .collect()
    }
}
