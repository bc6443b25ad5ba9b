//! What waits for a person.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{done::done, form::Submitted, frame::Place, orders, path_of, seen, segment, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::DeedKind,
    model::{StaffDeed, Ticket, TicketState, Urgency},
    store::wait,
};

/// Tickets on one page.
const MOST: usize = 300;

pub async fn page(visit: Visit) -> Response {
    if let Err(response) = visit.require(Permission::Tickets) {
        return response;
    }
    let tickets = match visit.read(wait(visit.console.admin.store.open_tickets(MOST)).await) {
        Ok(tickets) => tickets,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Tickets.name(tongue);
    let body = html! {
        h1 { (title) }
        @if tickets.is_empty() { p.empty { (tongue.say("Nothing waits for a person.", "没有待处理的工单。")) } }
        ul.cards { @for ticket in &tickets { li.card.urgent[ticket.urgency == Urgency::Urgent] { (one(&visit, ticket, true)) } } }
    };
    visit.page(StatusCode::OK, Place::Tickets, title, &body)
}

/// One ticket, open or closed: where a link leads.
pub async fn single(visit: Visit, Path(id): Path<String>) -> Response {
    let found = async {
        visit.require(Permission::Tickets)?;
        let found = visit.read(wait(visit.console.admin.store.find_ticket(&id)).await)?;
        let ticket = found.ok_or_else(|| {
            visit.refusal(StatusCode::NOT_FOUND, visit.tongue().say("There is no such ticket.", "没有这个工单。"))
        })?;
        visit.note(DeedKind::LookUp, &format!("ticket {id}"), Some(&ticket.address)).await?;
        Ok(ticket)
    };
    let ticket = match found.await {
        Ok(ticket) => ticket,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = tongue.say(format!("Ticket {id}"), format!("工单 {id}"));
    let body = html! {
        a.back href=(Place::Tickets.path()) { "‹ " (Place::Tickets.name(tongue)) }
        h1 { (title) }
        div.card.urgent[ticket.urgency == Urgency::Urgent] { (one(&visit, &ticket, true)) }
    };
    visit.page(StatusCode::OK, Place::Tickets, &title, &body)
}

/// A ticket with what can be done with it.
pub fn one(visit: &Visit, ticket: &Ticket, linked: bool) -> Markup {
    let tongue = visit.tongue();
    let action = |deed: &str| format!("/console/tickets/{}/{deed}", segment(&ticket.id));
    html! {
        div.ticket {
            p.head {
                strong { (kind(visit, &ticket.kind)) } " "
                @if ticket.urgency == Urgency::Urgent { span.badge.waits { (tongue.say("Urgent", "紧急")) } " " }
                @if ticket.due_ms.is_some_and(|due_ms| due_ms < visit.now_ms) { span.badge.bad { (tongue.say("Overdue", "已超时")) } " " }
                @if ticket.state == TicketState::Waiting { span.badge { (tongue.say("On hold", "挂起中")) } " " }
                @if let Some(owner) = &ticket.owner { span.badge { (visit.called(owner)) } " " }
                @if !ticket.is_open() { span.badge { (tongue.say("Closed", "已关闭")) } " " }
                span.meta { a href=(format!("{}/{}", Place::Tickets.path(), segment(&ticket.id))) { (ticket.id) } " · " (visit.since(ticket.opened_ms)) }
            }
            p.words { (ticket.text) }
            div.row {
                @if linked && visit.rights.sees_conversations() && !ticket.address.chat.is_empty() {
                    a.button href=(path_of(&ticket.address)) { (tongue.say("Conversation", "查看会话")) }
                }
                @if let Some(order) = ticket.order.as_ref().filter(|_| visit.rights.may(Permission::Orders)) {
                    a.button href=(orders::path_to(&order.shop, &order.id)) { (tongue.say("Order", "查看订单")) }
                }
                @if ticket.is_open() {
                    @if visit.name().is_some() && ticket.owner.as_deref() != visit.name() {
                        form method="post" action=(action("take")) {
                            (visit.token())
                            @match ticket.owner.as_ref().filter(|_| ticket.state == TicketState::Taken) {
                                Some(owner) => {
                                    input type="hidden" name="from" value=(owner);
                                    button { (tongue.say("Take over", "接过来")) }
                                }
                                None => button.main { (tongue.say("Take", "认领")) },
                            }
                        }
                    }
                    (visit.button(&action("close"), tongue.say("Done", "完成"), ""))
                    @if ticket.state != TicketState::Waiting { (visit.button(&action("hold"), tongue.say("Put on hold", "挂起"), "")) }
                    (visit.button(&action("drop"), tongue.say("Nothing to do", "无需处理"), ""))
                }
            }
        }
    }
}

/// What a kind of ticket is called; a store's own kinds are called what the store calls them.
fn kind<'a>(visit: &Visit, kind: &'a str) -> &'a str {
    let tongue = visit.tongue();
    match kind {
        "callback" => tongue.say("Callback", "待回复"),
        "complaint" => tongue.say("Complaint", "投诉"),
        "refund" => tongue.say("Refund", "退款"),
        "question" => tongue.say("Question", "咨询"),
        "note" => tongue.say("Note", "备注"),
        other => other,
    }
}

pub async fn deed(Path((id, deed)): Path<(String, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let outcome = async {
        visit.require(Permission::Tickets)?;
        let tongue = visit.tongue();
        let gone = |why: &str| Err(visit.refusal(StatusCode::CONFLICT, why));
        let Some(ticket) = visit.read(wait(visit.console.admin.store.find_ticket(&id)).await)? else {
            return gone(tongue.say("There is no such ticket.", "没有这个工单。"));
        };
        if !ticket.is_open() {
            return gone(tongue.say("This ticket is closed already.", "这个工单已经关闭。"));
        }
        let meant = match deed.as_str() {
            "take" => StaffDeed::TakeTicket {
                ticket: id.clone(),
                from: Some(sent.field("from").to_owned()).filter(|it| !it.is_empty()),
            },
            "close" => StaffDeed::CloseTicket { ticket: id.clone() },
            "hold" => StaffDeed::HoldTicket { ticket: id.clone() },
            "drop" => StaffDeed::DropTicket { ticket: id.clone() },
            _ => return gone(tongue.say("There is no such deed.", "没有这个操作。")),
        };
        done(&sent, ticket.address, meant).await?.map_or(Ok(()), |why| gone(&why))
    };
    match outcome.await {
        Ok(()) => seen(Place::Tickets.path()),
        Err(response) => response,
    }
}
