//! What the clerk says of orders unasked: finds the words for the moments of `orders`.

use super::{
    at_hand::AtHand,
    orders::{OrderMoment, OrderStep},
    turn::Turn,
};
use crate::model::{Action, Finding, Moment, Order, OrderEvent, OrderFinding, Part, TimerFired, Urgency};

impl Turn<'_> {
    pub(super) fn order(&mut self, change: &OrderEvent) {
        let step = self.playbook.orders.on_event(self.event, change, self.view.order, self.view.now_ms);
        self.take(step, Some(change));
    }

    pub(super) fn order_timer(&mut self, timer: &TimerFired) {
        let step = self.playbook.orders.on_timer(timer, self.view.order, self.view.now_ms);
        self.take(step, None);
    }

    fn take(&mut self, step: OrderStep, change: Option<&OrderEvent>) {
        let OrderStep { order, timers, moments, trace } = step;
        self.decision.trace.extend(trace);
        for timer in timers {
            self.act(timer);
        }
        let Some(order) = order else { return };
        self.put_order(order.clone());
        for moment in &moments {
            self.keep_tickets(*moment, &order, change);
        }
        let reachable = !self.event.address.chat.is_empty();
        if !reachable {
            self.note(Part::Orders, Finding::Order { id: order.id.clone(), what: OrderFinding::Unreachable });
        }
        // A plugin that takes the change has said what there is to say of it.
        let taken = reachable && change.is_some_and(|event| self.offer(Moment::Order { event, order: &order }));
        if reachable && !taken {
            for moment in moments {
                self.notice(moment, &order);
            }
        }
    }

    fn notice(&mut self, moment: OrderMoment, order: &Order) {
        let (offered, phrase) = match moment {
            OrderMoment::PaymentReminder { attempt, last } => {
                let phrase = if last && attempt > 1 { "payment-reminder-last" } else { "payment-reminder" };
                (Some(Moment::PaymentReminder { order, attempt, last }), phrase)
            }
            OrderMoment::ShippingNotice => (Some(Moment::ShippingNotice { order }), "shipping-notice"),
            OrderMoment::ReviewRequest => (Some(Moment::ReviewRequest { order }), "review-request"),
            OrderMoment::Cancelled => (None, "order-cancelled"),
            OrderMoment::RefundRequested => (None, "refund-requested"),
            OrderMoment::RefundSettled => (None, "refund-settled"),
            OrderMoment::ReviewPosted { bad: false } => (None, "review-thanks"),
            OrderMoment::ReviewPosted { bad: true } => (None, "review-sorry"),
        };
        if offered.is_some_and(|moment| self.offer(moment)) {
            return;
        }
        let what = OrderFinding::Says { phrase: phrase.to_owned() };
        self.note(Part::Notices, Finding::Order { id: order.id.clone(), what });
        let (attempt, last) = match moment {
            OrderMoment::PaymentReminder { attempt, last } => (attempt, last),
            _ => (0, false),
        };
        self.say_phrase(phrase, &AtHand { order: Some(order), attempt, last, ..AtHand::default() });
    }

    /// What people must look at, whoever finds the words for the customer.
    fn keep_tickets(&mut self, moment: OrderMoment, order: &Order, change: Option<&OrderEvent>) {
        let words = change.and_then(|it| it.text.as_deref()).unwrap_or_default();
        match moment {
            OrderMoment::RefundRequested => {
                self.open_ticket("refund", format!("order {}: {words}", order.id), Urgency::Normal);
            }
            OrderMoment::RefundSettled => {
                if let Some(id) = self.open_ticket_of("refund") {
                    self.act(Action::CloseTicket { id });
                }
            }
            OrderMoment::ReviewPosted { bad: true } => {
                self.open_ticket("bad-review", format!("order {}: {words}", order.id), Urgency::Urgent);
            }
            _ => {}
        }
    }
}
