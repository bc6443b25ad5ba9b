//! Orders, with all that the clerk knows of them.

use serde::{Deserialize, Serialize};

use crate::{Money, Order, OrderEvent};

/// How far an order has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OrderStatus {
    #[default]
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    RefundRequested,
    Refunded,
    /// One that this SDK does not know yet.
    #[serde(other)]
    Other,
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OrderChange {
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    RefundRequested,
    RefundSettled,
    ReviewPosted,
    /// One that this SDK does not know yet.
    #[serde(other)]
    Other,
}

/// The variant of a word; every word has one.
fn of_word<T: serde::de::DeserializeOwned>(word: &str, other: T) -> T {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).unwrap_or(other)
}

impl Order {
    /// How far it has come.
    pub fn status(&self) -> OrderStatus {
        of_word(&self.status, OrderStatus::Other)
    }

    /// The total as customers read it: `CNY 199.00`.
    pub fn total_text(&self) -> Option<&str> {
        self.total.as_ref().map(|total| total.text.as_str())
    }
}

impl OrderEvent {
    /// What happened.
    pub fn change(&self) -> OrderChange {
        of_word(&self.change, OrderChange::Other)
    }
}

/// All that the clerk knows of an order; what it does not know is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderDetails {
    /// The shop that reports it. An id is unique within its shop.
    pub shop: String,
    pub id: String,
    pub status: OrderStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    pub items: Vec<OrderItem>,
    pub parcels: Vec<Parcel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_ms: Option<i64>,
    /// Payment reminders sent so far.
    pub reminders: u32,
    /// Whether a review was asked for, and posted.
    pub review_requested: bool,
    pub reviewed: bool,
    pub remarks: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    pub title: String,
    pub quantity: u32,
}

/// A parcel on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parcel {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_url: Option<String>,
    /// When the carrier expects to deliver, in the carrier's own words or as a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

impl OrderDetails {
    /// The items as customers read them: `Mug × 2, Spoon`.
    pub fn items_text(&self, separator: &str) -> String {
        let items: Vec<String> = self
            .items
            .iter()
            .map(|item| match item.quantity {
                0 | 1 => item.title.clone(),
                quantity => format!("{} × {quantity}", item.title),
            })
            .collect();
        items.join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_host_is_no_error() {
        assert_eq!(of_word("refund-requested", OrderStatus::Other), OrderStatus::RefundRequested);
        assert_eq!(of_word("partly-refunded", OrderStatus::Other), OrderStatus::Other);
        let details: OrderDetails = serde_json::from_str(r#"{"status":"lost","insured":true}"#).unwrap();
        assert_eq!(details.status, OrderStatus::Other);
    }
}
