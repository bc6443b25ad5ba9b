//! The register of problems 登记: what came up in a month, by kind, and how long it took. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Ticket, TicketState};

/// One kind in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindOfMonth {
    pub kind: String,
    /// Tickets that were opened in the month.
    pub opened: u64,
    /// Of those, done by now.
    pub done: u64,
    /// Closed, for there was nothing to do.
    pub dropped: u64,
    /// Still open.
    pub open: u64,
    /// Done after their target, or not done and past it.
    pub overdue: u64,
    /// From opening to done: as long or longer for one half of them as for the other. `None` where none is done.
    pub median_ms: Option<i64>,
}

/// Sums up tickets that were opened in one month: by kind, the most frequent first.
pub fn sum_up(tickets: &[Ticket], now_ms: i64) -> Vec<KindOfMonth> {
    let mut kinds: BTreeMap<&str, (KindOfMonth, Vec<i64>)> = BTreeMap::new();
    for ticket in tickets {
        let (row, times) = kinds.entry(&ticket.kind).or_default();
        row.kind.clone_from(&ticket.kind);
        row.opened += 1;
        match ticket.closed_ms {
            None => row.open += 1,
            Some(_) if ticket.state == TicketState::Dropped => row.dropped += 1,
            Some(at) => {
                row.done += 1;
                times.push(at.saturating_sub(ticket.opened_ms));
            }
        }
        let late = match ticket.closed_ms {
            Some(at) => ticket.state != TicketState::Dropped && ticket.due_ms.is_some_and(|due| due < at),
            None => ticket.is_overdue(now_ms),
        };
        row.overdue += u64::from(late);
    }
    let mut rows: Vec<KindOfMonth> =
        kinds.into_values().map(|(row, times)| KindOfMonth { median_ms: median(times), ..row }).collect();
    rows.sort_by(|a, b| b.opened.cmp(&a.opened).then_with(|| a.kind.cmp(&b.kind)));
    rows
}

/// The middle one; between two of them, the mean.
fn median(mut times: Vec<i64>) -> Option<i64> {
    times.sort_unstable();
    let middle = times.len() / 2;
    let upper = *times.get(middle)?;
    match times.len() % 2 {
        1 => Some(upper),
        _ => times.get(middle.checked_sub(1)?).map(|lower| lower.midpoint(upper)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_summed_up_by_kind_with_the_median_of_what_was_done() {
        let ticket = |kind: &str, opened_ms: i64, closed_ms: Option<i64>, due_ms: Option<i64>| Ticket {
            kind: kind.to_owned(),
            opened_ms,
            closed_ms,
            due_ms,
            ..Ticket::default()
        };
        let dropped = Ticket { state: TicketState::Dropped, ..ticket("complaint", 0, Some(900), Some(1)) };
        let tickets = [
            ticket("complaint", 0, Some(10), Some(20)),
            ticket("complaint", 0, Some(30), Some(20)),
            ticket("complaint", 0, None, Some(20)),
            dropped,
            ticket("refund", 5, Some(15), None),
            ticket("refund", 5, Some(10), None),
            ticket("refund", 5, Some(6), None),
        ];
        let rows = sum_up(&tickets, 100);
        let complaint = KindOfMonth {
            kind: "complaint".to_owned(),
            opened: 4,
            done: 2,
            dropped: 1,
            open: 1,
            overdue: 2,
            median_ms: Some(20),
        };
        let refund =
            KindOfMonth { kind: "refund".to_owned(), opened: 3, done: 3, median_ms: Some(5), ..KindOfMonth::default() };
        assert_eq!(rows, [complaint, refund]);
        assert_eq!(sum_up(&[], 0), []);
    }
}
