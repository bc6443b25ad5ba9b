//! What waits, the most urgent first, each with what can be done about it.

use std::collections::BTreeSet;

use axum::{extract::Query, response::Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{
    card::{answer, card},
    conversations::{Known, With, if_new, kept_fresh},
    frame::Place,
    mail, tickets,
    visit::Visit,
};
use crate::{
    desk::Permission,
    http::admin::what_waits,
    model::{Address, Item, ItemOf, Ticket, Urgency},
    store::{Seen, wait},
};

/// Of each kind.
const MOST: usize = 100;
/// Dead letters that are shown here; all are on a page of their own.
const MOST_LETTERS: usize = 3;

pub async fn page(visit: Visit) -> Response {
    let title = Place::Now.name(visit.tongue());
    match list(&visit).await {
        Ok(list) => {
            let beside = match beside(&visit).await {
                Ok(beside) => beside,
                Err(response) => return response,
            };
            let body = html! { h1 { (title) } (list) (beside) };
            visit.page(StatusCode::OK, Place::Now, title, &body)
        }
        Err(response) => response,
    }
}

pub async fn fresh(visit: Visit, Query(Known { known }): Query<Known>) -> Response {
    match list(&visit).await {
        Ok(list) => if_new(list, &known),
        Err(response) => response,
    }
}

async fn list(visit: &Visit) -> Result<Markup, Response> {
    let store = &visit.console.admin.store;
    let tongue = visit.tongue();
    let open = visit.read(wait(store.open_tickets(MOST)).await)?;
    let held = held(visit).await?;
    let with_tickets = open.iter().map(|it| it.address.clone()).filter(|it| !it.chat.is_empty());
    let addresses: BTreeSet<Address> = with_tickets.chain(held).collect();
    let seen = visit.read(wait(store.many(addresses.into_iter().collect())).await)?;
    let (mut waiting, mut mine): (Vec<&Seen>, Vec<&Seen>) = (Vec::new(), Vec::new());
    for it in &seen {
        match With::of(&it.conversation) {
            With::Nobody(_) => waiting.push(it),
            With::Person(Some(who)) if visit.name() == Some(who) => mine.push(it),
            _ => {}
        }
    }
    let is_urgent =
        |it: &&Seen| open.iter().any(|ticket| ticket.address == it.address && ticket.urgency == Urgency::Urgent);
    let since = |it: &&Seen| it.conversation.hand_over.as_ref().map_or(it.last_ms, |hand_over| hand_over.since_ms);
    waiting.sort_by_key(|it| (!is_urgent(it), since(it)));
    mine.sort_by_key(|it| it.last_ms);
    // A ticket that stands for a conversation of the lists above is there with it.
    let listed = |ticket: &&Ticket| {
        !waiting.iter().any(|it| it.conversation.hand_over.as_ref().is_some_and(|over| over.ticket == ticket.id))
    };
    let sees = visit.rights.sees_conversations();
    let shown: Vec<_> = open.iter().filter(listed).filter(|_| visit.rights.may(Permission::Tickets)).collect();
    // Who has no chat of their own answers here: once for each conversation, and whoever answers has it.
    let answerable = |ticket: &Ticket| {
        let is_first = shown.iter().find(|it| it.address == ticket.address).is_some_and(|it| it.id == ticket.id);
        let has_card = || waiting.iter().chain(&mine).any(|it| it.address == ticket.address);
        let found = seen.iter().find(|it| it.address == ticket.address);
        found.filter(|_| visit.rights.may(Permission::Answer) && is_first && !has_card())
    };
    let dead =
        if visit.rights.may(Permission::Answer) { visit.read(wait(store.dead(MOST)).await)? } else { Vec::new() };
    let troubles = troubles(visit);
    let quiet = waiting.is_empty() && mine.is_empty() && shown.is_empty() && dead.is_empty() && troubles.0.is_empty();
    let body = html! {
        (troubles)
        @if sees && !waiting.is_empty() {
            section { h2 { (tongue.say("Waiting for a person", "等待人工")) " " (count(waiting.len())) }
                ul.cards { @for it in &waiting { li.card.talks.urgent[is_urgent(it)] { (card(visit, it)) } } } }
        }
        @if sees && !mine.is_empty() {
            section { h2 { (tongue.say("Yours", "您在接待")) " " (count(mine.len())) }
                ul.cards { @for it in &mine { li.card.talks { (card(visit, it)) } } } }
        }
        @if !shown.is_empty() {
            section { h2 { (Place::Tickets.name(tongue)) " " (count(shown.len())) }
                ul.cards { @for ticket in &shown { li.card.urgent[ticket.urgency == Urgency::Urgent] {
                    (tickets::one(visit, ticket, true))
                    @if let Some(it) = answerable(ticket) { (answer(visit, it)) }
                } } } }
        }
        @if !dead.is_empty() {
            section { h2 { (Place::Mail.name(tongue)) " " (count(dead.len())) }
                ul.cards { @for queued in dead.iter().take(MOST_LETTERS) { li.card { (mail::letter(visit, queued)) } } }
                @if dead.len() > MOST_LETTERS { p { a.button href=(Place::Mail.path()) { (tongue.say("All", "全部")) } } } }
        }
        @if quiet {
            div.quiet { p.moon aria-hidden="true" { "☾" } p { (tongue.say("All quiet. Nothing waits for you.", "一切安好，没有待办。")) } }
        }
    };
    Ok(kept_fresh("list", "/console/now", "every 4s", &body))
}

/// What else waits, and what the clerk did while nobody was there. It is read from the log, and so not again and again.
async fn beside(visit: &Visit) -> Result<Markup, Response> {
    let in_force = visit.console.admin.in_force.load_full();
    let store = &visit.console.admin.store;
    let reader = visit.name();
    let morning = visit.read(what_waits(store, &in_force.playbook, reader, visit.now_ms).await)?;
    let tongue = visit.tongue();
    let others: Vec<_> =
        morning.items.iter().filter(|it| matches!(it.what, ItemOf::Undecided | ItemOf::Order)).collect();
    let alone = &morning.alone;
    Ok(html! {
        @if visit.rights.may(Permission::Tickets) && !others.is_empty() {
            section { h2 { (tongue.say("Also waiting", "其他待办")) " " (count(others.len())) }
                ul.cards { @for item in others { li.card.urgent[item.urgent] {
                    strong { (if item.what == ItemOf::Order { tongue.say("An order whose customer cannot be told", "无法通知客户的订单") } else { tongue.say("Waits for an answer from outside", "等待外部应答") }) }
                    " " @match way_to(visit, item) { Some(way) => a href=(way) { (item.id) }, None => code { (item.id) } }
                    " " span.meta { (item.channel) " · " (visit.since(item.since_ms)) }
                } } } }
        }
        @if alone.answered + alone.handed_over + alone.reminders + alone.notices > 0 {
            section.card { h2 { (tongue.say("What the clerk did alone", "小二独自完成的")) }
                p.meta { (visit.time(alone.since_ms)) " – " (visit.time(alone.until_ms)) }
                dl {
                    dt { (tongue.say("Messages answered", "回答的消息")) } dd { (alone.answered) }
                    dt { (tongue.say("Handed over", "转人工")) } dd { (alone.handed_over) }
                    dt { (tongue.say("Payment reminders", "催付")) } dd { (alone.reminders) }
                    dt { (tongue.say("Other notices", "其他通知")) } dd { (alone.notices) }
                } }
        }
    })
}

/// The page of what waits, for whoever may see it.
fn way_to(visit: &Visit, item: &Item) -> Option<String> {
    let may = match item.what {
        ItemOf::Order => visit.rights.may(Permission::Orders),
        _ => visit.rights.sees_conversations(),
    };
    item.path.clone().filter(|_| may)
}

fn count(number: usize) -> Markup {
    html! { span.count { (number) } }
}

/// Conversations that somebody holds, by the desk.
async fn held(visit: &Visit) -> Result<Vec<Address>, Response> {
    let admin = visit.console.admin.clone();
    let desk = tokio::task::spawn_blocking(move || crate::http::admin::desk::read(&admin)).await;
    let desk = visit.read(desk.unwrap_or(Err(crate::store::StoreError::Closed)))?;
    let holds = desk.people.into_iter().filter(|it| Some(it.name.as_str()) == visit.name()).flat_map(|it| it.holds);
    let waits = desk.teams.into_iter().flat_map(|it| it.waiting);
    Ok(holds.chain(waits).map(|it| Address::new(it.channel, it.chat)).collect())
}

/// What is wrong with the clerk itself.
fn troubles(visit: &Visit) -> Markup {
    let admin = &visit.console.admin;
    let tongue = visit.tongue();
    let refused = admin.edits.refused.load();
    html! {
        @if visit.rights.may(Permission::Settings) {
            @if let Some(refused) = &*refused {
                div.notice.bad { p { strong { (tongue.say("The newest settings are not in force", "最近的设置没有生效")) } " · " (visit.since(refused.since_ms)) } pre { (refused.why) } }
            }
            @for trouble in admin.troubles.load().iter().filter(|it| it.cause != "config" && !it.cause.starts_with("dead:")) {
                div.notice.bad { p { (tongue.0.say(&trouble.what)) " · " (visit.since(trouble.since_ms)) } }
            }
        }
        (mail::stopped(visit))
    }
}
