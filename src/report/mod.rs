//! Figures: what was asked, answered, sold and left undone, counted from the log.
//!
//! Pure: entries of the log go in, in its order, and counts come out; `docs/figures.md` has each formula. What is not on
//! the log is not known, and shown as such rather than as nought.

mod chart;
mod entry;
mod fact;
mod figures;
mod groups;
mod ledger;
mod page;
mod place;
mod questions;
mod share;
mod span;
mod table;
mod tally;
mod text;

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use crate::model::Money;

pub use entry::{Entry, Said};
pub use figures::{FIGURES, Figure, Part, Tongue, Value, seconds};
pub use groups::Groups;
pub use ledger::{LEAD_MS, Ledger, REMINDED_MS, SILENCE_MS, Scope};
pub use page::page;
pub use place::{Dimension, Period};
pub use questions::Question;
pub use share::{Marks, Share, Times};
pub use span::Span;
pub use table::{Row, csv, json};
pub use tally::Tally;
pub use text::{digest, text};

/// What the store means to sell in a month, by currency.
pub type Targets = BTreeMap<String, Money>;

/// The figures of a period.
pub struct Report {
    pub period: Period,
    pub zone: TimeZone,
    pub groups: Groups,
    /// Questions that nobody answered, the most frequent first.
    pub questions: Vec<Question>,
    /// More of them than could be told apart.
    pub other_questions: u64,
    pub plans: Vec<Plan>,
}

/// What was sold of what was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub planned: Money,
    pub sold: Money,
}

impl Plan {
    pub fn completion(&self) -> Option<f64> {
        (self.planned.minor > 0).then(|| self.sold.minor as f64 / self.planned.minor as f64)
    }
}

impl Ledger {
    /// The figures, once all of the log has been taken in.
    pub fn finish(mut self, targets: &Targets) -> Report {
        self.close();
        let (period, zone) = (self.period(), self.zone().clone());
        let plans = targets.values().map(|target| {
            let minor = planned(target.minor, period, &zone);
            let sales = self.groups.total.orders.sales.get(&target.currency);
            let currency = target.currency.clone();
            Plan {
                planned: Money { minor, currency: currency.clone() },
                sold: Money { minor: sales.map_or(0, |it| it.minor), currency },
            }
        });
        let plans = plans.collect();
        let other_questions = self.questions.others;
        Report { period, zone, questions: self.questions.into_groups(), other_questions, plans, groups: self.groups }
    }
}

/// What a month's target makes for the period: each of a month's days has the same part of it.
fn planned(target_minor: i64, period: Period, zone: &TimeZone) -> i64 {
    let date = |ms: i64| zone.to_datetime(Timestamp::from_millisecond(ms).unwrap_or_default());
    let mut day = date(period.from_ms).date();
    let mut sum = 0.0;
    loop {
        let Ok(start) = day.to_zoned_datetime(zone.clone()) else { break };
        let begins = start.timestamp().as_millisecond();
        if begins >= period.until_ms {
            break;
        }
        let Ok(next) = day.tomorrow() else { break };
        let Ok(end) = next.to_zoned_datetime(zone.clone()) else { break };
        let ends = end.timestamp().as_millisecond();
        let held = ends.min(period.until_ms) - begins.max(period.from_ms);
        sum += target_minor as f64 / f64::from(day.days_in_month()) * held as f64 / (ends - begins) as f64;
        day = next;
    }
    sum.round() as i64
}

#[cfg(test)]
mod tests;
