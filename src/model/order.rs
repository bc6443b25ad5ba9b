use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Address, Amount, CustomerSigns, Money};

/// An order as the clerk knows it: the sum of the order events received so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// The shop channel that reports it; `(shop, id)` is unique.
    pub shop: String,
    /// The shop's order number.
    pub id: String,
    pub status: OrderStatus,
    /// Where its customer is spoken to.
    pub address: Address,
    /// Whether the shop said so; else it is a guess, which gives way to whatever the shop says.
    pub addressed: bool,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    pub customer_name: Option<String>,
    /// The last four digits of the phone it was ordered with: who says them as well as the number may hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_tail: Option<String>,
    /// The IANA name of the zone the customer lives in, where the shop says so: the hours in which they may be disturbed
    /// are by its clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When somebody of whom it is not known said the number and other digits, of the last day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims_ms: Vec<i64>,
    pub total: Option<Money>,
    pub items: Vec<OrderItem>,
    pub payment_url: Option<String>,
    /// Paid to the courier, in cash or otherwise: nothing is owed before.
    pub on_delivery: bool,
    /// In the order in which the clerk heard of them.
    pub parcels: Vec<Parcel>,
    pub placed_ms: Option<i64>,
    pub paid_ms: Option<i64>,
    pub shipped_ms: Option<i64>,
    /// When the first delivery was, and the last report of one that names no parcel.
    pub delivered_ms: Option<i64>,
    pub all_delivered_ms: Option<i64>,
    pub cancelled_ms: Option<i64>,
    /// When a refund was asked for last, and when the last such wish was settled, withdrawn or refused.
    pub refund_requested_ms: Option<i64>,
    pub refund_closed_ms: Option<i64>,
    pub refunds: Vec<Refund>,
    /// What the customer is to hear and has not heard yet, oldest first.
    pub untold: Vec<News>,
    /// The platform time of the newest event applied; an older one does not move the status back.
    pub updated_ms: i64,
    /// Payment reminders sent so far.
    pub reminders: u32,
    /// Whether a review was asked for, and posted.
    pub review_requested: bool,
    pub reviewed: bool,
    pub remarks: Vec<String>,
}

/// How far an order has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    #[default]
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    RefundRequested,
    Refunded,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderItem {
    pub sku: Option<String>,
    pub title: String,
    pub quantity: u32,
}

/// A parcel of an order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parcel {
    #[serde(flatten)]
    pub shipment: Shipment,
    /// When it left, as far as that was reported.
    pub shipped_ms: Option<i64>,
    /// Whether the shop said so of this very parcel.
    pub delivered: bool,
    /// Whether the customer was told that it left.
    pub announced: bool,
}

/// Money that went back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refund {
    /// The shop's own id of it, where it gives one.
    pub id: Option<String>,
    /// `None`: the shop did not say.
    pub amount: Option<Money>,
    /// A part of the order's price, though nobody may know how much.
    pub partial: bool,
    pub at_ms: i64,
}

/// Something the customer is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub what: NewsOf,
    /// When it happened.
    pub at_ms: i64,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NewsOf {
    /// An order to be paid on delivery was placed.
    OnDelivery,
    Cancelled,
    RefundRequested,
    RefundWithdrawn,
    RefundRefused,
    /// The how-manieth of the order's refunds, from 0.
    RefundSettled {
        refund: usize,
    },
    ReviewPosted {
        bad: bool,
    },
}

/// What a shop says of a parcel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shipment {
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub tracking_url: Option<String>,
    /// When the carrier expects to deliver, in the carrier's own words or as a date.
    pub expected: Option<String>,
}

/// One change to one order, with whatever the shop said of it; absent fields leave the order as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderEvent {
    pub change: OrderChange,
    /// The shop's order number.
    pub order_id: String,
    /// Whether the shop said where the customer is spoken to; else the event's address is a guess, and what is known
    /// of the order goes before it.
    pub addressed: bool,
    pub customer_name: Option<String>,
    /// By what the customer is known again.
    #[serde(skip_serializing_if = "CustomerSigns::is_empty")]
    pub who: CustomerSigns,
    /// The customer's telephone number as the shop writes it, until it has become an address; it is not kept.
    #[serde(skip)]
    pub phone: Option<String>,
    /// Its last four digits, which are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_tail: Option<String>,
    /// The IANA name of the zone the customer lives in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    pub total: Option<Amount>,
    pub items: Vec<OrderItem>,
    pub payment_url: Option<String>,
    pub on_delivery: Option<bool>,
    pub shipments: Vec<Shipment>,
    pub refund: Option<RefundReport>,
    /// For a review: its score, 1 to 5, and its words.
    pub rating: Option<u8>,
    pub text: Option<String>,
    /// For a review: the marks that the shop's own score (DSR) is made of.
    #[serde(skip_serializing_if = "Scores::is_empty")]
    pub scores: Scores,
    /// The names of fields that could not be read.
    pub unread: Vec<String>,
}

/// What a shop says of money it gave back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundReport {
    pub id: Option<String>,
    pub amount: Option<Amount>,
    /// A part only, whatever the amount.
    pub partial: bool,
    /// Whether the platform had to decide; `None`: the shop does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_platform: Option<bool>,
}

/// A customer's marks for one order, from 1 to 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scores {
    /// Whether the goods are as described.
    pub described: Option<u8>,
    pub service: Option<u8>,
    pub shipping: Option<u8>,
}

impl Scores {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderChange {
    #[default]
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    RefundRequested,
    RefundWithdrawn,
    RefundRefused,
    RefundSettled,
    ReviewPosted,
}

impl Order {
    /// Whether nothing has to be paid: it costs nothing.
    pub fn is_free(&self) -> bool {
        self.total.as_ref().is_some_and(|total| total.minor == 0)
    }

    /// Whether this one of the order's parcels has arrived. A delivery that names no parcel is of all that had left by
    /// then; of the first one in any case, whose leaving may be reported late.
    pub fn has_arrived(&self, parcel: &Parcel) -> bool {
        let first_ms = self.parcels.iter().filter_map(|it| it.shipped_ms).min();
        let by_ms = self.all_delivered_ms;
        parcel.delivered
            || by_ms.is_some_and(|by_ms| {
                parcel.shipped_ms.is_none_or(|left_ms| left_ms <= by_ms || Some(left_ms) == first_ms)
            })
    }

    /// What went back so far, as far as amounts were given.
    pub fn refunded(&self) -> Option<Money> {
        let mut amounts = self.refunds.iter().filter_map(|it| it.amount.as_ref());
        let first = amounts.next()?.clone();
        amounts.try_fold(first, |sum, it| {
            let minor = sum.minor.checked_add(it.minor)?;
            (it.currency == sum.currency).then_some(Money { minor, ..sum })
        })
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::RefundRequested => "refund requested",
            Self::Refunded => "refunded",
        })
    }
}

impl fmt::Display for OrderChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::RefundRequested => "refund requested",
            Self::RefundWithdrawn => "refund withdrawn",
            Self::RefundRefused => "refund refused",
            Self::RefundSettled => "refund settled",
            Self::ReviewPosted => "review posted",
        })
    }
}
