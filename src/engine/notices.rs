//! What the clerk says of orders unasked: finds the words for the moments of `orders`.

use super::{
    at_hand::AtHand,
    orders::{Customer, OrderMoment, OrderStep, is_bad_rating},
    turn::Turn,
};
use crate::model::{
    Action, Content, Finding, Moment, NewsOf, Order, OrderChange, OrderEvent, OrderFinding, OrderStatus, Part,
    TimerFired, Urgency, WhyUnsaid,
};

/// How long notices are remembered, to limit those of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Turn<'_> {
    pub(super) fn order(&mut self, change: &OrderEvent) {
        let lookups = self.view.lookups;
        let orders = || lookups.orders();
        let customer = Customer::of(self.view.conversation, &orders);
        let step = self.playbook.orders.on_event(self.event, change, self.view.order, &customer, self.view.now_ms);
        self.take(step, Some(change));
    }

    pub(super) fn order_timer(&mut self, timer: &TimerFired) {
        let lookups = self.view.lookups;
        let orders = || lookups.orders();
        let customer = Customer::of(self.view.conversation, &orders);
        let step = self.playbook.orders.on_timer(timer, self.view.order, &customer, self.view.now_ms);
        self.take(step, None);
    }

    fn take(&mut self, mut step: OrderStep, change: Option<&OrderEvent>) {
        self.decision.trace.append(&mut step.trace);
        for timer in std::mem::take(&mut step.timers) {
            self.act(timer);
        }
        let Some(order) = step.order.clone() else { return };
        if let Some(change) = change {
            self.keep_tickets(change, &order);
        }
        let reachable = !self.event.address.chat.is_empty();
        if !reachable {
            self.note(Part::Orders, Finding::Order { id: order.id.clone(), what: OrderFinding::Unreachable });
        }
        // A plugin that takes the change has said what there is to say of it.
        let asked = change.filter(|_| reachable && self.may_be_answered(&order));
        if asked.is_some_and(|event| self.offer(Moment::Order { event, order: &order })) {
            step.settle();
        }
        let OrderStep { order, together, moments, .. } = step;
        let Some(order) = order else { return };
        self.put_order(order.clone());
        for other in &together {
            self.put_order(other.clone());
        }
        for moment in moments {
            self.notice(moment, &order, &together);
        }
    }

    /// Whether plugins may say something to a change of the order: not to old stories, nor to who wants to hear nothing.
    fn may_be_answered(&mut self, order: &Order) -> bool {
        let why = if self.view.conversation.has_opted_out() {
            WhyUnsaid::OptedOut
        } else if !self.playbook.orders.is_news(self.event.at_ms, self.view.now_ms) {
            WhyUnsaid::TooOld
        } else {
            return true;
        };
        self.note(Part::Orders, Finding::Order { id: order.id.clone(), what: OrderFinding::NotOffered { why } });
        false
    }

    /// `together`: the other orders that it stands for.
    fn notice(&mut self, moment: OrderMoment, order: &Order, together: &[Order]) {
        let now_ms = self.view.now_ms;
        let conversation = &mut self.decision.conversation;
        conversation.notices_ms.retain(|at| now_ms.saturating_sub(*at) < DAY_MS);
        conversation.notices_ms.push(now_ms);
        if matches!(moment, OrderMoment::PaymentReminder { .. }) {
            conversation.payment_reminded_ms = Some(now_ms);
        }
        // Both plugins and phrases speak of the last parcel.
        let mut shown = order.clone();
        if let OrderMoment::ShippingNotice { parcel } = moment
            && parcel < shown.parcels.len()
        {
            let parcel = shown.parcels.remove(parcel);
            shown.parcels.push(parcel);
        }
        let order = &shown;
        let (offered, phrase) = match moment {
            OrderMoment::PaymentReminder { attempt, last } => {
                let phrase = if last && attempt > 1 { "payment-reminder-last" } else { "payment-reminder" };
                (Some(Moment::PaymentReminder { order, attempt, last }), phrase)
            }
            OrderMoment::ShippingNotice { .. } => (Some(Moment::ShippingNotice { order }), "shipping-notice"),
            OrderMoment::ReviewRequest => (Some(Moment::ReviewRequest { order }), "review-request"),
            OrderMoment::News(NewsOf::OnDelivery) => (None, "order-on-delivery"),
            OrderMoment::News(NewsOf::Cancelled) => (None, "order-cancelled"),
            OrderMoment::News(NewsOf::RefundRequested) => (None, "refund-requested"),
            OrderMoment::News(NewsOf::RefundWithdrawn) => (None, "refund-withdrawn"),
            OrderMoment::News(NewsOf::RefundRefused) => (None, "refund-refused"),
            OrderMoment::News(NewsOf::RefundSettled { .. }) => (None, "refund-settled"),
            OrderMoment::News(NewsOf::ReviewPosted { bad: false }) => (None, "review-thanks"),
            OrderMoment::News(NewsOf::ReviewPosted { bad: true }) => (None, "review-sorry"),
        };
        let playbook = self.playbook;
        let (wording, own) = match moment {
            OrderMoment::PaymentReminder { last, .. } => {
                let wording = playbook.reminder_wordings.of(&self.event.address);
                (wording, wording.and_then(|it| it.words(last)))
            }
            _ => (None, None),
        };
        if let Some(wording) = wording {
            let what = OrderFinding::Worded { key: wording.name.clone() };
            self.note(Part::Notices, Finding::Order { id: order.id.clone(), what });
        }
        // Of wordings that are compared, each customer hears the one that is theirs.
        let offered = offered.filter(|_| own.is_none());
        let others: Vec<&Order> = match moment {
            OrderMoment::PaymentReminder { .. } => together.iter().collect(),
            _ => Vec::new(),
        };
        let mut said = Vec::new();
        if !offered.is_some_and(|moment| self.offer(moment)) {
            let what = OrderFinding::Says { phrase: phrase.to_owned() };
            self.note(Part::Notices, Finding::Order { id: order.id.clone(), what });
            let (attempt, last) = match moment {
                OrderMoment::PaymentReminder { attempt, last } => (attempt, last),
                _ => (0, false),
            };
            let refund = match moment {
                OrderMoment::News(NewsOf::RefundSettled { refund }) => order.refunds.get(refund),
                _ => None,
            };
            let at_hand = AtHand { order: Some(order), attempt, last, refund, ..AtHand::default() };
            said.extend(match own {
                Some(words) => self.fill(words, phrase, &at_hand).or_else(|| self.phrase(phrase, &at_hand)),
                None => self.phrase(phrase, &at_hand),
            });
        }
        if !others.is_empty() {
            said.extend(self.phrase("payment-reminder-others", &AtHand { orders: others, ..AtHand::default() }));
        }
        if !said.is_empty() {
            self.say(Content::text(said.join("\n")));
        }
    }

    /// What people must look at, whoever finds the words for the customer.
    fn keep_tickets(&mut self, change: &OrderEvent, order: &Order) {
        let words = change.text.as_deref().unwrap_or_default();
        let was = self.view.order.map(|before| before.status);
        let asked = order.status == OrderStatus::RefundRequested;
        match change.change {
            OrderChange::RefundRequested if asked && was != Some(order.status) => {
                self.open_ticket("refund", about(order, words), Urgency::Normal);
            }
            OrderChange::RefundSettled | OrderChange::RefundWithdrawn | OrderChange::RefundRefused if !asked => {
                if let Some(id) = self.open_ticket_about("refund") {
                    self.act(Action::CloseTicket { id });
                }
            }
            OrderChange::ReviewPosted if change.rating.is_some_and(is_bad_rating) => {
                self.open_ticket("bad-review", about(order, words), Urgency::Urgent);
            }
            _ => {}
        }
    }
}

/// An order, and what its customer said of it, if anything.
fn about(order: &Order, words: &str) -> String {
    let words = words.trim();
    if words.is_empty() { format!("order {}", order.id) } else { format!("order {}: {words}", order.id) }
}
