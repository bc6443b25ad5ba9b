//! Who comes in at the console.

use rusqlite::{Connection, OptionalExtension, Result};

use super::{SqliteStore, ledger::Ledger, queries};
use crate::store::{Access, Invitation, Pending, Session, TokenHash};

const PASSWORD: &str = "SELECT password FROM sign_ins WHERE person = ?1";
const SIGNED_UP: &str = "SELECT person FROM sign_ins ORDER BY person";
const INVITED: &str = "SELECT person FROM invitations WHERE hash = ?1 AND expires_ms > ?2";
const SESSION: &str = "SELECT hash, person, proof, opened_ms, expires_ms FROM sessions WHERE hash = ?1";

impl Access for SqliteStore {
    fn password(&self, person: &str) -> Pending<Option<String>> {
        let person = person.to_owned();
        self.ask(move |connection| password(connection, &person))
    }

    fn signed_up(&self) -> Pending<Vec<String>> {
        self.ask(signed_up)
    }

    fn invite(&self, invitation: Invitation) -> Pending<()> {
        self.writer.errand(move |ledger| ledger.invite(&invitation))
    }

    fn invited(&self, hash: &TokenHash, now_ms: i64) -> Pending<Option<String>> {
        let hash = *hash;
        self.ask(move |connection| invited(connection, &hash, now_ms))
    }

    fn redeem(&self, hash: &TokenHash, password: String, now_ms: i64) -> Pending<Option<String>> {
        let hash = *hash;
        self.writer.errand(move |ledger| ledger.redeem(&hash, &password, now_ms))
    }

    fn revoke(&self, person: &str) -> Pending<bool> {
        let person = person.to_owned();
        self.writer.errand(move |ledger| ledger.revoke(&person))
    }

    fn begin_session(&self, session: Session) -> Pending<()> {
        self.writer.errand(move |ledger| ledger.begin_session(&session))
    }

    fn session(&self, hash: &TokenHash) -> Pending<Option<Session>> {
        let hash = *hash;
        self.ask(move |connection| session(connection, &hash))
    }

    fn prolong_session(&self, hash: &TokenHash, expires_ms: i64) -> Pending<()> {
        let hash = *hash;
        self.writer.errand(move |ledger| ledger.prolong_session(&hash, expires_ms))
    }

    fn end_session(&self, hash: &TokenHash) -> Pending<()> {
        let hash = *hash;
        self.writer.errand(move |ledger| ledger.end_session(&hash))
    }

    fn end_sessions(&self, person: Option<&str>) -> Pending<()> {
        let person = person.unwrap_or_default().to_owned();
        self.writer.errand(move |ledger| ledger.end_sessions(&person))
    }
}

fn password(connection: &Connection, person: &str) -> Result<Option<String>> {
    queries::first(connection, PASSWORD, (person,), |row| row.get(0))
}

fn signed_up(connection: &Connection) -> Result<Vec<String>> {
    queries::all(connection, SIGNED_UP, (), |row| row.get(0))
}

fn invited(connection: &Connection, hash: &TokenHash, now_ms: i64) -> Result<Option<String>> {
    queries::first(connection, INVITED, (hash.as_slice(), now_ms), |row| row.get(0))
}

fn session(connection: &Connection, hash: &TokenHash) -> Result<Option<Session>> {
    queries::first(connection, SESSION, (hash.as_slice(),), |row| {
        let person: String = row.get(1)?;
        Ok(Session {
            hash: row.get(0)?,
            person: Some(person).filter(|it| !it.is_empty()),
            proof: row.get(2)?,
            opened_ms: row.get(3)?,
            expires_ms: row.get(4)?,
        })
    })
}

impl Ledger<'_> {
    pub fn invite(&self, invitation: &Invitation) -> Result<()> {
        let Invitation { person, hash, expires_ms } = invitation;
        self.run("INSERT OR REPLACE INTO invitations VALUES (?1, ?2, ?3)", (person, hash.as_slice(), expires_ms))?;
        Ok(())
    }

    /// Whoever has the link has this password from now on, and is nowhere signed in; who that is.
    pub fn redeem(&self, hash: &TokenHash, password: &str, now_ms: i64) -> Result<Option<String>> {
        let person: Option<String> = self
            .connection
            .prepare_cached("DELETE FROM invitations WHERE hash = ?1 AND expires_ms > ?2 RETURNING person")?
            .query_row((hash.as_slice(), now_ms), |row| row.get(0))
            .optional()?;
        if let Some(person) = &person {
            self.end_sessions(person)?;
            self.run("INSERT OR REPLACE INTO sign_ins VALUES (?1, ?2, ?3)", (person, password, now_ms))?;
        }
        Ok(person)
    }

    /// They cannot come in any more; whether they could.
    pub fn revoke(&self, person: &str) -> Result<bool> {
        self.end_sessions(person)?;
        let invited = self.run("DELETE FROM invitations WHERE person = ?1", (person,))?;
        Ok(self.run("DELETE FROM sign_ins WHERE person = ?1", (person,))? + invited > 0)
    }

    pub fn begin_session(&self, session: &Session) -> Result<()> {
        let Session { hash, person, proof, opened_ms, expires_ms } = session;
        let person = person.as_deref().unwrap_or_default();
        self.run(
            "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)",
            (hash.as_slice(), person, proof.as_slice(), opened_ms, expires_ms),
        )?;
        Ok(())
    }

    pub fn prolong_session(&self, hash: &TokenHash, expires_ms: i64) -> Result<()> {
        self.run("UPDATE sessions SET expires_ms = ?2 WHERE hash = ?1", (hash.as_slice(), expires_ms))?;
        Ok(())
    }

    pub fn end_session(&self, hash: &TokenHash) -> Result<()> {
        self.run("DELETE FROM sessions WHERE hash = ?1", (hash.as_slice(),))?;
        Ok(())
    }

    pub fn end_sessions(&self, person: &str) -> Result<()> {
        self.run("DELETE FROM sessions WHERE person = ?1", (person,))?;
        Ok(())
    }

    /// Deletes at most `batch` rows of each kind whose time is over, and says whether there are more.
    pub fn expire_access(&self, now_ms: i64, batch: i64) -> Result<bool> {
        let mut more = false;
        for sql in [
            "DELETE FROM invitations WHERE person IN (SELECT person FROM invitations WHERE expires_ms <= ?1 LIMIT ?2)",
            "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_ms <= ?1 LIMIT ?2)",
        ] {
            more |= self.run(sql, (now_ms, batch))? as i64 == batch;
        }
        Ok(more)
    }
}
