//! The statements that make an event and its decision part of the store, within a transaction that the writer opens
//! and commits.

mod basis;
mod rows;

use rusqlite::{Connection, OptionalExtension, Params, Result};

use super::{
    known::KnownIds,
    prepare::{Prepared, PreparedEvent, PreparedMessage},
    queries,
};
use crate::{
    model::{Address, Event, Recorded, Version},
    store::Queued,
};

/// The ids that the next event and the next message get.
#[derive(Clone, Copy)]
pub struct NextIds {
    pub event: i64,
    pub message: i64,
}

impl NextIds {
    /// # Errors
    /// The file cannot be read.
    pub fn read(connection: &Connection) -> Result<Self> {
        let after = |sql: &str| connection.query_row(sql, (), |row| row.get(0));
        Ok(Self {
            event: after("SELECT coalesce(max(id), 0) + 1 FROM events")?,
            message: after("SELECT coalesce(max(id), 0) + 1 FROM messages")?,
        })
    }
}

/// What appending an event came to.
pub enum Appended {
    New {
        event_id: i64,
        first_message: i64,
    },
    Duplicate {
        event_id: i64,
        queued: Vec<Queued>,
    },
    /// A row of the basis has moved; nothing was written.
    Stale,
}

/// An open transaction, as the commands see it.
pub struct Ledger<'a> {
    pub(super) connection: &'a Connection,
    /// Who claims what is written.
    pub(super) daemon: i64,
    /// The dedupe ids of the log.
    pub(super) known: &'a KnownIds,
    pub next: NextIds,
}

/// Decisions that find a place between an event and the next, as a power of two.
pub const PLACES: u32 = 20;

/// A conversation's row, and the message and event before the ones being written.
struct Thread<'a> {
    address: &'a Address,
    id: i64,
    version: Version,
    previous: i64,
    last_event: i64,
}

const INSERT_EVENT: &str = "INSERT INTO events (id, received_ms, expires_ms, channel, dedupe, conversation_id,
    previous, state, first_message, messages, event, decision, undo)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

impl<'a> Ledger<'a> {
    pub fn new(connection: &'a Connection, daemon: i64, known: &'a KnownIds, next: NextIds) -> Self {
        Self { connection, daemon, known, next }
    }

    /// Writes an event and everything decided about it, unless it is there already or a row of its basis has moved.
    pub fn append(&mut self, prepared: &Prepared) -> Result<Appended> {
        let event = &prepared.event;
        let address = prepared.address();
        let home = self.find_thread(address)?;
        let event_id = match prepared.received {
            Some(event_id) => event_id,
            None => self.next.event,
        };
        let duplicate = match prepared.received {
            Some(event_id) => !self.is_undecided(event_id)?,
            None => self.is_known(event)?,
        };
        if duplicate {
            return self.duplicate(event);
        }
        if !self.stands(&prepared.basis, address, home.as_ref())? {
            return Ok(Appended::Stale);
        }
        let first_message = self.next.message;
        let count = prepared.messages.len() as i64;
        let last = last_to(address, prepared, first_message);
        let home = self.write_home(prepared, home, last, event_id)?;
        let home_id = home.id;
        if prepared.received.is_some() {
            self.run(
                "UPDATE events SET state = 0, first_message = ?2, messages = ?3, decision = ?4, undo = ?5,
                 place = coalesce((SELECT max(place) FROM events WHERE place >= ?6), ?6) + 1 WHERE id = ?1",
                (event_id, first_message, count, &prepared.decision, &prepared.undo, (self.next.event - 1) << PLACES),
            )?;
        } else {
            self.note_dedupe(event, event_id)?;
            let decision = (Some(&prepared.decision), prepared.undo.as_ref());
            self.insert_event(event, event_id, &home, 0, (first_message, count), decision)?;
        }
        self.queue(prepared, home, event_id)?;
        self.write_rows(prepared, home_id, event_id)?;
        self.change_timers(prepared, home_id)?;
        self.next.event = self.next.event.max(event_id + 1);
        self.next.message = first_message + count;
        Ok(Appended::New { event_id, first_message })
    }

    /// Writes an event that is decided later, unless it is there already.
    pub fn receive(&mut self, event: &PreparedEvent) -> Result<Appended> {
        if self.is_known(event)? {
            return self.duplicate(event);
        }
        let event_id = self.next.event;
        let thread = self.thread(&event.event.address)?;
        self.run("UPDATE conversations SET last_event = ?2 WHERE id = ?1", (thread.id, event_id))?;
        self.note_dedupe(event, event_id)?;
        self.insert_event(event, event_id, &thread, 1, (self.next.message, 0), (None, None))?;
        self.next.event += 1;
        Ok(Appended::New { event_id, first_message: self.next.message })
    }

    /// Writes down an answer that came for an event, if that still waits; a second one for the same question is
    /// dropped, since the first may have been decided on.
    pub fn record(&self, event_id: i64, recorded: &Recorded) -> Result<()> {
        let Recorded { number, plugin, digest, reply } = recorded;
        let reply =
            serde_json::to_string(reply).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        self.run(
            "INSERT INTO answers SELECT ?1, ?2, ?3, ?4, ?5 FROM events WHERE id = ?1 AND state = 1
             ON CONFLICT DO NOTHING",
            (event_id, number, plugin, digest.as_slice(), reply),
        )?;
        Ok(())
    }

    fn is_known(&self, event: &PreparedEvent) -> Result<bool> {
        let Event { channel, dedupe, .. } = &*event.event;
        Ok(self.known.may_hold(channel, dedupe) && queries::find_event(self.connection, channel, dedupe)?.is_some())
    }

    fn note_dedupe(&self, event: &PreparedEvent, event_id: i64) -> Result<()> {
        let Event { channel, dedupe, .. } = &*event.event;
        self.known.add(channel, dedupe);
        self.run("INSERT INTO dedupe VALUES (?1, ?2, ?3)", (channel, dedupe, event_id))?;
        Ok(())
    }

    fn duplicate(&self, event: &PreparedEvent) -> Result<Appended> {
        let event_id = queries::find_event(self.connection, &event.event.channel, &event.event.dedupe)?
            .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        Ok(Appended::Duplicate { event_id, queued: queries::messages_of(self.connection, event_id)? })
    }

    fn is_undecided(&self, event_id: i64) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM events WHERE id = ?1 AND state = 1")?
            .query_row((event_id,), |_| Ok(()))
            .optional()
            .map(|found| found.is_some())
    }

    fn insert_event(
        &self,
        event: &PreparedEvent,
        event_id: i64,
        thread: &Thread<'_>,
        state: i64,
        (first_message, count): (i64, i64),
        (decision, undo): (Option<&String>, Option<&String>),
    ) -> Result<()> {
        self.run(
            INSERT_EVENT,
            (
                event_id,
                event.received_ms,
                event.expires_ms,
                &event.event.channel,
                &event.event.dedupe,
                thread.id,
                thread.last_event,
                state,
                first_message,
                count,
                &event.json,
                decision,
                undo,
            ),
        )?;
        Ok(())
    }

    /// The conversation of the event, with its new state.
    fn write_home<'p>(
        &self,
        prepared: &'p Prepared,
        found: Option<Thread<'p>>,
        last_message: Option<i64>,
        event_id: i64,
    ) -> Result<Thread<'p>> {
        let address = prepared.address();
        let Some(thread) = found else {
            self.run(
                "INSERT INTO conversations (channel, chat, version, expires_ms, last_message, last_event, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (
                    &address.channel,
                    &address.chat,
                    prepared.version.0,
                    prepared.conversations_expire_ms,
                    last_message.unwrap_or(0),
                    event_id,
                    prepared.conversation.as_str(),
                ),
            )?;
            let id = self.connection.last_insert_rowid();
            return Ok(Thread { address, id, version: prepared.version, previous: 0, last_event: 0 });
        };
        // An event that was received before stands in the chain already.
        let last_event = if prepared.received.is_some() { thread.last_event } else { event_id };
        self.run(
            "UPDATE conversations SET version = ?2, expires_ms = ?3, last_message = ?4, last_event = ?5, state = ?6
             WHERE id = ?1",
            (
                thread.id,
                prepared.version.0,
                prepared.conversations_expire_ms,
                last_message.unwrap_or(thread.previous),
                last_event,
                prepared.conversation.as_str(),
            ),
        )?;
        Ok(thread)
    }

    fn queue<'p>(&self, prepared: &'p Prepared, home: Thread<'p>, event_id: i64) -> Result<()> {
        let first_message = self.next.message;
        let mut threads = vec![home];
        for (id, PreparedMessage { message, content, context }) in (first_message..).zip(&prepared.messages) {
            let position = match threads.iter().position(|thread| thread.address == &message.address) {
                Some(position) => position,
                None => {
                    let thread = self.thread(&message.address)?;
                    let last = last_to(&message.address, prepared, first_message);
                    self.run("UPDATE conversations SET last_message = ?2 WHERE id = ?1", (thread.id, last))?;
                    threads.push(thread);
                    threads.len() - 1
                }
            };
            let thread = &mut threads[position];
            self.run(
                "INSERT INTO messages (id, event_id, conversation_id, previous, state, claimed_by, attempts,
                 not_before_ms, created_ms, notice, key, context, content)
                 VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11)",
                (
                    id,
                    event_id,
                    thread.id,
                    thread.previous,
                    self.daemon,
                    message.not_before_ms,
                    prepared.event.received_ms,
                    message.notice,
                    &message.key,
                    context,
                    content,
                ),
            )?;
            thread.previous = id;
        }
        Ok(())
    }

    /// The row of `address`, made where there is none yet.
    fn thread<'p>(&self, address: &'p Address) -> Result<Thread<'p>> {
        if let Some(thread) = self.find_thread(address)? {
            return Ok(thread);
        }
        // Nobody has spoken there, so there is nothing that could expire.
        self.run(
            "INSERT INTO conversations (channel, chat, version, expires_ms, last_message, last_event, state)
             VALUES (?1, ?2, 0, ?3, 0, 0, NULL)",
            (&address.channel, &address.chat, i64::MAX),
        )?;
        let id = self.connection.last_insert_rowid();
        Ok(Thread { address, id, version: Version::NONE, previous: 0, last_event: 0 })
    }

    fn find_thread<'p>(&self, address: &'p Address) -> Result<Option<Thread<'p>>> {
        self.connection
            .prepare_cached(
                "SELECT id, version, last_message, last_event FROM conversations WHERE channel = ?1 AND chat = ?2",
            )?
            .query_row((&address.channel, &address.chat), |row| {
                Ok(Thread {
                    address,
                    id: row.get(0)?,
                    version: Version(row.get(1)?),
                    previous: row.get(2)?,
                    last_event: row.get(3)?,
                })
            })
            .optional()
    }

    pub(super) fn run(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }
}

/// The id of the last of the messages that goes to `address`.
fn last_to(address: &Address, prepared: &Prepared, first_message: i64) -> Option<i64> {
    let position = prepared.messages.iter().rposition(|prepared| prepared.message.address == *address)?;
    Some(first_message + position as i64)
}
