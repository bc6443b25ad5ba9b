//! Why the clerk said what it said.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::html;

use super::{frame::Place, path_of, story::story, visit::Visit};
use crate::{http::admin::DeedKind, store::wait};

pub async fn page(visit: Visit, Path(reference): Path<String>) -> Response {
    if !visit.rights.sees_conversations() {
        return visit.not_permitted();
    }
    let found = match visit.read(wait(visit.console.admin.store.explain(&reference)).await) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = tongue.say("Why", "为什么这样回答");
    let Some(logged) = found else {
        let why = tongue.say("Nothing in the log is known by this.", "记录里没有这一条。");
        return visit.refusal(StatusCode::NOT_FOUND, why);
    };
    let address = logged.event.address.clone();
    if let Err(response) = visit.note(DeedKind::LookUp, &format!("explain {}", logged.id), Some(&address)).await {
        return response;
    }
    let events = [logged];
    let body = html! {
        a.back href=(path_of(&address)) { "‹ " (tongue.say("Conversation", "会话")) }
        h1 { (title) }
        (story(&visit, &events))
        section.card {
            h2 { (tongue.say("How it was decided", "判断过程")) }
            ol.trace { @for step in &events[0].trace { li { code { (step.by.to_string()) } span { (step.what.to_string()) } } } }
            @if events[0].trace.is_empty() { p.empty { (tongue.say("Not decided yet.", "还没有判断。")) } }
        }
    };
    visit.page(StatusCode::OK, Place::Conversations, title, &body)
}
