//! The capability `orders`: the customer's own orders, and with `orders:any` everybody's.

use std::collections::BTreeSet;

use super::{super::text::line, Answer};
use crate::{
    model::{HookCall, Order},
    plugin::{
        contract::{
            Capability, LIMITS,
            world::{orders, types},
        },
        host::{
            convert,
            guest::{ASKED, Guest},
        },
    },
};

impl orders::Host for Guest {
    fn find(&mut self, id: String) -> wasmtime::Result<Answer<Option<types::Order>>> {
        let any = self.seat.has(&Capability::AnyOrders);
        self.order(
            format!("orders.find `{}`", line(&id)),
            |asked| asked.moment.order().filter(|order| order.id == id),
            |asked| by_number(asked, &id).filter(|order| any || is_own(asked, order)),
            |asked, order| convert::order(order, asked),
        )
    }

    fn newest(&mut self) -> wasmtime::Result<Answer<Vec<types::Order>>> {
        self.answer(
            "orders.newest".to_owned(),
            &Capability::Orders,
            |_| {
                Ok(ASKED.with(|asked| {
                    let orders = asked.lookups.orders();
                    orders.iter().take(LIMITS.orders).map(|it| convert::order(it, asked)).collect::<Vec<_>>()
                }))
            },
            |found| found.len().to_string(),
        )
    }

    fn details(&mut self, shop: String, id: String) -> wasmtime::Result<Answer<Option<String>>> {
        let any = self.seat.has(&Capability::AnyOrders);
        self.order(
            format!("orders.details `{}` of `{}`", line(&id), line(&shop)),
            |asked| asked.moment.order().filter(|order| order.shop == shop && order.id == id),
            |asked| asked.lookups.order(&shop, &id).filter(|order| any || is_own(asked, order)),
            |_, order| convert::order_details(order).to_string(),
        )
    }
}

impl Guest {
    /// The order at hand, which needs no grant, else one that is looked up and may be seen.
    fn order<T>(
        &mut self,
        question: String,
        at_hand: impl for<'a> Fn(&HookCall<'a>) -> Option<&'a Order>,
        look_up: impl Fn(&HookCall<'_>) -> Option<Order>,
        show: impl Fn(&HookCall<'_>, &Order) -> T,
    ) -> wasmtime::Result<Answer<Option<T>>> {
        let permitted = self.seat.permit(&Capability::Orders);
        self.tell(
            question,
            |_| {
                ASKED.with(|asked| match at_hand(asked) {
                    Some(order) => Ok(Some(show(asked, order))),
                    None => permitted.map(|()| look_up(asked).map(|order| show(asked, &order))),
                })
            },
            |found| if found.is_some() { "found".to_owned() } else { "none".to_owned() },
        )
    }
}

/// An order by its number: at the shop of the order at hand, else at the shops of the customer's orders.
fn by_number(asked: &HookCall<'_>, id: &str) -> Option<Order> {
    if let Some(at_hand) = asked.moment.order() {
        return asked.lookups.order(&at_hand.shop, id);
    }
    let orders = asked.lookups.orders();
    let shops: BTreeSet<_> = orders.iter().map(|order| order.shop.as_str()).collect();
    let elsewhere = || shops.into_iter().find_map(|shop| asked.lookups.order(shop, id));
    orders.iter().find(|order| order.id == id).cloned().or_else(elsewhere)
}

/// Whether an order is the customer's at hand.
fn is_own(asked: &HookCall<'_>, order: &Order) -> bool {
    let is_it = |other: &Order| other.shop == order.shop && other.id == order.id;
    asked.customer.is_some_and(|customer| *customer.address == order.address)
        || asked.lookups.orders().iter().any(is_it)
}
