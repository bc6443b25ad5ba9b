//! Whose orders are whose, once one contact turns out to be two people.
//!
//! An order goes with the chat that the shop named for it: whoever writes there is told of it, as with the shop's next
//! report. One that is spoken of somewhere by a guess stays with its customer, and is told of where they write.

use super::Turn;
use crate::model::{Address, Contact, Lookups, Order, ReplyContext};

impl Turn<'_> {
    pub(super) fn hand_orders(&mut self, from: &mut Contact, to: &mut Contact) {
        for order in self.view.lookups.orders_of(&from.id) {
            let (stays, goes) = (from.addresses.contains(&order.address), to.addresses.contains(&order.address));
            let is_theirs = order.contact.as_ref() == Some(&to.id);
            let (owner, is_elsewhere) = match order.addressed && (stays || goes) {
                true => (if goes { &*to } else { &*from }, false),
                false => (if is_theirs { &*to } else { &*from }, if is_theirs { stays } else { goes }),
            };
            let address = match is_elsewhere {
                true => reachable(owner, self.view.lookups, self.view.now_ms),
                false => Some(order.address.clone()),
            };
            let now = Order {
                contact: Some(owner.id.clone()),
                address: address.unwrap_or_else(|| Address::new(&order.shop, "")),
                ..order.clone()
            };
            let (owner, other) = if owner.id == to.id { (&mut *to, &mut *from) } else { (&mut *from, &mut *to) };
            hand_purchase(&order, other, owner);
            if now == order {
                continue;
            }
            for timer in self.playbook.orders.moved(&order, &now, self.view.now_ms) {
                self.act(timer);
            }
            self.put_order(now);
        }
    }
}

/// What was bought counts for whose order it is.
fn hand_purchase(order: &Order, from: &mut Contact, to: &mut Contact) {
    let is_it = |shop: &str, id: &str| (shop, id) == (order.shop.as_str(), order.id.as_str());
    let Some(at) = from.purchases.iter().position(|it| is_it(&it.shop, &it.id)) else { return };
    let bought = from.purchases.remove(at);
    if !to.purchases.iter().any(|it| is_it(&it.shop, &it.id)) {
        to.purchases.push(bought);
        to.purchases.sort_by_key(|it| it.at_ms);
    }
}

/// Where a contact can be told something: where the platform still takes it, and of several such where they wrote last.
pub fn reachable(contact: &Contact, lookups: &dyn Lookups, now_ms: i64) -> Option<Address> {
    let heard = contact.addresses.iter().filter_map(|address| {
        let conversation = lookups.conversation(address)?;
        let ReplyContext { deadline_ms, .. } = conversation.answering(now_ms);
        let is_open = deadline_ms.is_none_or(|until| now_ms <= until);
        Some((is_open, conversation.last_received_ms.or(conversation.first_seen_ms)?, address))
    });
    heard.max().map(|(.., address)| address.clone())
}
