//! A call with all that belongs to it, kept for itself: to be made later than its event, or without one.

mod facts;
mod given;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    language::Language,
    model::{
        Address, Choice, Conversation, CustomerFacts, HookCall, KvWrite, Lookups, Message, Moment, NextOpening, Offer,
        Order, OrderEvent, Recorded, StoreFacts, TimerFired, TraceId,
    },
};

pub use facts::{Facts, Search};
pub use given::{Given, GivenError, GivenMessage, sample};

/// What a plugin is told, without the borrows of a `HookCall`.
#[derive(Clone, Debug)]
pub struct Scene {
    pub moment: SceneMoment,
    pub now_ms: i64,
    pub open: bool,
    pub store: StoreScene,
    pub customer: Option<(Address, Conversation)>,
    pub written: Vec<KvWrite>,
    pub recorded: Vec<Recorded>,
    pub event: Option<TraceId>,
}

/// A moment with what belongs to it.
#[derive(Clone, Debug)]
pub enum SceneMoment {
    Welcome(Option<Message>),
    Message(Message),
    Order { event: Box<OrderEvent>, order: Box<Order> },
    PaymentReminder { order: Order, attempt: u32, last: bool },
    ShippingNotice(Order),
    ReviewRequest(Order),
    Timer(TimerFired),
    ShiftBegins,
    Daily,
}

/// The store, in the words of one language.
#[derive(Clone, Debug)]
pub struct StoreScene {
    pub name: String,
    pub clerk: String,
    pub language: String,
    /// The store's own language.
    pub own_language: String,
    pub url: Option<String>,
    pub time_zone: String,
    /// When people are back, and how that is said.
    pub opens: Option<(i64, String)>,
    pub offers: Vec<Offer>,
    pub menu: Vec<Choice>,
}

impl Scene {
    pub fn of(call: &HookCall<'_>) -> Self {
        Self {
            moment: SceneMoment::of(&call.moment),
            now_ms: call.now_ms,
            open: call.open,
            store: StoreScene::of(&call.store),
            customer: call.customer.map(|it| (it.address.clone(), it.conversation.clone())),
            written: call.written.to_vec(),
            recorded: call.recorded.to_vec(),
            event: call.event,
        }
    }

    /// The call, with what may be looked up.
    pub fn ask<T>(&self, lookups: &dyn Lookups, ask: impl FnOnce(&HookCall<'_>) -> T) -> T {
        let store = &self.store;
        let zone = TimeZone::get(&store.time_zone).unwrap_or(TimeZone::UTC);
        ask(&HookCall {
            moment: self.moment.moment(),
            now_ms: self.now_ms,
            open: self.open,
            store: StoreFacts {
                name: &store.name,
                clerk: &store.clerk,
                language: Language::new(&store.language, None, &store.own_language),
                url: store.url.as_deref(),
                time_zone: &store.time_zone,
                opens: store.opens.as_ref().map(|(at_ms, text)| NextOpening { at_ms: *at_ms, text }),
                offers: &store.offers,
                menu: &store.menu,
                local_time: &|ms| local_time(ms, &zone),
            },
            customer: self.customer.as_ref().map(|(address, conversation)| CustomerFacts { address, conversation }),
            written: &self.written,
            lookups,
            recorded: &self.recorded,
            event: self.event,
        })
    }
}

impl SceneMoment {
    fn of(moment: &Moment<'_>) -> Self {
        match *moment {
            Moment::Welcome { message } => Self::Welcome(message.cloned()),
            Moment::Message { message } => Self::Message(message.clone()),
            Moment::Order { event, order } => {
                Self::Order { event: Box::new(event.clone()), order: Box::new(order.clone()) }
            }
            Moment::PaymentReminder { order, attempt, last } => {
                Self::PaymentReminder { order: order.clone(), attempt, last }
            }
            Moment::ShippingNotice { order } => Self::ShippingNotice(order.clone()),
            Moment::ReviewRequest { order } => Self::ReviewRequest(order.clone()),
            Moment::Timer { timer } => Self::Timer(timer.clone()),
            Moment::ShiftBegins => Self::ShiftBegins,
            Moment::Daily => Self::Daily,
        }
    }

    fn moment(&self) -> Moment<'_> {
        match self {
            Self::Welcome(message) => Moment::Welcome { message: message.as_ref() },
            Self::Message(message) => Moment::Message { message },
            Self::Order { event, order } => Moment::Order { event, order },
            Self::PaymentReminder { order, attempt, last } => {
                Moment::PaymentReminder { order, attempt: *attempt, last: *last }
            }
            Self::ShippingNotice(order) => Moment::ShippingNotice { order },
            Self::ReviewRequest(order) => Moment::ReviewRequest { order },
            Self::Timer(timer) => Moment::Timer { timer },
            Self::ShiftBegins => Moment::ShiftBegins,
            Self::Daily => Moment::Daily,
        }
    }
}

impl StoreScene {
    pub fn of(store: &StoreFacts<'_>) -> Self {
        Self {
            name: store.name.to_owned(),
            clerk: store.clerk.to_owned(),
            language: store.language.tag().to_owned(),
            own_language: store.language.store().to_owned(),
            url: store.url.map(str::to_owned),
            time_zone: store.time_zone.to_owned(),
            opens: store.opens.map(|it| (it.at_ms, it.text.to_owned())),
            offers: store.offers.to_vec(),
            menu: store.menu.to_vec(),
        }
    }
}

/// As the store's schedule writes it.
fn local_time(ms: i64, zone: &TimeZone) -> String {
    let seconds = Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default();
    seconds.display_with_offset(zone.to_offset(seconds)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Hook,
        plugin::host::{convert, with_sample},
    };

    #[test]
    fn a_call_that_is_made_later_tells_the_same() {
        for hook in Hook::ALL {
            with_sample(hook, |asked| {
                let told = |asked: &HookCall<'_>| {
                    format!("{:?} {:?} {:?}", asked.moment, convert::context(asked), convert::store_context(asked))
                };
                assert_eq!(Scene::of(asked).ask(&Facts::default(), told), told(asked), "{hook}");
            });
        }
    }
}
