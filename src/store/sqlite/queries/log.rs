//! Events, what was decided about them, and the ways back.

use rusqlite::{Connection, OptionalExtension, Result};

use super::{all, first, mail::in_newest_part, messages_of};
use crate::{
    model::Address,
    store::{Heard, Logged, Undecided, sqlite::rows},
};

const FIND_EVENT: &str = "SELECT event_id FROM dedupe WHERE channel = ?1 AND dedupe = ?2";
/// Likewise, of the last events.
const HEARD: &str = "WITH RECURSIVE chain (id) AS (
         SELECT last_event FROM conversations WHERE channel = ?1 AND chat = ?2 AND last_event > ?3
         UNION ALL
         SELECT older.previous FROM chain CROSS JOIN events older ON older.id = chain.id
         WHERE older.previous > ?3 LIMIT ?4
     )
     SELECT e.id, e.received_ms, e.channel, e.dedupe, e.event
     FROM chain CROSS JOIN events e ON e.id = chain.id
     WHERE json_extract(e.event, '$.kind.type') = 'message' ORDER BY e.id";
pub const LOGGED: &str = "SELECT id, received_ms, channel, dedupe, event, decision FROM events WHERE id = ?1";
/// Events from an id on, with what has left of what they said in their own conversation.
pub const RECORDS: &str = "SELECT e.id, e.received_ms, e.channel, e.dedupe, e.event, e.decision,
     (SELECT count(*) FROM messages m WHERE m.id >= e.first_message AND m.id < e.first_message + e.messages
         AND m.conversation_id = e.conversation_id AND m.state = 1),
     (SELECT min(m.settled_ms) FROM messages m WHERE m.id >= e.first_message AND m.id < e.first_message + e.messages
         AND m.conversation_id = e.conversation_id AND m.state = 1)
     FROM events e WHERE e.id >= ?1 AND e.state = 0 ORDER BY e.id LIMIT ?2";
const UNDECIDED: &str = "SELECT id, received_ms, channel, dedupe, event FROM events
     WHERE state = 1 AND id > ?1 ORDER BY id LIMIT ?2";
pub const ANSWERS: &str = "SELECT number, plugin, digest, reply FROM answers WHERE event_id = ?1 ORDER BY number";
const EVENTS_OF: &str = "WITH RECURSIVE chain (id) AS (
         SELECT last_event FROM conversations WHERE channel = ?1 AND chat = ?2 AND last_event > 0
         UNION ALL
         SELECT older.previous FROM chain CROSS JOIN events older ON older.id = chain.id WHERE older.previous > 0
     )
     SELECT e.id, e.received_ms, e.channel, e.dedupe, e.event, e.decision
     FROM chain CROSS JOIN events e ON e.id = chain.id ORDER BY e.id";
/// In the order of the decisions, which is not always that of the events.
const UNDO_FROM: &str = "SELECT undo FROM events WHERE (id >= ?1 OR place > ?1 << 20) AND undo IS NOT NULL
     AND coalesce(place, id << 20) >= coalesce((SELECT place FROM events WHERE id = ?1), ?1 << 20)
     ORDER BY coalesce(place, id << 20) DESC";
const FORMER_KV: &str = "SELECT value FROM former_kv WHERE plugin = ?1 AND key = ?2 AND event_id >= ?3
     ORDER BY event_id LIMIT 1";
const EVENT_OF_MESSAGE: &str = "SELECT event_id FROM messages WHERE id = ?1";
const EVENT_BY_KEY: &str = "SELECT event_id FROM messages WHERE part = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1";
const EVENT_BY_PLATFORM_ID: &str =
    "SELECT event_id FROM messages WHERE part = ?1 AND platform_id = ?2 ORDER BY id DESC LIMIT 1";
const NEXT_CHANNEL: &str = "SELECT channel FROM dedupe WHERE channel > ?1 ORDER BY channel LIMIT 1";

/// Those that are asked often, for the test that none reads a whole table.
#[cfg(test)]
pub const ALL: &[&str] = &[
    FIND_EVENT,
    HEARD,
    LOGGED,
    RECORDS,
    UNDECIDED,
    ANSWERS,
    EVENTS_OF,
    EVENT_OF_MESSAGE,
    EVENT_BY_KEY,
    EVENT_BY_PLATFORM_ID,
    NEXT_CHANNEL,
];

pub fn find_event(connection: &Connection, channel: &str, dedupe: &str) -> Result<Option<i64>> {
    first(connection, FIND_EVENT, (channel, dedupe), |row| row.get(0))
}

/// When the newest event was received.
pub fn newest_ms(connection: &Connection) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT received_ms FROM events ORDER BY id DESC LIMIT 1")?
        .query_row((), |row| row.get(0))
        .optional()
}

pub fn heard(connection: &Connection, address: &Address, after: i64, limit: usize) -> Result<Vec<Heard>> {
    all(connection, HEARD, (&address.channel, &address.chat, after.max(0), limit as i64), rows::heard)
}

pub fn undecided(connection: &Connection, after: i64, limit: usize) -> Result<Vec<Undecided>> {
    let mut events = all(connection, UNDECIDED, (after, limit as i64), rows::undecided)?;
    for event in &mut events {
        event.recorded = all(connection, ANSWERS, (event.id,), rows::recorded)?;
    }
    Ok(events)
}

/// The events of a conversation, oldest first, with what was said.
pub fn events_of(connection: &Connection, address: &Address) -> Result<Vec<Logged>> {
    let mut events = all(connection, EVENTS_OF, (&address.channel, &address.chat), rows::logged)?;
    for event in &mut events {
        event.queued = messages_of(connection, event.id)?;
    }
    Ok(events)
}

/// The ways back of all events from `event_id` on, newest first.
pub fn undo_from(connection: &Connection, event_id: i64) -> Result<Vec<String>> {
    all(connection, UNDO_FROM, (event_id,), |row| row.get(0))
}

/// What a plugin's key held before the event `event_id`: `None` where no event since has written it.
pub fn former_kv(connection: &Connection, plugin: &str, key: &str, event_id: i64) -> Result<Option<Option<Vec<u8>>>> {
    first(connection, FORMER_KV, (plugin, key, event_id), |row| row.get(0))
}

/// Everything `reference` may name is looked up, all in one snapshot, and the newest taken.
pub fn explain(connection: &Connection, reference: &str) -> Result<Option<Logged>> {
    let snapshot = connection.unchecked_transaction()?;
    let number = |text: &str| text.parse::<i64>().ok();
    let event_of = |message: i64| first(&snapshot, EVENT_OF_MESSAGE, (message,), |row| row.get(0));
    let candidates = [
        number(reference),
        reference.strip_prefix("out:").and_then(number).map(event_of).transpose()?.flatten(),
        in_newest_part(&snapshot, EVENT_BY_KEY, reference)?,
        in_newest_part(&snapshot, EVENT_BY_PLATFORM_ID, reference)?,
        by_dedupe(&snapshot, reference)?,
    ];
    let mut events: Vec<i64> = candidates.into_iter().flatten().collect();
    events.sort_unstable_by(|a, b| b.cmp(a));
    for id in events {
        // A number need not be the id of anything.
        if let Some(mut logged) = first(&snapshot, LOGGED, (id,), rows::logged)? {
            logged.queued = messages_of(&snapshot, id)?;
            return Ok(Some(logged));
        }
    }
    Ok(None)
}

/// Asks each channel; there are only a few.
fn by_dedupe(connection: &Connection, dedupe: &str) -> Result<Option<i64>> {
    let mut newest = None;
    let mut channel = String::new();
    while let Some(next) = first(connection, NEXT_CHANNEL, (&channel,), |row| row.get::<_, String>(0))? {
        newest = newest.max(find_event(connection, &next, dedupe)?);
        channel = next;
    }
    Ok(newest)
}
