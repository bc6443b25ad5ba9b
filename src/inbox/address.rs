//! Which conversation an event belongs to.

use crate::model::{Address, Event, EventKind, Lookups, Order, OrderEvent};

/// The conversation in which an event is decided, where it is another than the event's own. A shop need not say with
/// each report of an order whom it concerns: where it does not, an order that is known stays where it was spoken of.
///
/// `order` is the one that the decision is made on, so that the two cannot differ.
pub fn home_elsewhere(event: &Event, order: Option<&Order>) -> Option<Address> {
    let EventKind::Order(OrderEvent { addressed: false, .. }) = &event.kind else { return None };
    let known = order.map(|order| &order.address)?;
    (!known.chat.is_empty() && *known != event.address).then(|| known.clone())
}

/// The order an event is about, as it is before the event.
pub fn order_of(event: &Event, lookups: &dyn Lookups) -> Option<Order> {
    match &event.kind {
        EventKind::Order(reported) => lookups.order(&event.channel, &reported.order_id),
        EventKind::Timer(timer) => {
            let text = |key| timer.payload.get(key).and_then(serde_json::Value::as_str);
            lookups.order(text("shop")?, text("order_id")?)
        }
        _ => None,
    }
}
