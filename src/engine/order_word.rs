//! The words that rules and templates have for the states of an order.

use crate::model::OrderStatus;

pub const STATUSES: [(&str, OrderStatus); 7] = [
    ("placed", OrderStatus::Placed),
    ("paid", OrderStatus::Paid),
    ("shipped", OrderStatus::Shipped),
    ("delivered", OrderStatus::Delivered),
    ("cancelled", OrderStatus::Cancelled),
    ("refund-requested", OrderStatus::RefundRequested),
    ("refunded", OrderStatus::Refunded),
];

/// The word that rules and templates have for a state of an order.
pub fn status_word(status: OrderStatus) -> &'static str {
    STATUSES.iter().find(|(_, it)| *it == status).map_or("", |(word, _)| word)
}
