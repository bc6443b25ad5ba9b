//! One customer as a person: what is known of them, and what can be done about it.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{
    contacts::{name_of, path_of},
    form::Submitted,
    frame::Place,
    orders, seen,
    visit::Visit,
};
use crate::{
    desk::Permission,
    http::admin::{
        DeedKind,
        contacts::{ContactView, DeedBody, Doer, do_deed, forget_contact, named, one},
    },
    model::{Contact, ContactKey},
};

/// The longest note.
const MOST_CHARACTERS: &str = "1000";

pub async fn page(visit: Visit, Path(id): Path<String>) -> Response {
    shown(&visit, &id, StatusCode::OK, None).await
}

async fn shown(visit: &Visit, id: &str, status: StatusCode, problem: Option<&str>) -> Response {
    let drawn = async {
        let view = found(visit, id).await?;
        let own = Contact::own_address(&view.contact.id);
        visit.note(DeedKind::LookUp, "contact", Some(&own)).await?;
        let tongue = visit.tongue();
        let contact = &view.contact;
        let title = name_of(visit, contact);
        let body = html! {
            a.back href=(Place::Contacts.path()) { "‹ " (Place::Contacts.name(tongue)) }
            h1 { (title) }
            p.tags {
                @if let Some(tier) = &contact.tier { span.badge.mine { (tier) } " " }
                @for group in &contact.groups { span.badge.taken { (group) } " " }
                @for tag in &contact.tags { span.badge.tag { (tag) } " " }
            }
            @if let Some(problem) = problem { p.notice.bad role="alert" { (problem) } }
            div.cards { (facts(visit, &view)) (bought(visit, &view)) (notes(visit, contact)) (deeds(visit, contact)) }
        };
        Ok(visit.page(status, Place::Contacts, &title, &body))
    };
    drawn.await.unwrap_or_else(|response: Response| response)
}

async fn found(visit: &Visit, id: &str) -> Result<ContactView, Response> {
    visit.require(Permission::Contacts)?;
    let admin = &visit.console.admin;
    let view = match visit.read(named(admin, id).await)? {
        Some(id) => visit.read(one(admin, &id).await)?,
        None => None,
    };
    view.ok_or_else(|| {
        visit.refusal(StatusCode::NOT_FOUND, visit.tongue().say("There is no such contact.", "没有这位客户。"))
    })
}

/// What they are found by, and how they stand.
fn facts(visit: &Visit, ContactView { contact, spent, .. }: &ContactView) -> Markup {
    let tongue = visit.tongue();
    let sees = visit.rights.sees_conversations();
    html! {
        section.card {
            h2 { (tongue.say("What is known", "基本信息")) }
            dl {
                dt { (tongue.say("Contact", "编号")) } dd { code { (contact.id) } }
                @if let Some(at_ms) = contact.first_seen_ms { dt { (tongue.say("Since", "首次来访")) } dd { (visit.time(at_ms)) } }
                @if !contact.addresses.is_empty() {
                    dt { (tongue.say("Conversations", "会话")) }
                    dd { ul.plain { @for address in &contact.addresses { li {
                        @if sees { a.button href=(super::path_of(address)) { (address.channel) } } @else { (address.channel) }
                    } } } }
                }
                @for (label, values) in [(tongue.say("Phone", "电话"), &contact.phones), (tongue.say("E-mail", "邮箱"), &contact.emails)] {
                    @if !values.is_empty() { dt { (label) } dd { (values.join(", ")) } }
                }
                @if !contact.accounts.is_empty() {
                    dt { (tongue.say("Accounts", "店铺账号")) }
                    dd { @for it in &contact.accounts { (it.shop) "/" (it.id) " " } }
                }
                @if !spent.is_empty() { dt { (tongue.say("Spent", "累计消费")) } dd { (spent.join(", ")) } }
                @if !contact.parts.is_empty() { dt { (tongue.say("Put together with", "已合并")) } dd { (contact.parts.join(", ")) } }
            }
        }
    }
}

fn bought(visit: &Visit, view: &ContactView) -> Markup {
    let shown = visit.rights.may(Permission::Orders) && !view.orders.is_empty();
    html! {
        @if shown {
            section.card {
                h2 { (Place::Orders.name(visit.tongue())) }
                ul.plain { @for order in &view.orders { li { (orders::line(visit, order)) } } }
            }
        }
    }
}

fn notes(visit: &Visit, contact: &Contact) -> Markup {
    html! {
        @if !contact.notes.is_empty() {
            section.card {
                h2 { (visit.tongue().say("Notes", "备注")) }
                @for note in contact.notes.iter().rev() {
                    p.words { span.meta { (visit.time(note.at_ms)) @if let Some(by) = &note.by { " · " (visit.called(by)) } } " " (note.text) }
                }
            }
        }
    }
}

/// What can be done with them.
fn deeds(visit: &Visit, contact: &Contact) -> Markup {
    let tongue = visit.tongue();
    let path = path_of(&contact.id);
    let form = |deed: &str, title: &str, fields: Markup, label: &str| {
        html! {
            details {
                summary { (title) }
                form.stack method="post" action=(format!("{path}/{deed}")) { (visit.token()) (fields) button { (label) } }
            }
        }
    };
    let field = |id: &str, label: &str, value: &str| html! { label for=(id) { (label) } input id=(id) name=(id) value=(value) maxlength=(MOST_CHARACTERS) autocomplete="off"; };
    let tags = visit.rights.may(Permission::Tag);
    let keys: Vec<_> = contact.keys().map(|key| written(&key)).collect();
    html! {
        section.card.deeds {
            h2 { (tongue.say("Change", "操作")) }
            @if visit.rights.may(Permission::Note) { (form("note", tongue.say("Write a note", "写备注"), field("note", tongue.say("For colleagues", "给同事看的"), ""), tongue.say("Keep", "保存"))) }
            (form("name", tongue.say("Name", "姓名"), field("name", tongue.say("Empty for none", "留空表示不记姓名"), contact.name.as_deref().unwrap_or_default()), tongue.say("Keep", "保存")))
            @if tags { (form("tag", tongue.say("Add a tag", "加标签"), field("tag", tongue.say("Holds in all of their conversations", "在其所有会话中有效"), ""), tongue.say("Add", "添加"))) }
            @if tags && !contact.tags.is_empty() {
                (form("untag", tongue.say("Take a tag off", "去掉标签"), html! {
                    label for="untag" { (tongue.say("Tag", "标签")) }
                    select id="untag" name="tag" { @for tag in &contact.tags { option { (tag) } } }
                }, tongue.say("Take off", "去掉")))
            }
            (form("merge", tongue.say("Put together with another", "合并另一位客户"), html! {
                (field("other", tongue.say("Their number, phone, e-mail or channel/chat", "对方的编号、电话、邮箱或 渠道/会话"), ""))
                p.hint { (tongue.say("The other becomes a part of this one, and can be taken apart again.", "对方会并入此客户，之后可以再拆开。")) }
            }, tongue.say("Put together", "合并")))
            @if !contact.parts.is_empty() || keys.len() > 1 {
                (form("split", tongue.say("Take apart", "拆分"), html! {
                    label for="off" { (tongue.say("What is somebody else's", "哪一项属于别人")) }
                    select id="off" name="off" {
                        @for part in &contact.parts { option value=(part) { (part) } }
                        @if keys.len() > 1 { @for key in &keys { option value=(key) { (key) } } }
                    }
                }, tongue.say("Take apart", "拆分")))
            }
            @if may_erase(visit) {
                p { a.button.danger href=(format!("{path}/erase")) { (tongue.say("Erase everything…", "删除全部数据…")) } }
            }
        }
    }
}

/// Something a contact is found by, as `named` reads it again.
fn written(key: &ContactKey) -> String {
    match key.parts() {
        (_, "", value) => value.to_owned(),
        (_, scope, value) => format!("{scope}/{value}"),
    }
}

/// What cannot be taken back is for whoever may change the store's settings.
fn may_erase(visit: &Visit) -> bool {
    visit.rights.may(Permission::Contacts) && visit.rights.may(Permission::Settings)
}

/// The question before it.
pub async fn question(visit: Visit, Path(id): Path<String>) -> Response {
    let drawn = async {
        let ContactView { contact, orders, .. } = found(&visit, &id).await?;
        visit.require(Permission::Settings)?;
        visit.note(DeedKind::LookUp, "contact", Some(&Contact::own_address(&contact.id))).await?;
        let tongue = visit.tongue();
        let title = tongue.say("Erase everything?", "删除全部数据？");
        let path = path_of(&contact.id);
        let (conversations, orders) = (contact.addresses.len(), orders.len());
        let body = html! {
            a.back href=(path) { "‹ " (name_of(&visit, &contact)) }
            h1 { (title) }
            section.card {
                p { (tongue.say(
                    format!("All that is kept of {} is deleted: every word of its conversations ({conversations}), its orders ({orders}), tickets, notes and pictures. Nobody can bring it back.", name_of(&visit, &contact)),
                    format!("将删除与 {} 有关的一切：{conversations} 个会话的全部内容、{orders} 个订单、工单、备注和图片。删除后无法恢复。", name_of(&visit, &contact)),
                )) }
                form.stack method="post" action=(format!("{path}/erase")) {
                    (visit.token())
                    label.check { input type="checkbox" name="sure" value="yes" required; (tongue.say("Yes, erase it all", "是的，全部删除")) }
                    div.row {
                        button.danger { (tongue.say("Erase", "删除")) }
                        a.button href=(path) { (tongue.say("Keep it", "保留")) }
                    }
                }
            }
        };
        Ok(visit.page(StatusCode::OK, Place::Contacts, title, &body))
    };
    drawn.await.unwrap_or_else(|response: Response| response)
}

pub async fn erase(Path(id): Path<String>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let done = async {
        let ContactView { contact, .. } = found(visit, &id).await?;
        visit.require(Permission::Settings)?;
        if sent.field("sure") != "yes" {
            let why = visit.tongue().say("Say first that you are sure.", "请先勾选确认。");
            return Err(visit.refusal(StatusCode::UNPROCESSABLE_ENTITY, why));
        }
        // Who it was is what is to be forgotten.
        visit.note(DeedKind::Forget, "contact", None).await?;
        visit.read(forget_contact(&visit.console.admin, contact.id).await)
    };
    match done.await {
        Ok(_) => seen(Place::Contacts.path()),
        Err(response) => response,
    }
}

/// What a deed wants beside the sight of contacts.
fn permission(deed: &DeedBody) -> Option<Permission> {
    match deed {
        DeedBody::Note { .. } => Some(Permission::Note),
        DeedBody::Tag { .. } | DeedBody::Untag { .. } => Some(Permission::Tag),
        DeedBody::Name { .. } | DeedBody::Merge { .. } | DeedBody::Split { .. } => None,
    }
}

pub async fn deed(Path((id, deed)): Path<(String, String)>, sent: Submitted) -> Response {
    let visit = &sent.visit;
    let field = |name: &str| sent.field(name).trim().to_owned();
    let body = match deed.as_str() {
        "note" => DeedBody::Note { text: field("note"), by: None },
        "name" => DeedBody::Name { name: Some(field("name")) },
        "tag" => DeedBody::Tag { tag: field("tag") },
        "untag" => DeedBody::Untag { tag: field("tag") },
        "merge" => DeedBody::Merge { other: field("other") },
        "split" => DeedBody::Split { off: field("off") },
        _ => return visit.no_such_deed(),
    };
    let allowed = async {
        let contact = found(visit, &id).await?.contact;
        permission(&body).map_or(Ok(()), |wanted| visit.require(wanted))?;
        Ok(contact)
    };
    let contact = match allowed.await {
        Ok(contact) => contact,
        Err(response) => return response,
    };
    let id = contact.id.clone();
    match do_deed(&visit.console.admin, contact, body, Doer::SignedIn(visit.name().map(str::to_owned))).await {
        Ok(_) => seen(&path_of(&id)),
        Err(refusal) => {
            let why = visit.tongue().0.say(&refusal.why).into_owned();
            shown(visit, &id, refusal.status, Some(&why)).await
        }
    }
}
