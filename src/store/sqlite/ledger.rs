//! The statements of each kind of write, within a transaction that the writer opens and commits.

use rusqlite::{Connection, OptionalExtension, Params, Result};

use super::{
    prepare::{Prepared, PreparedMessage, TimerChange},
    queries, rows,
};
use crate::{
    model::{Address, KvWrite},
    store::{MessageState, Queued, Settlement},
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
    New { event_id: i64, first_message: i64 },
    Duplicate { event_id: i64, queued: Vec<Queued> },
}

/// An open transaction, as the commands see it.
pub struct Ledger<'a> {
    connection: &'a Connection,
    pub next: NextIds,
}

/// A conversation's row, and the message before the ones being written.
struct Thread<'a> {
    address: &'a Address,
    id: i64,
    previous: i64,
}

impl<'a> Ledger<'a> {
    pub fn new(connection: &'a Connection, next: NextIds) -> Self {
        Self { connection, next }
    }

    /// Writes an event and everything decided about it, unless it is there already.
    pub fn append(&mut self, prepared: &Prepared) -> Result<Appended> {
        let Prepared { channel, dedupe, address, .. } = prepared;
        let event_id = self.next.event;
        let new =
            self.run("INSERT INTO dedupe VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", (channel, dedupe, event_id))?;
        if new == 0 {
            let event_id =
                queries::find_event(self.connection, channel, dedupe)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            return Ok(Appended::Duplicate { event_id, queued: queries::messages_of(self.connection, event_id)? });
        }
        let first_message = self.next.message;
        let count = prepared.messages.len() as i64;
        self.run(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                event_id,
                prepared.received_ms,
                channel,
                dedupe,
                first_message,
                count,
                &prepared.event,
                &prepared.decision,
            ),
        )?;
        let home = self.thread(address, Some(&prepared.conversation), last_to(address, prepared, first_message))?;
        let home_id = home.id;
        self.queue(prepared, home, event_id)?;
        if let Some(order) = &prepared.order {
            let conversation_id =
                if order.address == *address { home_id } else { self.thread(&order.address, None, None)?.id };
            self.run(
                "INSERT INTO orders (shop, number, conversation_id, state) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (shop, number) DO UPDATE SET conversation_id = excluded.conversation_id,
                 state = excluded.state",
                (&order.shop, &order.number, conversation_id, &order.state),
            )?;
        }
        for write in &prepared.kv {
            self.write_kv(write)?;
        }
        self.change_timers(prepared, home_id)?;
        self.next = NextIds { event: event_id + 1, message: first_message + count };
        Ok(Appended::New { event_id, first_message })
    }

    fn queue<'p>(&self, prepared: &'p Prepared, home: Thread<'p>, event_id: i64) -> Result<()> {
        let first_message = self.next.message;
        let mut threads = vec![home];
        for (id, PreparedMessage { message, content, context }) in (first_message..).zip(&prepared.messages) {
            let position = match threads.iter().position(|thread| thread.address == &message.address) {
                Some(position) => position,
                None => {
                    let last = last_to(&message.address, prepared, first_message);
                    threads.push(self.thread(&message.address, None, last)?);
                    threads.len() - 1
                }
            };
            let thread = &mut threads[position];
            self.run(
                "INSERT INTO messages (id, event_id, conversation_id, previous, state, attempts, not_before_ms,
                 created_ms, notice, key, context, content) VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?6, ?7, ?8, ?9, ?10)",
                (
                    id,
                    event_id,
                    thread.id,
                    thread.previous,
                    message.not_before_ms,
                    prepared.received_ms,
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

    /// Finds or makes the row of `address`, with its new state and last message where there are such.
    fn thread<'p>(&self, address: &'p Address, state: Option<&str>, last: Option<i64>) -> Result<Thread<'p>> {
        let found: Option<(i64, i64)> = self
            .connection
            .prepare_cached("SELECT id, last_message FROM conversations WHERE channel = ?1 AND chat = ?2")?
            .query_row((&address.channel, &address.chat), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, previous)) = found else {
            self.run(
                "INSERT INTO conversations (channel, chat, last_message, state) VALUES (?1, ?2, ?3, ?4)",
                (&address.channel, &address.chat, last.unwrap_or(0), state),
            )?;
            return Ok(Thread { address, id: self.connection.last_insert_rowid(), previous: 0 });
        };
        if state.is_some() || last.is_some() {
            self.run(
                "UPDATE conversations SET state = coalesce(?2, state), last_message = ?3 WHERE id = ?1",
                (id, state, last.unwrap_or(previous)),
            )?;
        }
        Ok(Thread { address, id, previous })
    }

    fn write_kv(&self, write: &KvWrite) -> Result<()> {
        match &write.value {
            Some(value) => self.run(
                "INSERT INTO kv VALUES (?1, ?2, ?3) ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value",
                (&write.plugin, &write.key, value),
            )?,
            None => self.run("DELETE FROM kv WHERE plugin = ?1 AND key = ?2", (&write.plugin, &write.key))?,
        };
        Ok(())
    }

    /// The timer that fired goes first, so that it stays when it was set again.
    fn change_timers(&self, prepared: &Prepared, conversation_id: i64) -> Result<()> {
        if let Some(fired) = &prepared.fired {
            self.run(
                "DELETE FROM timers WHERE conversation_id = ?1 AND owner = ?2 AND key = ?3 AND due_ms = ?4",
                (conversation_id, &fired.owner, &fired.key, fired.due_ms),
            )?;
        }
        for change in &prepared.timers {
            match change {
                TimerChange::Set { owner, key, due_ms, priority, payload } => self.run(
                    "INSERT OR REPLACE INTO timers (conversation_id, owner, key, due_ms, priority, payload)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    (conversation_id, owner, key, due_ms, priority, payload),
                )?,
                TimerChange::Cancel { owner, key } => self.run(
                    "DELETE FROM timers WHERE conversation_id = ?1 AND owner = ?2 AND key = ?3",
                    (conversation_id, owner, key),
                )?,
            };
        }
        Ok(())
    }

    /// Whether the message was in a state that allows the settlement; nothing is written otherwise. A message
    /// known to be sent is sent, whatever it was taken for; the rest follows from `MessageState`.
    pub fn settle(&self, id: i64, settlement: &Settlement) -> Result<bool> {
        let changed = match settlement {
            Settlement::Sent { platform_id, at_ms } => self.run(
                "UPDATE messages SET state = 1, platform_id = coalesce(?2, platform_id), settled_ms = ?3 WHERE id = ?1",
                (id, platform_id, at_ms),
            )?,
            Settlement::Postponed { attempts, not_before_ms, error } => self.run(
                "UPDATE messages SET attempts = ?2, not_before_ms = ?3, last_error = ?4 WHERE id = ?1 AND state = 0",
                (id, attempts, not_before_ms, error),
            )?,
            Settlement::Dead { attempts, error } => self.run(
                "UPDATE messages SET state = 2, attempts = ?2, last_error = ?3 WHERE id = ?1 AND state = 0",
                (id, attempts, error),
            )?,
            Settlement::Retry => self.run(
                "UPDATE messages SET state = 0, attempts = 0, not_before_ms = 0 WHERE id = ?1 AND state = 2",
                (id,),
            )?,
            Settlement::Dropped => {
                self.run("UPDATE messages SET state = 3 WHERE id = ?1 AND state IN (0, 2)", (id,))?
            }
        };
        Ok(changed > 0)
    }

    /// The state of a message, if there is one.
    pub fn state_of(&self, id: i64) -> Result<Option<MessageState>> {
        self.connection
            .prepare_cached("SELECT state FROM messages WHERE id = ?1")?
            .query_row((id,), |row| rows::state(row, 0))
            .optional()
    }

    /// Forgets the dedupe ids, and the finished messages' details, of at most `batch` of the oldest events; says
    /// whether there are more. Stops at the first event that is younger than `before_ms`.
    pub fn forget(&self, before_ms: i64, batch: usize) -> Result<bool> {
        let begun: i64 =
            self.connection.prepare_cached("SELECT event_id FROM forgotten")?.query_row((), |row| row.get(0))?;
        let mut done = begun;
        let mut count = 0;
        let mut statement = self.connection.prepare_cached(
            "SELECT id, received_ms, channel, dedupe, first_message, messages FROM events WHERE id > ?1
             ORDER BY id LIMIT ?2",
        )?;
        let mut events = statement.query((begun, batch as i64))?;
        while let Some(event) = events.next()? {
            if event.get::<_, i64>(1)? >= before_ms {
                break;
            }
            let id: i64 = event.get(0)?;
            self.run(
                "DELETE FROM dedupe WHERE channel = ?1 AND dedupe = ?2 AND event_id = ?3",
                (event.get_ref(2)?.as_str()?, event.get_ref(3)?.as_str()?, id),
            )?;
            let (first, messages): (i64, i64) = (event.get(4)?, event.get(5)?);
            self.run(
                "UPDATE messages SET content = NULL, context = NULL WHERE id >= ?1 AND id < ?2 AND state IN (1, 3)",
                (first, first + messages),
            )?;
            done = id;
            count += 1;
        }
        if done > begun {
            self.run("UPDATE forgotten SET event_id = ?1", (done,))?;
        }
        Ok(count == batch)
    }

    fn run(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }
}

/// The id of the last of the messages that goes to `address`.
fn last_to(address: &Address, prepared: &Prepared, first_message: i64) -> Option<i64> {
    let position = prepared.messages.iter().rposition(|prepared| prepared.message.address == *address)?;
    Some(first_message + position as i64)
}
