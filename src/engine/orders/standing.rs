//! How far an order has come, from what is known of it.

use crate::model::{Order, OrderStatus};

/// The last of the order's facts that still holds. Asking for a refund ends the way to the customer until the wish is
/// settled, withdrawn or refused; a cancellation ends the order, unless it was paid after it for the first time; a refund
/// of everything can follow both.
pub(super) fn standing(order: &Order) -> OrderStatus {
    let wants_refund =
        order.refund_requested_ms.is_some_and(|asked| order.refund_closed_ms.is_none_or(|closed| asked > closed));
    if is_refunded(order) {
        OrderStatus::Refunded
    } else if is_cancelled(order) {
        OrderStatus::Cancelled
    } else if wants_refund {
        OrderStatus::RefundRequested
    } else if has_arrived(order) {
        OrderStatus::Delivered
    } else if order.shipped_ms.is_some() || order.parcels.iter().any(|it| it.delivered) {
        OrderStatus::Shipped
    } else if order.paid_ms.is_some() {
        OrderStatus::Paid
    } else {
        OrderStatus::Placed
    }
}

fn is_cancelled(order: &Order) -> bool {
    order.cancelled_ms.is_some_and(|ended| order.paid_ms.is_none_or(|paid| paid <= ended))
}

/// Whether all of the price went back. A refund without an amount is of everything, unless the shop calls it a part.
fn is_refunded(order: &Order) -> bool {
    let whole = |it: &crate::model::Refund| !it.partial && (it.amount.is_none() || order.total.is_none());
    let all = order
        .refunded()
        .zip(order.total.as_ref())
        .is_some_and(|(back, total)| back.currency == total.currency && back.minor >= total.minor && total.minor > 0);
    all || order.refunds.iter().any(whole)
}

/// Whether every parcel has arrived.
fn has_arrived(order: &Order) -> bool {
    let delivered = order.delivered_ms.is_some() || order.all_delivered_ms.is_some();
    delivered && order.parcels.iter().all(|parcel| order.has_arrived(parcel))
}
