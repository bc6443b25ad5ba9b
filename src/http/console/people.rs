//! Who comes in: links by which people choose a password, and taking it away.

use super::{form::Submitted, frame::Place, segment, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{DeedKind, Invited, invitation, revoke},
    store::wait,
};
use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};

pub async fn page(visit: Visit) -> Response {
    shown(&visit, None).await
}

async fn shown(visit: &Visit, news: Option<Markup>) -> Response {
    if let Err(response) = visit.require(Permission::Settings) {
        return response;
    }
    let signed_up = match visit.read(wait(visit.console.admin.store.signed_up()).await) {
        Ok(signed_up) => signed_up,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::People.name(tongue);
    let in_force = visit.console.admin.in_force.load_full();
    let people: Vec<_> = in_force.playbook.people().persons().collect();
    let action = |name: &str, deed: &str| format!("/console/people/{}/{deed}", segment(name));
    let body = html! {
        h1 { (title) }
        @if let Some(news) = news { (news) }
        @if people.is_empty() {
            p.empty { (tongue.say("Nobody is in store.toml. Add a [[person]] for each who works here.", "store.toml 里还没有人。请为每位同事添加一个 [[person]]。")) }
        }
        ul.cards { @for person in people {
            @let comes_in = signed_up.contains(&person.name);
            li.card {
                p.head {
                    strong { (visit.called(&person.name)) } " " span.meta { (person.name) @if !person.teams.is_empty() { " · " (person.teams.join(", ")) } } " "
                    @if comes_in { span.badge.mine { (tongue.say("comes in", "可以登录")) } } @else { span.badge { (tongue.say("has no password", "尚未设置密码")) } }
                }
                div.row {
                    (visit.button(&action(&person.name, "invite"), tongue.say("Make a link", "生成邀请链接"), "main"))
                    @if comes_in { (visit.button(&action(&person.name, "revoke"), tongue.say("Take access away", "取消登录"), "")) }
                }
            }
        } }
    };
    visit.page(StatusCode::OK, Place::People, title, &body)
}

pub async fn deed(Path((name, deed)): Path<(String, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let tongue = visit.tongue();
    let done = async {
        visit.require(Permission::Settings)?;
        let kinds = [DeedKind::Invite, DeedKind::Revoke];
        let Some(kind) = DeedKind::named(&deed).filter(|it| kinds.contains(it)) else {
            return Err(visit.no_such_deed());
        };
        visit.note(kind, &format!("person {name}"), None).await?;
        let admin = &visit.console.admin;
        if kind == DeedKind::Invite {
            let Invited { link, .. } = invitation(admin, &name).await.map_err(|refusal| visit.failed(refusal))?;
            let called = visit.called(&name);
            return Ok(html! {
                div.notice role="status" {
                    p { (tongue.say(format!("Send this to {called}. It is good once, for two days."), format!("把它发给 {called}：只能用一次，两天内有效。"))) }
                    p { code.link { (link) } }
                }
            });
        }
        revoke(admin, &name).await.map_err(|refusal| visit.failed(refusal))?;
        Ok(html! { p.notice role="status" { (tongue.say("They cannot come in any more.", "已取消登录权限。")) } })
    };
    match done.await {
        Ok(news) => shown(visit, Some(news)).await,
        Err(response) => response,
    }
}
