//! Who did and looked at what.

use axum::{extract::Query, response::Response};
use http::StatusCode;
use maud::html;
use serde::Deserialize;

use super::{frame::Place, path_of, segment, visit::Visit};
use crate::{
    desk::Permission,
    store::{AuditAsked, wait},
};

/// Entries on one page.
const MOST: usize = 100;

#[derive(Deserialize)]
pub struct Asked {
    /// Of this person alone; `owner` for whoever came with the admin token.
    #[serde(default)]
    who: String,
    #[serde(default)]
    what: String,
    before: Option<i64>,
}

/// What the owner is called where people are chosen; nobody in store.toml is empty.
const OWNER: &str = "-";

pub async fn page(visit: Visit, Query(Asked { who, what, before }): Query<Asked>) -> Response {
    let found = async {
        visit.require(Permission::Monitor)?;
        // Looking at it is something that is looked at as well.
        visit.note("audit-look", &who, None).await?;
        let asked = AuditAsked {
            who: (!who.is_empty()).then(|| if who == OWNER { String::new() } else { who.clone() }),
            what: (!what.is_empty()).then(|| what.clone()),
            since_ms: 0,
            before,
            limit: MOST,
        };
        visit.read(wait(visit.console.admin.store.audit(asked)).await)
    };
    let entries = match found.await {
        Ok(entries) => entries,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Audit.name(tongue);
    let in_force = visit.console.admin.in_force.load();
    let kinds = [
        ("conversation", tongue.say("Conversations", "会话")),
        ("ticket", tongue.say("Tickets", "工单")),
        ("mail", tongue.say("Undelivered", "未送达")),
        ("plugin", tongue.say("Plugins", "插件")),
        ("file", tongue.say("Settings", "设置")),
        ("person", tongue.say("People", "人员")),
        ("sign", tongue.say("Signing in and out", "登录与退出")),
    ];
    let body = html! {
        h1 { (title) }
        form.filter method="get" {
            label for="who" { (tongue.say("Who", "谁")) }
            select id="who" name="who" {
                option value="" { (tongue.say("Everybody", "所有人")) }
                option value=(OWNER) selected[who == OWNER] { (tongue.say("Owner", "店主")) }
                @for person in in_force.playbook.people().persons() { option value=(person.name) selected[person.name == who] { (visit.called(&person.name)) } }
            }
            label for="what" { (tongue.say("What", "什么")) }
            select id="what" name="what" {
                option value="" { (tongue.say("Everything", "全部")) }
                @for (kind, name) in kinds { option value=(kind) selected[kind == what] { (name) } }
            }
            button { (tongue.say("Show", "查看")) }
        }
        @if entries.is_empty() { p.empty { (tongue.say("Nothing.", "没有记录。")) } }
        ul.list.audit { @for (_, entry) in &entries {
            li {
                span.when { (visit.time(entry.at_ms)) }
                strong { (entry.who.as_deref().map_or_else(|| tongue.say("Owner", "店主").to_owned(), |it| visit.called(it))) }
                code { (entry.what) }
                @if !entry.subject.is_empty() { span { (entry.subject) } }
                @if let Some(address) = &entry.conversation { a href=(path_of(address)) { (address.channel) } }
            }
        } }
        @if entries.len() == MOST {
            @if let Some((last, _)) = entries.last() {
                p { a.button href=(format!("{}?who={}&what={}&before={last}", Place::Audit.path(), segment(&who), segment(&what))) { (tongue.say("Older", "更早")) } }
            }
        }
    };
    visit.page(StatusCode::OK, Place::Audit, title, &body)
}
