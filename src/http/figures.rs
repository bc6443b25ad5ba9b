//! The figures of a store, read from its log a few entries at a time.

use crate::{
    engine::Playbook,
    report::{Entry, LEAD_MS, Ledger, Period, REMINDED_MS, Report, Said, Scope},
    store::{Record, Records, StoreError},
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
    let mut next = first;
    while next < end {
        let step = log.from(next, STEP)?;
        let Some(last) = step.last() else { break };
        next = last.logged.id + 1;
        for record in step.iter().filter(|it| it.logged.id < end) {
            ledger.take(&entry(record));
        }
        progress(u64::try_from(next.min(end) - first).unwrap_or_default(), length);
    }
    Ok(ledger.finish(playbook.targets()))
}

fn entry(record: &Record) -> Entry<'_> {
    let logged = &record.logged;
    Entry {
        id: logged.id,
        received_ms: logged.received_ms,
        event: &logged.event,
        actions: &logged.actions,
        trace: &logged.trace,
        said: Said { messages: record.sent, first_ms: record.first_sent_ms },
    }
}
