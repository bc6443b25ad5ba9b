//! The body: `{"type": …, "timestamp": …, "data": {…}}`.

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{json, value::RawValue};

use crate::model::{EventKind, Media, Message, Money, OrderChange, OrderEvent, OrderItem, ReplyContext, Shipment};

/// What a body says, before it is put into an `Event`.
pub struct Payload {
    /// The channel on which the customer is spoken to, where it is not this one.
    pub channel: Option<String>,
    pub chat: String,
    pub at_ms: Option<i64>,
    pub kind: EventKind,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// Reads a verified body. `None`: a type that means nothing to a clerk.
///
/// # Errors
/// What is wrong with it, for the developer at the other end.
pub fn read(webhook_id: &str, body: &[u8]) -> Result<Option<Payload>, String> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let at_ms = envelope.timestamp.map(Timestamp::as_millisecond);
    let data = envelope.data.map_or("{}", RawValue::get);
    match envelope.kind.as_str() {
        "message.received" => parse::<MessageData>(data)?.read(webhook_id, at_ms).map(Some),
        "conversation.opened" => parse::<OpenedData>(data)?.read(at_ms).map(Some),
        other => match order_change(other) {
            Some(change) => parse::<OrderData>(data)?.read(change, at_ms).map(Some),
            None => Ok(None),
        },
    }
}

fn order_change(kind: &str) -> Option<OrderChange> {
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

fn parse<T: DeserializeOwned>(data: &str) -> Result<T, String> {
    serde_json::from_str(data).map_err(|error| format!("data: {error}"))
}

/// An id or amount: shop systems write them as texts or as numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a number")]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

impl Scalar {
    /// The value as text, unless that is empty.
    fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text).filter(|text| !text.is_empty()),
            Self::Number(number) => Some(number.to_string()),
        }
    }
}

fn text_of(value: Option<Scalar>) -> Option<String> {
    value.and_then(Scalar::into_text)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Option<Scalar>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct MediaData {
    #[serde(default)]
    kind: Option<String>,
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MessageData {
    id: Option<Scalar>,
    chat_id: Option<Scalar>,
    sender: Person,
    text: Option<String>,
    media: Vec<MediaData>,
    /// The value of a choice that the customer took.
    choice: Option<String>,
}

impl MessageData {
    fn read(self, webhook_id: &str, at_ms: Option<i64>) -> Result<Payload, String> {
        let (chat, sender) = chat_and_sender(self.chat_id, self.sender.id)?;
        let text = self.choice.or(self.text);
        if text.is_none() && self.media.is_empty() {
            return Err("data: a message has a `text`, `media` or a `choice`".to_owned());
        }
        let id = text_of(self.id).unwrap_or_else(|| webhook_id.to_owned());
        let reply = ReplyContext { data: json!({ "in_reply_to": id }), ..ReplyContext::default() };
        let media = self.media.into_iter().map(|it| Media {
            kind: it.kind.map_or_else(|| "file".to_owned(), |kind| kind.to_lowercase()),
            reference: it.url,
        });
        let kind = EventKind::Message(Message {
            id,
            sender,
            sender_name: self.sender.name,
            text,
            media: media.collect(),
            reply,
        });
        Ok(Payload { channel: None, chat, at_ms, kind })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OpenedData {
    chat_id: Option<Scalar>,
    sender: Person,
}

impl OpenedData {
    fn read(self, at_ms: Option<i64>) -> Result<Payload, String> {
        let (chat, sender) = chat_and_sender(self.chat_id, self.sender.id)?;
        let kind = EventKind::Opened { sender, sender_name: self.sender.name, reply: ReplyContext::default() };
        Ok(Payload { channel: None, chat, at_ms, kind })
    }
}

/// Either stands for the other where only one is given: a chat of two needs no id of its own.
fn chat_and_sender(chat: Option<Scalar>, sender: Option<Scalar>) -> Result<(String, String), String> {
    match (text_of(chat), text_of(sender)) {
        (Some(chat), Some(sender)) => Ok((chat, sender)),
        (Some(only), None) | (None, Some(only)) => Ok((only.clone(), only)),
        (None, None) => Err("data: `chat_id` or `sender.id` is needed".to_owned()),
    }
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
    customer: Person,
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
    fn read(self, change: OrderChange, at_ms: Option<i64>) -> Result<Payload, String> {
        let happened = match change {
            OrderChange::Placed => self.placed_at,
            OrderChange::Paid => self.paid_at,
            OrderChange::Shipped => self.shipped_at,
            OrderChange::Delivered => self.delivered_at,
            OrderChange::Cancelled => self.cancelled_at,
            OrderChange::RefundRequested | OrderChange::RefundSettled | OrderChange::ReviewPosted => None,
        };
        let order_id = text_of(self.id).ok_or("data: an order has an `id`")?;
        // A shop need not say with each report whom it concerns: what is known of the order stands.
        let chat = text_of(self.chat_id);
        let addressed = chat.is_some();
        let chat = chat.or_else(|| text_of(self.customer.id)).unwrap_or_default();
        if self.rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
            return Err("data: `rating` is 1 to 5".to_owned());
        }
        let total = text_of(self.total).map(|total| amount(&total, self.currency.as_deref())).transpose()?;
        let items =
            self.items.into_iter().map(|it| OrderItem { sku: text_of(it.sku), title: it.title, quantity: it.quantity });
        let kind = EventKind::Order(OrderEvent {
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
        });
        let channel = self.channel.filter(|channel| !channel.is_empty());
        Ok(Payload { channel, chat, at_ms: happened.map(Timestamp::as_millisecond).or(at_ms), kind })
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
