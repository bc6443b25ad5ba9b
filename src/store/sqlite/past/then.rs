//! Rows as they were, where that is otherwise than now, and the steps back and forward between moments.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::queries::{self as past, KeyRow};
use crate::{
    model::{Action, Address, Contact, ContactKey, EventKind, KeptValue, Versioned},
    store::{
        Logged, StoreError,
        sqlite::{
            queries,
            undo::{ChangedRow, WalkError, WayBack, steps_back},
            unreadable,
        },
    },
};

/// A row's JSON; `None` where it is not there.
pub type Text = Option<Arc<str>>;
/// A plugin and its key.
pub type Key = (String, String);

/// What an event left behind.
#[derive(Default)]
pub struct After {
    pub rows: Vec<(ChangedRow, Text)>,
    pub keys: Vec<(Key, Option<KeptValue>)>,
}

/// What an event left behind, and what it did to timers.
pub struct Left {
    pub after: After,
    pub timers: TimerSteps,
}

/// Rows where they are others than now.
#[derive(Default)]
pub struct Then {
    pub rows: HashMap<ChangedRow, Text>,
    /// The rows of orders among them, by whose they were.
    pub orders: HashMap<Address, BTreeSet<(String, String)>>,
    /// What those of contacts were found by, and by what they were not, where that is otherwise than now.
    pub contact_keys: HashMap<ContactKey, Option<String>>,
    pub keys: BTreeMap<Key, Option<KeptValue>>,
    /// How many bytes more than now a plugin kept.
    pub more_bytes: HashMap<String, i64>,
    /// By conversation and owner.
    pub timers: HashMap<(Address, String), HashSet<String>>,
    /// Rows to which the log does not lead back.
    pub lost: HashSet<ChangedRow>,
}

impl Then {
    /// Takes an event back: what it left behind is kept.
    pub fn back(&mut self, connection: &Connection, id: i64) -> Result<After, StoreError> {
        let (undo, decision) = past::undo_of(connection, id).map_err(unreadable)?;
        let mut after = After::default();
        let steps = undo.map(|undo| steps_back(&undo)).transpose();
        for (row, way) in steps.map_err(|error| StoreError::Read(error.to_string()))?.unwrap_or_default() {
            let text = match self.rows.get(&row) {
                Some(text) => text.clone(),
                None => text_now(connection, &row)?,
            };
            let before = match (way, &text) {
                (None, _) => Ok(None),
                (Some(_), None) => Err(WalkError::Missing),
                (Some(way), Some(text)) => taken(text, way).map(Some),
            };
            // A row that was forgotten, or written by other hands, is known no further back.
            if before.is_err() {
                self.lost.insert(row.clone());
            }
            let before = before.unwrap_or_default();
            if matches!(row, ChangedRow::Contact { .. }) {
                self.move_keys(&text, &before);
            }
            after.rows.push((row.clone(), text));
            self.set(row, before);
        }
        for key in past::former_keys(connection, id).map_err(unreadable)? {
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

    /// A contact's row goes from one text to another, and what it is found by with it.
    fn move_keys(&mut self, was: &Text, text: &Text) {
        let whole = |text: &Text| {
            let contact: Option<Contact> = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
            contact.filter(Contact::is_whole)
        };
        if let Some(was) = whole(was) {
            for key in was.keys() {
                let held = self.contact_keys.entry(key).or_insert(None);
                // Another that took it over keeps it.
                if held.as_ref().is_none_or(|holder| *holder == was.id) {
                    *held = None;
                }
            }
        }
        if let Some(now) = whole(text) {
            self.contact_keys.extend(now.keys().map(|key| (key, Some(now.id.clone()))));
        }
    }

    /// Puts a key back, and says what it kept after.
    pub fn key_back(&mut self, connection: &Connection, row: KeyRow) -> Result<(Key, Option<KeptValue>), StoreError> {
        let KeyRow { plugin, key, value, expires_ms } = row;
        let key = (plugin, key);
        let after = match self.keys.get(&key) {
            Some(kept) => kept.clone(),
            None => {
                let now = past::key_as_it_is(connection, &key.0, &key.1).map_err(unreadable)?;
                now.map(|(value, expires_ms)| KeptValue { value, expires_ms })
            }
        };
        self.hold(key.clone(), after.as_ref(), value.map(|value| KeptValue { value, expires_ms }));
        Ok((key, after))
    }

    fn hold(&mut self, key: Key, was: Option<&KeptValue>, kept: Option<KeptValue>) {
        let bytes = |kept: Option<&KeptValue>| kept.map_or(0, |it| (key.1.len() + it.value.len()) as i64);
        let more = bytes(kept.as_ref()) - bytes(was);
        *self.more_bytes.entry(key.0.clone()).or_default() += more;
        self.keys.insert(key, kept);
    }

    /// A timer that fired waited before; one that was set did not, as far as the log shows from here.
    fn timers_back(&mut self, connection: &Connection, id: i64, decision: &str) -> Result<(), StoreError> {
        // Most events have nothing to do with timers, and are not read for it.
        let (sets, fired) = (decision.contains("set_timer"), decision.contains("timer"));
        if !(sets || fired) {
            return Ok(());
        }
        let Some((logged, _)) = past::past_event(connection, id).map_err(unreadable)? else { return Ok(()) };
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
    pub fn forward(&mut self, left: Left) {
        for (row, text) in left.after.rows {
            if matches!(row, ChangedRow::Contact { .. }) {
                let was = self.rows.get(&row).cloned().flatten();
                self.move_keys(&was, &text);
            }
            self.set(row, text);
        }
        for (key, kept) in left.after.keys {
            let was = self.keys.get(&key).cloned().flatten();
            self.hold(key, was.as_ref(), kept);
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
pub struct TimerSteps {
    pub fired: Option<((Address, String), String)>,
    /// Conversation and owner, key, and whether it was set rather than cancelled.
    pub changes: Vec<((Address, String), String, bool)>,
}

impl TimerSteps {
    pub fn of(logged: &Logged) -> Self {
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

fn taken(text: &str, way: WayBack) -> Result<Arc<str>, WalkError> {
    let mut value: Value = serde_json::from_str(text)?;
    way.take(&mut value)?;
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
        ChangedRow::Contact { id } => text(queries::contact(connection, id)),
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
