use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of fact that stands in a customer's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    Order,
    Parcel,
    Phone,
    PhoneTail,
    Quantity,
    Date,
    DaysWaited,
    Courier,
    Amount,
    Email,
    InvoiceTitle,
    TaxNumber,
}

impl EntityKind {
    pub const ALL: [Self; 12] = [
        Self::Order,
        Self::Parcel,
        Self::Phone,
        Self::PhoneTail,
        Self::Quantity,
        Self::Date,
        Self::DaysWaited,
        Self::Courier,
        Self::Amount,
        Self::Email,
        Self::InvoiceTitle,
        Self::TaxNumber,
    ];

    /// The word it has in rules.toml.
    pub fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Parcel => "parcel",
            Self::Phone => "phone",
            Self::PhoneTail => "phone-tail",
            Self::Quantity => "quantity",
            Self::Date => "date",
            Self::DaysWaited => "days-waited",
            Self::Courier => "courier",
            Self::Amount => "amount",
            Self::Email => "email",
            Self::InvoiceTitle => "invoice-title",
            Self::TaxNumber => "tax-number",
        }
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
