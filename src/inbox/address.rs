//! Which conversation an event belongs to.

use crate::{
    engine::reachable,
    model::{Address, ContactKey, Event, EventKind, Lookups, Order, OrderEvent, ShopAccount},
};

/// The conversation in which an event is decided, where it is another than the event's own. A shop need not say with
/// each report of an order whom it concerns: where it does not, an order that is known stays where it was spoken of.
///
/// Of an order that nobody can be told of yet, what the shop knows of the customer says where they are spoken to.
///
/// `order` is the one that the decision is made on, so that the two cannot differ; `is_known`: somebody was heard of in the
/// event's own conversation.
pub fn home_elsewhere(
    event: &Event,
    order: Option<&Order>,
    is_known: bool,
    lookups: &dyn Lookups,
    now_ms: i64,
) -> Option<Address> {
    let EventKind::Order(report @ OrderEvent { addressed: false, .. }) = &event.kind else { return None };
    if let Some(known) = order.map(|order| &order.address).filter(|it| !it.chat.is_empty()) {
        return (*known != event.address).then(|| known.clone());
    }
    if is_known && !event.address.chat.is_empty() {
        return None;
    }
    let shop = event.channel.clone();
    let account = report.who.account.clone().map(|id| ContactKey::Account(ShopAccount { shop, id }));
    let email = report.who.email.clone().map(ContactKey::Email);
    let phone = report.who.phone.clone().map(ContactKey::Phone);
    let mut keys = account.into_iter().chain(email).chain(phone);
    let contact = keys.find_map(|key| lookups.contact_by(&key)).and_then(|id| lookups.contact(&id))?;
    reachable(&contact, lookups, now_ms).filter(|it| *it != event.address)
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
