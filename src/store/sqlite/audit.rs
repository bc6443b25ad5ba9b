//! The rows of what operators did.

use rusqlite::{Connection, Result, Row};

use super::{ledger::Ledger, queries::all};
use crate::{model::Address, store::Deed};

/// Newest first.
const DEEDS: &str = "SELECT at_ms, who, what, subject, channel, chat, outcome FROM audit
     WHERE at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms DESC LIMIT ?3";

const DEEDS_OF: &str = "SELECT at_ms, who, what, subject, channel, chat, outcome FROM audit
     WHERE channel = ?1 AND chat = ?2 ORDER BY at_ms DESC";

pub fn deeds(connection: &Connection, since_ms: i64, until_ms: i64, limit: usize) -> Result<Vec<Deed>> {
    all(connection, DEEDS, (since_ms, until_ms, i64::try_from(limit).unwrap_or(i64::MAX)), deed)
}

/// What was done with one customer's conversation, newest first.
pub fn deeds_of(connection: &Connection, address: &Address) -> Result<Vec<Deed>> {
    all(connection, DEEDS_OF, (&address.channel, &address.chat), deed)
}

fn deed(row: &Row<'_>) -> Result<Deed> {
    let address: (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    Ok(Deed {
        at_ms: row.get(0)?,
        who: row.get(1)?,
        what: row.get(2)?,
        subject: row.get(3)?,
        address: address.0.zip(address.1).map(|(channel, chat)| Address { channel, chat }),
        outcome: row.get(6)?,
    })
}

impl Ledger<'_> {
    pub fn note_deed(&self, deed: &Deed, keep_ms: i64) -> Result<()> {
        let Deed { at_ms, who, what, subject, address, outcome } = deed;
        let (channel, chat) = address.as_ref().map(|it| (&it.channel, &it.chat)).unzip();
        self.run(
            "INSERT INTO audit (at_ms, expires_ms, who, what, subject, channel, chat, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (at_ms, at_ms.saturating_add(keep_ms), who, what, subject, channel, chat, outcome),
        )
        .map(drop)
    }

    /// Whose it was that somebody looked at is forgotten; that they looked stays.
    pub fn forget_in_audit(&self, address: &Address) -> Result<()> {
        self.run(
            "UPDATE audit SET channel = NULL, chat = NULL, subject = '' WHERE channel = ?1 AND chat = ?2",
            (&address.channel, &address.chat),
        )
        .map(drop)
    }
}
