//! Looking back: rows as they were, moment by moment.
//!
//! The log keeps for each event the way back. Opened, the rows are walked back to the first moment, and what they were
//! after each event is kept on the way; then the walk goes forward, event by event.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    vec,
};

use rusqlite::Connection;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    queries::{self, KeyRow},
    schema,
    undo::{ChangedRow, Walk, WalkError, steps_back},
    unreadable,
};
use crate::{
    model::{Action, Address, Conversation, EventKind, Order, Ticket, Version, Versioned},
    store::{Logged, Past, PastEvent, StoreError, Story, Views},
};

/// Orders of one customer that are looked through.
const ORDERS: usize = 1000;
/// Orders with the same digits that are.
const NUMBERED: usize = 256;
/// Any version will do where nobody else writes.
const VERSION: Version = Version(1);

/// A row's JSON; `None` where it is not there.
type Text = Option<Arc<str>>;
/// A plugin and its key.
type Key = (String, String);

/// What a key holds, and until when.
#[derive(Clone, Debug)]
struct Held {
    value: Vec<u8>,
    expires_ms: Option<i64>,
}

/// What an event left behind.
#[derive(Default)]
struct After {
    rows: Vec<(ChangedRow, Text)>,
    keys: Vec<(Key, Option<Held>)>,
}

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

/// What an event left behind, and what it did to timers.
struct Left {
    after: After,
    timers: TimerSteps,
}

/// Rows where they are others than now.
#[derive(Default)]
struct Then {
    rows: HashMap<ChangedRow, Text>,
    /// The rows of orders among them, by whose they were.
    orders: HashMap<Address, BTreeSet<(String, String)>>,
    keys: BTreeMap<Key, Option<Held>>,
    /// How many bytes more than now a plugin held.
    more_bytes: HashMap<String, i64>,
    /// By conversation and owner.
    timers: HashMap<(Address, String), HashSet<String>>,
    /// Rows to which the log does not lead back.
    lost: HashSet<ChangedRow>,
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
        let first = queries::first_since(&connection, since_ms).map_err(unreadable)?;
        let decided = queries::decided_since(&connection, first).map_err(unreadable)?;
        let count = decided.iter().filter(|(_, received_ms)| *received_ms < until_ms).count();
        let mut then = Then::default();
        for (address, owner, key) in queries::timers(&connection).map_err(unreadable)? {
            then.timers.entry((address, owner)).or_default().insert(key);
        }
        let newest = decided.iter().map(|(id, _)| *id).max().unwrap_or(i64::MAX);
        for key in queries::former_keys_after(&connection, newest).map_err(unreadable)? {
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

impl Then {
    /// Takes an event back: what it left behind is kept.
    fn back(&mut self, connection: &Connection, id: i64) -> Result<After, StoreError> {
        let (undo, decision) = queries::undo_of(connection, id).map_err(unreadable)?;
        let mut after = After::default();
        let steps = undo.map(|undo| steps_back(&undo)).transpose();
        for (row, patch) in steps.map_err(|error| StoreError::Read(error.to_string()))?.unwrap_or_default() {
            let text = match self.rows.get(&row) {
                Some(text) => text.clone(),
                None => text_now(connection, &row)?,
            };
            let before = match (&patch, &text) {
                (None, _) => Ok(None),
                (Some(_), None) => Err(WalkError::Missing),
                (Some(patch), Some(text)) => patched(text, patch).map(Some),
            };
            // A row that was forgotten, or written by other hands, is known no further back.
            if before.is_err() {
                self.lost.insert(row.clone());
            }
            after.rows.push((row.clone(), text));
            self.set(row, before.unwrap_or_default());
        }
        for key in queries::former_keys(connection, id).map_err(unreadable)? {
            after.keys.push(self.key_back(connection, key)?);
        }
        if let Some(decision) = decision {
            self.timers_back(connection, id, &decision)?;
        }
        Ok(after)
    }

    fn set(&mut self, row: ChangedRow, text: Text) {
        if let ChangedRow::Order { shop, id } = &row {
            let name = (shop.clone(), id.clone());
            let was = self.rows.get(&row).and_then(owner_of);
            if let Some(orders) = was.and_then(|owner| self.orders.get_mut(&owner)) {
                orders.remove(&name);
            }
            if let Some(owner) = owner_of(&text) {
                self.orders.entry(owner).or_default().insert(name);
            }
        }
        self.rows.insert(row, text);
    }

    /// Puts a key back, and says what it held after.
    fn key_back(&mut self, connection: &Connection, row: KeyRow) -> Result<(Key, Option<Held>), StoreError> {
        let KeyRow { plugin, key, value, expires_ms } = row;
        let key = (plugin, key);
        let after = match self.keys.get(&key) {
            Some(held) => held.clone(),
            None => {
                let now = queries::key_as_it_is(connection, &key.0, &key.1).map_err(unreadable)?;
                now.map(|(value, expires_ms)| Held { value, expires_ms })
            }
        };
        self.hold(key.clone(), after.as_ref(), value.map(|value| Held { value, expires_ms }));
        Ok((key, after))
    }

    fn hold(&mut self, key: Key, was: Option<&Held>, held: Option<Held>) {
        let bytes = |held: Option<&Held>| held.map_or(0, |it| (key.1.len() + it.value.len()) as i64);
        let more = bytes(held.as_ref()) - bytes(was);
        *self.more_bytes.entry(key.0.clone()).or_default() += more;
        self.keys.insert(key, held);
    }

    /// A timer that fired waited before; one that was set did not, as far as the log shows from here.
    fn timers_back(&mut self, connection: &Connection, id: i64, decision: &str) -> Result<(), StoreError> {
        // Most events have nothing to do with timers, and are not read for it.
        let (sets, fired) = (decision.contains("set_timer"), decision.contains("timer"));
        if !(sets || fired) {
            return Ok(());
        }
        let Some((logged, _)) = queries::past_event(connection, id).map_err(unreadable)? else { return Ok(()) };
        let steps = TimerSteps::of(&logged);
        for (place, key, is_set) in steps.changes.iter().rev() {
            if *is_set && let Some(waiting) = self.timers.get_mut(place) {
                waiting.remove(key);
            }
        }
        if let Some((place, key)) = steps.fired {
            self.timers.entry(place).or_default().insert(key);
        }
        Ok(())
    }

    /// What an event left behind is what is there from now on.
    fn forward(&mut self, left: Left) {
        for (row, text) in left.after.rows {
            self.set(row, text);
        }
        for (key, held) in left.after.keys {
            let was = self.keys.get(&key).cloned().flatten();
            self.hold(key, was.as_ref(), held);
        }
        if let Some((place, key)) = left.timers.fired {
            self.timers.entry(place).or_default().remove(&key);
        }
        for (place, key, is_set) in left.timers.changes {
            let waiting = self.timers.entry(place).or_default();
            if is_set {
                waiting.insert(key);
            } else {
                waiting.remove(&key);
            }
        }
    }
}

/// What an event did to timers.
#[derive(Default)]
struct TimerSteps {
    fired: Option<((Address, String), String)>,
    /// Conversation and owner, key, and whether it was set rather than cancelled.
    changes: Vec<((Address, String), String, bool)>,
}

impl TimerSteps {
    fn of(logged: &Logged) -> Self {
        let home = &logged.event.address;
        let fired = match &logged.event.kind {
            EventKind::Timer(fired) => Some(((home.clone(), fired.owner.clone()), fired.key.clone())),
            _ => None,
        };
        let change = |action: &Action| match action {
            Action::SetTimer { at, owner, key, .. } | Action::CancelTimer { at, owner, key } => {
                let address = at.as_ref().unwrap_or(home).clone();
                let is_set = matches!(action, Action::SetTimer { .. });
                Some(((address, owner.clone()), key.clone(), is_set))
            }
            _ => None,
        };
        Self { fired, changes: logged.actions.iter().filter_map(change).collect() }
    }
}

fn patched(text: &str, patch: &json_patch::Patch) -> Result<Arc<str>, WalkError> {
    let mut value: Value = serde_json::from_str(text)?;
    json_patch::patch(&mut value, patch)?;
    Ok(serde_json::to_string(&value)?.into())
}

fn text_now(connection: &Connection, row: &ChangedRow) -> Result<Text, StoreError> {
    fn text<T: Serialize>(found: rusqlite::Result<Versioned<T>>) -> Result<Text, StoreError> {
        let text = found.map_err(unreadable)?.value.map(|row| serde_json::to_string(&row)).transpose();
        Ok(text.map_err(|error| StoreError::Read(error.to_string()))?.map(Into::into))
    }
    match row {
        ChangedRow::Conversation { channel, chat } => {
            text(queries::conversation(connection, &Address::new(channel, chat)))
        }
        ChangedRow::Order { shop, id } => text(queries::order(connection, shop, id)),
        ChangedRow::Ticket { id } => text(queries::ticket(connection, id)),
    }
}

/// Whose order it is.
fn owner_of(order: &Text) -> Option<Address> {
    #[derive(Deserialize)]
    struct Owned {
        address: Address,
    }
    serde_json::from_str::<Owned>(order.as_deref()?).ok().map(|it| it.address)
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
            let found = queries::past_event(&self.connection(), id).map_err(unreadable)?;
            let Some((logged, recorded)) = found else { continue };
            self.left = Some(Left { after, timers: TimerSteps::of(&logged) });
            if logged.received_ms < self.until_ms {
                let is_lost = self.then.lost.contains(&conversation_row(&logged.event.address));
                return Ok(Some(PastEvent { logged, recorded, is_lost }));
            }
        }
    }
}

impl Views for SqlitePast {
    fn conversation(&self, address: &Address) -> Result<Versioned<Conversation>, StoreError> {
        self.row(&conversation_row(address), |connection| queries::conversation(connection, address))
    }

    fn order(&self, shop: &str, id: &str) -> Result<Versioned<Order>, StoreError> {
        let row = ChangedRow::Order { shop: shop.to_owned(), id: id.to_owned() };
        self.row(&row, |connection| queries::order(connection, shop, id))
    }

    fn orders_of(&self, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        let mut named = queries::orders_named(&self.connection(), address, ORDERS).map_err(unreadable)?;
        for (shop, number) in self.then.orders.get(address).into_iter().flatten() {
            if let Some(id) = queries::order_id(&self.connection(), shop, number).map_err(unreadable)? {
                named.push((id, shop.clone(), number.clone()));
            }
        }
        named.sort_by(|a, b| b.cmp(a));
        named.dedup();
        let mut found = Vec::new();
        for (_, shop, number) in named {
            let order = self.order(&shop, &number)?;
            if found.len() < limit && order.value.as_ref().is_some_and(|order| order.address == *address) {
                found.push(order);
            }
        }
        Ok(found)
    }

    fn orders_numbered(&self, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>, StoreError> {
        let now = queries::orders_numbered(&self.connection(), number, NUMBERED).map_err(unreadable)?;
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
        self.row(&ChangedRow::Ticket { id: id.to_owned() }, |connection| queries::ticket(connection, id))
    }

    fn kv(&self, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>, StoreError> {
        let held = match self.then.keys.get(&(plugin.to_owned(), key.to_owned())) {
            Some(held) => held.clone(),
            None => {
                let now = queries::key_as_it_is(&self.connection(), plugin, key).map_err(unreadable)?;
                now.map(|(value, expires_ms)| Held { value, expires_ms })
            }
        };
        let held = held.filter(|held| held.expires_ms.is_none_or(|expires_ms| expires_ms > now_ms));
        Ok(held.map_or_else(Versioned::none, |held| Versioned::new(held.value, VERSION)))
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
        let then: BTreeMap<&str, Option<&Held>> = then
            .filter(|((_, key), _)| key.as_str() > after)
            .map(|((_, key), held)| (key.as_str(), held.as_ref()))
            .collect();
        let many = limit.saturating_add(then.len());
        let is_there = |expires_ms: Option<i64>| expires_ms.is_none_or(|expires_ms| expires_ms > now_ms);
        let now = queries::keys_as_they_are(&self.connection(), plugin, prefix, after, many).map_err(unreadable)?;
        let mut keys: BTreeSet<String> = now
            .into_iter()
            .filter(|(key, expires_ms)| !then.contains_key(key.as_str()) && is_there(*expires_ms))
            .map(|(key, _)| key)
            .collect();
        let held = then.iter().filter(|(_, held)| held.is_some_and(|held| is_there(held.expires_ms)));
        keys.extend(held.map(|(key, _)| (*key).to_owned()));
        Ok(keys.into_iter().take(limit).collect())
    }

    fn kv_size(&self, plugin: &str) -> Result<u64, StoreError> {
        let now = queries::kv_size(&self.connection(), plugin).map_err(unreadable)?;
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
        None => match queries::explain(&connection, reference).map_err(unreadable)? {
            Some(logged) => logged.event.address,
            None => return Ok(None),
        },
    };
    let snapshot = connection.unchecked_transaction().map_err(unreadable)?;
    let events = queries::events_of(&snapshot, &address).map_err(unreadable)?;
    let Some(first) = events.first() else { return Ok(None) };
    let row = conversation_row(&address);
    let now = queries::conversation(&snapshot, &address).map_err(unreadable)?.value;
    let unfit = |error: WalkError| StoreError::Read(error.to_string());
    let now = now.map(serde_json::to_value).transpose().map_err(|error| unfit(error.into()))?;
    let mut walk = Walk::new(&row, now);
    for undo in queries::undo_from(&snapshot, first.id).map_err(unreadable)? {
        walk.back(&undo).map_err(unfit)?;
    }
    let before = walk.end().map_err(unfit)?;
    Ok(Some(Story { address, before, events }))
}
