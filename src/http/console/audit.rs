//! Who did and looked at what.

use axum::{extract::Query, response::Response};
use http::StatusCode;
use maud::html;
use serde::Deserialize;

use super::{contacts, frame::Place, path_of, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{
        DeedKind,
        audit::{OWNER, Wanted, deeds, given_name},
    },
    model::Address,
    report::Period,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    who: String,
    #[serde(default)]
    what: String,
    /// How far back.
    days: Option<i64>,
}

/// The channel of what the clerk itself logs.
const OWN: &str = "clerk";

/// The page of a conversation, or of a contact where it is one's own log.
fn way_to(address: &Address) -> String {
    match address.chat.strip_prefix("contact:").filter(|_| address.channel == OWN) {
        Some(contact) => contacts::path_of(contact),
        None => path_of(address),
    }
}

pub async fn page(visit: Visit, Query(Asked { who, what, days }): Query<Asked>) -> Response {
    let days = days.unwrap_or(7).clamp(1, 400);
    let found = async {
        visit.require(Permission::Monitor)?;
        // Looking at it is something that is looked at as well.
        visit.note(DeedKind::LookUp, "audit", None).await?;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let wanted = Wanted { who: some(&who), what: some(&what), ..Wanted::default() };
        let period = Period { from_ms: visit.now_ms - days * DAY_MS, until_ms: i64::MAX };
        let found = deeds(&visit.console.admin, period, wanted).await;
        found.map_err(|refusal| visit.failed(refusal))
    };
    let deeds = match found.await {
        Ok(deeds) => deeds,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Audit.name(tongue);
    let in_force = visit.console.admin.in_force.load();
    let words = |kind: DeedKind| {
        let (english, chinese) = kind.words();
        tongue.say(english, chinese)
    };
    let called = |who: &str| match (who, given_name(who)) {
        (OWNER, _) => tongue.say("Owner", "店主").to_owned(),
        ("operator", _) => tongue.say("operator", "管理员").to_owned(),
        ("somebody", _) => tongue.say("somebody", "有人").to_owned(),
        (_, Some(name)) => {
            let name = visit.called(name);
            tongue.say(format!("said to be {name}"), format!("自称 {name}"))
        }
        _ => visit.called(who),
    };
    let word = |what: &str| DeedKind::named(what).map_or_else(|| what.to_owned(), |kind| words(kind).to_owned());
    let body = html! {
        h1 { (title) }
        form.filter method="get" {
            label for="who" { (tongue.say("Who", "谁")) }
            select id="who" name="who" {
                option value="" { (tongue.say("Everybody", "所有人")) }
                option value=(OWNER) selected[who == OWNER] { (called(OWNER)) }
                @for person in in_force.playbook.people().persons() { option value=(person.name) selected[person.name == who] { (called(&person.name)) } }
            }
            label for="what" { (tongue.say("What", "什么")) }
            select id="what" name="what" {
                option value="" { (tongue.say("Everything", "全部")) }
                @for kind in DeedKind::ALL { option value=(kind.name()) selected[kind.name() == what] { (words(kind)) } }
            }
            label for="days" { (tongue.say("Since", "时间")) }
            select id="days" name="days" {
                @for count in [1, 7, 30, 365] { option value=(count) selected[count == days] { (tongue.say(format!("{count} days"), format!("{count} 天内"))) } }
            }
            button { (tongue.say("Show", "查看")) }
        }
        @if deeds.is_empty() { p.empty { (tongue.say("Nothing.", "没有记录。")) } }
        ul.list.audit { @for deed in &deeds {
            li {
                span.when { (visit.time(deed.at_ms)) }
                strong { (called(&deed.who)) }
                span { (word(&deed.what)) }
                @if !deed.subject.is_empty() { code { (deed.subject) } }
                @if let Some(address) = deed.address.as_ref().filter(|it| !it.chat.is_empty()) { a href=(way_to(address)) { (if address.channel == OWN { tongue.say("contact", "客户") } else { &address.channel }) } }
                @if deed.outcome >= 400 { span.badge.bad { (tongue.say("refused", "被拒绝")) } }
            }
        } }
    };
    visit.page(StatusCode::OK, Place::Audit, title, &body)
}
