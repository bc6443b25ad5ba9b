//! The rows of a rehearsal: a store that forgets everything with the process.

use std::collections::{BTreeMap, HashMap};

use crate::{
    model::{
        Action, Address, Contact, ContactKey, Conversation, EventKind, KeptValue, KvWrite, Order, Ticket, Version,
        Versioned,
    },
    store::{Decided, StoreError, Timer, Views},
};

/// Rows, as decisions left them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    conversations: HashMap<Address, Versioned<Conversation>>,
    /// By shop and number, each with its place among those that came.
    orders: BTreeMap<(String, String), (usize, Versioned<Order>)>,
    tickets: BTreeMap<String, Versioned<Ticket>>,
    contacts: BTreeMap<String, Versioned<Contact>>,
    /// What plugins keep, by plugin and key.
    keys: BTreeMap<(String, String), (KeptValue, Version)>,
    timers: Vec<Timer>,
    last_timer: i64,
}

impl Memory {
    /// Takes a decision in, as a store's writer does.
    pub fn take(&mut self, decided: &Decided) {
        let Decided { event, decision, version, .. } = decided;
        let row = |conversation: &Conversation| Versioned::new(conversation.clone(), *version);
        self.conversations.insert(event.address.clone(), row(&decision.conversation));
        for (address, conversation) in &decision.elsewhere {
            self.conversations.insert(address.clone(), row(conversation));
        }
        for order in &decision.orders {
            let next = self.orders.len();
            let key = (order.shop.clone(), order.id.clone());
            let place = self.orders.get(&key).map_or(next, |(place, _)| *place);
            self.orders.insert(key, (place, Versioned::new(order.clone(), *version)));
        }
        for ticket in &decision.tickets {
            self.tickets.insert(ticket.id.clone(), Versioned::new(ticket.clone(), *version));
        }
        for contact in &decision.contacts {
            self.contacts.insert(contact.id.clone(), Versioned::new(contact.clone(), *version));
        }
        decision.kv.iter().for_each(|write| self.write(write, *version));
        // The timer that fired goes first, so that it stays where it was set again.
        if let EventKind::Timer(fired) = &event.kind {
            self.timers.retain(|it| {
                it.address != event.address
                    || it.owner != fired.owner
                    || it.key != fired.key
                    || it.due_ms != fired.due_ms
            });
        }
        for action in &decision.actions {
            self.change_timers(&event.address, action);
        }
    }

    /// Makes a conversation what somebody says it is.
    pub fn put(&mut self, address: &Address, conversation: Conversation) {
        self.conversations.insert(address.clone(), Versioned::new(conversation, Version(1)));
    }

    fn write(&mut self, write: &KvWrite, version: Version) {
        let key = (write.plugin.clone(), write.key.clone());
        match &write.value {
            Some(value) => {
                let kept = KeptValue { value: value.clone(), expires_ms: write.expires_ms };
                self.keys.insert(key, (kept, version));
            }
            None => drop(self.keys.remove(&key)),
        }
    }

    fn change_timers(&mut self, home: &Address, action: &Action) {
        let (at, timer_owner, timer_key) = match action {
            Action::SetTimer { at, owner, key, .. } | Action::CancelTimer { at, owner, key } => (at, owner, key),
            _ => return,
        };
        let address = at.as_ref().unwrap_or(home);
        self.timers.retain(|it| it.address != *address || it.owner != *timer_owner || it.key != *timer_key);
        if let Action::SetTimer { due_ms, priority, payload, .. } = action {
            self.last_timer += 1;
            self.timers.push(Timer {
                id: self.last_timer,
                address: address.clone(),
                owner: timer_owner.clone(),
                key: timer_key.clone(),
                due_ms: *due_ms,
                priority: *priority,
                payload: payload.clone(),
            });
        }
    }

    /// When the next timer is due.
    pub fn next_due_ms(&self) -> Option<i64> {
        self.timers.iter().map(|it| it.due_ms).min()
    }

    /// Of the timers that are due, the one that goes first: those without a priority by time, then the weightiest.
    pub fn first_due(&self, now_ms: i64) -> Option<Timer> {
        let due = self.timers.iter().filter(|it| it.due_ms <= now_ms);
        due.min_by_key(|it| match it.priority {
            0 => (false, 0, it.due_ms, it.id),
            weight => (true, weight.saturating_neg(), it.due_ms, it.id),
        })
        .cloned()
    }

    fn newest_orders(&self, is_wanted: impl Fn(&Order) -> bool, limit: usize) -> Vec<Versioned<Order>> {
        let wanted = |it: &&(usize, Versioned<Order>)| it.1.value.as_ref().is_some_and(&is_wanted);
        let mut found: Vec<_> = self.orders.values().filter(wanted).collect();
        found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        found.into_iter().take(limit).map(|(_, order)| order.clone()).collect()
    }
}

/// The digits and letters of an order's number without the letters before the digits, as the store compares them.
fn plain(number: &str) -> String {
    let plain: String = number.chars().filter(|it| !matches!(it, '#' | '-' | '_' | ' ' | '/' | '.')).collect();
    plain.to_ascii_lowercase().trim_start_matches(|it: char| it.is_ascii_lowercase()).to_owned()
}

impl Views for Memory {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError> {
        Ok(self.conversations.get(address).cloned().unwrap_or_default())
    }

    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError> {
        let found = self.orders.get(&(shop.to_owned(), id.to_owned()));
        Ok(found.map(|(_, order)| order.clone()).unwrap_or_default())
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        Ok(self.newest_orders(|order| order.address == *address, limit))
    }

    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        let wanted = plain(number);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.newest_orders(|order| plain(&order.id) == wanted, limit))
    }

    fn ticket(&self, id: &str) -> Result<Versioned<Ticket>, StoreError> {
        Ok(self.tickets.get(id).cloned().unwrap_or_default())
    }

    fn contact(&self, id: &str) -> Result<Versioned<Contact>, StoreError> {
        Ok(self.contacts.get(id).cloned().unwrap_or_default())
    }

    fn contact_by(&self, key: &ContactKey) -> Result<Option<String>, StoreError> {
        let mut whole = self.contacts.values().filter_map(|it| it.value.as_ref()).filter(|it| it.is_whole());
        Ok(whole.find(|it| it.keys().any(|it| it == *key)).map(|it| it.id.clone()))
    }

    fn orders_of_contact(
        &self,
        contact: &str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<Versioned<Order>>, StoreError> {
        let is_theirs = |order: &Order| {
            let of = order.contact.as_deref();
            let merged = of.and_then(|id| self.contacts.get(id)?.value.as_ref()?.merged_into.as_deref());
            order.address == *address || of == Some(contact) || merged == Some(contact)
        };
        Ok(self.newest_orders(is_theirs, limit))
    }

    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError> {
        let found = self.keys.get(&(plugin.to_owned(), key.to_owned()));
        Ok(found.map_or_else(Versioned::none, |(kept, version)| Versioned {
            value: kept.is_there(now_ms).then(|| kept.value.clone()),
            version: *version,
        }))
    }

    fn kv_keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: &str,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let from = (plugin.to_owned(), prefix.max(after).to_owned());
        let own = self.keys.range(from..).take_while(|((owner, _), _)| owner == plugin);
        let wanted = own
            .filter(|((_, key), (kept, _))| key.starts_with(prefix) && key.as_str() > after && kept.is_there(now_ms));
        Ok(wanted.take(limit).map(|((_, key), _)| key.clone()).collect())
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        let own = self.keys.iter().filter(|((owner, _), _)| owner == plugin);
        Ok(own.map(|((_, key), (kept, _))| (key.len() + kept.value.len()) as u64).sum())
    }

    fn waiting_timers(&self, address: &Address, owner: &str) -> Result<usize, StoreError> {
        Ok(self.timers.iter().filter(|it| it.address == *address && it.owner == owner).count())
    }
}
