//! Whether what a decision rested on still holds.

use rusqlite::{OptionalExtension, Params, Result};

use super::{super::queries, Ledger, Thread};
use crate::model::{Address, Basis, Version};

impl Ledger<'_> {
    /// Whether every row of the basis is as it was when the decision was made.
    pub(super) fn stands(&self, basis: &[Basis], home: &Address, thread: Option<&Thread<'_>>) -> Result<bool> {
        for it in basis {
            let (now, then) = match it {
                Basis::Conversation { address, was } if address == home => {
                    (thread.map_or(Version::NONE, |thread| thread.version), was.version)
                }
                Basis::Conversation { address, was } => (
                    self.version_of(
                        "SELECT version FROM conversations WHERE channel = ?1 AND chat = ?2",
                        (&address.channel, &address.chat),
                    )?,
                    was.version,
                ),
                Basis::Order { shop, id, was } => (
                    self.version_of("SELECT version FROM orders WHERE shop = ?1 AND number = ?2", (shop, id))?,
                    was.version,
                ),
                Basis::Ticket { id, was } => {
                    (self.version_of("SELECT version FROM tickets WHERE id = ?1", (id,))?, was.version)
                }
                Basis::Contact { id, was } => {
                    (self.version_of("SELECT version FROM contacts WHERE id = ?1", (id,))?, was.version)
                }
                Basis::ContactKey { key, contact } => {
                    if queries::contact_by(self.connection, key)? != *contact {
                        return Ok(false);
                    }
                    continue;
                }
                Basis::Key { plugin, key, version } => {
                    (self.version_of("SELECT version FROM kv WHERE plugin = ?1 AND key = ?2", (plugin, key))?, *version)
                }
            };
            if now != then {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn version_of(&self, sql: &str, parameters: impl Params) -> Result<Version> {
        let found = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional()?;
        Ok(found.map_or(Version::NONE, Version))
    }
}
