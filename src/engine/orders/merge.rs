//! What a shop's report makes of an order.
//!
//! Reports come late, twice and out of order. How far an order has come is therefore the furthest that
//! was ever reported, in whatever order the reports came; details are those of the newest report by the
//! platform's time, and an older one only fills gaps.

use crate::model::{Event, Order, OrderChange, OrderEvent, OrderStatus, Shipment};

/// The order after the event. A platform's clock that is ahead of ours counts as ours, so that no event
/// from the future outweighs the later ones.
pub(super) fn apply(event: &Event, change: &OrderEvent, before: Option<&Order>, now_ms: i64) -> Order {
    let at_ms = event.at_ms.min(now_ms);
    let mut order = before.cloned().unwrap_or_else(|| Order {
        shop: event.channel.clone(),
        id: change.order_id.clone(),
        updated_ms: at_ms,
        ..Order::default()
    });
    let newer = at_ms >= order.updated_ms;
    order.updated_ms = order.updated_ms.max(at_ms);
    // What the shop says takes the place of a guess, and of what it said before; a guess only that of nothing.
    let said = change.addressed && (newer || !order.addressed);
    if order.address.chat.is_empty() || said {
        order.address.clone_from(&event.address);
        order.addressed = change.addressed;
    }
    take(&mut order.customer_name, &change.customer_name, newer);
    take(&mut order.total, &change.total, newer);
    take(&mut order.payment_url, &change.payment_url, newer);
    if !change.items.is_empty() && (newer || order.items.is_empty()) {
        order.items.clone_from(&change.items);
    }
    if let Some(shipment) = &change.shipment {
        merge_shipment(&mut order.shipment, shipment, newer);
    }
    let reached = match change.change {
        OrderChange::Placed => {
            earliest(&mut order.placed_ms, at_ms);
            OrderStatus::Placed
        }
        OrderChange::Paid => {
            earliest(&mut order.paid_ms, at_ms);
            OrderStatus::Paid
        }
        OrderChange::Shipped => OrderStatus::Shipped,
        OrderChange::Delivered => {
            earliest(&mut order.delivered_ms, at_ms);
            OrderStatus::Delivered
        }
        OrderChange::Cancelled => OrderStatus::Cancelled,
        OrderChange::RefundRequested => OrderStatus::RefundRequested,
        OrderChange::RefundSettled => OrderStatus::Refunded,
        // Who reviews has the goods, though the delivery may not have been reported.
        OrderChange::ReviewPosted => {
            order.reviewed = true;
            OrderStatus::Delivered
        }
    };
    if progress(reached) > progress(order.status) {
        order.status = reached;
    }
    order
}

/// How far along a status is. Asking for a refund ends the way to the customer, a cancellation ends the
/// order, and a refund can still follow a cancellation.
fn progress(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::Placed => 0,
        OrderStatus::Paid => 1,
        OrderStatus::Shipped => 2,
        OrderStatus::Delivered => 3,
        OrderStatus::RefundRequested => 4,
        OrderStatus::Cancelled => 5,
        OrderStatus::Refunded => 6,
    }
}

fn take<T: Clone>(known: &mut Option<T>, told: &Option<T>, newer: bool) {
    if told.is_some() && (newer || known.is_none()) {
        known.clone_from(told);
    }
}

fn earliest(known: &mut Option<i64>, at_ms: i64) {
    *known = Some(known.map_or(at_ms, |known| known.min(at_ms)));
}

/// Another tracking number is another parcel; the same or none adds to what is known of this one.
fn merge_shipment(known: &mut Option<Shipment>, told: &Shipment, newer: bool) {
    let Some(parcel) = known else {
        *known = Some(told.clone());
        return;
    };
    let another =
        matches!((&parcel.tracking_number, &told.tracking_number), (Some(known), Some(told)) if known != told);
    match (another, newer) {
        (true, true) => *parcel = told.clone(),
        (true, false) => {}
        (false, _) => {
            take(&mut parcel.carrier, &told.carrier, newer);
            take(&mut parcel.tracking_number, &told.tracking_number, newer);
            take(&mut parcel.tracking_url, &told.tracking_url, newer);
            take(&mut parcel.expected, &told.expected, newer);
        }
    }
}
