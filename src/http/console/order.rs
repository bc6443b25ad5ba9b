//! One order: what it holds, its parcels, what was told of it, remarks for whoever packs it.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    contacts,
    done::done,
    form::Submitted,
    frame::Place,
    orders::{change_name, path_of, status_name},
    path_of as conversation_at, seen,
    story::story,
    visit::Visit,
};
use crate::{
    desk::Permission,
    http::admin::DeedKind,
    model::{EventKind, Finding, NewsOf, Order, OrderStatus, Parcel, StaffDeed},
    store::{Logged, StoreError, wait},
};

/// Events of its conversation among which those of the order are looked for.
const MOST_EVENTS: usize = 300;
/// The longest remark.
const MOST_CHARACTERS: usize = 1000;

pub async fn page(visit: Visit, Path((shop, id)): Path<(String, String)>) -> Response {
    shown(&visit, shop, id, StatusCode::OK, None).await
}

async fn found(visit: &Visit, shop: String, id: String) -> Result<Order, Response> {
    visit.require(Permission::Orders)?;
    let store = visit.console.admin.store.clone();
    let found = tokio::task::spawn_blocking(move || store.order(&shop, &id)).await;
    visit.read(found.unwrap_or(Err(StoreError::Closed)))?.value.ok_or_else(|| {
        visit.refusal(StatusCode::NOT_FOUND, visit.tongue().say("There is no such order.", "没有这个订单。"))
    })
}

async fn shown(visit: &Visit, shop: String, id: String, status: StatusCode, problem: Option<&str>) -> Response {
    let drawn = async {
        let order = found(visit, shop, id).await?;
        visit.note(DeedKind::LookUp, &format!("order {}", order.id), Some(&order.address)).await?;
        let events = visit.read(wait(visit.console.admin.store.story(&order.address, MOST_EVENTS)).await)?;
        let told: Vec<_> = events.into_iter().filter(|it| is_of(it, &order)).collect();
        let tongue = visit.tongue();
        let title = tongue.say(format!("Order {}", order.id), format!("订单 {}", order.id));
        let body = html! {
            a.back href=(Place::Orders.path()) { "‹ " (Place::Orders.name(tongue)) }
            h1 { (title) }
            p.tags { span.badge { (order.shop) } " " span.badge.taken { (status_name(tongue, order.status)) } }
            @if let Some(problem) = problem { p.notice.bad role="alert" { (problem) } }
            div.cards { (facts(visit, &order)) (parcels(visit, &order)) (untold(visit, &order)) (history(visit, &told)) (remarks(visit, &order)) }
        };
        Ok(visit.page(status, Place::Orders, &title, &body))
    };
    drawn.await.unwrap_or_else(|response: Response| response)
}

/// Whether an event of the conversation is about the order: a report of the shop's, or something that was said of it.
fn is_of(logged: &Logged, order: &Order) -> bool {
    let reported = matches!(&logged.event.kind, EventKind::Order(it) if it.order_id == order.id && logged.event.channel == order.shop);
    let said = || {
        let of = |what: &Finding| matches!(what, Finding::Order { id, .. } if *id == order.id);
        matches!(logged.event.kind, EventKind::Timer(_)) && logged.trace.iter().any(|it| of(&it.what))
    };
    reported || said()
}

fn facts(visit: &Visit, order: &Order) -> Markup {
    let tongue = visit.tongue();
    let moments = [
        (tongue.say("Placed", "下单"), order.placed_ms),
        (tongue.say("Paid", "付款"), order.paid_ms),
        (tongue.say("Shipped", "发货"), order.shipped_ms),
        (tongue.say("Delivered", "签收"), order.delivered_ms),
        (tongue.say("Refund asked for", "申请退款"), order.refund_requested_ms),
        (tongue.say("Cancelled", "取消"), order.cancelled_ms),
    ];
    let talks = visit.rights.sees_conversations() && !order.address.chat.is_empty();
    html! {
        section.card {
            h2 { (tongue.say("What is known", "基本信息")) }
            dl {
                @if let Some(name) = &order.customer_name { dt { (tongue.say("Customer", "客户")) } dd { (name) } }
                @if let Some(total) = &order.total { dt { (tongue.say("Total", "金额")) } dd { (total) @if order.on_delivery { " · " (tongue.say("paid on delivery", "货到付款")) } } }
                @if let Some(back) = order.refunded() { dt { (tongue.say("Went back", "已退")) } dd { (back) } }
                @for (label, at_ms) in moments { @if let Some(at_ms) = at_ms { dt { (label) } dd { (visit.time(at_ms)) } } }
                @if order.reminders > 0 { dt { (tongue.say("Payment reminders", "催付")) } dd { (order.reminders) } }
            }
            @if !order.items.is_empty() {
                ul.plain { @for item in &order.items { li { (item.title) @if item.quantity != 1 { " × " (item.quantity) } } } }
            }
            div.row {
                @if talks { a.button href=(conversation_at(&order.address)) { (tongue.say("Conversation", "查看会话")) } }
                @if let Some(contact) = order.contact.as_ref().filter(|_| visit.rights.may(Permission::Contacts)) {
                    a.button href=(contacts::path_of(contact)) { (tongue.say("Customer", "客户资料")) }
                }
            }
            @if order.address.chat.is_empty() {
                p.notice.bad { (tongue.say("Nobody knows where this customer is spoken to: the clerk tells them nothing.", "不知道在哪里联系这位客户，小二无法通知。")) }
            }
        }
    }
}

fn parcels(visit: &Visit, order: &Order) -> Markup {
    let tongue = visit.tongue();
    let one = |parcel: &Parcel| {
        let it = &parcel.shipment;
        html! {
            p.head {
                strong { (it.carrier.as_deref().unwrap_or_else(|| tongue.say("Parcel", "包裹"))) } " "
                @if let Some(number) = &it.tracking_number { code { (number) } " " }
                @if order.has_arrived(parcel) { span.badge.mine { (tongue.say("arrived", "已签收")) } }
                @else if parcel.shipped_ms.is_some() { span.badge.taken { (tongue.say("on its way", "运输中")) } }
                @if !parcel.announced { span.badge { (tongue.say("not announced", "尚未通知客户")) } }
            }
            @if let Some(at_ms) = parcel.shipped_ms { p.meta { (tongue.say("Left ", "发出于 ")) (visit.time(at_ms)) } }
            @if let Some(expected) = &it.expected { p.meta { (tongue.say("Expected: ", "预计送达：")) (expected) } }
            @if let Some(url) = it.tracking_url.as_ref().filter(|it| it.starts_with("https://")) {
                p { a href=(url) rel="noreferrer noopener" target="_blank" { (tongue.say("Follow it", "查看物流")) } }
            }
        }
    };
    html! {
        @if !order.parcels.is_empty() {
            section.card {
                h2 { (tongue.say("Parcels", "包裹")) }
                ul.plain { @for parcel in &order.parcels { li { (one(parcel)) } } }
            }
        }
    }
}

/// What the customer is to hear and has not heard.
fn untold(visit: &Visit, order: &Order) -> Markup {
    let tongue = visit.tongue();
    let words = |what: NewsOf| match what {
        NewsOf::OnDelivery => tongue.say("to be paid on delivery", "货到付款"),
        NewsOf::Cancelled => tongue.say("cancelled", "已取消"),
        NewsOf::RefundRequested => tongue.say("a refund was asked for", "申请退款"),
        NewsOf::RefundWithdrawn => tongue.say("the wish for a refund was withdrawn", "撤回退款申请"),
        NewsOf::RefundRefused => tongue.say("the refund was refused", "退款被拒绝"),
        NewsOf::RefundSettled { .. } => tongue.say("refunded", "退款完成"),
        NewsOf::ReviewPosted { .. } => tongue.say("a review was posted", "已评价"),
    };
    html! {
        @if !order.untold.is_empty() {
            section.card {
                h2 { (tongue.say("Not told yet", "尚未通知客户")) }
                ul.plain { @for news in &order.untold { li { (visit.time(news.at_ms)) " " (words(news.what)) } } }
            }
        }
    }
}

/// What the shop reported, and what the customer was told: to whoever may read what customers are told.
fn history(visit: &Visit, told: &[Logged]) -> Markup {
    let tongue = visit.tongue();
    html! {
        @if !told.is_empty() {
            section.card {
                h2 { (tongue.say("What was reported and told", "上报与通知记录")) }
                @if visit.rights.sees_conversations() { (story(visit, told)) } @else {
                    ul.plain { @for logged in told { @if let EventKind::Order(it) = &logged.event.kind {
                        li { (visit.time(logged.received_ms)) " " (change_name(tongue, it.change)) }
                    } } }
                }
            }
        }
    }
}

fn remarks(visit: &Visit, order: &Order) -> Markup {
    let tongue = visit.tongue();
    let open = matches!(order.status, OrderStatus::Placed | OrderStatus::Paid) && !order.address.chat.is_empty();
    let offered = visit.rights.may(Permission::Remark) && open;
    html! {
        @if offered || !order.remarks.is_empty() {
            section.card {
                h2 { (tongue.say("Remarks", "订单备注")) }
                @for remark in &order.remarks { p.words { (remark) } }
                @if offered {
                    form.stack method="post" action=(format!("{}/remark", path_of(order))) {
                        (visit.token()) input type="hidden" name="once" value=(Uuid::new_v4());
                        label for="remark" { (tongue.say("For the warehouse", "给仓库看的")) }
                        input id="remark" name="text" required maxlength=(MOST_CHARACTERS) autocomplete="off";
                        button { (tongue.say("Put it on", "提交")) }
                    }
                }
            }
        }
    }
}

pub async fn remark(Path((shop, id)): Path<(String, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let outcome = async {
        let order = found(visit, shop.clone(), id.clone()).await?;
        visit.require(Permission::Remark)?;
        let text = sent.field("text").trim().to_owned();
        if text.is_empty() || text.chars().count() > MOST_CHARACTERS {
            let why = visit.tongue().say("There is nothing in it.", "内容是空的。");
            return Err(shown(visit, shop.clone(), id.clone(), StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await);
        }
        let deed = StaffDeed::Remark { order: Some(order.id.clone()), text };
        match done(&sent, order.address.clone(), deed).await? {
            Some(why) => Err(shown(visit, shop.clone(), id.clone(), StatusCode::CONFLICT, Some(&why)).await),
            None => Ok(path_of(&order)),
        }
    };
    match outcome.await {
        Ok(path) => seen(&path),
        Err(response) => response,
    }
}
