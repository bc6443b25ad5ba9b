//! Which conversation an event belongs to.

use crate::{
    model::{Address, Event, EventKind, Lookups, Order},
    store::{Store, StoreError},
};

/// The conversation in which an event is decided. A shop need not say with each report of an order whom it concerns:
/// where it does not, an order that is known stays where it was spoken of.
///
/// # Errors
/// The store cannot be read.
pub fn home_of(event: &Event, store: &dyn Store) -> Result<Address, StoreError> {
    if let EventKind::Order(reported) = &event.kind
        && !reported.addressed
        && let Some(order) = store.order(&event.channel, &reported.order_id)?.value
        && !order.address.chat.is_empty()
    {
        return Ok(order.address);
    }
    Ok(event.address.clone())
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
