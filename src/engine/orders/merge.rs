//! What a shop's report makes of an order.
//!
//! Reports come late, twice and out of order. What they tell is therefore kept as facts, each with its time, and how far
//! the order has come follows from all of them, in whatever order they came (`standing`). Details are those of the newest
//! report by the platform's time; an older one only fills gaps.

use super::standing::standing;
use crate::model::{Event, Money, Order, OrderChange, OrderEvent, Parcel, Refund, Shipment};

/// Parcels and refunds that are remembered of one order.
const MOST: usize = 200;

/// The order after the event. A platform's clock that is ahead of ours counts as ours, so that no event
/// from the future outweighs the later ones. `usual`: the currency of amounts that are told without one.
pub(super) fn apply(
    event: &Event,
    change: &OrderEvent,
    before: Option<&Order>,
    now_ms: i64,
    usual: Option<&str>,
) -> Order {
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
    take(&mut order.phone_tail, &change.phone_tail, newer);
    take(&mut order.time_zone, &change.time_zone, newer);
    take(&mut order.payment_url, &change.payment_url, newer);
    if let Some(on_delivery) = change.on_delivery.filter(|_| newer) {
        order.on_delivery = on_delivery;
    }
    if !change.items.is_empty() && (newer || order.items.is_empty()) {
        order.items.clone_from(&change.items);
    }
    let usual = order.total.as_ref().map(|total| total.currency.clone()).or_else(|| usual.map(str::to_owned));
    let total = change.total.as_ref().and_then(|total| total.money(usual.as_deref()));
    if change.change == OrderChange::RefundSettled {
        settle_refund(&mut order, change, total, usual.as_deref(), at_ms);
    } else {
        take(&mut order.total, &total, newer);
    }
    for shipment in &change.shipments {
        merge_parcel(&mut order.parcels, shipment, change.change, at_ms, newer);
    }
    match change.change {
        OrderChange::Placed => earliest(&mut order.placed_ms, at_ms),
        OrderChange::Paid => earliest(&mut order.paid_ms, at_ms),
        OrderChange::Shipped => {
            earliest(&mut order.shipped_ms, at_ms);
            if order.parcels.is_empty() {
                order.parcels.push(Parcel { shipped_ms: Some(at_ms), ..Parcel::default() });
            } else if let [parcel] = order.parcels.as_mut_slice()
                && change.shipments.is_empty()
                && parcel.shipment.tracking_number.is_none()
            {
                earliest(&mut parcel.shipped_ms, at_ms);
            }
        }
        OrderChange::Delivered => {
            earliest(&mut order.delivered_ms, at_ms);
            if change.shipments.iter().all(|it| it.tracking_number.is_none()) {
                latest(&mut order.all_delivered_ms, at_ms);
            }
        }
        OrderChange::Cancelled => latest(&mut order.cancelled_ms, at_ms),
        OrderChange::RefundRequested => latest(&mut order.refund_requested_ms, at_ms),
        OrderChange::RefundWithdrawn | OrderChange::RefundRefused | OrderChange::RefundSettled => {
            latest(&mut order.refund_closed_ms, at_ms);
        }
        // Who reviews has the goods, though the delivery may not have been reported.
        OrderChange::ReviewPosted => {
            order.reviewed = true;
            latest(&mut order.all_delivered_ms, at_ms);
        }
    }
    order.status = standing(&order);
    order
}

/// A refund is told with its amount, or with the amount where other reports have the order's total, which stays.
fn settle_refund(order: &mut Order, change: &OrderEvent, total: Option<Money>, usual: Option<&str>, at_ms: i64) {
    let told = change.refund.clone().unwrap_or_default();
    let named = told.amount.as_ref().and_then(|amount| amount.money(usual));
    let instead = total.filter(|total| order.total.as_ref() != Some(total));
    // An amount that was told and cannot be read may be any part of the price.
    let unread = named.is_none() && told.amount.is_some();
    let refund = Refund { id: told.id, amount: named.or(instead), partial: told.partial || unread, at_ms };
    let same = |it: &Refund| match (&it.id, &refund.id) {
        (Some(one), Some(other)) => one == other,
        _ if it.amount.is_none() && refund.amount.is_none() => it.partial == refund.partial,
        _ => it.amount == refund.amount && it.at_ms == refund.at_ms,
    };
    if order.refunds.len() < MOST && !order.refunds.iter().any(same) {
        order.refunds.push(refund);
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

fn latest(known: &mut Option<i64>, at_ms: i64) {
    *known = Some(known.map_or(at_ms, |known| known.max(at_ms)));
}

/// Another tracking number is another parcel; none adds to what is known of the last one, and a first number to what is
/// known of one without.
fn merge_parcel(parcels: &mut Vec<Parcel>, told: &Shipment, change: OrderChange, at_ms: i64, newer: bool) {
    let number = told.tracking_number.as_ref();
    let found = match number {
        Some(_) => parcels
            .iter()
            .position(|it| it.shipment.tracking_number.as_ref() == number)
            .or_else(|| parcels.iter().position(|it| it.shipment.tracking_number.is_none())),
        None => parcels.len().checked_sub(1),
    };
    if found.is_none() && parcels.len() >= MOST {
        return;
    }
    let index = found.unwrap_or(parcels.len());
    if found.is_none() {
        parcels.push(Parcel { shipment: told.clone(), ..Parcel::default() });
    }
    let Some(parcel) = parcels.get_mut(index) else { return };
    if found.is_some() {
        if parcel.shipment.tracking_number.is_none() && number.is_some() {
            // The number is news, and its time the parcel's.
            parcel.announced = false;
            parcel.shipped_ms = None;
        }
        take(&mut parcel.shipment.carrier, &told.carrier, newer);
        take(&mut parcel.shipment.tracking_number, &told.tracking_number, newer);
        take(&mut parcel.shipment.tracking_url, &told.tracking_url, newer);
        take(&mut parcel.shipment.expected, &told.expected, newer);
    }
    let known = parcel.shipment.tracking_number.is_some();
    match change {
        // Without a number it is unknown which one left; the first report of it is the one that counts.
        OrderChange::Shipped if number.is_some() == known => earliest(&mut parcel.shipped_ms, at_ms),
        OrderChange::Delivered if number.is_some() => parcel.delivered = true,
        _ => {}
    }
}
