//! Orders: the list.

use axum::{extract::Query, response::Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::{frame::Place, segment, tongue::Tongue, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::DeedKind,
    model::{Order, OrderChange, OrderStatus},
    store::{StoreError, wait},
};

/// Orders on one page.
const MOST: usize = 50;
/// Orders that are looked through for one page: the rest is behind "more".
const MOST_LOOKS: usize = 5000;
/// Orders read at once.
const STEP: usize = 500;

const STATUSES: [OrderStatus; 7] = [
    OrderStatus::Placed,
    OrderStatus::Paid,
    OrderStatus::Shipped,
    OrderStatus::Delivered,
    OrderStatus::RefundRequested,
    OrderStatus::Refunded,
    OrderStatus::Cancelled,
];

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    status: String,
    after: Option<i64>,
}

/// Where an order's page is.
pub fn path_of(order: &Order) -> String {
    path_to(&order.shop, &order.id)
}

pub fn path_to(shop: &str, id: &str) -> String {
    format!("{}/{}/{}", Place::Orders.path(), segment(shop), segment(id))
}

pub async fn page(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let found = async {
        visit.require(Permission::Orders)?;
        visit.note(DeedKind::LookUp, "orders", None).await?;
        visit.read(found(&visit, &asked).await)
    };
    let (orders, more) = match found.await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Orders.name(tongue);
    let body = html! {
        h1 { (title) }
        form.filter method="get" role="search" {
            label for="q" { (tongue.say("Number", "订单号")) }
            input id="q" name="q" type="search" value=(asked.q) maxlength="100" autocomplete="off";
            label for="status" { (tongue.say("State", "状态")) }
            select id="status" name="status" {
                option value="" { (tongue.say("All", "全部")) }
                @for status in STATUSES { option value=(key(status)) selected[key(status) == asked.status] { (status_name(tongue, status)) } }
            }
            button { (tongue.say("Show", "查看")) }
        }
        @if orders.is_empty() { p.empty { (tongue.say("No order.", "没有订单。")) } }
        ul.list { @for order in &orders { li { (row(&visit, order)) } } }
        @if let Some(more) = more {
            @let query = form_urlencoded::Serializer::new(String::new()).append_pair("status", &asked.status).append_pair("after", &more.to_string()).finish();
            p { a.button href=(format!("{}?{query}", Place::Orders.path())) { (tongue.say("More", "更多")) } }
        }
    };
    visit.page(StatusCode::OK, Place::Orders, title, &body)
}

/// What is asked for, and from where to go on.
async fn found(visit: &Visit, asked: &Asked) -> Result<(Vec<Order>, Option<i64>), StoreError> {
    let store = visit.console.admin.store.clone();
    let number = asked.q.trim().to_owned();
    if !number.is_empty() {
        let found = tokio::task::spawn_blocking(move || store.orders_numbered(&number, MOST)).await;
        let found = found.unwrap_or(Err(StoreError::Closed))?;
        return Ok((found.into_iter().filter_map(|it| it.value).collect(), None));
    }
    let fits = |order: &Order| asked.status.is_empty() || key(order.status) == asked.status;
    let (mut orders, mut after, mut looks) = (Vec::new(), asked.after, 0);
    loop {
        let step = wait(store.orders_listed(after, STEP)).await?;
        let last = step.len() < STEP;
        looks += step.len();
        for (place, order) in step {
            if orders.len() == MOST {
                return Ok((orders, after));
            }
            after = Some(place);
            if fits(&order) {
                orders.push(order);
            }
        }
        if last {
            return Ok((orders, None));
        }
        if looks >= MOST_LOOKS {
            return Ok((orders, after));
        }
    }
}

fn row(visit: &Visit, order: &Order) -> Markup {
    let items: Vec<_> = order.items.iter().map(|it| it.title.as_str()).collect();
    html! {
        a.talk href=(path_of(order)) {
            span.who { (order.id) @if let Some(name) = &order.customer_name { " · " (name) } }
            span.state { span.badge { (status_name(visit.tongue(), order.status)) } }
            span.words { (if items.is_empty() { order.shop.clone() } else { items.join(", ") }) }
            span.when { @if let Some(total) = &order.total { (total) " · " } (visit.time(order.updated_ms)) }
        }
    }
}

/// An order among other things, with the way to its page.
pub fn line(visit: &Visit, order: &Order) -> Markup {
    html! {
        a.button href=(path_of(order)) { (order.id) } " "
        span.badge { (status_name(visit.tongue(), order.status)) }
        @if let Some(total) = &order.total { " " (total) }
    }
}

fn key(status: OrderStatus) -> String {
    status.to_string().replace(' ', "-")
}

pub fn status_name(tongue: Tongue, status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Placed => tongue.say("unpaid", "待付款"),
        OrderStatus::Paid => tongue.say("paid", "已付款"),
        OrderStatus::Shipped => tongue.say("shipped", "已发货"),
        OrderStatus::Delivered => tongue.say("delivered", "已签收"),
        OrderStatus::Cancelled => tongue.say("cancelled", "已取消"),
        OrderStatus::RefundRequested => tongue.say("refund asked for", "申请退款"),
        OrderStatus::Refunded => tongue.say("refunded", "已退款"),
    }
}

/// What a shop reported of an order.
pub fn change_name(tongue: Tongue, change: OrderChange) -> &'static str {
    match change {
        OrderChange::Placed => tongue.say("placed", "下单"),
        OrderChange::Paid => tongue.say("paid", "付款"),
        OrderChange::Shipped => tongue.say("shipped", "发货"),
        OrderChange::Delivered => tongue.say("delivered", "签收"),
        OrderChange::Cancelled => tongue.say("cancelled", "取消"),
        OrderChange::RefundRequested => tongue.say("a refund was asked for", "申请退款"),
        OrderChange::RefundWithdrawn => tongue.say("the wish for a refund was withdrawn", "撤回退款申请"),
        OrderChange::RefundRefused => tongue.say("the refund was refused", "退款被拒绝"),
        OrderChange::RefundSettled => tongue.say("refunded", "退款完成"),
        OrderChange::ReviewPosted => tongue.say("reviewed", "评价"),
    }
}
