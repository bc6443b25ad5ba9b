//! What is asked in looking back, on any connection.

use rusqlite::{Connection, Result, Row};

use crate::{
    model::{Address, Recorded},
    store::{
        Logged,
        sqlite::{
            queries::{ANSWERS, LOGGED, all, first, messages_of},
            rows,
        },
    },
};

const FIRST_SINCE: &str = "SELECT id, received_ms FROM events WHERE id >= ?1 ORDER BY id LIMIT 1";
const DECIDED_SINCE: &str = "SELECT id, received_ms FROM events WHERE state = 0 AND (id >= ?1 OR place >= ?1 << 20)
     AND coalesce(place, id << 20) >= ?1 << 20 ORDER BY coalesce(place, id << 20)";
const UNDO_OF: &str = "SELECT undo, decision FROM events WHERE id = ?1";
const FORMER_KEYS: &str = "SELECT plugin, key, value, expires_ms FROM former_kv WHERE event_id = ?1";
const FORMER_KEYS_AFTER: &str = "SELECT plugin, key, value, expires_ms FROM former_kv WHERE event_id > ?1
     ORDER BY event_id DESC";
const KEY_AS_IT_IS: &str = "SELECT value, expires_ms FROM kv WHERE plugin = ?1 AND key = ?2";
const KEYS_AS_THEY_ARE: &str = "SELECT key, expires_ms FROM kv WHERE plugin = ?1 AND key > ?3 AND key >= ?2
     AND key < ?2 || char(1114111) ORDER BY key LIMIT ?4";
const ORDER_ID: &str = "SELECT id FROM orders WHERE shop = ?1 AND number = ?2";
const ORDERS_NAMED: &str =
    "SELECT o.id, o.shop, o.number FROM conversations c JOIN orders o ON o.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2 ORDER BY o.id DESC LIMIT ?3";
const ORDERS_OF_CONTACT: &str = "SELECT id, shop, number FROM orders WHERE id IN (
         SELECT o.id FROM conversations c JOIN orders o ON o.conversation_id = c.id WHERE c.channel = ?1 AND c.chat = ?2
         UNION ALL SELECT id FROM orders WHERE contact = ?3
         UNION ALL SELECT o.id FROM contacts m JOIN orders o ON o.contact = m.id WHERE m.merged_into = ?3
     ) ORDER BY id DESC LIMIT ?4";
const TIMERS: &str = "SELECT c.channel, c.chat, t.owner, t.key FROM timers t JOIN conversations c
     ON c.id = t.conversation_id";

/// The first event that was received at `since_ms` or later. Events are received in the order of their ids.
pub fn first_since(connection: &Connection, since_ms: i64) -> Result<i64> {
    let newest: i64 = connection.query_row("SELECT coalesce(max(id), 0) FROM events", (), |row| row.get(0))?;
    let (mut before, mut after) = (0, newest + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        match first(connection, FIRST_SINCE, (middle,), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
            Some((id, received_ms)) if received_ms < since_ms => before = id.min(after - 1),
            _ => after = middle,
        }
    }
    Ok(after)
}

/// The ids of the events that were decided after those before `event_id`, with when they were received, in the order
/// of the decisions.
pub fn decided_since(connection: &Connection, event_id: i64) -> Result<Vec<(i64, i64)>> {
    all(connection, DECIDED_SINCE, (event_id,), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The way back of one event, and what was decided about it.
pub fn undo_of(connection: &Connection, event_id: i64) -> Result<(Option<String>, Option<String>)> {
    Ok(first(connection, UNDO_OF, (event_id,), |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default())
}

/// What a plugin's key holds, or held, and until when.
pub struct KeyRow {
    pub plugin: String,
    pub key: String,
    pub value: Option<Vec<u8>>,
    pub expires_ms: Option<i64>,
}

fn key_row(row: &Row<'_>) -> Result<KeyRow> {
    Ok(KeyRow { plugin: row.get(0)?, key: row.get(1)?, value: row.get(2)?, expires_ms: row.get(3)? })
}

/// What the keys that an event wrote held before it.
pub fn former_keys(connection: &Connection, event_id: i64) -> Result<Vec<KeyRow>> {
    all(connection, FORMER_KEYS, (event_id,), key_row)
}

/// The same of keys that are gone since the newest event, newest first.
pub fn former_keys_after(connection: &Connection, event_id: i64) -> Result<Vec<KeyRow>> {
    all(connection, FORMER_KEYS_AFTER, (event_id,), key_row)
}

/// A key's value and its expiry, whether that is over or not.
pub fn key_as_it_is(connection: &Connection, plugin: &str, key: &str) -> Result<Option<(Vec<u8>, Option<i64>)>> {
    first(connection, KEY_AS_IT_IS, (plugin, key), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// As `kv_keys`, with the expiry of each, whether that is over or not.
pub fn keys_as_they_are(
    connection: &Connection,
    plugin: &str,
    prefix: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, Option<i64>)>> {
    all(connection, KEYS_AS_THEY_ARE, (plugin, prefix, after, limit as i64), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The place of an order among all, by when the clerk first heard of it.
pub fn order_id(connection: &Connection, shop: &str, number: &str) -> Result<Option<i64>> {
    first(connection, ORDER_ID, (shop, number), |row| row.get(0))
}

/// The orders of an address by name, newest first.
pub fn orders_named(connection: &Connection, address: &Address, limit: usize) -> Result<Vec<(i64, String, String)>> {
    let parameters = (&address.channel, &address.chat, limit as i64);
    all(connection, ORDERS_NAMED, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// The orders of a contact by name, newest first.
pub fn orders_of_contact(
    connection: &Connection,
    contact: &str,
    address: &Address,
    limit: usize,
) -> Result<Vec<(i64, String, String)>> {
    let parameters = (&address.channel, &address.chat, contact, limit as i64);
    all(connection, ORDERS_OF_CONTACT, parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Address, owner and key of all timers that wait.
pub fn timers(connection: &Connection) -> Result<Vec<(Address, String, String)>> {
    all(connection, TIMERS, (), |row| {
        Ok((Address { channel: row.get(0)?, chat: row.get(1)? }, row.get(2)?, row.get(3)?))
    })
}

/// An event of the log with its messages and with what the outside answered.
pub fn past_event(connection: &Connection, event_id: i64) -> Result<Option<(Logged, Vec<Recorded>)>> {
    let Some(mut logged) = first(connection, LOGGED, (event_id,), rows::logged)? else { return Ok(None) };
    logged.queued = messages_of(connection, event_id)?;
    Ok(Some((logged, all(connection, ANSWERS, (event_id,), rows::recorded)?)))
}
