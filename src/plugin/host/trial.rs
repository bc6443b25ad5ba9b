//! Sample moments, to try a plugin out before it meets a customer and to measure it.

use serde_json::json;

use crate::model::{
    Address, Conversation, Event, EventKind, Hook, HookCall, Lookups, Message, Moment, Money, Order, OrderChange,
    OrderEvent, OrderItem, OrderStatus, Product, Shipment, Ticket, TimerFired,
};

/// A day in 2026.
const NOW_MS: i64 = 1_795_000_000_000;

/// Knows nothing.
struct Nothing;

impl Lookups for Nothing {
    fn kv_keys(&self, _plugin: &str, _prefix: &str, _after: &str, _limit: usize) -> Vec<String> {
        Vec::new()
    }

    fn tickets(&self) -> Vec<Ticket> {
        Vec::new()
    }

    fn order(&self, _shop: &str, _id: &str) -> Option<Order> {
        None
    }

    fn orders(&self) -> Vec<Order> {
        Vec::new()
    }

    fn products(&self, _query: &str, _limit: usize) -> Vec<Product> {
        Vec::new()
    }

    fn kv(&self, _plugin: &str, _key: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Gives `ask` a small, ordinary moment of this kind, with lookups that find nothing.
pub fn with_sample<T>(hook: Hook, ask: impl FnOnce(&HookCall<'_>) -> T) -> T {
    let address = Address::new("sample", "1");
    let message = Message {
        id: "1".to_owned(),
        sender: "1".to_owned(),
        text: Some("Hello, where is my order?".to_owned()),
        ..Message::default()
    };
    let order = order(&address);
    let order_event = OrderEvent {
        change: OrderChange::Shipped,
        order_id: order.id.clone(),
        addressed: true,
        customer_name: None,
        total: None,
        items: Vec::new(),
        payment_url: None,
        shipment: order.shipment.clone(),
        rating: None,
        text: None,
    };
    let timer = TimerFired { key: "sample".to_owned(), due_ms: NOW_MS, owner: "sample".to_owned(), payload: json!({}) };
    let moment = match hook {
        Hook::Welcome => Moment::Welcome { message: Some(&message) },
        Hook::Message => Moment::Message { message: &message },
        Hook::Order => Moment::Order { event: &order_event, order: &order },
        Hook::PaymentReminder => Moment::PaymentReminder { order: &order, attempt: 1, last: false },
        Hook::ShippingNotice => Moment::ShippingNotice { order: &order },
        Hook::ReviewRequest => Moment::ReviewRequest { order: &order },
        Hook::Timer => Moment::Timer { timer: &timer },
    };
    let event = Event {
        channel: address.channel.clone(),
        dedupe: "1".to_owned(),
        address,
        at_ms: NOW_MS,
        kind: EventKind::Message(message.clone()),
    };
    let conversation = Conversation { first_seen_ms: Some(NOW_MS), received: 1, ..Conversation::default() };
    ask(&HookCall {
        moment,
        event: &event,
        conversation: &conversation,
        now_ms: NOW_MS,
        local_time: "2026-11-18T20:26:40+08:00",
        open: false,
        store_name: "Sample",
        clerk_name: "Clerk",
        language: "en",
        lookups: &Nothing,
        recorded: &[],
    })
}

fn order(address: &Address) -> Order {
    Order {
        shop: "sample".to_owned(),
        id: "A1".to_owned(),
        status: OrderStatus::Shipped,
        address: address.clone(),
        total: Some(Money { minor: 19_900, currency: "CNY".to_owned() }),
        items: vec![OrderItem { sku: None, title: "Sample".to_owned(), quantity: 1 }],
        payment_url: Some("https://example.com/pay/A1".to_owned()),
        shipment: Some(Shipment {
            carrier: Some("Carrier".to_owned()),
            tracking_number: Some("123".to_owned()),
            ..Shipment::default()
        }),
        placed_ms: Some(NOW_MS),
        updated_ms: NOW_MS,
        ..Order::default()
    }
}
