//! What is to be sent, what became of it, and what is to be done when.

use super::{SqliteStore, command::Command, queries};
use crate::{
    model::Address,
    store::{Agenda, Heard, Mailbox, Move, Pending, Queued, Report, Settlement, StoreError, Timer},
};

impl Mailbox for SqliteStore {
    fn settle(&self, id: i64, settlement: Settlement) -> Pending<()> {
        self.writer.send(|done| Command::Settle { id, settlement, done })
    }

    fn report(&self, report: Report) -> Pending<bool> {
        self.writer.errand(move |ledger| ledger.report(&report))
    }

    fn hold_claims(&self, now_ms: i64, until_ms: i64) -> Pending<u64> {
        self.writer.errand(move |ledger| ledger.hold_claims(now_ms, until_ms))
    }

    fn pending(&self, after: i64, limit: usize) -> Pending<Vec<Queued>> {
        let daemon = self.daemon;
        self.ask(move |connection| queries::pending(connection, daemon, after, limit))
    }

    fn dead(&self, limit: usize) -> Pending<Vec<Queued>> {
        self.ask(move |connection| queries::dead(connection, limit))
    }

    fn message(&self, id: i64) -> Pending<Option<Queued>> {
        self.ask(move |connection| queries::message(connection, id))
    }

    fn messages_of(&self, event_id: i64) -> Pending<Vec<Queued>> {
        self.ask(move |connection| queries::messages_of(connection, event_id))
    }

    fn was_said(&self, address: &Address, platform_id: &str, text: Option<&str>) -> Pending<bool> {
        let (address, platform_id, text) = (address.clone(), platform_id.to_owned(), text.map(str::to_owned));
        self.ask(move |connection| queries::was_said(connection, &address, &platform_id, text.as_deref()))
    }

    fn subject_of(&self, room: &Address, reference: &str) -> Pending<Option<Address>> {
        let (room, reference) = (room.clone(), reference.to_owned());
        self.ask(move |connection| queries::subject_of(connection, &room, &reference))
    }

    fn move_chat(&self, moved: Move) -> Pending<()> {
        self.writer.errand(move |ledger| ledger.move_chat(&moved))
    }

    fn moves(&self) -> Result<Vec<Move>, StoreError> {
        self.read(queries::moves)
    }

    fn transcript(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Queued>> {
        let address = address.clone();
        self.ask(move |connection| queries::transcript(connection, &address, after, limit))
    }

    fn heard(&self, address: &Address, after: i64, limit: usize) -> Pending<Vec<Heard>> {
        let address = address.clone();
        self.ask(move |connection| queries::heard(connection, &address, after, limit))
    }
}

impl Agenda for SqliteStore {
    fn claim_due(&self, now_ms: i64, until_ms: i64, limit: usize) -> Pending<Vec<Timer>> {
        self.writer.errand(move |ledger| ledger.claim_due(now_ms, until_ms, limit))
    }

    fn next_due_ms(&self) -> Pending<Option<i64>> {
        self.ask(queries::next_due_ms)
    }
}
