//! Conversations as people look at them.

use rusqlite::{Connection, Result, Row};

use super::{SqliteStore, queries, rows};
use crate::{
    model::{Address, EventKind, Order, Ticket},
    store::{Logged, Overview, Pending, Seen},
};

/// Events among which conversations are looked for. What happened before is found by its ticket.
const NEWEST_EVENTS: i64 = 2000;
/// Events of one conversation among which the customer's last words are looked for.
const LAST_EVENTS: i64 = 12;

/// By the newest events, so that it costs the same however many conversations there are. The clerk's own channel, where what
/// is done with contacts is logged, is nobody's conversation.
const RECENT: &str = "SELECT c.channel, c.chat, c.state, max(e.id) FROM
     (SELECT id, conversation_id FROM events ORDER BY id DESC LIMIT ?1) e
     CROSS JOIN conversations c ON c.id = e.conversation_id
     WHERE c.state IS NOT NULL AND c.channel <> 'clerk' AND json_extract(c.state, '$.first_seen_ms') IS NOT NULL
     GROUP BY c.id ORDER BY 4 DESC LIMIT ?2";
const ONE: &str = "SELECT channel, chat, state, last_event FROM conversations
     WHERE channel = ?1 AND chat = ?2 AND state IS NOT NULL AND channel <> 'clerk'";
const ORDERS: &str = "SELECT id, state FROM orders WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
const STORY: &str = "WITH RECURSIVE chain (id) AS (
         SELECT last_event FROM conversations WHERE channel = ?1 AND chat = ?2 AND last_event > 0
         UNION ALL
         SELECT older.previous FROM chain CROSS JOIN events older ON older.id = chain.id
         WHERE older.previous > 0 LIMIT ?3
     )
     SELECT e.id, e.received_ms, e.channel, e.dedupe, e.event, e.decision
     FROM chain CROSS JOIN events e ON e.id = chain.id ORDER BY e.id";

impl Overview for SqliteStore {
    fn recent(&self, limit: usize) -> Pending<Vec<Seen>> {
        self.ask(move |connection| recent(connection, limit))
    }

    fn many(&self, addresses: Vec<Address>) -> Pending<Vec<Seen>> {
        self.ask(move |connection| addresses.into_iter().filter_map(|it| seen(connection, it).transpose()).collect())
    }

    fn seen(&self, address: &Address) -> Pending<Option<Seen>> {
        let address = address.clone();
        self.ask(move |connection| seen(connection, address))
    }

    fn story(&self, address: &Address, limit: usize) -> Pending<Vec<Logged>> {
        let address = address.clone();
        self.ask(move |connection| story(connection, &address, limit))
    }

    fn orders_listed(&self, after: Option<i64>, limit: usize) -> Pending<Vec<(i64, Order)>> {
        let after = after.unwrap_or(i64::MAX);
        self.ask(move |connection| {
            queries::all(connection, ORDERS, (after, limit as i64), |row| Ok((row.get(0)?, rows::json(row, 1)?)))
        })
    }

    fn concerns(&self, address: &Address, limit: usize) -> Pending<(Vec<Order>, Vec<Ticket>)> {
        let address = address.clone();
        self.ask(move |connection| {
            let orders = queries::orders_of(connection, &address, limit)?;
            let orders = orders.into_iter().filter_map(|it| it.value).collect();
            Ok((orders, queries::tickets_of(connection, &address)?))
        })
    }
}

fn recent(connection: &Connection, limit: usize) -> Result<Vec<Seen>> {
    let found = queries::all(connection, RECENT, (NEWEST_EVENTS, limit as i64), head)?;
    found.into_iter().map(|seen| with_words(connection, seen)).collect()
}

fn seen(connection: &Connection, address: Address) -> Result<Option<Seen>> {
    let found = queries::first(connection, ONE, (&address.channel, &address.chat), head)?;
    found.map(|seen| with_words(connection, seen)).transpose()
}

fn story(connection: &Connection, address: &Address, limit: usize) -> Result<Vec<Logged>> {
    let mut events = queries::all(connection, STORY, (&address.channel, &address.chat, limit as i64), rows::logged)?;
    for event in &mut events {
        event.queued = queries::messages_of(connection, event.id)?;
    }
    Ok(events)
}

fn head(row: &Row<'_>) -> Result<Seen> {
    let address = Address { channel: row.get(0)?, chat: row.get(1)? };
    Ok(Seen { address, conversation: rows::json(row, 2)?, last_ms: 0, words: None })
}

fn with_words(connection: &Connection, mut seen: Seen) -> Result<Seen> {
    let Address { channel, chat } = &seen.address;
    let events = queries::all(connection, STORY, (channel, chat, LAST_EVENTS), rows::logged)?;
    seen.last_ms =
        events.last().map_or_else(|| seen.conversation.last_received_ms.unwrap_or_default(), |it| it.received_ms);
    seen.words = events.into_iter().rev().find_map(|logged| match logged.event.kind {
        EventKind::Message(message) => Some(message.text.unwrap_or_default()),
        _ => None,
    });
    Ok(seen)
}
