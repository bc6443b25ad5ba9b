use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Address, Money};

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
    pub customer_name: Option<String>,
    pub total: Option<Money>,
    pub items: Vec<OrderItem>,
    pub payment_url: Option<String>,
    pub shipment: Option<Shipment>,
    pub placed_ms: Option<i64>,
    pub paid_ms: Option<i64>,
    pub delivered_ms: Option<i64>,
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

/// A parcel on its way.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderEvent {
    pub change: OrderChange,
    /// The shop's order number.
    pub order_id: String,
    /// Whether the shop said where the customer is spoken to; else the event's address is a guess, and what is known
    /// of the order goes before it.
    #[serde(default)]
    pub addressed: bool,
    #[serde(default)]
    pub customer_name: Option<String>,
    #[serde(default)]
    pub total: Option<Money>,
    #[serde(default)]
    pub items: Vec<OrderItem>,
    #[serde(default)]
    pub payment_url: Option<String>,
    #[serde(default)]
    pub shipment: Option<Shipment>,
    /// For a review: its score, 1 to 5, and its words.
    #[serde(default)]
    pub rating: Option<u8>,
    #[serde(default)]
    pub text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderChange {
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    RefundRequested,
    RefundSettled,
    ReviewPosted,
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
            Self::RefundSettled => "refund settled",
            Self::ReviewPosted => "review posted",
        })
    }
}
