//! The conversations that something happened in last.

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{document, frame::Place, path_of, visit::Visit};
use crate::{
    model::{Address, Conversation, HandOver, Stage},
    store::{Seen, wait},
};

/// Conversations on one page.
const MOST: usize = 60;

#[derive(Deserialize, Default)]
pub struct Known {
    /// What the page shows, by its hash.
    #[serde(default)]
    pub known: String,
}

/// With whom a conversation is.
pub enum With<'a> {
    Clerk,
    /// Somebody is to take it; whom it was given to, if anybody.
    Nobody(Option<&'a str>),
    /// Somebody took it; who, where it was said.
    Person(Option<&'a str>),
}

impl<'a> With<'a> {
    pub fn of(conversation: &'a Conversation) -> Self {
        let assigned = conversation.assigned.as_deref();
        match (&conversation.stage, &conversation.hand_over) {
            (Stage::Clerk, _) => Self::Clerk,
            (Stage::Person, Some(HandOver { taken: false, holder, .. })) => {
                Self::Nobody(holder.as_deref().or(assigned))
            }
            (Stage::Person, Some(HandOver { holder, .. })) => Self::Person(holder.as_deref().or(assigned)),
            (Stage::Person, None) => Self::Person(None),
        }
    }
}

pub async fn page(visit: Visit) -> Response {
    let title = Place::Conversations.name(visit.tongue());
    match list(&visit).await {
        Ok(list) => {
            let body = html! { h1 { (title) } (list) };
            visit.page(StatusCode::OK, Place::Conversations, title, &body)
        }
        Err(response) => response,
    }
}

/// The list alone, where it is another than the page shows.
pub async fn fresh(visit: Visit, Query(Known { known }): Query<Known>) -> Response {
    match list(&visit).await {
        Ok(list) => if_new(list, &known),
        Err(response) => response,
    }
}

/// A part of a page that is asked for again and again: itself, with what it is known by.
pub fn kept_fresh(id: &str, path: &str, every: &str, body: &Markup) -> Markup {
    let known = &hex::encode(Sha256::digest(body.0.as_bytes()))[..16];
    let separator = if path.contains('?') { '&' } else { '?' };
    html! {
        div id=(id) data-known=(known) hx-get=(format!("{path}{separator}known={known}")) hx-trigger=(every) hx-swap="outerHTML" { (body) }
    }
}

pub fn if_new(part: Markup, known: &str) -> Response {
    let same = !known.is_empty() && part.0.contains(&format!("data-known=\"{}\"", known.replace('"', "")));
    if same { StatusCode::NO_CONTENT.into_response() } else { document::answer(StatusCode::OK, part) }
}

async fn list(visit: &Visit) -> Result<Markup, Response> {
    if !visit.rights.sees_conversations() {
        return Err(visit.not_permitted());
    }
    let recent = visit.read(wait(visit.console.admin.store.recent(MOST)).await)?;
    let tongue = visit.tongue();
    let body = html! {
        @if recent.is_empty() {
            p.empty { (tongue.say("Nobody has written yet.", "还没有人来过。")) }
        }
        ul.list { @for seen in &recent { li { (row(visit, seen)) } } }
    };
    Ok(kept_fresh("list", "/console/conversations/fresh", "every 4s", &body))
}

/// One conversation as a line of a list.
pub fn row(visit: &Visit, seen: &Seen) -> Markup {
    let Seen { address, conversation, last_ms, words } = seen;
    html! {
        a.talk href=(path_of(address)) {
            span.who { (name_of(visit, address, conversation)) }
            span.when { (visit.time(*last_ms)) }
            span.words { (words.as_deref().filter(|it| !it.is_empty()).unwrap_or("…")) }
            span.state { (state(visit, conversation)) }
        }
    }
}

/// What a customer is called by people of the store.
pub fn name_of(visit: &Visit, address: &Address, conversation: &Conversation) -> String {
    let named = conversation.sender_name.clone().filter(|it| !it.trim().is_empty());
    named.unwrap_or_else(|| {
        let end: Vec<_> = address.chat.chars().rev().filter(|it| it.is_alphanumeric()).take(4).collect();
        let end: String = end.into_iter().rev().collect();
        visit.tongue().say(format!("Customer {end}"), format!("客户 {end}"))
    })
}

/// With whom it is, as a badge.
pub fn state(visit: &Visit, conversation: &Conversation) -> Markup {
    let tongue = visit.tongue();
    let is_me = |who: &str| visit.name() == Some(who);
    let (class, words) = match With::of(conversation) {
        With::Clerk => ("clerk", tongue.say("Clerk", "小二").to_owned()),
        With::Nobody(None) => ("waits", tongue.say("Waits for a person", "等待人工").to_owned()),
        With::Nobody(Some(who)) => {
            let who = visit.called(who);
            ("waits", tongue.say(format!("Waits for {who}"), format!("等待 {who}")))
        }
        With::Person(Some(who)) if is_me(who) => ("mine", tongue.say("Yours", "您在接待").to_owned()),
        With::Person(Some(who)) => {
            let who = visit.called(who);
            ("taken", tongue.say(format!("With {who}"), format!("{who} 在接待")))
        }
        With::Person(None) => ("taken", tongue.say("With a person", "人工接待中").to_owned()),
    };
    html! { span class=(format!("badge {class}")) { (words) } }
}
