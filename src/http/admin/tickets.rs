//! What waits for a person.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin, ErrorView,
    conversations::{Who, decide},
    refusal::{Done, refuse, store_failed},
};
use crate::{
    clock,
    desk::register::{KindOfMonth, sum_up},
    model::{StaffDeed, Ticket},
    store::wait,
};

/// Tickets in one answer.
const MOST: usize = 1000;

#[utoipa::path(get, path = "/v1/tickets", responses((status = 200, body = Vec<Object>)))]
pub async fn open(State(admin): State<Admin>) -> Response {
    match wait(admin.store.open_tickets(MOST)).await {
        Ok(tickets) => Json(tickets).into_response(),
        Err(error) => store_failed(&error),
    }
}

#[utoipa::path(post, path = "/v1/tickets/{id}/take", params(Who), responses(Done))]
pub async fn take(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::TakeTicket { ticket, from: None }).await
}

#[utoipa::path(post, path = "/v1/tickets/{id}/close", params(Who), responses(Done))]
pub async fn close(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::CloseTicket { ticket }).await
}

#[utoipa::path(post, path = "/v1/tickets/{id}/hold", params(Who), responses(Done))]
pub async fn hold(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::HoldTicket { ticket }).await
}

#[utoipa::path(post, path = "/v1/tickets/{id}/drop", params(Who), responses(Done))]
pub async fn discard(State(admin): State<Admin>, Path(id): Path<String>, Query(who): Query<Who>) -> Response {
    of_a_ticket(&admin, &id, who, |ticket| StaffDeed::DropTicket { ticket }).await
}

/// The month that is asked for.
#[derive(Deserialize)]
pub struct Month {
    month: Option<String>,
}

/// The register of problems of one month.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Register {
    /// `2026-11`.
    pub month: String,
    #[schema(value_type = Vec<Object>)]
    pub kinds: Vec<KindOfMonth>,
}

#[utoipa::path(
    get,
    path = "/v1/tickets/register",
    params(("month" = Option<String>, Query, description = "such as 2026-11; the present one where absent")),
    responses((status = 200, body = Register), (status = 400, body = ErrorView))
)]
pub async fn register(State(admin): State<Admin>, Query(Month { month }): Query<Month>) -> Response {
    let (in_force, now_ms) = (admin.in_force.load_full(), clock::now_ms());
    let zone = in_force.playbook.zone();
    let first = match &month {
        Some(month) => month.parse::<Date>().ok().or_else(|| format!("{month}-01").parse().ok()),
        None => Timestamp::from_millisecond(now_ms).ok().map(|now| zone.to_datetime(now).date()),
    };
    let span = first.map(Date::first_of_month).and_then(|first| {
        let at = |day: Date| Some(zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_millisecond());
        Some((first, at(first)?, at(first.last_of_month().tomorrow().ok()?)?))
    });
    let Some((first, from_ms, until_ms)) = span else {
        return refuse(StatusCode::BAD_REQUEST, "a month is written like 2026-11");
    };
    let mut tickets: Vec<Ticket> = Vec::new();
    let mut from_ms = from_ms;
    loop {
        match wait(admin.store.tickets_opened(from_ms, until_ms, MOST)).await {
            Ok(page) => {
                let full = page.len() == MOST;
                let last_ms = page.last().map_or(until_ms, |it| it.opened_ms);
                tickets.extend(page.into_iter().filter(|it| !full || it.opened_ms < last_ms || last_ms == from_ms));
                if !full {
                    break;
                }
                from_ms = if last_ms == from_ms { last_ms + 1 } else { last_ms };
            }
            Err(error) => return store_failed(&error),
        }
    }
    let month = format!("{:04}-{:02}", first.year(), first.month());
    Json(Register { month, kinds: sum_up(&tickets, now_ms) }).into_response()
}

async fn of_a_ticket(admin: &Admin, id: &str, who: Who, deed: impl FnOnce(String) -> StaffDeed) -> Response {
    // As it is said or written down: small letters will do.
    let id = id.trim().to_ascii_uppercase();
    match wait(admin.store.find_ticket(&id)).await {
        Ok(Some(ticket)) if ticket.is_open() => {
            let Ticket { address, .. } = ticket;
            decide(admin, address, who, deed(id)).await
        }
        Ok(Some(_)) => refuse(StatusCode::CONFLICT, format!("ticket {id} is closed")),
        Ok(None) => refuse(StatusCode::NOT_FOUND, format!("there is no ticket {id}")),
        Err(error) => store_failed(&error),
    }
}
