//! Trial calls: a sample of every moment, to see what a plugin makes of it before it meets a customer, and to
//! measure it.

use std::fmt;

use serde::Serialize;
use serde_json::json;

use super::{call::Called, outcome::Outcome};
use crate::language::Language;
use crate::model::{
    Address, Choice, Conversation, CustomerFacts, Failure, Hook, HookCall, Lookups, Message, Moment, Money,
    NextOpening, Offer, Order, OrderChange, OrderEvent, OrderItem, OrderStatus, Parcel, Product, Shipment, StoreFacts,
    Ticket, TimerFired,
};

/// A day in 2026.
pub const NOW_MS: i64 = 1_795_000_000_000;
/// The same on the store's wall.
const LOCAL_TIME: &str = "2026-11-18T19:06:40+08:00";

/// What a plugin made of a sample.
#[derive(Clone, Debug, Serialize)]
pub struct TrialResult {
    pub hook: Hook,
    #[serde(flatten)]
    pub outcome: TrialOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum TrialOutcome {
    Passed,
    Added {
        actions: usize,
    },
    Took {
        actions: usize,
    },
    /// It asked the outside, which no trial does.
    Asked,
    /// It answered with an error of its own, or its answer may not be carried out.
    Failed {
        why: String,
        /// The error was the author's own.
        at_fault: bool,
    },
}

impl TrialOutcome {
    pub(super) fn of(called: &Called) -> Self {
        match &called.result {
            Ok(Outcome::Pass) => Self::Passed,
            Ok(Outcome::Also(actions)) => Self::Added { actions: actions.len() },
            Ok(Outcome::Handled(actions)) => Self::Took { actions: actions.len() },
            _ if called.question.is_some() => Self::Asked,
            Err(failure) => Self::Failed { why: failure.to_string(), at_fault: matches!(failure, Failure::Said(_)) },
        }
    }
}

impl fmt::Display for TrialOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Added { actions } => write!(f, "added {actions} to the answer"),
            Self::Took { actions } => write!(f, "took it; actions: {actions}"),
            Self::Asked => f.write_str("asked the outside"),
            Self::Failed { why, .. } => write!(f, "skipped: it {why}"),
        }
    }
}

/// Knows nothing.
pub(super) struct Nothing;

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
        shipments: order.parcels.iter().map(|it| it.shipment.clone()).collect(),
        ..OrderEvent::default()
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
        Hook::ShiftBegins => Moment::ShiftBegins,
        Hook::Daily => Moment::Daily,
    };
    let conversation = Conversation { first_seen_ms: Some(NOW_MS), received: 1, ..Conversation::default() };
    ask(&HookCall {
        moment,
        now_ms: NOW_MS,
        open: false,
        store: StoreFacts {
            name: "Sample",
            clerk: "Clerk",
            language: Language::of("en"),
            url: Some("https://example.com/"),
            time_zone: "Asia/Shanghai",
            opens: Some(NextOpening { at_ms: NOW_MS + 50_000_000, text: "tomorrow at 09:00" }),
            offers: &[Offer { text: "Two for one".to_owned(), url: None }],
            menu: &[Choice { label: "My order".to_owned(), value: "order".to_owned() }],
            local_time: &|_| LOCAL_TIME.to_owned(),
        },
        customer: hook.is_a_customers().then_some(CustomerFacts { address: &address, conversation: &conversation }),
        written: &[],
        lookups: &Nothing,
        recorded: &[],
        event: None,
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
        parcels: vec![Parcel {
            shipment: Shipment {
                carrier: Some("Carrier".to_owned()),
                tracking_number: Some("123".to_owned()),
                ..Shipment::default()
            },
            ..Parcel::default()
        }],
        placed_ms: Some(NOW_MS),
        updated_ms: NOW_MS,
        ..Order::default()
    }
}
