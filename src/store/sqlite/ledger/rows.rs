//! The rows that a decision changes beside its event's own conversation.

use rusqlite::Result;

use super::{
    super::prepare::{Prepared, TimerChange},
    Ledger,
};
use crate::model::{Address, KvWrite};

impl Ledger<'_> {
    /// The rows beside the event's own conversation.
    pub(super) fn write_rows(&self, prepared: &Prepared, home_id: i64, event_id: i64) -> Result<()> {
        let version = prepared.version.0;
        let id_of = |address: &Address| {
            if address == prepared.address() { Ok(home_id) } else { self.thread(address).map(|it| it.id) }
        };
        for (address, state) in &prepared.elsewhere {
            self.run(
                "UPDATE conversations SET version = ?2, expires_ms = ?3, state = ?4 WHERE id = ?1",
                (id_of(address)?, version, prepared.conversations_expire_ms, state.as_str()),
            )?;
        }
        for order in &prepared.orders {
            self.run(
                "INSERT INTO orders (shop, number, version, expires_ms, conversation_id, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (shop, number) DO UPDATE SET version = excluded.version,
                 expires_ms = excluded.expires_ms, conversation_id = excluded.conversation_id, state = excluded.state",
                (&order.shop, &order.number, version, order.expires_ms, id_of(&order.address)?, order.state.as_str()),
            )?;
        }
        for ticket in &prepared.tickets {
            self.run(
                "INSERT INTO tickets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET version = excluded.version, expires_ms = excluded.expires_ms,
                 urgency = excluded.urgency, closed_ms = excluded.closed_ms, state = excluded.state",
                (
                    &ticket.id,
                    version,
                    ticket.expires_ms,
                    id_of(&ticket.address)?,
                    ticket.urgency,
                    ticket.opened_ms,
                    ticket.closed_ms,
                    ticket.state.as_str(),
                ),
            )?;
        }
        for contact in &prepared.contacts {
            self.write_contact(contact, version)?;
        }
        for write in &prepared.kv {
            self.write_kv(write, version, event_id)?;
        }
        Ok(())
    }

    /// What the key held before is kept for as long as the event is.
    fn write_kv(&self, write: &KvWrite, version: i64, event_id: i64) -> Result<()> {
        let KvWrite { plugin, key, value, expires_ms } = write;
        self.run(
            "INSERT INTO former_kv (event_id, plugin, key, value, expires_ms)
             SELECT ?1, ?2, ?3, kv.value, kv.expires_ms FROM (SELECT 1) LEFT JOIN kv ON kv.plugin = ?2 AND kv.key = ?3
             WHERE true ON CONFLICT DO NOTHING",
            (event_id, plugin, key),
        )?;
        match value {
            Some(value) => self.run(
                "INSERT INTO kv VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (plugin, key) DO UPDATE SET
                 version = excluded.version, expires_ms = excluded.expires_ms, value = excluded.value",
                (plugin, key, version, expires_ms, value),
            )?,
            None => self.run("DELETE FROM kv WHERE plugin = ?1 AND key = ?2", (plugin, key))?,
        };
        Ok(())
    }

    /// The timer that fired goes first, so that it stays when it was set again.
    pub(super) fn change_timers(&self, prepared: &Prepared, home_id: i64) -> Result<()> {
        let id_of = |at: &Option<Address>| match at {
            None => Ok(home_id),
            Some(address) => self.thread(address).map(|thread| thread.id),
        };
        if let Some(fired) = &prepared.fired {
            self.run(
                "DELETE FROM timers WHERE conversation_id = ?1 AND owner = ?2 AND key = ?3 AND due_ms = ?4",
                (home_id, &fired.owner, &fired.key, fired.due_ms),
            )?;
        }
        for change in &prepared.timers {
            match change {
                TimerChange::Set { at, owner, key, due_ms, priority, payload } => self.run(
                    "INSERT OR REPLACE INTO timers (conversation_id, owner, key, due_ms, priority, payload)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    (id_of(at)?, owner, key, due_ms, priority, payload),
                )?,
                TimerChange::Cancel { at, owner, key } => self.run(
                    "DELETE FROM timers WHERE conversation_id = ?1 AND owner = ?2 AND key = ?3",
                    (id_of(at)?, owner, key),
                )?,
            };
        }
        Ok(())
    }
}
