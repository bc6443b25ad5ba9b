//! Messages to be sent and sent ones, and timers.

use rusqlite::{Connection, Result, Row};

use super::{all, first};
use crate::{
    model::{Address, Content},
    store::{Move, Queued, Timer, sqlite::rows},
};

/// Reads messages `m` of the address `c`, in the order `rows::queued` expects.
macro_rules! select_queued {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, c.channel, c.chat, m.content, m.context, m.key, m.not_before_ms, m.notice, m.attempts, ",
            "m.state, m.last_error, m.created_ms, m.delivered_ms, m.read_ms, m.doubts ",
            $rest
        )
    };
}

const WAITING_TIMERS: &str = "SELECT count(*) FROM conversations c JOIN timers t ON t.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2 AND t.owner = ?3";
/// The plus keeps the index in the order asked for, which would not be seen behind a constant.
const DUE_TIMERS: &str = "SELECT t.id, c.channel, c.chat, t.owner, t.key, t.due_ms, t.priority, t.payload
     FROM timers t CROSS JOIN conversations c ON c.id = t.conversation_id
     WHERE t.due_ms <= ?1 AND t.claimed_until_ms <= ?1 AND +t.priority = 0
     ORDER BY t.due_ms, t.priority DESC, t.id LIMIT ?2";
/// Of all that are due the weightiest, so that what is due together goes in that order however many there are.
const DUE_BY_WEIGHT: &str = "SELECT t.id, c.channel, c.chat, t.owner, t.key, t.due_ms, t.priority, t.payload
     FROM timers t CROSS JOIN conversations c ON c.id = t.conversation_id
     WHERE t.due_ms <= ?1 AND t.claimed_until_ms <= ?1 AND t.priority <> 0
     ORDER BY t.priority DESC, t.due_ms, t.id LIMIT ?2";
/// Those that are claimed are few: as many as fire at once.
const NEXT_DUE: &str = "SELECT max(due_ms, claimed_until_ms) FROM timers WHERE claimed_until_ms = 0
     ORDER BY due_ms LIMIT 1";
const NEXT_LAPSE: &str = "SELECT min(claimed_until_ms) FROM (SELECT claimed_until_ms FROM timers
     WHERE due_ms <= ?1 ORDER BY due_ms LIMIT 1000) WHERE claimed_until_ms > 0";
const PENDING: &str = select_queued!(
    "FROM messages m CROSS JOIN conversations c ON c.id = m.conversation_id
     WHERE m.state = 0 AND m.id > ?1 AND m.claimed_by = ?3 ORDER BY m.id LIMIT ?2"
);
const DEAD: &str = select_queued!(
    "FROM messages m CROSS JOIN conversations c ON c.id = m.conversation_id
     WHERE m.state = 2 ORDER BY m.id DESC LIMIT ?1"
);
const MESSAGE: &str =
    select_queued!("FROM messages m CROSS JOIN conversations c ON c.id = m.conversation_id WHERE m.id = ?1");
const MESSAGES_OF: &str = select_queued!(
    "FROM events e CROSS JOIN messages m ON m.id >= e.first_message AND m.id < e.first_message + e.messages
     CROSS JOIN conversations c ON c.id = m.conversation_id WHERE e.id = ?1 ORDER BY m.id"
);
/// Walks back from the newest, so that it costs what it finds and needs no index of all messages by address.
const TRANSCRIPT: &str = select_queued!(
    "FROM conversations c CROSS JOIN (
         WITH RECURSIVE chain (id) AS (
             SELECT last_message FROM conversations WHERE channel = ?1 AND chat = ?2 AND last_message > ?3
             UNION ALL
             SELECT older.previous FROM chain CROSS JOIN messages older ON older.id = chain.id
             WHERE older.previous > ?3 LIMIT ?4
         )
         SELECT id FROM chain
     ) chain CROSS JOIN messages m ON m.id = chain.id
     WHERE c.channel = ?1 AND c.chat = ?2 AND m.content IS NOT NULL ORDER BY m.id"
);
/// An echo comes within moments of what it repeats.
const LAST_SAID: &str = "WITH RECURSIVE chain (id) AS (
         SELECT last_message FROM conversations WHERE channel = ?1 AND chat = ?2
         UNION ALL
         SELECT older.previous FROM chain CROSS JOIN messages older ON older.id = chain.id WHERE older.previous > 0
         LIMIT 32
     )
     SELECT m.platform_id, m.content FROM chain CROSS JOIN messages m ON m.id = chain.id";
const MOVES: &str = "SELECT channel, chat, now_at FROM moves";
const MESSAGE_BY_PLATFORM_ID: &str =
    "SELECT m.id FROM messages m CROSS JOIN conversations c ON c.id = m.conversation_id
     WHERE m.part = ?1 AND m.platform_id = ?3 AND c.channel = ?2 ORDER BY m.id DESC LIMIT 1";
const SUBJECT_BY_PLATFORM_ID: &str =
    "SELECT about.channel, about.chat FROM messages m CROSS JOIN conversations c ON c.id = m.conversation_id
     CROSS JOIN events e ON e.id = m.event_id CROSS JOIN conversations about ON about.id = e.conversation_id
     WHERE m.part = ?1 AND m.platform_id = ?2 AND c.channel = ?3
     AND (c.chat = ?4 OR substr(c.chat, 1, length(?4) + 1) = ?4 || '#') ORDER BY m.id DESC LIMIT 1";
const SUBJECT_BY_KEY: &str = "SELECT about.channel, about.chat FROM messages m CROSS JOIN events e ON e.id = m.event_id
     CROSS JOIN conversations about ON about.id = e.conversation_id
     WHERE m.part = ?1 AND m.key = ?2 ORDER BY m.id DESC LIMIT 1";
const NEWEST_MESSAGE: &str = "SELECT id FROM messages ORDER BY id DESC LIMIT 1";

/// Those that are asked often, for the test that none reads a whole table.
#[cfg(test)]
pub const ALL: &[&str] = &[
    DUE_TIMERS,
    DUE_BY_WEIGHT,
    PENDING,
    DEAD,
    MESSAGE,
    MESSAGES_OF,
    TRANSCRIPT,
    LAST_SAID,
    MESSAGE_BY_PLATFORM_ID,
    SUBJECT_BY_PLATFORM_ID,
    SUBJECT_BY_KEY,
];

pub fn due_timers(connection: &Connection, now_ms: i64, limit: usize) -> Result<Vec<Timer>> {
    // Those without a weight wait for none with one: a customer who was told "one moment" is among them.
    let mut due = all(connection, DUE_TIMERS, (now_ms, limit as i64), rows::timer)?;
    due.extend(all(
        connection,
        DUE_BY_WEIGHT,
        (now_ms, (limit - due.len().min(limit)).max(limit / 2) as i64),
        rows::timer,
    )?);
    Ok(due)
}

/// How many timers of `owner` wait in a conversation.
pub fn waiting_timers(connection: &Connection, address: &Address, owner: &str) -> Result<usize> {
    let count: i64 = connection
        .prepare_cached(WAITING_TIMERS)?
        .query_row((&address.channel, &address.chat, owner), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

pub fn next_due_ms(connection: &Connection) -> Result<Option<i64>> {
    let due: Option<i64> = first(connection, NEXT_DUE, (), |row| row.get(0))?;
    let lapse: Option<i64> = first(connection, NEXT_LAPSE, (due.unwrap_or(i64::MAX),), |row| row.get(0))?.flatten();
    Ok(due.into_iter().chain(lapse).min())
}

pub fn pending(connection: &Connection, daemon: i64, after: i64, limit: usize) -> Result<Vec<Queued>> {
    all(connection, PENDING, (after, limit as i64, daemon), rows::queued)
}

pub fn dead(connection: &Connection, limit: usize) -> Result<Vec<Queued>> {
    all(connection, DEAD, (limit as i64,), rows::queued)
}

pub fn message(connection: &Connection, id: i64) -> Result<Option<Queued>> {
    first(connection, MESSAGE, (id,), rows::queued)
}

pub fn messages_of(connection: &Connection, event_id: i64) -> Result<Vec<Queued>> {
    all(connection, MESSAGES_OF, (event_id,), rows::queued)
}

pub fn transcript(connection: &Connection, address: &Address, after: i64, limit: usize) -> Result<Vec<Queued>> {
    all(connection, TRANSCRIPT, (&address.channel, &address.chat, after.max(0), limit as i64), rows::queued)
}

pub fn was_said(connection: &Connection, address: &Address, platform_id: &str, text: Option<&str>) -> Result<bool> {
    let said: Vec<(Option<String>, Option<Content>)> =
        all(connection, LAST_SAID, (&address.channel, &address.chat), |row| {
            Ok((row.get(0)?, rows::optional_json(row, 1)?))
        })?;
    let is_it = |(id, content): &(Option<String>, Option<Content>)| match id {
        Some(id) if id == platform_id => true,
        _ => content.as_ref().is_some_and(|content| content.says(text)),
    };
    Ok(said.iter().any(is_it))
}

pub fn moves(connection: &Connection) -> Result<Vec<Move>> {
    all(connection, MOVES, (), |row| {
        Ok(Move { address: Address { channel: row.get(0)?, chat: row.get(1)? }, chat: row.get(2)? })
    })
}

pub fn message_by_platform_id(connection: &Connection, channel: &str, platform_id: &str) -> Result<Option<i64>> {
    newest_part(connection, |part| {
        first(connection, MESSAGE_BY_PLATFORM_ID, (part, channel, platform_id), |row| row.get(0))
    })
}

pub fn subject_of(connection: &Connection, room: &Address, reference: &str) -> Result<Option<Address>> {
    let address = |row: &Row<'_>| Ok(Address { channel: row.get(0)?, chat: row.get(1)? });
    let Address { channel, chat } = room;
    newest_part(connection, |part| match first(connection, SUBJECT_BY_KEY, (part, reference), address)? {
        Some(found) => Ok(Some(found)),
        None => first(connection, SUBJECT_BY_PLATFORM_ID, (part, reference, channel, chat), address),
    })
}

pub fn in_newest_part(connection: &Connection, sql: &str, text: &str) -> Result<Option<i64>> {
    newest_part(connection, |part| first(connection, sql, (part, text), |row| row.get(0)))
}

/// Asks each part of the messages, newest first: a few microseconds for every 512 messages.
fn newest_part<T>(connection: &Connection, ask: impl Fn(i64) -> Result<Option<T>>) -> Result<Option<T>> {
    let newest: i64 = first(connection, NEWEST_MESSAGE, (), |row| row.get(0))?.unwrap_or(0);
    for part in (0..=newest >> 9).rev() {
        let found = ask(part)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
