//! What becomes of an order, as the body tells it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    model::{Money, OrderChange, OrderEvent, OrderItem, Shipment},
    webhook::standard::{Envelope, Scalar, text_of},
};

/// What a body says of an order, before it is put into an `Event`.
pub struct Report {
    /// The channel on which the customer is spoken to, where it is not the one of the shop's own name.
    pub channel: Option<String>,
    /// The customer's chat there; empty where the shop leaves it out, because the order is known.
    pub chat: String,
    /// When it happened, by the shop's clock.
    pub at_ms: Option<i64>,
    pub event: OrderEvent,
}

/// Reads a verified body. `None`: a type that is not of an order.
///
/// # Errors
/// What is wrong with it, for the developer at the other end.
pub fn read(envelope: &Envelope<'_>) -> Result<Option<Report>, String> {
    match change_of(&envelope.kind) {
        Some(change) => envelope.data::<OrderData>()?.read(change, envelope.at_ms()).map(Some),
        None => Ok(None),
    }
}

fn change_of(kind: &str) -> Option<OrderChange> {
    Some(match kind {
        "order.placed" | "order.created" => OrderChange::Placed,
        "order.paid" => OrderChange::Paid,
        "order.shipped" => OrderChange::Shipped,
        "order.delivered" => OrderChange::Delivered,
        "order.cancelled" => OrderChange::Cancelled,
        "order.refund_requested" => OrderChange::RefundRequested,
        "order.refund_settled" | "order.refunded" => OrderChange::RefundSettled,
        "order.review_posted" => OrderChange::ReviewPosted,
        _ => return None,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Customer {
    id: Option<Scalar>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct ItemData {
    #[serde(default)]
    sku: Option<Scalar>,
    title: String,
    #[serde(default = "one")]
    quantity: u32,
}

fn one() -> u32 {
    1
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OrderData {
    id: Option<Scalar>,
    customer: Customer,
    chat_id: Option<Scalar>,
    channel: Option<String>,
    total: Option<Scalar>,
    currency: Option<String>,
    items: Vec<ItemData>,
    payment_url: Option<String>,
    shipment: Option<Shipment>,
    rating: Option<u8>,
    text: Option<String>,
    // When it happened, each for its own change; else the body's `timestamp` says.
    placed_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
    shipped_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
}

impl OrderData {
    fn read(self, change: OrderChange, sent_ms: Option<i64>) -> Result<Report, String> {
        let happened = match change {
            OrderChange::Placed => self.placed_at,
            OrderChange::Paid => self.paid_at,
            OrderChange::Shipped => self.shipped_at,
            OrderChange::Delivered => self.delivered_at,
            OrderChange::Cancelled => self.cancelled_at,
            OrderChange::RefundRequested | OrderChange::RefundSettled | OrderChange::ReviewPosted => None,
        };
        let order_id = text_of(self.id).ok_or("data: an order has an `id`")?;
        let chat = text_of(self.chat_id);
        let addressed = chat.is_some();
        let chat = chat.or_else(|| text_of(self.customer.id)).unwrap_or_default();
        if self.rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
            return Err("data: `rating` is 1 to 5".to_owned());
        }
        let total = text_of(self.total).map(|total| amount(&total, self.currency.as_deref())).transpose()?;
        let items =
            self.items.into_iter().map(|it| OrderItem { sku: text_of(it.sku), title: it.title, quantity: it.quantity });
        let event = OrderEvent {
            change,
            order_id,
            addressed,
            customer_name: self.customer.name,
            total,
            items: items.collect(),
            payment_url: self.payment_url,
            shipment: self.shipment,
            rating: self.rating,
            text: self.text,
        };
        let channel = self.channel.filter(|channel| !channel.is_empty());
        Ok(Report { channel, chat, at_ms: happened.map(Timestamp::as_millisecond).or(sent_ms), event })
    }
}

fn amount(total: &str, currency: Option<&str>) -> Result<Money, String> {
    match currency {
        Some(currency) if currency.len() == 3 && currency.bytes().all(|it| it.is_ascii_alphabetic()) => {
            Money::parse(total, currency).map_err(|error| format!("data: `total`: {error}"))
        }
        _ => Err("data: a `total` needs a `currency` of three letters, such as CNY".to_owned()),
    }
}
