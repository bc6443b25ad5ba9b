//! Looking back: rows as they were, moment by moment.
//!
//! The log keeps for each event the way back. Opened, the rows are walked back to the first moment, and what they were
//! after each event is kept on the way; then the walk goes forward, event by event.

mod queries;
mod then;

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    vec,
};

use rusqlite::Connection;
use serde::de::DeserializeOwned;

use self::{
    queries as past,
    then::{After, Left, Then, TimerSteps},
};
use super::{
    queries as now, schema,
    undo::{ChangedRow, Walk, WalkError},
    unreadable,
};
use crate::{
    model::{
        Address, Contact, ContactKey, Conversation, KeptValue, Order, Ticket, Version, Versioned, is_there, laid_over,
    },
    store::{Past, PastEvent, StoreError, Story, Views},
};

pub use queries::first_since;

/// Orders of one customer that are looked through.
const ORDERS: usize = 1000;
/// Orders with the same digits that are.
const NUMBERED: usize = 256;
/// Any version will do where nobody else writes.
const VERSION: Version = Version(1);

/// The store's log since a moment.
pub struct SqlitePast {
    /// In one read transaction, so that all is of one moment.
    connection: Mutex<Connection>,
    then: Then,
    /// Events still to come, each with what it left behind.
    coming: vec::IntoIter<(i64, After)>,
    /// What the last one left behind, which is not read before the next.
    left: Option<Left>,
    until_ms: i64,
    count: usize,
}

impl SqlitePast {
    /// # Errors
    /// It is no store, of another version, or cannot be read.
    pub fn open(
        path: &Path,
        since_ms: i64,
        until_ms: i64,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StoreError> {
        let connection = schema::open_past(path)?;
        connection.execute_batch("BEGIN").map_err(unreadable)?;
        let first = past::first_since(&connection, since_ms).map_err(unreadable)?;
        let decided = past::decided_since(&connection, first).map_err(unreadable)?;
        let count = decided.iter().filter(|(_, received_ms)| *received_ms < until_ms).count();
        let mut then = Then::default();
        for (address, owner, key) in past::timers(&connection).map_err(unreadable)? {
            then.timers.entry((address, owner)).or_default().insert(key);
        }
        let newest = decided.iter().map(|(id, _)| *id).max().unwrap_or(i64::MAX);
        for key in past::former_keys_after(&connection, newest).map_err(unreadable)? {
            then.key_back(&connection, key)?;
        }
        let mut coming = Vec::with_capacity(decided.len());
        for (done, (id, _)) in decided.iter().rev().enumerate() {
            coming.push((*id, then.back(&connection, *id)?));
            progress(done as u64 + 1, decided.len() as u64);
        }
        coming.reverse();
        Ok(Self { connection: Mutex::new(connection), then, coming: coming.into_iter(), left: None, until_ms, count })
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row<T: DeserializeOwned>(
        &self,
        row: &ChangedRow,
        now: impl FnOnce(&Connection) -> rusqlite::Result<Versioned<T>>,
    ) -> Result<Versioned<T>, StoreError> {
        match self.then.rows.get(row) {
            Some(None) => Ok(Versioned::none()),
            Some(Some(text)) => {
                let value = serde_json::from_str(text).map_err(|error| StoreError::Read(error.to_string()))?;
                Ok(Versioned::new(value, VERSION))
            }
            None => now(&self.connection()).map_err(unreadable),
        }
    }
}

fn conversation_row(address: &Address) -> ChangedRow {
    ChangedRow::Conversation { channel: address.channel.clone(), chat: address.chat.clone() }
}

impl Past for SqlitePast {
    fn next_event(&mut self) -> Result<Option<PastEvent>, StoreError> {
        loop {
            if let Some(left) = self.left.take() {
                self.then.forward(left);
            }
            let Some((id, after)) = self.coming.next() else { return Ok(None) };
            let found = past::past_event(&self.connection(), id).map_err(unreadable)?;
            let Some((logged, recorded)) = found else { continue };
            self.left = Some(Left { after, timers: TimerSteps::of(&logged) });
            if logged.received_ms < self.until_ms {
                let is_lost = self.then.lost.contains(&conversation_row(&logged.event.address));
                return Ok(Some(PastEvent { logged, recorded, is_lost }));
            }
        }
    }
}

/// An order's row, shop and number.
type NamedOrder = (i64, String, String);

impl SqlitePast {
    /// Adds the orders that were of these addresses then.
    fn add_then<'a>(
        &self,
        named: &mut Vec<NamedOrder>,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) -> Result<(), StoreError> {
        for (shop, number) in addresses.into_iter().filter_map(|it| self.then.orders.get(it)).flatten() {
            if let Some(id) = past::order_id(&self.connection(), shop, number).map_err(unreadable)? {
                named.push((id, shop.clone(), number.clone()));
            }
        }
        Ok(())
    }

    /// Those of these orders that were theirs then, the newest first.
    fn as_they_were(
        &self,
        mut named: Vec<NamedOrder>,
        limit: usize,
        was_theirs: impl Fn(&Order) -> bool,
    ) -> Result<Vec<Versioned<Order>>, StoreError> {
        named.sort_by(|a, b| b.cmp(a));
        named.dedup();
        let mut found = Vec::new();
        for (_, shop, number) in named {
            let order = self.order(&shop, &number)?;
            if found.len() < limit && order.value.as_ref().is_some_and(&was_theirs) {
                found.push(order);
            }
        }
        Ok(found)
    }
}

impl Views for SqlitePast {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError> {
        self.row(&conversation_row(address), |connection| now::conversation(connection, address))
    }

    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError> {
        let row = ChangedRow::Order { shop: shop.to_owned(), id: id.to_owned() };
        self.row(&row, |connection| now::order(connection, shop, id))
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        let mut named = past::orders_named(&self.connection(), address, ORDERS).map_err(unreadable)?;
        self.add_then(&mut named, [address])?;
        self.as_they_were(named, limit, |order| order.address == *address)
    }

    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        let now = now::orders_numbered(&self.connection(), number, NUMBERED).map_err(unreadable)?;
        let mut found = Vec::new();
        for order in now.into_iter().filter_map(|order| order.value) {
            let then = self.order(&order.shop, &order.id)?;
            if found.len() < limit && then.value.is_some() {
                found.push(then);
            }
        }
        Ok(found)
    }

    fn ticket(&self, id: &str) -> Result<Versioned<Ticket>, StoreError> {
        self.row(&ChangedRow::Ticket { id: id.to_owned() }, |connection| now::ticket(connection, id))
    }

    fn contact(&self, id: &str) -> Result<Versioned<Contact>, StoreError> {
        self.row(&ChangedRow::Contact { id: id.to_owned() }, |connection| now::contact(connection, id))
    }

    fn contact_by(&self, key: &ContactKey) -> Result<Option<String>, StoreError> {
        match self.then.contact_keys.get(key) {
            Some(held) => Ok(held.clone()),
            None => now::contact_by(&self.connection(), key).map_err(unreadable),
        }
    }

    fn orders_of_contact(
        &self,
        contact: &str,
        address: &Address,
        limit: usize,
    ) -> Result<Vec<Versioned<Order>>, StoreError> {
        let mut named = past::orders_of_contact(&self.connection(), contact, address, ORDERS).map_err(unreadable)?;
        let whole = self.contact(contact)?.value.map(|it| it.addresses).unwrap_or_default();
        self.add_then(&mut named, whole.iter().chain([address]))?;
        self.as_they_were(named, limit, |order| order.address == *address || order.contact.is_some())
    }

    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError> {
        let kept = match self.then.keys.get(&(plugin.to_owned(), key.to_owned())) {
            Some(kept) => kept.clone(),
            None => {
                let now = past::key_as_it_is(&self.connection(), plugin, key).map_err(unreadable)?;
                now.map(|(value, expires_ms)| KeptValue { value, expires_ms })
            }
        };
        let kept = kept.filter(|kept| kept.is_there(now_ms));
        Ok(kept.map_or_else(Versioned::none, |kept| Versioned::new(kept.value, VERSION)))
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
        let then =
            self.then.keys.range(from..).take_while(|((owner, key), _)| owner == plugin && key.starts_with(prefix));
        let then: BTreeMap<&str, bool> = then
            .filter(|((_, key), _)| key.as_str() > after)
            .map(|((_, key), kept)| (key.as_str(), kept.as_ref().is_some_and(|kept| kept.is_there(now_ms))))
            .collect();
        let many = limit.saturating_add(then.len());
        let now = past::keys_as_they_are(&self.connection(), plugin, prefix, after, many).map_err(unreadable)?;
        let now = now.into_iter().filter(|(_, expires_ms)| is_there(*expires_ms, now_ms)).map(|(key, _)| key);
        Ok(laid_over(now.collect(), &then, limit))
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        let now = now::kv_size(&self.connection(), plugin).map_err(unreadable)?;
        let more = self.then.more_bytes.get(plugin).copied().unwrap_or_default();
        Ok(now.saturating_add_signed(more))
    }

    fn waiting_timers(&self, address: &Address, owner: &str) -> Result<usize, StoreError> {
        Ok(self.then.timers.get(&(address.clone(), owner.to_owned())).map_or(0, HashSet::len))
    }
}

/// What the log holds of one conversation.
///
/// # Errors
/// It is no store, of another version, or cannot be read.
pub fn look_up(path: &Path, reference: &str) -> Result<Option<Story>, StoreError> {
    let connection = schema::open_past(path)?;
    let by_name = reference.split_once('/').map(|(channel, chat)| Address::new(channel, chat));
    let address = match by_name {
        Some(address) => address,
        None => match now::explain(&connection, reference).map_err(unreadable)? {
            Some(logged) => logged.event.address,
            None => return Ok(None),
        },
    };
    let snapshot = connection.unchecked_transaction().map_err(unreadable)?;
    let events = now::events_of(&snapshot, &address).map_err(unreadable)?;
    let Some(first) = events.first() else { return Ok(None) };
    let row = conversation_row(&address);
    let now = now::conversation(&snapshot, &address).map_err(unreadable)?.value;
    let unfit = |error: WalkError| StoreError::Read(error.to_string());
    let now = now.map(serde_json::to_value).transpose().map_err(|error| unfit(error.into()))?;
    let mut walk = Walk::new(&row, now);
    for undo in now::undo_from(&snapshot, first.id).map_err(unreadable)? {
        walk.back(&undo).map_err(unfit)?;
    }
    let before = walk.end().map_err(unfit)?;
    Ok(Some(Story { address, before, events }))
}
