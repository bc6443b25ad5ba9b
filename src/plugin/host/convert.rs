//! The domain's words in the contract's, cut to what a guest is handed: no customer's message, however long, makes
//! a plugin run into a limit of the host's.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    language::Language,
    model::{
        Address, Choice, CustomerFacts, HookCall, Media, Message, Money, Order, OrderChange, OrderEvent, OrderStatus,
        Product, Ticket, TimerFired, Urgency,
    },
    plugin::contract::{LIMITS, language, world::types as wit},
};

/// `None` at a moment that belongs to no customer.
pub fn context(call: &HookCall<'_>) -> Option<wit::Context> {
    let CustomerFacts { address, conversation } = call.customer?;
    Some(wit::Context {
        store: store_context(call),
        channel: address.channel.clone(),
        customer: wit::Customer {
            id: customer_id(address),
            name: conversation.sender_name.as_deref().map(text),
            tags: conversation.tags.iter().take(LIMITS.given_items).map(|it| text(it)).collect(),
            first_seen_ms: conversation.first_seen_ms,
            messages: conversation.received,
        },
    })
}

pub fn store_context(call: &HookCall<'_>) -> wit::StoreContext {
    let store = &call.store;
    let choice = |it: &Choice| wit::Choice { label: text(&it.label), value: text(&it.value) };
    wit::StoreContext {
        now_ms: call.now_ms,
        local_time: (store.local_time)(call.now_ms),
        open: call.open,
        opens: store.opens.map(|opens| wit::Time { ms: opens.at_ms, text: opens.text.to_owned() }),
        store_name: store.name.to_owned(),
        clerk_name: store.clerk.to_owned(),
        language: language::tag(store.language.tag()).into_owned(),
        offers: store
            .offers
            .iter()
            .take(LIMITS.given_items)
            .map(|it| wit::Offer { text: text(&it.text), url: it.url.clone() })
            .collect(),
        menu: store.menu.iter().take(LIMITS.given_items).map(choice).collect(),
    }
}

/// Namespace of customer ids (UUID v5).
const CUSTOMERS: Uuid = Uuid::from_u128(0x6e69_6768_7463_6c65_726b_2f63_7573_2f31);

/// A name for the customer that keeps the platform's id from plugins.
pub fn customer_id(address: &Address) -> String {
    let name = [address.channel.as_str(), "\0", &address.chat].concat();
    Uuid::new_v5(&CUSTOMERS, name.as_bytes()).to_string()
}

/// What a plugin is told of a message.
pub fn message(message: &Message) -> wit::Message {
    let media = |it: &Media| wit::Media { kind: text(&it.kind), reference: text(&it.reference) };
    wit::Message {
        id: text(&message.id),
        text: message.text.as_deref().map(text),
        media: message.media.iter().take(LIMITS.given_media).map(media).collect(),
    }
}

pub fn timer(timer: &TimerFired) -> wit::Timer {
    wit::Timer { key: timer.key.clone(), due_ms: timer.due_ms, payload: timer.payload.to_string() }
}

pub fn order_event(event: &OrderEvent, of: &Order, call: &HookCall<'_>) -> wit::OrderEvent {
    wit::OrderEvent {
        change: change(event.change).to_owned(),
        order: order(of, call),
        rating: event.rating,
        text: event.text.as_deref().map(text),
    }
}

/// What a plugin is told of an order.
pub fn order(order: &Order, call: &HookCall<'_>) -> wit::Order {
    wit::Order {
        shop: order.shop.clone(),
        id: text(&order.id),
        status: status(order.status).to_owned(),
        customer_name: order.customer_name.as_deref().map(text),
        total: order.total.as_ref().map(money),
        placed: order.placed_ms.map(|ms| time(ms, call)),
        payment_url: order.payment_url.clone(),
    }
}

/// All of an order but where its customer is spoken to.
pub fn order_details(order: &Order) -> Value {
    let item = |it: &crate::model::OrderItem| {
        object([
            ("sku", it.sku.as_deref().map(|sku| json!(text(sku)))),
            ("title", Some(json!(text(&it.title)))),
            ("quantity", Some(json!(it.quantity))),
        ])
    };
    let parcel = |it: &crate::model::Shipment| {
        object([
            ("carrier", it.carrier.as_deref().map(|word| json!(text(word)))),
            ("tracking_number", it.tracking_number.as_deref().map(|word| json!(text(word)))),
            ("tracking_url", it.tracking_url.as_deref().map(|word| json!(text(word)))),
            ("expected", it.expected.as_deref().map(|word| json!(text(word)))),
        ])
    };
    let total = order.total.as_ref().map(|it| {
        let it = money(it);
        json!({ "minor": it.minor, "whole": it.whole, "currency": it.currency, "text": it.text })
    });
    object([
        ("shop", Some(json!(order.shop))),
        ("id", Some(json!(text(&order.id)))),
        ("status", Some(json!(status(order.status)))),
        ("customer_name", order.customer_name.as_deref().map(|name| json!(text(name)))),
        ("total", total),
        ("items", Some(order.items.iter().take(LIMITS.given_items).map(item).collect())),
        (
            "parcels",
            Some(order.parcels.iter().rev().take(LIMITS.given_items).rev().map(|it| parcel(&it.shipment)).collect()),
        ),
        ("payment_url", order.payment_url.as_ref().map(|url| json!(url))),
        ("placed_ms", order.placed_ms.map(|ms| json!(ms))),
        ("paid_ms", order.paid_ms.map(|ms| json!(ms))),
        ("delivered_ms", order.delivered_ms.map(|ms| json!(ms))),
        ("reminders", Some(json!(order.reminders))),
        ("review_requested", Some(json!(order.review_requested))),
        ("reviewed", Some(json!(order.reviewed))),
        ("remarks", Some(order.remarks.iter().take(LIMITS.given_items).map(|it| json!(text(it))).collect())),
    ])
}

pub fn ticket(ticket: &Ticket, call: &HookCall<'_>) -> wit::Ticket {
    wit::Ticket {
        id: ticket.id.clone(),
        kind: ticket.kind.clone(),
        text: text(&ticket.text),
        urgency: urgency(ticket.urgency).to_owned(),
        opened: time(ticket.opened_ms, call),
    }
}

pub fn product(product: Product, language: Language<'_>) -> wit::Product {
    wit::Product {
        sku: product.sku,
        name: product.name.get(language).into_owned(),
        price: product.price,
        url: product.url,
        pitch: product.pitch.map(|it| text(&it.get(language))),
        stock: product.stock,
        hot: product.hot,
    }
}

pub fn product_details(product: &Product, language: Language<'_>) -> Value {
    let list = |items: &[String]| Some(items.iter().take(LIMITS.given_items).map(|it| json!(it)).collect());
    object([
        ("sku", Some(json!(product.sku))),
        ("name", Some(json!(product.name.get(language)))),
        ("aliases", list(&product.aliases)),
        ("price", product.price.as_ref().map(|it| json!(it))),
        ("url", product.url.as_ref().map(|it| json!(it))),
        ("pitch", product.pitch.as_ref().map(|it| json!(text(&it.get(language))))),
        ("stock", product.stock.map(|it| json!(it))),
        ("substitutes", list(&product.substitutes)),
        ("complements", list(&product.complements)),
        ("hot", Some(json!(product.hot))),
    ])
}

/// An object of what is known.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let known = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(known.collect::<Map<_, _>>())
}

/// A text, cut where a guest is handed no more of it.
pub fn text(text: &str) -> String {
    text[..text.floor_char_boundary(LIMITS.given_text_bytes)].to_owned()
}

fn money(money: &Money) -> wit::Money {
    wit::Money { minor: money.minor, whole: money.whole(), currency: money.currency.clone(), text: money.to_string() }
}

/// `2026-11-24 21:30`.
pub fn time(ms: i64, call: &HookCall<'_>) -> wit::Time {
    let local = (call.store.local_time)(ms);
    wit::Time { ms, text: local.get(..16).unwrap_or(&local).replace('T', " ") }
}

fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Normal => "normal",
        Urgency::Urgent => "urgent",
    }
}

fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Placed => "placed",
        OrderStatus::Paid => "paid",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Delivered => "delivered",
        OrderStatus::Cancelled => "cancelled",
        OrderStatus::RefundRequested => "refund-requested",
        OrderStatus::Refunded => "refunded",
    }
}

fn change(change: OrderChange) -> &'static str {
    match change {
        OrderChange::Placed => "placed",
        OrderChange::Paid => "paid",
        OrderChange::Shipped => "shipped",
        OrderChange::Delivered => "delivered",
        OrderChange::Cancelled => "cancelled",
        OrderChange::RefundRequested => "refund-requested",
        OrderChange::RefundWithdrawn => "refund-withdrawn",
        OrderChange::RefundRefused => "refund-refused",
        OrderChange::RefundSettled => "refund-settled",
        OrderChange::ReviewPosted => "review-posted",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{model::Hook, plugin::host::trial};

    proptest! {
        /// Whatever customers and shops write, a guest is handed no more than the contract says.
        #[test]
        fn nothing_that_comes_in_makes_the_conversion_panic_or_grow(
            words in ".{0,80}",
            times in 1_usize..4000,
            placed_ms in any::<i64>(),
            minor in any::<i64>(),
        ) {
            let long = words.repeat(times);
            let message = message(&Message {
                id: long.clone(),
                text: Some(long.clone()),
                media: vec![Media::new(long.clone(), long.clone()); 200],
                ..Message::default()
            });
            prop_assert!(message.media.len() <= LIMITS.given_media);
            prop_assert!(message.text.is_some_and(|it| it.len() <= long.len() && it.len() <= 1 << 20));
            let order = trial::with_sample(Hook::Order, |asked| {
                let order = Order {
                    id: long.clone(),
                    customer_name: Some(long.clone()),
                    placed_ms: Some(placed_ms),
                    total: Some(Money { minor, currency: "CNY".to_owned() }),
                    ..sample_order()
                };
                super::order(&order, asked)
            });
            prop_assert!(order.id.len() <= long.len());
        }
    }

    fn sample_order() -> Order {
        trial::with_sample(Hook::Order, |asked| match &asked.moment {
            crate::model::Moment::Order { order, .. } => (*order).clone(),
            _ => unreachable!("an order's moment has an order"),
        })
    }
}
