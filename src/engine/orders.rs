//! The life of an order: what the clerk does about it unasked, and when.
//!
//! Text-free: it says which moment has come, and the playbook finds the words. What an order still waits
//! for follows from the order alone (`awaits_payment`, `awaits_review`); timers are set when
//! the waiting begins, cancelled when it ends, and looked at with suspicion when they fire, because the
//! order may have moved on, the timer be late, or the firing a repetition.

mod customer;
mod meant;
mod merge;
mod news;
mod reminders;
mod settings;
mod standing;
mod wordings;
mod worth;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub use customer::Customer;
pub use meant::{current, named};
pub use news::is_bad_rating;
pub use settings::{
    NoticesSettings, OrdersSettings, PaymentReminderSettings, ReviewRequestSettings, ShippingNoticeSettings,
};
pub use wordings::{ReminderWordings, WordingSettings};

use super::schedule::{Schedule, Window};
use crate::{
    model::{
        Action, Event, Finding, NewsOf, Notice, Order, OrderEvent, OrderFinding, OrderStatus, Part, TimerFired,
        TraceStep, WhyUnsaid,
    },
    setting::{PathStep, Problem},
};

const FILE: &str = "orders.toml";
/// The owner of these timers; all others are plugins'.
pub(super) const OWNER: &str = "engine";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How orders are followed.
#[derive(Clone, Debug)]
pub struct OrderBook {
    settings: OrdersSettings,
    zone: TimeZone,
}

/// What an event or a timer comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderStep {
    /// As it is now; `None` if a timer names an order nobody knows.
    pub order: Option<Order>,
    /// Other orders of the customer's that the moments are about as well.
    pub together: Vec<Order>,
    /// Timers to set and cancel, in the conversation of the event.
    pub timers: Vec<Action>,
    /// What to tell the customer now, in this order.
    pub moments: Vec<OrderMoment>,
    pub trace: Vec<TraceStep>,
}

/// A moment in an order's life at which the customer hears from the clerk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderMoment {
    /// `attempt` counts from 1; no other follows the `last`.
    PaymentReminder {
        attempt: u32,
        last: bool,
    },
    /// This parcel left, and was not announced before.
    ShippingNotice {
        parcel: usize,
    },
    ReviewRequest,
    News(NewsOf),
}

/// What a timer of an order's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Payment,
    Review,
    /// What waits for a time of day, or for room among the notices of a day.
    News,
}

impl OrderBook {
    /// # Errors
    /// Every mistake in the settings: reminders without a number or with no time between them.
    pub fn compile(settings: &OrdersSettings, schedule: &Schedule) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let reminder = &settings.payment_reminder;
        let mut wrong = |key: &str, message: &str, hint: &str| {
            problems.push(Problem::new(FILE, ["payment-reminder".into(), key.into()], message).hint(hint));
        };
        if reminder.enabled && reminder.max == 0 {
            wrong("max", "no reminder would ever be sent", "write `enabled = false`, or allow at least one");
        }
        if reminder.enabled && reminder.max > 1 && reminder.interval.as_ms() == 0 {
            wrong("interval", "all reminders would be sent at once", "leave some time between them, such as \"12h\"");
        }
        let mut wrong = |path: Vec<PathStep>, message: &str, hint: &str| {
            problems.push(Problem::new(FILE, path, message).hint(hint));
        };
        if settings.notices.per_day == 0 {
            let path = vec!["notices".into(), "per_day".into()];
            wrong(path, "nothing would ever be told", "allow at least one, and switch off what you do not want");
        }
        let is_code = |it: &str| it.len() == 3 && it.bytes().all(|byte| byte.is_ascii_uppercase());
        if settings.currency.as_deref().is_some_and(|code| !is_code(code)) {
            wrong(vec!["currency".into()], "not a currency", "write three letters, such as \"CNY\"");
        }
        if problems.is_empty() {
            Ok(Self { settings: settings.clone(), zone: schedule.zone().clone() })
        } else {
            Err(problems)
        }
    }

    /// Takes in what the shop (`event.channel`) reports of an order. `before`: the order as it was.
    pub fn on_event(
        &self,
        event: &Event,
        change: &OrderEvent,
        before: Option<&Order>,
        customer: &Customer<'_>,
        now_ms: i64,
    ) -> OrderStep {
        let mut order = merge::apply(event, change, before, now_ms, self.settings.currency.as_deref());
        let mut step = OrderStep::default();
        step.note(
            &order,
            match before {
                Some(before) if before.status != order.status => {
                    OrderFinding::Moved { change: change.change, from: before.status, to: order.status }
                }
                Some(_) => OrderFinding::Kept { change: change.change, status: order.status },
                None => OrderFinding::New { status: order.status },
            },
        );
        if !change.unread.is_empty() {
            step.note(&order, OrderFinding::Unread { fields: change.unread.clone() });
        }
        note_money(&mut step, before, &order);
        news::collect(change, before, &mut order, event.at_ms.min(now_ms));
        self.keep_timers(&mut step, before, &order, now_ms);
        self.tell(&mut step, &mut order, customer, now_ms);
        step.order = Some(order);
        step
    }

    /// When a customer may be disturbed next, by the store's clock.
    pub fn notice_allowed_ms(&self, now_ms: i64) -> i64 {
        self.settings.notices.allowed.next_allowed_ms(&self.zone, now_ms)
    }

    /// Whether what happened then may still be told.
    pub fn is_news(&self, at_ms: i64, now_ms: i64) -> bool {
        now_ms.saturating_sub(at_ms) <= self.settings.max_age.as_ms()
    }

    /// Whether its customer should still hear something of it, once it is known who they are.
    pub(super) fn is_to_be_told(&self, order: &Order, now_ms: i64) -> bool {
        let is_news = |at_ms: i64| self.is_news(at_ms, now_ms);
        let on_its_way = order.status == OrderStatus::Shipped;
        let left = || order.parcels.iter().filter(|it| !it.announced).filter_map(|it| it.shipped_ms);
        order.untold.iter().any(|it| is_news(it.at_ms)) || on_its_way && left().any(is_news)
    }

    /// Takes in a timer that is due. `order`: the one its payload names.
    pub fn on_timer(
        &self,
        timer: &TimerFired,
        order: Option<&Order>,
        customer: &Customer<'_>,
        now_ms: i64,
    ) -> OrderStep {
        let mut step = OrderStep::default();
        let Some(mut order) = order.cloned() else {
            let timer = timer.key.clone();
            step.trace.push(TraceStep::new(Part::Orders, Finding::TimerWithoutOrder { timer }));
            return step;
        };
        match Purpose::of(&timer.key) {
            Some(Purpose::Payment) => self.remind(&mut step, timer, &mut order, customer, now_ms),
            Some(Purpose::Review) => self.ask_for_review(&mut step, timer, &mut order, customer, now_ms),
            Some(Purpose::News) => {
                step.note(&order, OrderFinding::NewsDue);
                self.tell(&mut step, &mut order, customer, now_ms);
            }
            None => step.note(&order, OrderFinding::ForeignTimer { timer: timer.key.clone() }),
        }
        step.order = Some(order);
        step
    }

    /// Sets the timer of a wait that begins with this event, cancels that of one that ends.
    fn keep_timers(&self, step: &mut OrderStep, before: Option<&Order>, order: &Order, now_ms: i64) {
        let reminder = &self.settings.payment_reminder;
        // Timers stand in the conversation of their order, and move with it.
        let moved = before.filter(|before| before.address != order.address);
        let waited = |waits: fn(&Order) -> bool| before.is_some_and(waits);
        if let Some(before) = before {
            for (purpose, waits) in
                [(Purpose::Payment, awaits_payment as fn(&Order) -> bool), (Purpose::Review, awaits_review)]
            {
                if waited(waits) && (moved.is_some() || !waits(order)) {
                    step.cancel(purpose, before, order);
                }
            }
            if moved.is_some() && news::waits(before) {
                step.cancel(Purpose::News, before, order);
            }
        }
        if order.address.chat.is_empty() {
            // It waits for whom to tell.
            return;
        }
        if awaits_payment(order) && (moved.is_some() || !waited(awaits_payment)) && reminder.enabled {
            let begun_ms = order.placed_ms.unwrap_or(now_ms).saturating_add(reminder.delay.as_ms());
            let sent_ms = reminder.interval.as_ms().saturating_mul(order.reminders.into());
            let due_ms = begun_ms.saturating_add(sent_ms);
            if self.is_news(due_ms, now_ms) {
                self.set_payment_timer(step, order, order.reminders.saturating_add(1), due_ms);
            } else {
                step.unsaid(order, Notice::PaymentReminder, WhyUnsaid::TooOld);
            }
        }
        let review = &self.settings.review_request;
        if awaits_review(order) && (moved.is_some() || !waited(awaits_review)) && review.enabled {
            let delivered_ms = order.all_delivered_ms.or(order.delivered_ms).unwrap_or(now_ms);
            let due_ms = delivered_ms.saturating_add(review.delay.as_ms());
            if self.is_news(due_ms, now_ms) {
                self.set_review_timer(step, order, due_ms);
            } else {
                step.unsaid(order, Notice::ReviewRequest, WhyUnsaid::TooOld);
            }
        }
    }

    /// The timers of an order that is spoken of in another conversation from now on: off where it was, on where it is.
    pub(super) fn moved(&self, before: &Order, order: &Order, now_ms: i64) -> Vec<Action> {
        if before.address == order.address {
            return Vec::new();
        }
        let mut step = OrderStep::default();
        self.keep_timers(&mut step, Some(before), order, now_ms);
        if news::waits(order) && !order.address.chat.is_empty() {
            step.set(Purpose::News, order, now_ms, 0, json!({ "shop": order.shop, "order_id": order.id }));
        }
        for timer in &mut step.timers {
            if let Action::SetTimer { at, .. } = timer {
                *at = Some(order.address.clone());
            }
        }
        step.timers
    }

    /// By whose clock the order's customer may be disturbed: their own where the shop told it, else the store's.
    fn zone_of(&self, order: &Order) -> TimeZone {
        let own = order.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        own.unwrap_or_else(|| self.zone.clone())
    }

    fn is_allowed(&self, window: Window, order: &Order, now_ms: i64) -> bool {
        window.next_allowed_ms(&self.zone_of(order), now_ms) == now_ms
    }

    /// Due at the first allowed moment from `from_ms`. Of those due together, the largest order goes first.
    fn set_payment_timer(&self, step: &mut OrderStep, order: &Order, attempt: u32, from_ms: i64) {
        let due_ms = self.settings.payment_reminder.allowed.next_allowed_ms(&self.zone_of(order), from_ms);
        // Of one whose price is not known nothing larger is known either; none has no weight at all.
        let priority = order.total.as_ref().map_or(1, |total| worth::worth(total).max(1));
        let payload = json!({ "shop": order.shop, "order_id": order.id, "attempt": attempt });
        step.set(Purpose::Payment, order, due_ms, priority, payload);
    }

    /// Due at the first allowed moment from `from_ms`.
    fn set_review_timer(&self, step: &mut OrderStep, order: &Order, from_ms: i64) {
        let due_ms = self.settings.review_request.allowed.next_allowed_ms(&self.zone_of(order), from_ms);
        let payload = json!({ "shop": order.shop, "order_id": order.id });
        step.set(Purpose::Review, order, due_ms, 0, payload);
    }
}

/// Takes down that it was sold, and what went back: what the figures count, and know of no other moment.
fn note_money(step: &mut OrderStep, before: Option<&Order>, order: &Order) {
    if is_sold(order) && !before.is_some_and(is_sold) {
        step.note(order, OrderFinding::Sold { total: order.total.clone() });
    }
    for refund in order.refunds.iter().skip(before.map_or(0, |it| it.refunds.len())) {
        let asked_ms = order.refund_requested_ms.filter(|asked_ms| *asked_ms <= refund.at_ms);
        let amount = refund.amount.clone().or_else(|| order.total.clone().filter(|_| !refund.partial));
        step.note(order, OrderFinding::GaveBack { amount, asked_ms });
    }
}

/// Whether it is paid for: nobody sends what is not, unless the courier takes the money.
fn is_sold(order: &Order) -> bool {
    let left = order.shipped_ms.is_some() && !order.on_delivery;
    order.paid_ms.is_some() || left || order.delivered_ms.is_some() || order.all_delivered_ms.is_some()
}

/// Whether a payment reminder may still make sense.
fn awaits_payment(order: &Order) -> bool {
    order.status == OrderStatus::Placed && !order.on_delivery && !order.is_free()
}

/// Whether a review may still be asked for.
fn awaits_review(order: &Order) -> bool {
    order.status == OrderStatus::Delivered && !order.reviewed && !order.review_requested
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Review => "review",
            Self::News => "news",
        }
    }

    /// `payment:<shop>/<order id>`: one per order, because a conversation may be about several.
    fn key(self, order: &Order) -> String {
        format!("{}:{}/{}", self.name(), order.shop, order.id)
    }

    fn of(key: &str) -> Option<Self> {
        let (name, _) = key.split_once(':')?;
        [Self::Payment, Self::Review, Self::News].into_iter().find(|purpose| purpose.name() == name)
    }
}

impl OrderStep {
    fn note(&mut self, order: &Order, what: OrderFinding) {
        self.trace.push(TraceStep::new(Part::Orders, Finding::Order { id: order.id.clone(), what }));
    }

    fn unsaid(&mut self, order: &Order, notice: Notice, why: WhyUnsaid) {
        self.note(order, OrderFinding::Unsaid { notice, why });
    }

    fn set(&mut self, purpose: Purpose, order: &Order, due_ms: i64, priority: i64, payload: Value) {
        let key = purpose.key(order);
        self.timers.push(Action::SetTimer { at: None, key, due_ms, priority, payload, owner: OWNER.to_owned() });
    }

    /// Cancels a timer that may wait in the conversation of the event.
    fn forget(&mut self, purpose: Purpose, order: &Order) {
        self.timers.push(Action::CancelTimer { at: None, key: purpose.key(order), owner: OWNER.to_owned() });
    }

    /// Cancels where the order stood `before`; what is decided now is decided where it stands.
    fn cancel(&mut self, purpose: Purpose, before: &Order, order: &Order) {
        let at = (before.address != order.address).then(|| before.address.clone());
        self.timers.push(Action::CancelTimer { at, key: purpose.key(order), owner: OWNER.to_owned() });
    }
}

#[cfg(test)]
mod tests;
