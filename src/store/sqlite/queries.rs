//! The reading questions, on any connection. Each is answered from an index, a key or a bounded range.

use rusqlite::{Connection, OptionalExtension, Params, Result, Row};
use serde::de::DeserializeOwned;

use super::rows;
use crate::{
    model::{Address, Contact, ContactKey, Content, Conversation, Order, Ticket, Version, Versioned},
    store::{ContactMark, Heard, Logged, Move, Person, PersonAt, Queued, Timer, Undecided},
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

const FIND_EVENT: &str = "SELECT event_id FROM dedupe WHERE channel = ?1 AND dedupe = ?2";
const CONVERSATION: &str =
    "SELECT state, version FROM conversations WHERE channel = ?1 AND chat = ?2 AND state IS NOT NULL";
const ORDER: &str = "SELECT state, version FROM orders WHERE shop = ?1 AND number = ?2";
const ORDERS_OF: &str = "SELECT o.state, o.version FROM conversations c JOIN orders o ON o.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2 ORDER BY o.id DESC LIMIT ?3";
const ORDERS_NUMBERED: &str = concat!(
    "SELECT state, version FROM orders WHERE ",
    "ltrim(replace(replace(replace(replace(replace(replace(lower(number), '#', ''), '-', ''), '_', ''), ' ', ''), '/', ''), ",
    "'.', ''), 'abcdefghijklmnopqrstuvwxyz') = ?1 ORDER BY id DESC LIMIT ?2"
);
const TICKET: &str = "SELECT state, version FROM tickets WHERE id = ?1";
const OPEN_TICKETS: &str =
    "SELECT state FROM tickets WHERE closed_ms IS NULL ORDER BY urgency DESC, opened_ms LIMIT ?1";
const TICKETS_OPENED: &str =
    "SELECT state FROM tickets WHERE opened_ms >= ?1 AND opened_ms < ?2 ORDER BY opened_ms LIMIT ?3";
/// The addresses without a chat are as many as there are channels.
const UNREACHABLE_ORDERS: &str = "SELECT o.state FROM conversations n CROSS JOIN orders o ON o.conversation_id = n.id
     WHERE n.chat = '' ORDER BY o.id DESC LIMIT ?1";
const TICKETS_OF: &str = "SELECT t.state FROM conversations c JOIN tickets t ON t.conversation_id = c.id
     WHERE c.channel = ?1 AND c.chat = ?2";
const CONTACT: &str = "SELECT state, version FROM contacts WHERE id = ?1";
const CONTACT_WITH_PARTS: &str = "SELECT state FROM contacts WHERE id = ?1
     UNION ALL SELECT state FROM contacts WHERE merged_into = ?1";
const CONTACT_BY: &str = "SELECT contact FROM contact_keys WHERE kind = ?1 AND scope = ?2 AND value = ?3";
pub const CONTACT_AT: &str = "SELECT contact FROM contact_keys WHERE kind = 'address' AND scope = ?1 AND value = ?2";
pub const CONTACT_OF_ORDER: &str = "SELECT coalesce(x.merged_into, x.id) FROM orders o CROSS JOIN contacts x
     ON x.id = o.contact WHERE o.shop = ?1 AND o.number = ?2";
/// Those of their address, and those that are theirs or of whoever was made a part of them.
const ORDERS_OF_CONTACT: &str = "SELECT state, version FROM orders WHERE id IN (
         SELECT o.id FROM conversations c JOIN orders o ON o.conversation_id = c.id WHERE c.channel = ?1 AND c.chat = ?2
         UNION ALL SELECT id FROM orders WHERE contact = ?3
         UNION ALL SELECT o.id FROM contacts m JOIN orders o ON o.contact = m.id WHERE m.merged_into = ?3
     ) ORDER BY id DESC LIMIT ?4";
const CONTACTS: &str = "SELECT changed_ms, id, state FROM contacts WHERE whole = 1 AND (changed_ms, id) < (?1, ?2)
     ORDER BY changed_ms DESC, id DESC LIMIT ?3";
const KV: &str =
    "SELECT iif(coalesce(expires_ms > ?3, 1), value, NULL), version FROM kv WHERE plugin = ?1 AND key = ?2";
/// A prefix is a range: from itself to before the first text that does not begin with it.
const KV_KEYS: &str = "SELECT key FROM kv WHERE plugin = ?1 AND key > ?3 AND key >= ?2 AND key < ?2 || char(1114111)
     AND coalesce(expires_ms > ?4, 1) ORDER BY key LIMIT ?5";
const KV_SIZE: &str = "SELECT bytes FROM kv_sizes WHERE plugin = ?1";
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
const EVENT_OF_MESSAGE: &str = "SELECT event_id FROM messages WHERE id = ?1";
const NEWEST_MESSAGE: &str = "SELECT id FROM messages ORDER BY id DESC LIMIT 1";
const EVENT_BY_KEY: &str = "SELECT event_id FROM messages WHERE part = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1";
const EVENT_BY_PLATFORM_ID: &str =
    "SELECT event_id FROM messages WHERE part = ?1 AND platform_id = ?2 ORDER BY id DESC LIMIT 1";
const NEXT_CHANNEL: &str = "SELECT channel FROM dedupe WHERE channel > ?1 ORDER BY channel LIMIT 1";

/// All that are asked often, for the test that none reads a whole table.
#[cfg(test)]
pub const ALL: &[&str] = &[
    FIND_EVENT,
    CONVERSATION,
    ORDER,
    ORDERS_OF,
    ORDERS_NUMBERED,
    TICKET,
    OPEN_TICKETS,
    TICKETS_OF,
    CONTACT,
    CONTACT_BY,
    CONTACT_WITH_PARTS,
    CONTACTS,
    ORDERS_OF_CONTACT,
    KV,
    KV_KEYS,
    KV_SIZE,
    DUE_TIMERS,
    DUE_BY_WEIGHT,
    PENDING,
    DEAD,
    MESSAGE,
    MESSAGES_OF,
    TRANSCRIPT,
    LAST_SAID,
    HEARD,
    LOGGED,
    RECORDS,
    UNDECIDED,
    ANSWERS,
    EVENTS_OF,
    EVENT_OF_MESSAGE,
    EVENT_BY_KEY,
    EVENT_BY_PLATFORM_ID,
    MESSAGE_BY_PLATFORM_ID,
    SUBJECT_BY_PLATFORM_ID,
    SUBJECT_BY_KEY,
    CONTACT_AT,
    CONTACT_OF_ORDER,
    NEXT_CHANNEL,
];

pub fn find_event(connection: &Connection, channel: &str, dedupe: &str) -> Result<Option<i64>> {
    first(connection, FIND_EVENT, (channel, dedupe), |row| row.get(0))
}

pub fn conversation(connection: &Connection, address: &Address) -> Result<Versioned<Conversation>> {
    one(connection, CONVERSATION, (&address.channel, &address.chat))
}

pub fn order(connection: &Connection, shop: &str, id: &str) -> Result<Versioned<Order>> {
    one(connection, ORDER, (shop, id))
}

pub fn orders_of(connection: &Connection, address: &Address, limit: usize) -> Result<Vec<Versioned<Order>>> {
    all(connection, ORDERS_OF, (&address.channel, &address.chat, limit as i64), rows::versioned)
}

pub fn orders_numbered(connection: &Connection, number: &str, limit: usize) -> Result<Vec<Versioned<Order>>> {
    let plain: String = number.chars().filter(|it| !matches!(it, '#' | '-' | '_' | ' ' | '/' | '.')).collect();
    let plain = plain.to_ascii_lowercase();
    let digits = plain.trim_start_matches(|it: char| it.is_ascii_lowercase());
    if digits.is_empty() {
        return Ok(Vec::new());
    }
    all(connection, ORDERS_NUMBERED, (digits, limit as i64), rows::versioned)
}

pub fn ticket(connection: &Connection, id: &str) -> Result<Versioned<Ticket>> {
    one(connection, TICKET, (id,))
}

pub fn open_tickets(connection: &Connection, limit: usize) -> Result<Vec<Ticket>> {
    all(connection, OPEN_TICKETS, (limit as i64,), |row| rows::json(row, 0))
}

pub fn tickets_opened(connection: &Connection, from_ms: i64, until_ms: i64, limit: usize) -> Result<Vec<Ticket>> {
    all(connection, TICKETS_OPENED, (from_ms, until_ms, limit as i64), |row| rows::json(row, 0))
}

pub fn unreachable_orders(connection: &Connection, limit: usize) -> Result<Vec<Order>> {
    all(connection, UNREACHABLE_ORDERS, (limit as i64,), |row| rows::json(row, 0))
}

pub fn tickets_of(connection: &Connection, address: &Address) -> Result<Vec<Ticket>> {
    all(connection, TICKETS_OF, (&address.channel, &address.chat), |row| rows::json(row, 0))
}

pub fn contact(connection: &Connection, id: &str) -> Result<Versioned<Contact>> {
    one(connection, CONTACT, (id,))
}

/// The contact of an id, or the one that it was made a part of, however often.
pub fn whole_contact(connection: &Connection, id: &str) -> Result<Option<Contact>> {
    let mut id = id.to_owned();
    for _ in 0..8 {
        match contact(connection, &id)?.value {
            Some(Contact { merged_into: Some(into), .. }) => id = into,
            found => return Ok(found),
        }
    }
    Ok(None)
}

pub fn contacts(
    connection: &Connection,
    after: Option<&ContactMark>,
    limit: usize,
) -> Result<Vec<(ContactMark, Contact)>> {
    let (changed_ms, id) = after.map_or((i64::MAX, ""), |mark| (mark.changed_ms, &mark.id));
    all(connection, CONTACTS, (changed_ms, id, limit as i64), |row| {
        Ok((ContactMark { changed_ms: row.get(0)?, id: row.get(1)? }, rows::json(row, 2)?))
    })
}

pub fn contact_by(connection: &Connection, key: &ContactKey) -> Result<Option<String>> {
    first(connection, CONTACT_BY, key.parts(), |row| row.get(0))
}

/// A contact and those that were made a part of it.
pub fn contact_with_parts(connection: &Connection, id: &str) -> Result<Vec<Contact>> {
    all(connection, CONTACT_WITH_PARTS, (id,), |row| rows::json(row, 0))
}

pub fn person(connection: &Connection, of: &PersonAt) -> Result<Person> {
    let snapshot = connection.unchecked_transaction()?;
    let (contact, mut addresses) = match of {
        PersonAt::Address(address) => {
            (contact_by(&snapshot, &ContactKey::Address(address.clone()))?, vec![address.clone()])
        }
        PersonAt::Contact(id) => (contact(&snapshot, id)?.value.map(|it| it.merged_into.unwrap_or(it.id)), Vec::new()),
    };
    for part in contact.iter().map(|id| contact_with_parts(&snapshot, id)).collect::<Result<Vec<_>>>()?.concat() {
        addresses.push(Contact::own_address(&part.id));
        addresses.extend(part.addresses);
    }
    addresses.sort();
    addresses.dedup();
    Ok(Person { contact, addresses })
}

pub fn orders_of_contact(
    connection: &Connection,
    contact: &str,
    address: &Address,
    limit: usize,
) -> Result<Vec<Versioned<Order>>> {
    let parameters = (&address.channel, &address.chat, contact, limit as i64);
    all(connection, ORDERS_OF_CONTACT, parameters, rows::versioned)
}

pub fn kv(connection: &Connection, plugin: &str, key: &str, now_ms: i64) -> Result<Versioned<Vec<u8>>> {
    let found = first(connection, KV, (plugin, key, now_ms), |row| {
        Ok(Versioned { value: row.get(0)?, version: Version(row.get(1)?) })
    })?;
    Ok(found.unwrap_or_else(Versioned::none))
}

pub fn kv_keys(
    connection: &Connection,
    plugin: &str,
    prefix: &str,
    after: &str,
    now_ms: i64,
    limit: usize,
) -> Result<Vec<String>> {
    all(connection, KV_KEYS, (plugin, prefix, after, now_ms, limit as i64), |row| row.get(0))
}

pub fn kv_size(connection: &Connection, plugin: &str) -> Result<u64> {
    let bytes: Option<i64> = first(connection, KV_SIZE, (plugin,), |row| row.get(0))?;
    Ok(bytes.map_or(0, |bytes| bytes.max(0).unsigned_abs()))
}

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

/// When the newest event was received.
pub fn newest_ms(connection: &Connection) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT received_ms FROM events ORDER BY id DESC LIMIT 1")?
        .query_row((), |row| row.get(0))
        .optional()
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

fn in_newest_part(connection: &Connection, sql: &str, text: &str) -> Result<Option<i64>> {
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

fn one<T: DeserializeOwned>(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Versioned<T>> {
    Ok(first(connection, sql, parameters, rows::versioned)?.unwrap_or_else(Versioned::none))
}

pub fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    map: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    connection.prepare_cached(sql)?.query_row(parameters, map).optional()
}

pub fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    map: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(parameters, map)?.collect()
}
