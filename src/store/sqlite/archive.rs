//! The statements that delete: what has expired, and all of one customer.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{OptionalExtension, Result};

use super::ledger::Ledger;
use crate::{
    model::{Address, DESK, topic},
    store::{Forgotten, Person},
};

/// Dedupe ids are kept this long: no platform delivers again after it (channels reference, section 0).
const DEDUPE_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// An event as far as its deletion is concerned.
struct Old {
    id: i64,
    channel: String,
    dedupe: String,
    first_message: i64,
    messages: i64,
}

impl Ledger<'_> {
    /// Deletes at most `batch` rows of each kind that have expired, and says whether there are more.
    pub fn expire(&self, now_ms: i64, batch: usize) -> Result<bool> {
        let batch = batch as i64;
        let mut more = self.forget_dedupe(now_ms - DEDUPE_MS, batch)?;
        more |= self.expire_events(now_ms, batch)?;
        // A conversation stays while something refers to it: what waits to be said or done, and orders.
        for sql in [
            "DELETE FROM conversations WHERE id IN (SELECT id FROM conversations c WHERE expires_ms <= ?1
             AND id NOT IN (SELECT conversation_id FROM messages WHERE state = 0)
             AND id NOT IN (SELECT conversation_id FROM messages WHERE state = 2)
             AND NOT EXISTS (SELECT 1 FROM timers WHERE conversation_id = c.id)
             AND NOT EXISTS (SELECT 1 FROM tickets WHERE conversation_id = c.id AND closed_ms IS NULL)
             AND NOT EXISTS (SELECT 1 FROM orders WHERE conversation_id = c.id AND expires_ms > ?1) LIMIT ?2)",
            "DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE expires_ms <= ?1 LIMIT ?2)",
            "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE expires_ms <= ?1 LIMIT ?2)",
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE expires_ms <= ?1 LIMIT ?2)",
            "DELETE FROM reports WHERE (channel, platform_id, status) IN
             (SELECT channel, platform_id, status FROM reports WHERE expires_ms <= ?1 LIMIT ?2)",
        ] {
            more |= self.run(sql, (now_ms, batch))? as i64 == batch;
        }
        more |= self.expire_contacts(now_ms, batch)?;
        more |= self.expire_keys(now_ms, batch)?;
        more |= self.expire_access(now_ms, batch)?;
        Ok(more)
    }

    /// What a plugin's key held is kept as long as the log, since the events before it were decided with it.
    fn expire_keys(&self, now_ms: i64, batch: i64) -> Result<bool> {
        self.run(
            "INSERT INTO former_kv (event_id, plugin, key, value, expires_ms)
             SELECT ?3, plugin, key, value, expires_ms FROM kv WHERE expires_ms <= ?1
             ORDER BY expires_ms, plugin, key LIMIT ?2 ON CONFLICT DO NOTHING",
            (now_ms, batch, self.next.event),
        )?;
        let deleted = self.run(
            "DELETE FROM kv WHERE (plugin, key) IN
             (SELECT plugin, key FROM kv WHERE expires_ms <= ?1 ORDER BY expires_ms, plugin, key LIMIT ?2)",
            (now_ms, batch),
        )?;
        // The events that it was kept for may be gone by now.
        self.run(
            "DELETE FROM former_kv WHERE event_id < coalesce((SELECT min(id) FROM events), ?1)",
            (self.next.event + 1,),
        )?;
        Ok(deleted as i64 == batch)
    }

    /// Forgets the dedupe ids of at most `batch` events, up to the first that is younger than `before_ms`.
    fn forget_dedupe(&self, before_ms: i64, batch: i64) -> Result<bool> {
        let begun: i64 =
            self.connection.prepare_cached("SELECT event_id FROM forgotten")?.query_row((), |row| row.get(0))?;
        let mut statement = self.connection.prepare_cached(
            "SELECT id, channel, dedupe FROM events WHERE id > ?1 AND received_ms < ?2 ORDER BY id LIMIT ?3",
        )?;
        let mut events = statement.query((begun, before_ms, batch))?;
        let (mut done, mut count) = (begun, 0);
        while let Some(event) = events.next()? {
            done = event.get(0)?;
            count += 1;
            let (channel, dedupe) = (event.get_ref(1)?.as_str()?, event.get_ref(2)?.as_str()?);
            let deleted = self.run(
                "DELETE FROM dedupe WHERE channel = ?1 AND dedupe = ?2 AND event_id = ?3",
                (channel, dedupe, done),
            )?;
            if deleted > 0 {
                self.known.remove(channel, dedupe);
            }
        }
        if done > begun {
            self.run("UPDATE forgotten SET event_id = ?1", (done,))?;
        }
        Ok(count == batch)
    }

    /// Events come in the order of their ids, and so does their end: the first that lives on ends the search.
    fn expire_events(&self, now_ms: i64, batch: i64) -> Result<bool> {
        let old: Vec<(Old, i64)> = self
            .connection
            .prepare_cached(
                "SELECT id, channel, dedupe, first_message, messages, expires_ms FROM events WHERE state = 0
                 ORDER BY id LIMIT ?1",
            )?
            .query_map((batch,), |row| Ok((Old::read(row)?, row.get(5)?)))?
            .collect::<Result<_>>()?;
        let mut count = 0;
        for (event, _) in old.iter().take_while(|(_, expires_ms)| *expires_ms <= now_ms) {
            self.delete_event(event)?;
            self.run("DELETE FROM dedupe WHERE channel = ?1 AND dedupe = ?2", (&event.channel, &event.dedupe))?;
            self.known.remove(&event.channel, &event.dedupe);
            // What still has to be said is not deleted.
            self.run(
                "DELETE FROM messages WHERE id >= ?1 AND id < ?2 AND state <> 0",
                (event.first_message, event.first_message + event.messages),
            )?;
            count += 1;
        }
        Ok(count == batch)
    }

    fn delete_event(&self, event: &Old) -> Result<()> {
        self.run("DELETE FROM events WHERE id = ?1", (event.id,))?;
        self.run("DELETE FROM answers WHERE event_id = ?1", (event.id,))?;
        self.run("DELETE FROM former_kv WHERE event_id = ?1", (event.id,))?;
        Ok(())
    }

    /// Deletes all of one customer, who is with nobody any more. The dedupe ids of their events stay until their time, so
    /// that what a platform delivers again is not taken for new; they hold no words.
    pub fn forget(&self, person: &Person, customer_id: fn(&Address) -> String) -> Result<Forgotten> {
        let mut forgotten = Forgotten::default();
        if let Some(contact) = &person.contact {
            self.forget_contact(contact, &mut forgotten)?;
        }
        for address in &person.addresses {
            self.forget_at(address, &customer_id(address), &mut forgotten)?;
        }
        Ok(forgotten)
    }

    /// Deletes the contact, its orders, and what shops reported of them before it was known where to speak to it.
    fn forget_contact(&self, id: &str, forgotten: &mut Forgotten) -> Result<()> {
        for part in super::queries::contact_with_parts(self.connection, id)? {
            let orders: Vec<String> = self
                .connection
                .prepare_cached("SELECT number FROM orders WHERE contact = ?1")?
                .query_map((&part.id,), |row| row.get(0))?
                .collect::<Result<_>>()?;
            let nobodys: Vec<i64> = self
                .connection
                .prepare_cached("SELECT last_event FROM conversations WHERE chat = ''")?
                .query_map((), |row| row.get(0))?
                .collect::<Result<_>>()?;
            for last_event in nobodys {
                for event in self.events_back_from(last_event)? {
                    if self.is_report_of(event.id, &orders)? {
                        self.take_out(&event)?;
                        forgotten.events += 1;
                    }
                }
            }
            forgotten.orders += self.run("DELETE FROM orders WHERE contact = ?1", (&part.id,))? as u64;
            self.delete_contact(&part.id)?;
            forgotten.contacts += 1;
        }
        Ok(())
    }

    fn is_report_of(&self, event_id: i64, orders: &[String]) -> Result<bool> {
        let of: Option<String> = self
            .connection
            .prepare_cached("SELECT json_extract(event, '$.kind.order_id') FROM events WHERE id = ?1")?
            .query_row((event_id,), |row| row.get(0))?;
        Ok(of.is_some_and(|of| orders.contains(&of)))
    }

    /// Deletes an event out of the midst of a conversation's chain.
    fn take_out(&self, event: &Old) -> Result<()> {
        let previous = "(SELECT previous FROM events WHERE id = ?1)";
        let conversation = "(SELECT conversation_id FROM events WHERE id = ?1)";
        self.run(
            &format!("UPDATE conversations SET last_event = {previous} WHERE id = {conversation} AND last_event = ?1"),
            (event.id,),
        )?;
        self.run(&format!("UPDATE events SET previous = {previous} WHERE previous = ?1 AND id > ?1"), (event.id,))?;
        self.delete_event(event)
    }

    fn forget_at(&self, address: &Address, customer_id: &str, forgotten: &mut Forgotten) -> Result<()> {
        let found: Option<(i64, i64)> = self
            .connection
            .prepare_cached("SELECT id, last_event FROM conversations WHERE channel = ?1 AND chat = ?2")?
            .query_row((&address.channel, &address.chat), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        self.run("DELETE FROM moves WHERE channel = ?1 AND chat = ?2", (&address.channel, &address.chat))?;
        // The number of their topic in each staff room.
        self.run("DELETE FROM moves WHERE instr(chat, ?1) > 0", (format!("#{}", topic::name(address)),))?;
        self.forget_in_audit(address)?;
        if !customer_id.is_empty() {
            for sql in ["DELETE FROM kv WHERE instr(key, ?1) > 0", "DELETE FROM former_kv WHERE instr(key, ?1) > 0"] {
                forgotten.keys += self.run(sql, (customer_id,))? as u64;
            }
        }
        // Who held their conversation, and where they stood in a queue.
        let named = serde_json::to_string(address).unwrap_or_default();
        self.run("DELETE FROM former_kv WHERE plugin = ?1 AND instr(CAST(value AS TEXT), ?2) > 0", (DESK, &named))?;
        let Some((id, last_event)) = found else { return Ok(()) };
        let events = self.events_back_from(last_event)?;
        forgotten.keys += self.forget_overwritten(&events)?;
        for event in events {
            // Their words went to a colleague as well: the row stays, for what was said before and after it.
            forgotten.messages += self.run(
                "UPDATE messages SET content = NULL, context = NULL, last_error = NULL,
                 state = iif(state IN (0, 2), 3, state) WHERE id >= ?1 AND id < ?2 AND conversation_id <> ?3",
                (event.first_message, event.first_message + event.messages, id),
            )? as u64;
            self.delete_event(&event)?;
            forgotten.events += 1;
        }
        forgotten.messages += self.delete_messages_to(id)?;
        self.forget_mentions(id)?;
        forgotten.orders += self.run("DELETE FROM orders WHERE conversation_id = ?1", (id,))? as u64;
        forgotten.tickets += self.run("DELETE FROM tickets WHERE conversation_id = ?1", (id,))? as u64;
        forgotten.timers += self.run("DELETE FROM timers WHERE conversation_id = ?1", (id,))? as u64;
        self.run("DELETE FROM conversations WHERE id = ?1", (id,)).map(drop)
    }

    /// What was said of a conversation's tickets in lists of what waits is said no more.
    fn forget_mentions(&self, conversation_id: i64) -> Result<()> {
        let tickets: Vec<String> = self
            .connection
            .prepare_cached("SELECT id FROM tickets WHERE conversation_id = ?1")?
            .query_map((conversation_id,), |row| row.get(0))?
            .collect::<Result<_>>()?;
        let store: Option<i64> = self
            .connection
            .prepare_cached("SELECT last_event FROM conversations WHERE channel = 'clerk' AND chat = 'store'")?
            .query_row((), |row| row.get(0))
            .optional()?;
        let (Some(last_event), false) = (store, tickets.is_empty()) else { return Ok(()) };
        for event in self.events_back_from(last_event)? {
            for ticket in &tickets {
                self.run(
                    "UPDATE messages SET content = NULL, state = iif(state IN (0, 2), 3, state)
                     WHERE id >= ?1 AND id < ?2 AND instr(content, ?3) > 0",
                    (event.first_message, event.first_message + event.messages, ticket),
                )?;
            }
        }
        Ok(())
    }

    /// Empties what these events left under keys that others share and that was overwritten since: it is kept with the event
    /// that overwrote it, which may be another customer's.
    fn forget_overwritten(&self, events: &[Old]) -> Result<u64> {
        let theirs: HashSet<i64> = events.iter().map(|event| event.id).collect();
        let mut keys: BTreeSet<(String, String)> = BTreeSet::new();
        for id in &theirs {
            let mut written =
                self.connection.prepare_cached("SELECT plugin, key FROM former_kv WHERE event_id = ?1")?;
            let written = written.query_map((id,), |row| Ok((row.get(0)?, row.get(1)?)))?;
            keys.extend(written.collect::<Result<Vec<_>>>()?);
        }
        let mut emptied = 0;
        for (plugin, key) in keys {
            // In the order of the decisions.
            let writers: Vec<i64> = self
                .connection
                .prepare_cached(
                    "SELECT former.event_id FROM former_kv former LEFT JOIN events e ON e.id = former.event_id
                     WHERE former.plugin = ?1 AND former.key = ?2
                     ORDER BY coalesce(e.place, former.event_id << 20)",
                )?
                .query_map((&plugin, &key), |row| row.get(0))?
                .collect::<Result<_>>()?;
            for pair in writers.windows(2) {
                let [writer, next] = pair else { continue };
                if theirs.contains(writer) && !theirs.contains(next) {
                    emptied += self.run(
                        "UPDATE former_kv SET value = NULL, expires_ms = NULL
                         WHERE event_id = ?1 AND plugin = ?2 AND key = ?3 AND value IS NOT NULL",
                        (next, &plugin, &key),
                    )? as u64;
                }
            }
        }
        Ok(emptied)
    }

    /// Deletes all keys of a plugin, and what they were before.
    pub fn forget_keys(&self, plugin: &str) -> Result<u64> {
        self.run("DELETE FROM former_kv WHERE plugin = ?1", (plugin,))?;
        Ok(self.run("DELETE FROM kv WHERE plugin = ?1", (plugin,))? as u64)
    }

    fn events_back_from(&self, last_event: i64) -> Result<Vec<Old>> {
        self.connection
            .prepare_cached(
                "WITH RECURSIVE chain (id) AS (
                     SELECT ?1 WHERE ?1 > 0
                     UNION ALL
                     SELECT older.previous FROM chain JOIN events older ON older.id = chain.id WHERE older.previous > 0
                 )
                 SELECT e.id, e.channel, e.dedupe, e.first_message, e.messages
                 FROM chain CROSS JOIN events e ON e.id = chain.id",
            )?
            .query_map((last_event,), Old::read)?
            .collect()
    }

    /// Walks the chain of messages, which is in no index.
    fn delete_messages_to(&self, conversation_id: i64) -> Result<u64> {
        let ids: Vec<i64> = self
            .connection
            .prepare_cached(
                "WITH RECURSIVE chain (id) AS (
                     SELECT last_message FROM conversations WHERE id = ?1 AND last_message > 0
                     UNION ALL
                     SELECT older.previous FROM chain JOIN messages older ON older.id = chain.id
                     WHERE older.previous > 0
                 )
                 SELECT id FROM chain",
            )?
            .query_map((conversation_id,), |row| row.get(0))?
            .collect::<Result<_>>()?;
        ids.iter().try_fold(0, |count, id| Ok(count + self.run("DELETE FROM messages WHERE id = ?1", (id,))? as u64))
    }
}

impl Old {
    fn read(row: &rusqlite::Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            channel: row.get(1)?,
            dedupe: row.get(2)?,
            first_message: row.get(3)?,
            messages: row.get(4)?,
        })
    }
}
