//! The statements about messages that were queued and timers that are due: settlements, reports, claims.

use rusqlite::{OptionalExtension, Result};

use super::{ledger::Ledger, queries, rows};
use crate::store::{MessageState, Move, Report, Settlement, Timer};

/// A report waits this long for the settlement of its message.
const REPORTS_KEPT_MS: i64 = 60 * 60 * 1000;
/// More than a long message and all that is decided about it take.
const TRIAL_BYTES: i64 = 64 << 10;

impl Ledger<'_> {
    /// Whether the message was in a state that allows the settlement; nothing is written otherwise. A message
    /// known to be sent is sent, whatever it was taken for; the rest follows from `MessageState`.
    pub fn settle(&self, id: i64, settlement: &Settlement) -> Result<bool> {
        let changed = match settlement {
            Settlement::Sent { platform_id, at_ms } => {
                let changed = self.run(
                    "UPDATE messages SET state = 1, platform_id = coalesce(?2, platform_id), settled_ms = ?3
                     WHERE id = ?1",
                    (id, platform_id, at_ms),
                )?;
                if let (1, Some(platform_id)) = (changed, platform_id) {
                    self.take_early_reports(id, platform_id)?;
                }
                changed
            }
            Settlement::Postponed { attempts, doubts, not_before_ms, error } => self.run(
                "UPDATE messages SET attempts = ?2, doubts = ?3, not_before_ms = ?4, last_error = ?5
                 WHERE id = ?1 AND state = 0",
                (id, attempts, doubts, not_before_ms, error),
            )?,
            Settlement::Dead { attempts, error } => self.run(
                "UPDATE messages SET state = 2, attempts = ?2, last_error = ?3 WHERE id = ?1 AND state = 0",
                (id, attempts, error),
            )?,
            Settlement::Retry => self.run(
                "UPDATE messages SET state = 0, attempts = 0, doubts = 0, not_before_ms = 0, claimed_by = ?2
                 WHERE id = ?1 AND state = 2",
                (id, self.daemon),
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

    /// Notes what the platform says of a message; what it says of none that is known yet is kept for a while. Whether
    /// anything changed.
    pub fn report(&self, report: &Report) -> Result<bool> {
        let Report { channel, platform_id, status, error, at_ms } = report;
        match queries::message_by_platform_id(self.connection, channel, platform_id)? {
            Some(id) => self.apply_report(id, status, error.as_deref(), *at_ms),
            None => self
                .run(
                    "INSERT INTO reports VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                    (channel, platform_id, status, error, at_ms, at_ms.saturating_add(REPORTS_KEPT_MS)),
                )
                .map(|noted| noted > 0),
        }
    }

    /// Remembers where a chat is now.
    pub fn move_chat(&self, moved: &Move) -> Result<()> {
        let Move { address, chat } = moved;
        self.run(
            "INSERT INTO moves VALUES (?1, ?2, ?3) ON CONFLICT (channel, chat) DO UPDATE SET now_at = excluded.now_at",
            (&address.channel, &address.chat, chat),
        )
        .map(drop)
    }

    /// Platforms report out of order and twice: the first time of each counts, and only a message that counts as
    /// sent can turn out to have failed.
    fn apply_report(&self, id: i64, status: &str, error: Option<&str>, at_ms: i64) -> Result<bool> {
        let changed = match status {
            "delivered" => {
                self.run("UPDATE messages SET delivered_ms = coalesce(delivered_ms, ?2) WHERE id = ?1", (id, at_ms))?
            }
            "read" => self.run("UPDATE messages SET read_ms = coalesce(read_ms, ?2) WHERE id = ?1", (id, at_ms))?,
            "failed" => self.run(
                "UPDATE messages SET state = 2, last_error = ?2
                 WHERE id = ?1 AND state = 1 AND delivered_ms IS NULL AND read_ms IS NULL",
                (id, error.unwrap_or("the platform took it and could not deliver it")),
            )?,
            _ => 0,
        };
        Ok(changed > 0)
    }

    fn take_early_reports(&self, id: i64, platform_id: &str) -> Result<()> {
        let early: Vec<(String, Option<String>, i64)> = self
            .connection
            .prepare_cached(
                "DELETE FROM reports WHERE platform_id = ?2 AND channel = (SELECT c.channel FROM messages m
                 JOIN conversations c ON c.id = m.conversation_id WHERE m.id = ?1)
                 RETURNING status, error, at_ms",
            )?
            .query_map((id, platform_id), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_>>()?;
        early
            .iter()
            .try_for_each(|(status, error, at_ms)| self.apply_report(id, status, error.as_deref(), *at_ms).map(drop))
    }

    /// Writes this daemon's own row as it is; with `much`, and as many bytes as a message with its decision takes: on a full
    /// disk the little that one row takes may still find room where no message does.
    pub fn touch(&self, much: bool) -> Result<()> {
        self.connection.prepare_cached("UPDATE daemons SET id = id WHERE id = ?1")?.execute((self.daemon,))?;
        if much {
            // No plugin has this name.
            self.run("INSERT INTO kv VALUES ('', '', 0, NULL, randomblob(?1))", (TRIAL_BYTES,))?;
            self.run("DELETE FROM kv WHERE plugin = ''", ())?;
            self.run("DELETE FROM kv_sizes WHERE plugin = ''", ())?;
        }
        Ok(())
    }

    /// Keeps this daemon's claims until `until_ms`, and takes over those of daemons whose time is over.
    pub fn hold_claims(&self, now_ms: i64, until_ms: i64) -> Result<u64> {
        self.run(
            "INSERT INTO daemons VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET until_ms = excluded.until_ms",
            (self.daemon, until_ms),
        )?;
        self.run("DELETE FROM daemons WHERE until_ms < ?1", (now_ms,))?;
        let taken = self.run(
            "UPDATE messages SET claimed_by = ?1
             WHERE state = 0 AND claimed_by <> ?1 AND claimed_by NOT IN (SELECT id FROM daemons)",
            (self.daemon,),
        )?;
        Ok(taken as u64)
    }

    /// Claims due timers, in the order in which they are to fire.
    pub fn claim_due(&self, now_ms: i64, until_ms: i64, limit: usize) -> Result<Vec<Timer>> {
        let due = queries::due_timers(self.connection, now_ms, limit)?;
        for timer in &due {
            self.run(
                "UPDATE timers SET claimed_by = ?2, claimed_until_ms = ?3 WHERE id = ?1",
                (timer.id, self.daemon, until_ms),
            )?;
        }
        Ok(due)
    }
}
