//! What fills the placeholders of the store's phrases.

use std::collections::BTreeMap;

use minijinja::Value;

use super::{back, turn::Turn};
use crate::model::{Order, OrderStatus, Product, Promotion};

/// What is at hand beside the conversation.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    pub text: Option<&'a str>,
    pub order: Option<&'a Order>,
    pub orders: Vec<&'a Order>,
    pub products: Vec<&'a Product>,
    pub substitutes: Vec<&'a Product>,
    pub also: Vec<&'a Product>,
    pub attempt: u32,
    pub last: bool,
    /// Who takes over.
    pub team: Option<&'a str>,
}

impl Turn<'_> {
    /// The value of one of `phrases::VARIABLES`.
    pub(super) fn variable(&self, name: &str, facts: &Facts<'_>) -> Value {
        let language = self.language();
        let playbook = self.playbook;
        match name {
            "store" => Value::from(playbook.shop.name(language)),
            "clerk" => Value::from(playbook.shop.clerk(language)),
            "url" => Value::from(playbook.shop.identity.url.as_deref().unwrap_or_default()),
            "customer" => Value::from(self.customer(facts)),
            "text" => Value::from(facts.text.unwrap_or_default()),
            "open" => Value::from(self.open),
            "back" => Value::from(self.back()),
            "time" => Value::from(back::clock(&playbook.schedule.zoned(self.view.now_ms))),
            "promotions" => {
                let today = playbook.schedule.today(self.view.now_ms);
                playbook.catalogue.promotions(today).map(|it| offer(it, language)).collect()
            }
            "hot" => playbook.catalogue.hot().into_iter().map(product).collect(),
            "products" => facts.products.iter().copied().map(product).collect(),
            "substitutes" => facts.substitutes.iter().copied().map(product).collect(),
            "also" => facts.also.iter().copied().map(product).collect(),
            "order" => match facts.order.or(facts.orders.first().copied()) {
                Some(it) => order(it, language),
                None => self.view.lookups.orders().first().map_or(Value::UNDEFINED, |it| order(it, language)),
            },
            "orders" if facts.orders.is_empty() => {
                self.view.lookups.orders().iter().map(|it| order(it, language)).collect()
            }
            "orders" => facts.orders.iter().map(|it| order(it, language)).collect(),
            "attempt" => Value::from(facts.attempt),
            "last" => Value::from(facts.last),
            "team" => {
                Value::from(facts.team.map_or("", |team| playbook.shop.title(playbook.shop.member(team), language)))
            }
            _ => Value::UNDEFINED,
        }
    }

    fn customer<'b>(&'b self, facts: &'b Facts<'_>) -> &'b str {
        let of_order = facts.order.and_then(|order| order.customer_name.as_deref());
        self.decision.conversation.sender_name.as_deref().or(of_order).unwrap_or_default()
    }
}

fn offer(promotion: &Promotion, language: &str) -> Value {
    let text = promotion.text_in(language);
    Value::from(BTreeMap::from([("text", Value::from(text)), ("url", optional(promotion.url.as_deref()))]))
}

fn product(product: &Product) -> Value {
    Value::from(BTreeMap::from([
        ("sku", Value::from(&product.sku)),
        ("name", Value::from(&product.name)),
        ("price", optional(product.price.as_deref())),
        ("url", optional(product.url.as_deref())),
        ("pitch", optional(product.pitch.as_deref())),
        ("stock", product.stock.map_or(Value::UNDEFINED, Value::from)),
    ]))
}

fn order(order: &Order, language: &str) -> Value {
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
        ("status", Value::from(status(order.status, language))),
        ("total", order.total.as_ref().map_or(Value::UNDEFINED, |total| Value::from(total.to_string()))),
        ("items", items),
        // There is nothing to pay any more once it was paid.
        ("payment_url", optional(order.payment_url.as_deref().filter(|_| unpaid))),
        ("carrier", optional(shipment.and_then(|it| it.carrier.as_deref()))),
        ("tracking_number", optional(shipment.and_then(|it| it.tracking_number.as_deref()))),
        ("tracking_url", optional(shipment.and_then(|it| it.tracking_url.as_deref()))),
        ("expected", optional(shipment.and_then(|it| it.expected.as_deref()))),
    ]))
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
    if language == "en" { en } else { zh }
}
