//! Messages that could not be delivered, and channels on which nothing is sent.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{form::Submitted, frame::Place, path_of, seen, segment, visit::Visit};
use crate::{
    desk::Permission,
    http::admin::{
        DeedKind,
        outbox::{retry_dead, settle_dead},
    },
    store::{Queued, Settlement, wait},
};

/// Messages on one page.
const MOST: usize = 200;

pub async fn page(visit: Visit) -> Response {
    if let Err(response) = visit.require(Permission::Answer) {
        return response;
    }
    let dead = match visit.read(wait(visit.console.admin.store.dead(MOST)).await) {
        Ok(dead) => dead,
        Err(response) => return response,
    };
    let tongue = visit.tongue();
    let title = Place::Mail.name(tongue);
    let body = html! {
        h1 { (title) }
        (stopped(&visit))
        @if dead.is_empty() { p.empty { (tongue.say("Everything was delivered.", "消息都已送达。")) } }
        ul.cards { @for queued in &dead { li.card { (letter(&visit, queued)) } } }
    };
    visit.page(StatusCode::OK, Place::Mail, title, &body)
}

/// Channels that were stopped, each to be resumed by who may.
pub fn stopped(visit: &Visit) -> Markup {
    let tongue = visit.tongue();
    html! {
        @for (channel, reason) in visit.console.admin.outbox.stopped_channels() {
            div.notice.bad {
                p { strong { (channel) } " " (tongue.say("sends nothing: ", "已停止发送：")) (tongue.0.say(&reason)) }
                @if visit.rights.may(Permission::Settings) {
                    (visit.button(&format!("/console/channels/{}/resume", segment(&channel)), tongue.say("Send again", "恢复发送"), ""))
                }
            }
        }
    }
}

/// One message with what can be done about it.
pub fn letter(visit: &Visit, queued: &Queued) -> Markup {
    let tongue = visit.tongue();
    let address = &queued.message.address;
    let action = |deed: &str| format!("/console/mail/{}/{deed}", queued.id);
    html! {
        p.head {
            a href=(path_of(address)) { (address.channel) } " "
            span.meta { (visit.time(queued.created_ms)) " · " (tongue.say(format!("{} tries", queued.attempts), format!("尝试 {} 次", queued.attempts))) }
        }
        p.words { (queued.message.content.to_plain_text()) }
        @if let Some(error) = &queued.last_error { p.hint { (tongue.0.say(error)) } }
        div.row {
            (visit.button(&action("retry"), tongue.say("Try again", "重试"), "main"))
            (visit.button(&action("drop"), tongue.say("Drop", "放弃"), ""))
        }
    }
}

pub async fn deed(Path((id, deed)): Path<(i64, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let admin = &visit.console.admin;
    let done = async {
        visit.require(Permission::Answer)?;
        let kinds = [DeedKind::Retry, DeedKind::Drop];
        let Some(kind) = DeedKind::named(&deed).filter(|it| kinds.contains(it)) else {
            return Err(visit.no_such_deed());
        };
        let address = visit.read(wait(admin.store.message(id)).await)?.map(|it| it.message.address);
        visit.note(kind, &format!("outbox {id}"), address.as_ref()).await?;
        let settled = match kind {
            DeedKind::Retry => retry_dead(admin, id).await,
            _ => settle_dead(admin, id, Settlement::Dropped).await,
        };
        settled.map_err(|refusal| visit.failed(refusal))
    };
    match done.await {
        Ok(()) => seen(Place::Mail.path()),
        Err(response) => response,
    }
}

pub async fn resume(Path(id): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let allowed = async {
        visit.require(Permission::Settings)?;
        visit.note(DeedKind::Resume, &format!("channel {id}"), None).await
    };
    if let Err(response) = allowed.await {
        return response;
    }
    visit.console.admin.outbox.resume_channel(&id);
    seen(Place::Mail.path())
}
