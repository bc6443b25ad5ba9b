//! What has happened to an order and is to be told: collected when it is reported, told when it may be.
//!
//! A customer is told of what is true and young enough, at a time of day that suits, and not too much of it in one day.
//! What has to wait stays with the order, and a timer looks again; what nobody can be told because the shop did not say
//! whom waits for that.

use super::{Customer, OrderBook, OrderMoment, OrderStep, Purpose};
use crate::model::{News, NewsOf, Notice, Order, OrderChange, OrderEvent, OrderFinding, OrderStatus, WhyUnsaid};

/// A review with this many stars or fewer is a bad one (中差评).
const BAD_RATING: u8 = 3;
/// What waits for the address of its customer, or for the morning.
const MOST_WAITING: usize = 50;
/// When to look again whether a complaint is settled.
const LOOK_AGAIN_MS: i64 = 4 * 60 * 60 * 1000;

pub fn is_bad_rating(rating: u8) -> bool {
    rating <= BAD_RATING
}

/// Adds what this report made happen; what was known before is no news.
pub(super) fn collect(change: &OrderEvent, before: Option<&Order>, order: &mut Order, at_ms: i64) {
    let was = before.map(|before| before.status);
    let became = |status| order.status == status && was != Some(status);
    let asked = was == Some(OrderStatus::RefundRequested) && order.status != OrderStatus::RefundRequested;
    let what = match change.change {
        OrderChange::Placed
            if order.on_delivery
                && order.status == OrderStatus::Placed
                && before.is_none_or(|before| !before.on_delivery || before.placed_ms.is_none()) =>
        {
            Some(NewsOf::OnDelivery)
        }
        OrderChange::Placed | OrderChange::Paid | OrderChange::Shipped | OrderChange::Delivered => None,
        OrderChange::Cancelled => became(OrderStatus::Cancelled).then_some(NewsOf::Cancelled),
        OrderChange::RefundRequested => became(OrderStatus::RefundRequested).then_some(NewsOf::RefundRequested),
        OrderChange::RefundWithdrawn => asked.then_some(NewsOf::RefundWithdrawn),
        OrderChange::RefundRefused => asked.then_some(NewsOf::RefundRefused),
        OrderChange::RefundSettled => {
            let known = before.map_or(0, |before| before.refunds.len());
            (order.refunds.len() > known).then_some(NewsOf::RefundSettled { refund: known })
        }
        // A second one is an addition or a change of mind, so it counts as well.
        OrderChange::ReviewPosted => Some(NewsOf::ReviewPosted { bad: change.rating.is_some_and(is_bad_rating) }),
    };
    if let Some(what) = what.filter(|_| order.untold.len() < MOST_WAITING) {
        order.untold.push(News { what, at_ms });
    }
}

/// Whether something waits to be told.
pub(super) fn waits(order: &Order) -> bool {
    let on_its_way = order.status == OrderStatus::Shipped;
    !order.untold.is_empty() || on_its_way && order.parcels.iter().any(|it| !it.announced && it.shipped_ms.is_some())
}

/// The customer need not be told any more of what has happened so far.
pub(super) fn settle(order: &mut Order) {
    order.untold.clear();
    for parcel in order.parcels.iter_mut().filter(|it| it.shipped_ms.is_some()) {
        parcel.announced = true;
    }
}

impl OrderBook {
    /// Tells what is to be told and may be now, and sets a timer for the rest.
    pub(super) fn tell(&self, step: &mut OrderStep, order: &mut Order, customer: &Customer<'_>, now_ms: i64) {
        self.drop_stale(step, order, now_ms);
        if !waits(order) || order.address.chat.is_empty() {
            return;
        }
        if customer.opted_out {
            step.unsaid(order, Notice::News, WhyUnsaid::OptedOut);
            settle(order);
            return;
        }
        let per_day = self.settings.notices.per_day;
        let due = self.settings.notices.allowed.next_allowed_ms(&self.zone_of(order), now_ms);
        if due > now_ms {
            step.note(order, OrderFinding::Waits { notice: Notice::News });
            self.set_news_timer(step, order, due);
            return;
        }
        let mut later_ms = None;
        let mut sent = 0;
        let mut room = |sent: &mut usize| match customer.full_until_ms(per_day, *sent, now_ms) {
            Some(until_ms) => {
                later_ms = Some(until_ms);
                false
            }
            None => {
                *sent += 1;
                true
            }
        };
        let status = order.status;
        let mut kept = Vec::new();
        for news in std::mem::take(&mut order.untold) {
            if room(&mut sent) {
                step.moments.push(OrderMoment::News(news.what));
            } else {
                kept.push(news);
            }
        }
        order.untold = kept;
        for index in 0..order.parcels.len() {
            let Some(parcel) = order.parcels.get_mut(index) else { break };
            let unwanted = status != OrderStatus::Shipped || customer.complains;
            if parcel.announced || parcel.shipped_ms.is_none() || unwanted {
                continue;
            }
            if room(&mut sent) {
                parcel.announced = true;
                step.moments.push(OrderMoment::ShippingNotice { parcel: index });
            }
        }
        if waits(order) {
            let why = if later_ms.is_some() { WhyUnsaid::EnoughToday } else { WhyUnsaid::Complaint };
            step.unsaid(order, Notice::News, why);
            self.set_news_timer(step, order, later_ms.unwrap_or(now_ms.saturating_add(LOOK_AGAIN_MS)));
        }
    }

    /// Forgets what is not so any more, what is too old, and what the store does not want told.
    fn drop_stale(&self, step: &mut OrderStep, order: &mut Order, now_ms: i64) {
        let status = order.status;
        let news = std::mem::take(&mut order.untold);
        for it in news {
            match self.why_not(it, status, now_ms) {
                None => order.untold.push(it),
                Some(why) => step.unsaid(order, Notice::News, why),
            }
        }
        if matches!(status, OrderStatus::Cancelled | OrderStatus::RefundRequested) {
            // They may turn out to be wanted after all.
            return;
        }
        for index in 0..order.parcels.len() {
            let Some(parcel) = order.parcels.get(index).filter(|it| !it.announced) else { continue };
            let Some(left_ms) = parcel.shipped_ms else { continue };
            let why = if order.has_arrived(parcel) || status != OrderStatus::Shipped {
                WhyUnsaid::Overtaken
            } else if !self.settings.shipping_notice.enabled {
                WhyUnsaid::SwitchedOff
            } else if !self.is_news(left_ms, now_ms) {
                WhyUnsaid::TooOld
            } else {
                continue;
            };
            if let Some(parcel) = order.parcels.get_mut(index) {
                parcel.announced = true;
            }
            step.unsaid(order, Notice::ShippingNotice, why);
        }
    }

    fn why_not(&self, news: News, status: OrderStatus, now_ms: i64) -> Option<WhyUnsaid> {
        let settings = &self.settings.notices;
        let (wanted, holds) = match news.what {
            NewsOf::OnDelivery => (settings.on_delivery, status == OrderStatus::Placed),
            NewsOf::Cancelled => (settings.cancelled, status == OrderStatus::Cancelled),
            NewsOf::RefundRequested => (settings.refunds, status == OrderStatus::RefundRequested),
            NewsOf::RefundWithdrawn | NewsOf::RefundRefused => {
                (settings.refunds, !matches!(status, OrderStatus::RefundRequested | OrderStatus::Refunded))
            }
            NewsOf::RefundSettled { .. } => (settings.refunds, true),
            NewsOf::ReviewPosted { .. } => (settings.reviews, true),
        };
        if !wanted {
            Some(WhyUnsaid::SwitchedOff)
        } else if !holds {
            Some(WhyUnsaid::Status { status })
        } else {
            (!self.is_news(news.at_ms, now_ms)).then_some(WhyUnsaid::TooOld)
        }
    }

    /// Due at the first allowed moment from `from_ms`.
    fn set_news_timer(&self, step: &mut OrderStep, order: &Order, from_ms: i64) {
        let due_ms = self.settings.notices.allowed.next_allowed_ms(&self.zone_of(order), from_ms);
        let payload = serde_json::json!({ "shop": order.shop, "order_id": order.id });
        step.set(Purpose::News, order, due_ms, 0, payload);
    }
}

impl OrderStep {
    /// Somebody else told the customer: nothing of the order is left to be told.
    pub fn settle(&mut self) {
        if let Some(order) = &mut self.order {
            settle(order);
        }
        self.moments.clear();
    }
}
