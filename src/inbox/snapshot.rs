//! What a decision may ask for, read from the store and from what the lanes have decided but not yet committed; and a
//! record of what was read, so that the store can tell whether the decision still stands.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    deciding::{Deciding, Kept},
    drafts::Drafts,
    later::Later,
};
use crate::{
    channel::Channel,
    engine::Playbook,
    model::{Address, Basis, Contact, ContactKey, Conversation, Lookups, Order, Product, Ticket, Versioned},
    outbox::ChannelHandle,
    store::{Journal, StoreError, Views},
};

/// Orders of one contact that are gone through when they turn out to be two.
const MOST_ORDERS: usize = 400;

/// The lookups of one decision. Every row that is read becomes part of its basis.
pub struct Snapshot<'a> {
    views: &'a dyn Views,
    drafts: Option<&'a Drafts>,
    playbook: &'a Playbook,
    address: &'a Address,
    conversation: &'a Arc<Conversation>,
    /// On which customers and shops are spoken to.
    channels: &'a BTreeMap<String, Arc<ChannelHandle>>,
    now_ms: i64,
    /// Whose writes a read of this conversation's orders must wait for, and whether it still must.
    journal: Option<&'a dyn Journal>,
    /// What it takes to look things up later.
    kept: Option<Kept<'a>>,
    unsettled: AtomicBool,
    basis: Mutex<Vec<Basis>>,
    failed: Mutex<Option<StoreError>>,
}

impl<'a> Snapshot<'a> {
    pub fn new(
        deciding: &Deciding<'a>,
        address: &'a Address,
        conversation: &'a Arc<Conversation>,
        now_ms: i64,
    ) -> Self {
        let Deciding { in_force, views, drafts, unsettled: journal, kept, .. } = *deciding;
        Self {
            views,
            drafts,
            playbook: &in_force.playbook,
            address,
            conversation,
            channels: &in_force.channels,
            kept,
            now_ms,
            journal,
            unsettled: AtomicBool::new(journal.is_some()),
            basis: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    fn channel(&self, id: &str) -> Option<&dyn Channel> {
        self.channels.get(id).map(|handle| &*handle.channel)
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
        if self.unsettled.swap(false, Ordering::Relaxed)
            && let Some(journal) = self.journal
        {
            // A failed barrier means a failed commit: then the rows are read as they are, and the decision is made on
            // those.
            let _ = journal.barrier().blocking_recv();
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

    fn note_orders(&self, found: Vec<Versioned<Order>>) -> Vec<Order> {
        let noted = found.into_iter().filter_map(|it| {
            let (shop, id) = it.value.as_ref().map(|order| (order.shop.clone(), order.id.clone()))?;
            self.note_order(&shop, &id, it)
        });
        noted.collect()
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
        (Basis::Contact { id, .. }, Basis::Contact { id: other, .. }) => id == other,
        (Basis::ContactKey { key, .. }, Basis::ContactKey { key: other, .. }) => key == other,
        (Basis::Key { plugin, key, .. }, Basis::Key { plugin: other_plugin, key: other, .. }) => {
            plugin == other_plugin && key == other
        }
        _ => false,
    }
}

impl Lookups for Snapshot<'_> {
    fn order(&self, shop: &str, id: &str) -> Option<Order> {
        self.settle();
        let found = self.read(self.views.order(shop, id));
        self.note_order(shop, id, found)
    }

    fn orders(&self) -> Vec<Order> {
        self.settle();
        let found = self.read(match &self.conversation.contact {
            Some(contact) => self.views.orders_of_contact(&contact.id, self.address, 10),
            None => self.views.orders_of(self.address, 10),
        });
        self.note_orders(found)
    }

    fn orders_of(&self, contact: &str) -> Vec<Order> {
        self.settle();
        let found = self.read(self.views.orders_of_contact(contact, &Address::default(), MOST_ORDERS));
        self.note_orders(found)
    }

    fn orders_numbered(&self, number: &str) -> Vec<Order> {
        self.settle();
        let found = self.read(self.views.orders_numbered(number, 8));
        self.note_orders(found)
    }

    fn contact(&self, id: &str) -> Option<Contact> {
        self.settle();
        let found = self.read(self.views.contact(id));
        let value = found.value.clone();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        self.note(Basis::Contact { id: id.to_owned(), was });
        value
    }

    fn contact_by(&self, key: &ContactKey) -> Option<String> {
        self.settle();
        let contact = self.read(self.views.contact_by(key));
        self.note(Basis::ContactKey { key: key.clone(), contact: contact.clone() });
        contact
    }

    fn conversation(&self, address: &Address) -> Option<Conversation> {
        if address == self.address {
            return Some(Conversation::clone(self.conversation));
        }
        let found = self.read(self.views.conversation(address));
        let value = found.value.clone();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        self.note(Basis::Conversation { address: address.clone(), was });
        value
    }

    fn ticket(&self, id: &str) -> Option<Ticket> {
        self.settle();
        let found = self.read(self.views.ticket(id));
        let value = found.value.clone();
        let was = Versioned { value: found.value.map(Arc::new), version: found.version };
        self.note(Basis::Ticket { id: id.to_owned(), was });
        value
    }

    fn products(&self, query: &str, limit: usize) -> Vec<Product> {
        self.playbook.products(query, limit)
    }

    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>> {
        let found = match self.drafts.and_then(|drafts| drafts.get(plugin, key)) {
            Some(staged) => staged,
            None => self.read(self.views.kv(plugin, key, self.now_ms)),
        };
        self.note(Basis::Key { plugin: plugin.to_owned(), key: key.to_owned(), version: found.version });
        found.value
    }

    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        self.settle();
        self.read(self.views.kv_keys(plugin, prefix, after, self.now_ms, limit))
    }

    fn kv_size(&self, plugin: &str) -> u64 {
        self.read(self.views.kv_size(plugin))
    }

    fn waiting_timers(&self, plugin: &str) -> usize {
        self.settle();
        self.read(self.views.waiting_timers(self.address, plugin))
    }

    fn later(&self) -> Option<Arc<dyn Lookups>> {
        let Kept { store, in_force } = self.kept?;
        Some(Arc::new(Later {
            store: store.clone(),
            in_force: in_force.clone(),
            drafts: self.drafts.cloned(),
            address: self.address.clone(),
            conversation: self.conversation.clone(),
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
        ids.filter_map(|id| self.ticket(id)).filter(Ticket::is_open).collect()
    }
}
