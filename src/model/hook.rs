use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::language::Language;

use super::{
    Action, Address, Choice, Contact, ContactKey, Conversation, Message, Order, OrderEvent, OutsideQuestion, Product,
    Recorded, Ticket, TimerFired, TraceId, TraceStep,
};

/// A moment at which a plugin is asked, if it exports the hook of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// A customer's first message, or the conversation was opened.
    Welcome,
    /// Any message, before the rules.
    Message,
    /// Any change to an order, before its built-in notices.
    Order,
    /// A payment reminder is due and allowed.
    PaymentReminder,
    /// An order was shipped.
    ShippingNotice,
    /// A review may be asked for now.
    ReviewRequest,
    /// A timer of the plugin's own is due.
    Timer,
    /// People begin their work; belongs to no customer.
    ShiftBegins,
    /// A day begins on the store's wall; belongs to no customer.
    Daily,
}

impl Hook {
    pub const ALL: [Self; 9] = [
        Self::Welcome,
        Self::Message,
        Self::Order,
        Self::PaymentReminder,
        Self::ShippingNotice,
        Self::ReviewRequest,
        Self::Timer,
        Self::ShiftBegins,
        Self::Daily,
    ];

    /// Whether its moments belong to a customer, rather than to the store as a whole.
    pub fn is_a_customers(self) -> bool {
        !matches!(self, Self::ShiftBegins | Self::Daily)
    }
}

impl fmt::Display for Hook {
    /// The word it has in the contract: `payment-reminder`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Welcome => "welcome",
            Self::Message => "message",
            Self::Order => "order",
            Self::PaymentReminder => "payment-reminder",
            Self::ShippingNotice => "shipping-notice",
            Self::ReviewRequest => "review-request",
            Self::Timer => "timer",
            Self::ShiftBegins => "shift-begins",
            Self::Daily => "daily",
        })
    }
}

/// The moment itself, with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// `message` is `None` where the customer opened the conversation without writing.
    Welcome {
        message: Option<&'a Message>,
    },
    Message {
        message: &'a Message,
    },
    Order {
        event: &'a OrderEvent,
        order: &'a Order,
    },
    /// `attempt` counts from 1.
    PaymentReminder {
        order: &'a Order,
        attempt: u32,
        last: bool,
    },
    ShippingNotice {
        order: &'a Order,
    },
    ReviewRequest {
        order: &'a Order,
    },
    Timer {
        timer: &'a TimerFired,
    },
    ShiftBegins,
    Daily,
}

impl<'a> Moment<'a> {
    pub fn hook(&self) -> Hook {
        match self {
            Self::Welcome { .. } => Hook::Welcome,
            Self::Message { .. } => Hook::Message,
            Self::Order { .. } => Hook::Order,
            Self::PaymentReminder { .. } => Hook::PaymentReminder,
            Self::ShippingNotice { .. } => Hook::ShippingNotice,
            Self::ReviewRequest { .. } => Hook::ReviewRequest,
            Self::Timer { .. } => Hook::Timer,
            Self::ShiftBegins => Hook::ShiftBegins,
            Self::Daily => Hook::Daily,
        }
    }

    /// The order at hand, as it is at this moment, which the store may not know yet.
    pub fn order(&self) -> Option<&'a Order> {
        match *self {
            Self::Order { order, .. }
            | Self::PaymentReminder { order, .. }
            | Self::ShippingNotice { order }
            | Self::ReviewRequest { order } => Some(order),
            Self::Welcome { .. } | Self::Message { .. } | Self::Timer { .. } | Self::ShiftBegins | Self::Daily => None,
        }
    }
}

/// Everything a plugin is told; it has no clock and no other source.
#[derive(Clone, Copy)]
pub struct HookCall<'a> {
    pub moment: Moment<'a>,
    pub now_ms: i64,
    /// Whether people are there to answer.
    pub open: bool,
    pub store: StoreFacts<'a>,
    /// `None` at a moment that belongs to nobody.
    pub customer: Option<CustomerFacts<'a>>,
    /// What plugins wrote earlier in the same decision, which the lookups do not know yet.
    pub written: &'a [KvWrite],
    pub lookups: &'a dyn Lookups,
    /// What the outside answered to earlier questions about this event, in the order in which they were asked.
    pub recorded: &'a [Recorded],
    /// The event that is decided, where there is one.
    pub event: Option<TraceId>,
}

/// The store, in the words of the language the moment is spoken in.
#[derive(Clone, Copy)]
pub struct StoreFacts<'a> {
    pub name: &'a str,
    pub clerk: &'a str,
    /// The customer's, else the store's.
    pub language: Language<'a>,
    pub url: Option<&'a str>,
    pub time_zone: &'a str,
    /// When people are back; `None` while they are there, or where nobody knows.
    pub opens: Option<NextOpening<'a>>,
    /// What is on offer today.
    pub offers: &'a [Offer],
    pub menu: &'a [Choice],
    /// A time on the store's wall, `2026-11-24T21:30:00+08:00`.
    pub local_time: &'a dyn Fn(i64) -> String,
}

#[derive(Clone, Copy, Debug)]
pub struct NextOpening<'a> {
    pub at_ms: i64,
    /// `tomorrow at 09:00`.
    pub text: &'a str,
}

/// Something on offer today, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub text: String,
    pub url: Option<String>,
}

/// Whom a moment belongs to.
#[derive(Clone, Copy)]
pub struct CustomerFacts<'a> {
    pub address: &'a Address,
    pub conversation: &'a Conversation,
}

/// What came of offering a moment to the plugins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HookAnswer {
    /// `None`: no plugin took the moment, the built-in answer stands. `Some`: these actions replace it.
    pub actions: Option<Vec<Action>>,
    /// Added to the answer, whoever gives it.
    pub also: Vec<Action>,
    /// What every plugin that did not fail wrote, passing or not.
    pub kv: Vec<KvWrite>,
    pub trace: Vec<TraceStep>,
    /// A plugin asked the outside something that is not answered yet: the event is decided again once it is, and
    /// nothing else of this answer counts.
    pub question: Option<OutsideQuestion>,
}

/// A write to a plugin's own key-value space; `value: None` deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KvWrite {
    pub plugin: String,
    pub key: String,
    pub value: Option<Vec<u8>>,
    /// When it is forgotten by itself; `None` for never.
    #[serde(default)]
    pub expires_ms: Option<i64>,
}

/// Read-only facts a decision may ask for.
pub trait Lookups: Send + Sync {
    /// The order `(shop, id)`.
    fn order(&self, shop: &str, id: &str) -> Option<Order>;
    /// The newest orders of the conversation's customer, newest first, at most ten.
    fn orders(&self) -> Vec<Order>;
    /// The orders of a contact and of what was made a part of it, newest first. No plugin is told of them.
    fn orders_of(&self, _contact: &str) -> Vec<Order> {
        Vec::new()
    }
    /// Orders, whosever they are, whose number has these digits; a few at most. No plugin is told of them.
    fn orders_numbered(&self, _number: &str) -> Vec<Order> {
        Vec::new()
    }
    /// Products whose SKU, name or alias occurs in `query`, best first, at most `limit`; best sellers for an
    /// empty one.
    fn products(&self, query: &str, limit: usize) -> Vec<Product>;
    fn kv(&self, plugin: &str, key: &str) -> Option<Vec<u8>>;
    /// The plugin's keys that begin with `prefix` and come after `after`, in order, at most `limit`.
    fn kv_keys(&self, plugin: &str, prefix: &str, after: &str, limit: usize) -> Vec<String>;
    /// The tickets of the conversation that are open, oldest first.
    fn tickets(&self) -> Vec<Ticket>;
    /// The contact of this id, whoever's the conversation is. No plugin is told of it.
    fn contact(&self, _id: &str) -> Option<Contact> {
        None
    }
    /// The id of the contact that is found by a key.
    fn contact_by(&self, _key: &ContactKey) -> Option<String> {
        None
    }
    /// A ticket, whosever it is. No plugin is told of it.
    fn ticket(&self, _id: &str) -> Option<Ticket> {
        None
    }
    /// Another conversation than the event's own; `None` where nobody was heard of there. No plugin is told of it.
    fn conversation(&self, _address: &Address) -> Option<Conversation> {
        None
    }
    /// How many timers of the plugin wait in the conversation.
    fn waiting_timers(&self, _plugin: &str) -> usize {
        0
    }
    /// Where a person of the store can write to the customer, known to the platform as `sender`.
    fn link_to(&self, _sender: &str) -> Option<String> {
        None
    }
    /// Whether a shop hears of remarks on its orders.
    fn takes_remarks(&self, _shop: &str) -> bool {
        false
    }
    /// Bytes of keys and values the plugin keeps, for its quota; about right is enough.
    fn kv_size(&self, _plugin: &str) -> u64 {
        0
    }
    /// The same for somebody who looks things up when the decision is made and gone, as they are then; `None` where that
    /// cannot be.
    fn later(&self) -> Option<Arc<dyn Lookups>> {
        None
    }
}

/// The plugins, as the engine sees them.
pub trait Plugins: Send + Sync {
    /// Offers a moment to each plugin that hooks it, in the configured order, until one takes it.
    /// Never fails: a plugin that traps, loops or answers nonsense is skipped, and the trace says so.
    fn offer(&self, call: &HookCall<'_>) -> HookAnswer;
    /// Whether a plugin hooks the moment at all: where none does, nothing need be gathered for it.
    fn any_at(&self, hook: Hook) -> bool;
    /// Whether it matters what this customer makes of the last answer.
    fn awaits_word_of(&self, _address: &Address) -> bool {
        false
    }
    /// A customer of whom that matters asks for a person, or complains.
    fn contradicted(&self, _address: &Address, _now_ms: i64) {}
}

/// No plugins at all.
pub struct NoPlugins;

impl Plugins for NoPlugins {
    fn any_at(&self, _: Hook) -> bool {
        false
    }

    fn offer(&self, _: &HookCall<'_>) -> HookAnswer {
        HookAnswer::default()
    }
}
