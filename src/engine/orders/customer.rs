//! What of a customer decides whether a notice may be sent.

use super::DAY_MS;
use crate::model::{Conversation, Order};

/// The customer of an order, as far as notices ask.
pub struct Customer<'a> {
    pub opted_out: bool,
    /// Whether a complaint of theirs is open.
    pub complains: bool,
    /// When notices were sent to them within the last day, oldest first.
    pub notices_ms: &'a [i64],
    /// When a payment was last asked for.
    pub reminded_ms: Option<i64>,
    /// Their newest orders.
    pub orders: &'a dyn Fn() -> Vec<Order>,
}

impl<'a> Customer<'a> {
    /// Tickets that make any notice but an answer to them an insult.
    const COMPLAINTS: [&'static str; 2] = ["complaint", "bad-review"];

    pub fn of(conversation: &'a Conversation, orders: &'a dyn Fn() -> Vec<Order>) -> Self {
        Self {
            opted_out: conversation.has_opted_out(),
            complains: conversation.tickets.iter().any(|it| Self::COMPLAINTS.contains(&it.kind.as_str())),
            notices_ms: &conversation.notices_ms,
            reminded_ms: conversation.payment_reminded_ms,
            orders,
        }
    }

    /// From when on there is room for another notice, if `sent` more went out just now; `None`: now.
    pub fn full_until_ms(&self, per_day: usize, sent: usize, now_ms: i64) -> Option<i64> {
        let recent: Vec<_> = self.notices_ms.iter().filter(|at| now_ms.saturating_sub(**at) < DAY_MS).collect();
        let surplus = (recent.len() + sent + 1).checked_sub(per_day).filter(|it| *it > 0)?;
        let oldest = recent.get(surplus - 1).map_or(now_ms, |at| **at);
        Some(oldest.saturating_add(DAY_MS))
    }

    /// The customer's other orders.
    pub fn others(&self, order: &Order) -> Vec<Order> {
        let mut orders = (self.orders)();
        orders.retain(|it| (&it.shop, &it.id) != (&order.shop, &order.id));
        orders
    }
}
