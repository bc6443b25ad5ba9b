//! The figures of a store, read from its log a few entries at a time.

use std::{collections::HashMap, sync::Arc};

use crate::{
    engine::Playbook,
    model::{Address, EventKind},
    report::{Entry, LEAD_MS, Ledger, Period, REMINDED_MS, Report, Said, Scope},
    store::{OfContact, Record, Records, StoreError},
};

/// Entries that are read at once.
const STEP: usize = 512;

/// The figures of a period. `progress` hears how many of how many entries are read.
///
/// # Errors
/// The store cannot be read.
pub fn figures(
    log: &dyn Records,
    playbook: &Playbook,
    period: Period,
    with_words: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, StoreError> {
    let scope = Scope { period, zone: playbook.zone().clone(), team_of: playbook.teams_of_people(), with_words };
    let mut ledger = Ledger::new(scope);
    let first = log.first_since(period.from_ms.saturating_sub(LEAD_MS))?;
    let end = log.first_since(period.until_ms.saturating_add(REMINDED_MS))?;
    let length = u64::try_from(end - first).unwrap_or_default();
    let mut contacts = Contacts { log, at: HashMap::new() };
    let mut next = first;
    while next < end {
        let step = log.from(next, STEP)?;
        let Some(last) = step.last() else { break };
        next = last.logged.id + 1;
        for record in step.iter().filter(|it| it.logged.id < end) {
            let contact = contacts.of(record)?;
            ledger.take(&entry(record, contact.as_deref()));
        }
        progress(u64::try_from(next.min(end) - first).unwrap_or_default(), length);
    }
    Ok(ledger.finish(playbook.targets()))
}

/// Who is who, as the store knows it; each address is asked about once.
struct Contacts<'a> {
    log: &'a dyn Records,
    at: HashMap<Address, Option<Arc<str>>>,
}

impl Contacts<'_> {
    fn of(&mut self, record: &Record) -> Result<Option<Arc<str>>, StoreError> {
        let event = &record.logged.event;
        let of = match &event.kind {
            EventKind::Order(change) if event.address.chat.is_empty() => {
                OfContact::Order { shop: &event.channel, id: &change.order_id }
            }
            _ => OfContact::Address(&event.address),
        };
        if let Some(known) = self.at.get(&event.address).filter(|_| matches!(of, OfContact::Address(_))) {
            return Ok(known.clone());
        }
        let found: Option<Arc<str>> = self.log.contact(of)?.map(Into::into);
        if matches!(of, OfContact::Address(_)) {
            self.at.insert(event.address.clone(), found.clone());
        }
        Ok(found)
    }
}

fn entry<'a>(record: &'a Record, contact: Option<&'a str>) -> Entry<'a> {
    let logged = &record.logged;
    Entry {
        id: logged.id,
        received_ms: logged.received_ms,
        event: &logged.event,
        contact,
        actions: &logged.actions,
        trace: &logged.trace,
        said: Said { messages: record.sent, first_ms: record.first_sent_ms },
    }
}
