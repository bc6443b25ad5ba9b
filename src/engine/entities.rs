//! Facts in a customer's words: numbers of orders and phones, quantities, days, couriers, amounts, what an invoice needs.
//!
//! Read from the words alone, without a store to look anything up in. What is read stays with the decision; the trace
//! names its kinds.

mod amounts;
mod codes;
mod couriers;
mod cues;
mod days;
mod form;
mod identification;
mod invoice;
mod number;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::text::half_width;
use crate::model::{EntityKind, Money};

pub use codes::{looks_like_order, says_order};
pub use identification::{OF_A_PHONE, OF_AN_ORDER, one_of, only_identifies, without_identification};
pub use invoice::without_what_follows;
pub use number::{COUNT, UNITS, count};

/// What was said or answered, by the names that templates have for it.
pub type Captured = BTreeMap<String, String>;
use form::Reading;

/// Bytes of a message that are read.
const READ: usize = 4096;

/// What was read, each kind in the order in which it was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entities {
    /// Numbers that people give for orders, as they wrote them.
    pub orders: Vec<String>,
    /// Numbers of parcels.
    pub parcels: Vec<String>,
    /// Phone numbers, digits alone but for a leading `+`.
    pub phones: Vec<String>,
    /// Last four digits of a phone number.
    pub phone_tails: Vec<String>,
    pub quantities: Vec<Quantity>,
    pub dates: Vec<Date>,
    /// How many days the customer says they have waited, the most of what they say.
    pub days_waited: Option<u32>,
    /// By the id that `couriers` gives them.
    pub couriers: Vec<&'static str>,
    pub amounts: Vec<Money>,
    pub emails: Vec<String>,
    pub invoice_title: Option<String>,
    pub tax_number: Option<String>,
}

/// So many of something, with where it was said in the half-width text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    pub count: u32,
    /// `件`, `boxes`; empty for a bare factor (`x2`).
    pub unit: String,
}

impl Entities {
    /// `today`: the day it is at the store, which days such as "yesterday" are counted from.
    pub fn read(text: &str, today: Date) -> Self {
        let text = half_width(text.get(..text.floor_char_boundary(READ)).unwrap_or_default());
        let text = Reading::new(&text);
        let (dates, days_waited) = days::read(&text, today);
        let mut found = Self {
            emails: invoice::emails(&text),
            tax_number: invoice::tax_number(&text),
            invoice_title: invoice::title(&text),
            couriers: couriers::named(text.text),
            amounts: amounts::read(&text),
            quantities: number::quantities(&text),
            dates,
            days_waited,
            ..Self::default()
        };
        codes::read(&text, &mut found);
        found
    }

    /// The kinds of which something was read.
    pub fn kinds(&self) -> Vec<EntityKind> {
        let found = [
            (EntityKind::Order, !self.orders.is_empty()),
            (EntityKind::Parcel, !self.parcels.is_empty()),
            (EntityKind::Phone, !self.phones.is_empty()),
            (EntityKind::PhoneTail, !self.phone_tails.is_empty()),
            (EntityKind::Quantity, !self.quantities.is_empty()),
            (EntityKind::Date, !self.dates.is_empty()),
            (EntityKind::DaysWaited, self.days_waited.is_some()),
            (EntityKind::Courier, !self.couriers.is_empty()),
            (EntityKind::Amount, !self.amounts.is_empty()),
            (EntityKind::Email, !self.emails.is_empty()),
            (EntityKind::InvoiceTitle, self.invoice_title.is_some()),
            (EntityKind::TaxNumber, self.tax_number.is_some()),
        ];
        found.into_iter().filter(|(_, there)| *there).map(|(kind, _)| kind).collect()
    }
}

impl Entities {
    /// What was read first of each kind, by its name with underscores, as templates have it.
    pub fn captured(&self) -> Captured {
        let quantity = self.quantities.first();
        let first = |list: &[String]| list.first().cloned();
        let read = [
            (EntityKind::Order, first(&self.orders)),
            (EntityKind::Parcel, first(&self.parcels)),
            (EntityKind::Phone, first(&self.phones)),
            (EntityKind::PhoneTail, first(&self.phone_tails)),
            (EntityKind::Quantity, quantity.map(|it| it.count.to_string())),
            (EntityKind::Date, self.dates.first().map(ToString::to_string)),
            (EntityKind::DaysWaited, self.days_waited.map(|it| it.to_string())),
            (EntityKind::Courier, self.couriers.first().map(|it| (*it).to_owned())),
            (EntityKind::Amount, self.amounts.first().map(ToString::to_string)),
            (EntityKind::Email, first(&self.emails)),
            (EntityKind::InvoiceTitle, self.invoice_title.clone()),
            (EntityKind::TaxNumber, self.tax_number.clone()),
        ];
        let read = read.into_iter().filter_map(|(kind, value)| value.map(|value| (placeholder(kind), value)));
        let unit = quantity.filter(|it| !it.unit.is_empty()).map(|it| ("unit".to_owned(), it.unit.clone()));
        read.chain(unit).collect()
    }
}

/// The name of a kind in templates.
pub fn placeholder(kind: EntityKind) -> String {
    kind.name().replace('-', "_")
}

#[cfg(test)]
mod tests;
