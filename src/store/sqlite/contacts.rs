//! The statements about contacts: their rows, and what they are found by.

use rusqlite::Result;

use super::{ledger::Ledger, prepare::PreparedContact};

impl Ledger<'_> {
    pub(super) fn write_contact(&self, contact: &PreparedContact, version: i64) -> Result<()> {
        let PreparedContact { id, expires_ms, changed_ms, whole, keys, state } = contact;
        self.run(
            "INSERT INTO contacts (id, version, expires_ms, changed_ms, whole, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, expires_ms = excluded.expires_ms,
             changed_ms = excluded.changed_ms, whole = excluded.whole, state = excluded.state",
            (id, version, expires_ms, changed_ms, whole, state.as_str()),
        )?;
        self.run("DELETE FROM contact_keys WHERE contact = ?1", (id,))?;
        for key in keys {
            let (kind, scope, value) = key.parts();
            self.run("INSERT OR REPLACE INTO contact_keys VALUES (?1, ?2, ?3, ?4)", (kind, scope, value, id))?;
        }
        Ok(())
    }

    /// Deletes at most `batch` contacts of which nothing else is kept, and says whether there are more.
    pub(super) fn expire_contacts(&self, now_ms: i64, batch: i64) -> Result<bool> {
        let ids: Vec<String> = self
            .connection
            .prepare_cached(
                "SELECT id FROM contacts x WHERE expires_ms <= ?1
                 AND NOT EXISTS (SELECT 1 FROM orders WHERE contact = x.id)
                 AND NOT EXISTS (SELECT 1 FROM contacts WHERE merged_into = x.id)
                 AND NOT EXISTS (SELECT 1 FROM contact_keys k JOIN conversations c ON c.channel = k.scope
                     AND c.chat = k.value WHERE k.contact = x.id AND k.kind = 'address')
                 ORDER BY expires_ms LIMIT ?2",
            )?
            .query_map((now_ms, batch), |row| row.get(0))?
            .collect::<Result<_>>()?;
        ids.iter().try_for_each(|id| self.delete_contact(id))?;
        Ok(ids.len() as i64 == batch)
    }

    pub(super) fn delete_contact(&self, id: &str) -> Result<()> {
        self.run("DELETE FROM contact_keys WHERE contact = ?1", (id,))?;
        self.run("DELETE FROM contacts WHERE id = ?1", (id,)).map(drop)
    }
}
