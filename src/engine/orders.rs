//! The life of an order: what the clerk does about it unasked, and when.
//!
//! Text-free: it says which moment has come, and the playbook finds the words. What an order still waits
//! for follows from the order alone (`awaits_payment`, `awaits_review`); timers are set when
//! the waiting begins, cancelled when it ends, and looked at with suspicion when they fire, because the
//! order may have moved on, the timer be late, or the firing a repetition.

mod merge;
mod settings;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub use settings::{OrdersSettings, PaymentReminderSettings, ReviewRequestSettings, ShippingNoticeSettings};

use super::schedule::{Schedule, Window};
use crate::{
    model::{
        Action, Event, Finding, Notice, Order, OrderChange, OrderEvent, OrderFinding, OrderStatus, Part, TimerFired,
        TraceStep, WhyUnsaid,
    },
    setting::Problem,
};

const FILE: &str = "orders.toml";
/// The owner of these timers; all others are plugins'.
pub(super) const OWNER: &str = "engine";
/// A review with this many stars or fewer is a bad one (中差评).
const BAD_RATING: u8 = 3;

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
    /// A parcel left that was not announced before.
    ShippingNotice,
    ReviewRequest,
    Cancelled,
    RefundRequested,
    RefundSettled,
    /// `bad`: three stars or fewer, something for a person to look at.
    ReviewPosted {
        bad: bool,
    },
}

/// What a timer of an order's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Payment,
    Review,
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
        if problems.is_empty() {
            Ok(Self { settings: settings.clone(), zone: schedule.zone().clone() })
        } else {
            Err(problems)
        }
    }

    /// Takes in what the shop (`event.channel`) reports of an order. `before`: the order as it was.
    pub fn on_event(&self, event: &Event, change: &OrderEvent, before: Option<&Order>, now_ms: i64) -> OrderStep {
        let order = merge::apply(event, change, before, now_ms);
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
        self.keep_timers(&mut step, before, &order, now_ms);
        if let Some(moment) = self.moment_of(&mut step, change, before, &order) {
            step.moments.push(moment);
        }
        step.order = Some(order);
        step
    }

    /// Takes in a timer that is due. `order`: the one its payload names.
    pub fn on_timer(&self, timer: &TimerFired, order: Option<&Order>, now_ms: i64) -> OrderStep {
        let mut step = OrderStep::default();
        let Some(mut order) = order.cloned() else {
            let timer = timer.key.clone();
            step.trace.push(TraceStep::new(Part::Orders, Finding::TimerWithoutOrder { timer }));
            return step;
        };
        match Purpose::of(&timer.key) {
            Some(Purpose::Payment) => self.remind(&mut step, timer, &mut order, now_ms),
            Some(Purpose::Review) => self.ask_for_review(&mut step, timer, &mut order, now_ms),
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
        }
        if awaits_payment(order) && (moved.is_some() || !waited(awaits_payment)) && reminder.enabled {
            let begun_ms = order.placed_ms.unwrap_or(now_ms).saturating_add(reminder.delay.as_ms());
            let sent_ms = reminder.interval.as_ms().saturating_mul(order.reminders.into());
            self.set_payment_timer(step, order, order.reminders.saturating_add(1), begun_ms.saturating_add(sent_ms));
        }
        let review = &self.settings.review_request;
        if awaits_review(order) && (moved.is_some() || !waited(awaits_review)) && review.enabled {
            let due_ms = order.delivered_ms.unwrap_or(now_ms).saturating_add(review.delay.as_ms());
            self.set_review_timer(step, order, due_ms);
        }
    }

    /// What the customer hears of the change; what they have heard before is not said again.
    fn moment_of(
        &self,
        step: &mut OrderStep,
        change: &OrderEvent,
        before: Option<&Order>,
        order: &Order,
    ) -> Option<OrderMoment> {
        let news = before.is_none_or(|before| before.status != order.status);
        match change.change {
            OrderChange::Placed | OrderChange::Paid | OrderChange::Delivered => None,
            OrderChange::Shipped if order.status != OrderStatus::Shipped => {
                step.unsaid(order, Notice::ShippingNotice, WhyUnsaid::Overtaken);
                None
            }
            OrderChange::Shipped if !(news || before.is_some_and(|before| parcel(before) != parcel(order))) => {
                step.unsaid(order, Notice::ShippingNotice, WhyUnsaid::Announced);
                None
            }
            OrderChange::Shipped if !self.settings.shipping_notice.enabled => {
                step.unsaid(order, Notice::ShippingNotice, WhyUnsaid::SwitchedOff);
                None
            }
            OrderChange::Shipped => Some(OrderMoment::ShippingNotice),
            OrderChange::Cancelled => {
                (news && order.status == OrderStatus::Cancelled).then_some(OrderMoment::Cancelled)
            }
            OrderChange::RefundRequested => {
                (news && order.status == OrderStatus::RefundRequested).then_some(OrderMoment::RefundRequested)
            }
            OrderChange::RefundSettled => news.then_some(OrderMoment::RefundSettled),
            // A second one is an addition or a change of mind, so it counts as well.
            OrderChange::ReviewPosted => {
                let bad = change.rating.is_some_and(|rating| rating <= BAD_RATING);
                Some(OrderMoment::ReviewPosted { bad })
            }
        }
    }

    fn remind(&self, step: &mut OrderStep, timer: &TimerFired, order: &mut Order, now_ms: i64) {
        let reminder = &self.settings.payment_reminder;
        let attempt = order.reminders.saturating_add(1);
        if !reminder.enabled {
            step.unsaid(order, Notice::PaymentReminder, WhyUnsaid::SwitchedOff);
        } else if !awaits_payment(order) {
            step.unsaid(order, Notice::PaymentReminder, WhyUnsaid::Status { status: order.status });
        } else if timer.payload.get("attempt").and_then(Value::as_u64) != Some(attempt.into()) {
            step.unsaid(order, Notice::PaymentReminder, WhyUnsaid::Repeated { next: attempt });
        } else if attempt > reminder.max {
            step.unsaid(order, Notice::PaymentReminder, WhyUnsaid::Enough { sent: order.reminders });
        } else if !self.is_allowed(reminder.allowed, now_ms) {
            step.note(order, OrderFinding::Waits { notice: Notice::PaymentReminder });
            self.set_payment_timer(step, order, attempt, now_ms);
        } else {
            order.reminders = attempt;
            let last = attempt == reminder.max;
            step.note(order, OrderFinding::Reminds { attempt, max: reminder.max });
            step.moments.push(OrderMoment::PaymentReminder { attempt, last });
            if !last {
                let due_ms = now_ms.saturating_add(reminder.interval.as_ms());
                self.set_payment_timer(step, order, attempt + 1, due_ms);
            }
        }
    }

    fn ask_for_review(&self, step: &mut OrderStep, timer: &TimerFired, order: &mut Order, now_ms: i64) {
        let review = &self.settings.review_request;
        if !review.enabled {
            step.unsaid(order, Notice::ReviewRequest, WhyUnsaid::SwitchedOff);
        } else if order.reviewed || order.review_requested {
            step.unsaid(order, Notice::ReviewRequest, WhyUnsaid::Reviewed);
        } else if !awaits_review(order) {
            step.unsaid(order, Notice::ReviewRequest, WhyUnsaid::Status { status: order.status });
        } else if !self.is_allowed(review.allowed, now_ms) {
            step.note(order, OrderFinding::Waits { notice: Notice::ReviewRequest });
            self.set_review_timer(step, order, now_ms);
        } else {
            order.review_requested = true;
            step.note(order, OrderFinding::AsksForReview { timer: timer.key.clone() });
            step.moments.push(OrderMoment::ReviewRequest);
        }
    }

    fn is_allowed(&self, window: Window, now_ms: i64) -> bool {
        window.next_allowed_ms(&self.zone, now_ms) == now_ms
    }

    /// Due at the first allowed moment from `from_ms`. Of those due together, the largest order goes first.
    fn set_payment_timer(&self, step: &mut OrderStep, order: &Order, attempt: u32, from_ms: i64) {
        let due_ms = self.settings.payment_reminder.allowed.next_allowed_ms(&self.zone, from_ms);
        let priority = order.total.as_ref().map_or(0, |total| total.minor);
        let payload = json!({ "shop": order.shop, "order_id": order.id, "attempt": attempt });
        step.set(Purpose::Payment, order, due_ms, priority, payload);
    }

    /// Due at the first allowed moment from `from_ms`.
    fn set_review_timer(&self, step: &mut OrderStep, order: &Order, from_ms: i64) {
        let due_ms = self.settings.review_request.allowed.next_allowed_ms(&self.zone, from_ms);
        let payload = json!({ "shop": order.shop, "order_id": order.id });
        step.set(Purpose::Review, order, due_ms, 0, payload);
    }
}

/// Whether a payment reminder may still make sense.
fn awaits_payment(order: &Order) -> bool {
    order.status == OrderStatus::Placed
}

/// Whether a review may still be asked for.
fn awaits_review(order: &Order) -> bool {
    order.status == OrderStatus::Delivered && !order.reviewed && !order.review_requested
}

fn parcel(order: &Order) -> Option<&str> {
    order.shipment.as_ref()?.tracking_number.as_deref()
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Review => "review",
        }
    }

    /// `payment:<shop>/<order id>`: one per order, because a conversation may be about several.
    fn key(self, order: &Order) -> String {
        format!("{}:{}/{}", self.name(), order.shop, order.id)
    }

    fn of(key: &str) -> Option<Self> {
        let (name, _) = key.split_once(':')?;
        [Self::Payment, Self::Review].into_iter().find(|purpose| purpose.name() == name)
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

    /// Cancels where the order stood `before`; what is decided now is decided where it stands.
    fn cancel(&mut self, purpose: Purpose, before: &Order, order: &Order) {
        let at = (before.address != order.address).then(|| before.address.clone());
        self.timers.push(Action::CancelTimer { at, key: purpose.key(order), owner: OWNER.to_owned() });
    }
}

#[cfg(test)]
mod tests;
