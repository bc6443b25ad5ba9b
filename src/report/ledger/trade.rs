//! Orders: who buys, what for, and after which reminder.

use super::{
    super::{entry::Entry, fact::Key, groups::Way, tally::Tally},
    Ledger, Now, REMINDED_MS, Reminded, SELLS_MS,
};
use crate::model::{EventKind, Money, Scores};

impl Ledger {
    pub(super) fn ordered(&mut self, now: &Now) {
        if !now.counts {
            return;
        }
        let contact = self.contacts.entry(now.contact).or_default();
        let converts = contact.asked.filter(|_| !std::mem::replace(&mut contact.converted, true));
        let first = contact.ordered.is_none();
        contact.ordered.get_or_insert(now.place);
        self.groups.count(&now.place, |it| {
            it.orders.placed += 1;
            it.orders.contacts_ordered += u64::from(first);
        });
        if let Some(asked) = converts {
            self.groups.count(&asked, |it| it.orders.contacts_converted += 1);
        }
    }

    pub(super) fn sold(&mut self, now: &Now, order: Key, total: Option<Money>) {
        self.paid_after_reminder(now, order);
        if !now.counts {
            return;
        }
        let contact = self.contacts.entry(now.contact).or_default();
        let pays = contact.ordered.filter(|_| !contact.paid);
        contact.paid |= pays.is_some();
        let new_currency = total.as_ref().is_some_and(|it| !contact.currencies.contains(&it.currency));
        if let Some(total) = total.as_ref().filter(|_| new_currency) {
            contact.currencies.push(total.currency.clone());
        }
        // Whoever had the customer last has a share in it.
        let seller = contact.agents.iter().filter(|it| now.at_ms - it.last_ms <= SELLS_MS).max_by_key(|it| it.last_ms);
        let seller = seller.map(|it| it.agent);
        let count = |it: &mut Tally| {
            it.orders.sold += 1;
            match &total {
                Some(Money { minor, currency }) => {
                    let sales = it.orders.sales.entry(currency.clone()).or_default();
                    sales.minor = sales.minor.saturating_add(*minor);
                    sales.contacts += u64::from(new_currency);
                }
                None => it.orders.without_price += 1,
            }
        };
        self.groups.count(&now.place, count);
        if let Some(seller) = seller {
            self.groups.count_for(seller, count);
        }
        if let Some(ordered) = pays {
            self.groups.count(&ordered, |it| it.orders.contacts_paid += 1);
        }
    }

    /// A review of an order counts once, with the marks of its first report.
    pub(super) fn scored(&mut self, now: &Now, entry: &Entry<'_>, scores: Scores) {
        let EventKind::Order(report) = &entry.event.kind else { return };
        if !self.scored.insert(Key::order(&entry.event.channel, &report.order_id)) {
            return;
        }
        self.count(now, |it| {
            for (marks, mark) in [
                (&mut it.described, scores.described),
                (&mut it.service, scores.service),
                (&mut it.shipping, scores.shipping),
            ] {
                mark.into_iter().for_each(|mark| marks.add(mark));
            }
        });
    }

    pub(super) fn reminded(&mut self, now: &Now, order: Key, wording: &str) {
        let wording = self.groups.wording_names.number(wording);
        let way = Way { wording, channel: now.place.channel, hour: now.place.hour };
        let known = self.orders.entry(order).or_default();
        known.reminded = Some(Reminded { at_ms: now.at_ms, way, place: now.place, counts: now.counts });
        let first = now.counts && !known.was_counted;
        known.was_counted |= now.counts;
        if now.counts {
            self.groups.count_way(way, false);
            self.groups.count(&now.place, |it| {
                it.reminders.sent += 1;
                it.reminders.orders += u64::from(first);
            });
        }
    }

    pub(super) fn paid_after_reminder(&mut self, now: &Now, order: Key) {
        let Some(Reminded { at_ms, way, place, counts }) =
            self.orders.get_mut(&order).and_then(|it| it.reminded.take())
        else {
            return;
        };
        if counts && (0..=REMINDED_MS).contains(&(now.at_ms - at_ms)) {
            self.groups.count_way(way, true);
            self.groups.count(&place, |it| it.reminders.orders_paid += 1);
        }
    }
}
