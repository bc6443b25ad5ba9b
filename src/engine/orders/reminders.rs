//! Payment reminders and review requests: whether one that is due is sent, and for which orders it stands.

use serde_json::Value;

use super::{Customer, OrderBook, OrderMoment, OrderStep, Purpose, awaits_payment, awaits_review};
use crate::model::{Notice, Order, OrderFinding, OrderStatus, TimerFired, WhyUnsaid};

/// Reminders that are due so soon after another go with it.
const TOGETHER_MS: i64 = 60 * 60 * 1000;

impl OrderBook {
    pub(super) fn remind(
        &self,
        step: &mut OrderStep,
        timer: &TimerFired,
        order: &mut Order,
        customer: &Customer<'_>,
        now_ms: i64,
    ) {
        let reminder = &self.settings.payment_reminder;
        let interval_ms = reminder.interval.as_ms();
        let attempt = order.reminders.saturating_add(1);
        let notice = Notice::PaymentReminder;
        if !reminder.enabled {
            step.unsaid(order, notice, WhyUnsaid::SwitchedOff);
        } else if !awaits_payment(order) {
            step.unsaid(order, notice, WhyUnsaid::Status { status: order.status });
        } else if timer.payload.get("attempt").and_then(Value::as_u64) != Some(attempt.into()) {
            step.unsaid(order, notice, WhyUnsaid::Repeated { next: attempt });
        } else if attempt > reminder.max {
            step.unsaid(order, notice, WhyUnsaid::Enough { sent: order.reminders });
        } else if !self.is_news(timer.due_ms, now_ms) {
            step.unsaid(order, notice, WhyUnsaid::TooOld);
        } else if customer.opted_out {
            step.unsaid(order, notice, WhyUnsaid::OptedOut);
        } else if customer.complains {
            step.unsaid(order, notice, WhyUnsaid::Complaint);
            self.set_payment_timer(step, order, attempt, now_ms.saturating_add(interval_ms));
        } else if !self.is_allowed(reminder.allowed, order, now_ms) {
            step.note(order, OrderFinding::Waits { notice });
            self.set_payment_timer(step, order, attempt, now_ms);
        } else if let Some(until_ms) = self.rest_until_ms(customer, now_ms) {
            step.unsaid(order, notice, WhyUnsaid::EnoughToday);
            self.set_payment_timer(step, order, attempt, until_ms);
        } else {
            let others = customer.others(order);
            if others.iter().any(|other| replaces(other, order)) {
                step.unsaid(order, notice, WhyUnsaid::OrderedAgain);
                return;
            }
            self.count_reminder(step, order, now_ms);
            let last = attempt == reminder.max;
            step.note(order, OrderFinding::Reminds { attempt, max: reminder.max });
            step.moments.push(OrderMoment::PaymentReminder { attempt, last });
            for mut other in others.into_iter().filter(|it| self.is_due_with(it, now_ms)) {
                self.count_reminder(step, &mut other, now_ms);
                step.note(&other, OrderFinding::Reminds { attempt: other.reminders, max: reminder.max });
                step.together.push(other);
            }
        }
    }

    pub(super) fn ask_for_review(
        &self,
        step: &mut OrderStep,
        timer: &TimerFired,
        order: &mut Order,
        customer: &Customer<'_>,
        now_ms: i64,
    ) {
        let review = &self.settings.review_request;
        let notice = Notice::ReviewRequest;
        if !review.enabled {
            step.unsaid(order, notice, WhyUnsaid::SwitchedOff);
        } else if order.reviewed || order.review_requested {
            step.unsaid(order, notice, WhyUnsaid::Reviewed);
        } else if !awaits_review(order) {
            step.unsaid(order, notice, WhyUnsaid::Status { status: order.status });
        } else if !self.is_news(timer.due_ms, now_ms) {
            step.unsaid(order, notice, WhyUnsaid::TooOld);
        } else if customer.opted_out {
            step.unsaid(order, notice, WhyUnsaid::OptedOut);
        } else if customer.complains {
            step.unsaid(order, notice, WhyUnsaid::Complaint);
        } else if !self.is_allowed(review.allowed, order, now_ms) {
            step.note(order, OrderFinding::Waits { notice });
            self.set_review_timer(step, order, now_ms);
        } else if let Some(until_ms) = customer.full_until_ms(self.settings.notices.per_day, 0, now_ms) {
            step.unsaid(order, notice, WhyUnsaid::EnoughToday);
            self.set_review_timer(step, order, until_ms);
        } else {
            order.review_requested = true;
            step.note(order, OrderFinding::AsksForReview { timer: timer.key.clone() });
            step.moments.push(OrderMoment::ReviewRequest);
            // One request stands for all that have arrived.
            for mut other in customer.others(order).into_iter().filter(awaits_review) {
                other.review_requested = true;
                step.together.push(other);
            }
        }
    }

    /// Until when the customer is left alone, because enough was sent or another payment was asked for.
    fn rest_until_ms(&self, customer: &Customer<'_>, now_ms: i64) -> Option<i64> {
        let interval_ms = self.settings.payment_reminder.interval.as_ms();
        let reminded = customer.reminded_ms.map(|at_ms| at_ms.saturating_add(interval_ms)).filter(|it| *it > now_ms);
        reminded.max(customer.full_until_ms(self.settings.notices.per_day, 0, now_ms))
    }

    /// Takes down that the order was asked after, and sets the next time.
    fn count_reminder(&self, step: &mut OrderStep, order: &mut Order, now_ms: i64) {
        let reminder = &self.settings.payment_reminder;
        order.reminders = order.reminders.saturating_add(1);
        if order.reminders < reminder.max {
            let due_ms = now_ms.saturating_add(reminder.interval.as_ms());
            self.set_payment_timer(step, order, order.reminders.saturating_add(1), due_ms);
        } else {
            step.forget(Purpose::Payment, order);
        }
    }

    /// Whether a reminder of this order is due as well, or soon.
    fn is_due_with(&self, order: &Order, now_ms: i64) -> bool {
        let reminder = &self.settings.payment_reminder;
        let sent_ms = reminder.interval.as_ms().saturating_mul(order.reminders.into());
        let placed_ms = order.placed_ms.unwrap_or(order.updated_ms);
        let due_ms = placed_ms.saturating_add(reminder.delay.as_ms()).saturating_add(sent_ms);
        awaits_payment(order)
            && order.reminders < reminder.max
            && due_ms <= now_ms.saturating_add(TOGETHER_MS)
            && self.is_news(due_ms, now_ms)
    }
}

/// Whether `other` is the same bought again, later, and paid for: then nobody waits for the first.
fn replaces(other: &Order, order: &Order) -> bool {
    let bought = matches!(other.status, OrderStatus::Paid | OrderStatus::Shipped | OrderStatus::Delivered);
    let begun = |it: &Order| it.placed_ms.or(it.paid_ms).unwrap_or(it.updated_ms);
    let same = if order.items.is_empty() && other.items.is_empty() {
        order.total.is_some() && order.total == other.total
    } else {
        contents(order) == contents(other)
    };
    bought && same && begun(other) >= begun(order)
}

fn contents(order: &Order) -> Vec<(&str, u32)> {
    let mut items: Vec<_> =
        order.items.iter().map(|it| (it.sku.as_deref().unwrap_or(it.title.as_str()), it.quantity)).collect();
    items.sort_unstable();
    items
}
