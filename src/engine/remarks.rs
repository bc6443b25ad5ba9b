//! A customer's wish for their order: it stands on the order, and whoever packs it hears of it; where nobody can, a
//! ticket stands for it.

use super::{at_hand::AtHand, turn::Turn};
use crate::model::{Action, Finding, Order, OrderFinding, OrderStatus, Part, Urgency};

/// The kind of a ticket for a wish that a person has to pass on.
const REMARK: &str = "remark";

impl Turn<'_> {
    /// The orders that a wish is for: those it names, else the newest, of those that have not left yet.
    pub(super) fn orders_to_remark(&self, said: &str) -> Vec<Order> {
        let waiting = self.waiting_orders();
        let named: Vec<_> = super::orders::named(&waiting, &super::text::fold(said)).into_iter().cloned().collect();
        if named.is_empty() { waiting.into_iter().take(1).collect() } else { named }
    }

    /// The customer's orders that have not left yet.
    pub(super) fn waiting_orders(&self) -> Vec<Order> {
        let orders = self.view.lookups.orders().into_iter();
        orders.filter(|it| matches!(it.status, OrderStatus::Placed | OrderStatus::Paid)).collect()
    }

    /// Whether whoever packs these orders hears of what is put on them.
    pub(super) fn is_passed_on(&self, orders: &[Order]) -> bool {
        orders.iter().all(|order| self.view.lookups.takes_remarks(&order.shop)) || self.warehouse().is_some()
    }

    /// Who packs, if they can be told.
    fn warehouse(&self) -> Option<String> {
        let name = self.playbook.shop.warehouse.as_str();
        self.has_room(name).then(|| name.to_owned())
    }

    /// A wish for which there is no order yet.
    pub(super) fn keep_wish(&mut self, said: &str) {
        self.open_ticket(REMARK, said.to_owned(), Urgency::Normal);
    }

    /// Writes a wish onto an order of this customer, as it is by now, and passes it on.
    pub(super) fn put_remark(&mut self, order_id: &str, text: &str) {
        let decided = self.decision.orders.iter().find(|it| it.id == order_id).cloned();
        let found = decided.or_else(|| self.view.lookups.orders().into_iter().find(|it| it.id == order_id));
        let Some(mut order) = found else {
            let what = OrderFinding::NotTheirs;
            return self.note(Part::Orders, Finding::Order { id: order_id.to_owned(), what });
        };
        if !order.remarks.iter().any(|it| it == text) {
            order.remarks.push(text.to_owned());
        }
        self.put_order(order.clone());
        if let Some(warehouse) = self.warehouse() {
            let at_hand = AtHand { text: Some(text), order: Some(&order), ..AtHand::default() };
            if let Some(notice) = self.phrase_for_people("order-remarked", &at_hand) {
                self.act(Action::Notify { to: warehouse, content: crate::model::Content::text(notice) });
            }
        }
        if !self.is_passed_on(std::slice::from_ref(&order)) {
            self.open_ticket(REMARK, format!("order {order_id}: {text}"), Urgency::Normal);
        }
    }
}
