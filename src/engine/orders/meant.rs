//! Which of a customer's orders are meant by what they say.

use crate::{
    engine::{catalogue::AT_ONCE, entities::says_order},
    model::{Order, OrderStatus},
};

/// Orders whose number occurs in what was said.
pub fn named<'o>(orders: &'o [Order], folded: &str) -> Vec<&'o Order> {
    orders.iter().filter(|it| says_order(folded, &it.id)).collect()
}

/// What is meant where no number is said: the newest orders that are under way, else the last one.
pub fn current(orders: &[Order]) -> Vec<&Order> {
    let settled =
        |it: &Order| matches!(it.status, OrderStatus::Delivered | OrderStatus::Cancelled | OrderStatus::Refunded);
    let under_way: Vec<_> = orders.iter().filter(|it| !settled(it)).take(AT_ONCE).collect();
    if under_way.is_empty() { orders.iter().take(1).collect() } else { under_way }
}
