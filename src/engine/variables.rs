//! What fills the placeholders of the store's phrases.

use std::collections::BTreeMap;

use minijinja::Value;

use super::{
    Playbook, View,
    at_hand::AtHand,
    back,
    entities::{Captured, says_order},
    rules::status_word,
    text::fold,
};
use crate::language::{Language, is_same_language};
use crate::model::{Order, OrderStatus, Product, Promotion};

const DAY_MS: i64 = 24 * 3_600_000;

/// What is known while a decision is made, whatever is said.
pub struct Known<'a> {
    pub playbook: &'a Playbook,
    pub view: &'a View<'a>,
    /// Whether people are there to answer.
    pub open: bool,
    /// Says in words when they are back, empty if nobody knows; asked only where a phrase speaks of it.
    pub back: &'a dyn Fn(Language<'_>) -> String,
    /// The customer's name, as the conversation has it.
    pub customer: Option<&'a str>,
    /// What was said and answered, by name.
    pub captured: &'a Captured,
}

/// The value of one of `phrases::VARIABLES`, in a language.
pub fn value(name: &str, language: Language<'_>, known: &Known<'_>, at_hand: &AtHand<'_>) -> Value {
    let Known { playbook, view, .. } = *known;
    let product = |it: &Product| product(it, language);
    match name {
        "store" => Value::from(playbook.shop.name(language)),
        "clerk" => Value::from(playbook.shop.clerk(language)),
        "url" => Value::from(playbook.shop.identity.url.as_deref().unwrap_or_default()),
        "customer" => {
            let of_order = at_hand.order.and_then(|order| order.customer_name.as_deref());
            Value::from(known.customer.or(of_order).unwrap_or_default())
        }
        "text" => Value::from(at_hand.text.unwrap_or_default()),
        "open" => Value::from(known.open),
        "back" => Value::from((known.back)(language)),
        "time" => Value::from(back::clock(&playbook.schedule.zoned(view.now_ms))),
        "promotions" => {
            let now = playbook.schedule.wall(view.now_ms);
            playbook.catalogue.promotions(now).map(|it| offer(it, language)).collect()
        }
        "hot" => playbook.catalogue.hot().into_iter().map(product).collect(),
        "products" => at_hand.products.iter().copied().map(product).collect(),
        "substitutes" => at_hand.substitutes.iter().copied().map(product).collect(),
        "also" => at_hand.also.iter().copied().map(product).collect(),
        "captured" => {
            let captured = known.captured.iter().map(|(name, value)| (name.as_str(), number_or_text(name, value)));
            Value::from(captured.collect::<BTreeMap<_, _>>())
        }
        "order" => match at_hand.order.or(at_hand.orders.first().copied()) {
            Some(it) => order(it, language, known),
            None => {
                let orders = view.lookups.orders();
                let said = at_hand.text.map(fold).unwrap_or_default();
                let named = orders.iter().find(|it| says_order(&said, &it.id));
                named.or(orders.first()).map_or(Value::UNDEFINED, |it| order(it, language, known))
            }
        },
        "orders" if at_hand.orders.is_empty() => {
            view.lookups.orders().iter().map(|it| order(it, language, known)).collect()
        }
        "orders" => at_hand.orders.iter().map(|it| order(it, language, known)).collect(),
        "attempt" => Value::from(at_hand.attempt),
        "last" => Value::from(at_hand.last),
        "team" => {
            let team = at_hand.team.map(|team| playbook.shop.title(playbook.shop.member(team), language));
            Value::from(team.unwrap_or_default())
        }
        _ => Value::UNDEFINED,
    }
}

fn offer(promotion: &Promotion, language: Language<'_>) -> Value {
    let text = promotion.text_in(language);
    Value::from(BTreeMap::from([("text", Value::from(text)), ("url", optional(promotion.url.as_deref()))]))
}

fn product(product: &Product, language: Language<'_>) -> Value {
    Value::from(BTreeMap::from([
        ("sku", Value::from(&product.sku)),
        ("name", Value::from(product.name.get(language))),
        ("price", optional(product.price.as_deref())),
        ("url", optional(product.url.as_deref())),
        ("pitch", optional(product.pitch.as_ref().map(|it| it.get(language)).as_deref())),
        ("stock", product.stock.map_or(Value::UNDEFINED, Value::from)),
    ]))
}

fn order(order: &Order, language: Language<'_>, known: &Known<'_>) -> Value {
    let schedule = &known.playbook.schedule;
    let day = |ms: Option<i64>| ms.map_or(Value::UNDEFINED, |ms| Value::from(schedule.today(ms).to_string()));
    let days = |ms: Option<i64>| {
        ms.map_or(Value::UNDEFINED, |ms| Value::from(known.view.now_ms.saturating_sub(ms).max(0) / DAY_MS))
    };
    let shipment = order.shipment.as_ref();
    let unpaid = order.status == OrderStatus::Placed;
    let items: Value = order
        .items
        .iter()
        .map(|it| {
            Value::from(BTreeMap::from([
                ("title", Value::from(&it.title)),
                ("quantity", Value::from(it.quantity)),
                ("sku", optional(it.sku.as_deref())),
            ]))
        })
        .collect();
    Value::from(BTreeMap::from([
        ("id", Value::from(&order.id)),
        ("status", Value::from(status(order.status, language.tag()))),
        ("total", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(total.to_string()))),
        ("state", Value::from(status_word(order.status))),
        ("amount", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(total.amount()))),
        ("currency", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(&total.currency))),
        ("placed", day(order.placed_ms)),
        ("paid", day(order.paid_ms)),
        ("delivered", day(order.delivered_ms)),
        ("days", days(order.placed_ms)),
        ("days_since_delivery", days(order.delivered_ms)),
        ("items", items),
        // There is nothing to pay any more once it was paid.
        ("payment_url", optional(order.payment_url.as_deref().filter(|_| unpaid))),
        ("carrier", optional(shipment.and_then(|it| it.carrier.as_deref()))),
        ("tracking_number", optional(shipment.and_then(|it| it.tracking_number.as_deref()))),
        ("tracking_url", optional(shipment.and_then(|it| it.tracking_url.as_deref()))),
        ("expected", optional(shipment.and_then(|it| it.expected.as_deref()))),
    ]))
}

/// Counts are numbers, so that templates can reckon with them.
fn number_or_text(name: &str, value: &str) -> Value {
    let counts = matches!(name, "quantity" | "days_waited");
    value.parse::<i64>().ok().filter(|_| counts).map_or_else(|| Value::from(value), Value::from)
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::UNDEFINED, Value::from)
}

fn status(status: OrderStatus, language: &str) -> &'static str {
    let (zh, en) = match status {
        OrderStatus::Placed => ("待付款", "waiting for payment"),
        OrderStatus::Paid => ("已付款，准备发货", "paid, being packed"),
        OrderStatus::Shipped => ("已发货，运输中", "on its way"),
        OrderStatus::Delivered => ("已签收", "delivered"),
        OrderStatus::Cancelled => ("已取消", "cancelled"),
        OrderStatus::RefundRequested => ("退款处理中", "refund in progress"),
        OrderStatus::Refunded => ("已退款", "refunded"),
    };
    if is_same_language(language, "zh") { zh } else { en }
}
