//! One conversation, live: what was said, with whom it is, and what can be done with it.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    conversations::{Known, With, if_new, kept_fresh, name_of, state},
    done::done,
    form::Submitted,
    frame::Place,
    path_of, seen,
    story::story,
    visit::Visit,
};
use crate::{
    desk::Permission,
    http::{
        admin::{DeedKind, Refusal},
        pictures,
        range::Asked,
    },
    model::{Address, Contact, ContactKey, Content, Order, StaffDeed, Stage, Ticket},
    store::{Seen, wait},
};

/// Events that are shown.
const MOST_EVENTS: usize = 150;
/// Orders that are shown.
const MOST_ORDERS: usize = 5;
/// The longest that is sent at once.
pub const MOST_CHARACTERS: usize = 4000;

pub async fn page(visit: Visit, Path((channel, chat)): Path<(String, String)>) -> Response {
    let address = Address::new(channel, chat);
    if !visit.rights.sees_conversations() {
        return visit.not_permitted();
    }
    if let Err(response) = visit.note(DeedKind::LookUp, "conversation", Some(&address)).await {
        return response;
    }
    shown(&visit, &address, StatusCode::OK, None, "").await
}

/// What changes by itself, where it is another than the page shows.
pub async fn fresh(
    visit: Visit,
    Path((channel, chat)): Path<(String, String)>,
    Query(Known { known }): Query<Known>,
) -> Response {
    let address = Address::new(channel, chat);
    if !visit.rights.sees_conversations() {
        return visit.not_permitted();
    }
    match found(&visit, &address).await {
        Ok(seen) => match live(&visit, &seen).await {
            Ok(part) => if_new(part, &known),
            Err(response) => response,
        },
        Err(response) => response,
    }
}

async fn found(visit: &Visit, address: &Address) -> Result<Seen, Response> {
    let found = visit.read(wait(visit.console.admin.store.seen(address)).await)?;
    found.ok_or_else(|| {
        let why = visit.tongue().say("There is no such conversation.", "没有这个会话。");
        visit.refusal(StatusCode::NOT_FOUND, why)
    })
}

/// The page, perhaps with why something was not done and the words that were not sent.
async fn shown(visit: &Visit, address: &Address, status: StatusCode, problem: Option<&str>, draft: &str) -> Response {
    let drawn = async {
        let seen = found(visit, address).await?;
        let concerns = wait(visit.console.admin.store.concerns(address, MOST_ORDERS)).await;
        let (orders, tickets) = visit.read(concerns)?;
        let tongue = visit.tongue();
        let title = name_of(visit, address, &seen.conversation);
        let body = html! {
            section.conversation id="conversation" {
                div.head {
                    a.back href=(Place::Conversations.path()) { "‹ " (Place::Conversations.name(tongue)) }
                    h1 { (title) }
                    p.tags { span.badge { (address.channel) } @for tag in &seen.conversation.tags { " " span.badge.tag { (tag) } } }
                }
                @if let Some(problem) = problem { p.notice.bad role="alert" { (problem) } }
                (live(visit, &seen).await?)
                (reply(visit, address, draft))
                div.beside {
                    @if let Some(contact) = contact(visit, address).await? { (contact) }
                    (about(visit, &orders, &tickets))
                    (deeds(visit, &seen))
                }
            }
        };
        Ok(visit.page(status, Place::Conversations, &title, &body))
    };
    drawn.await.unwrap_or_else(|response: Response| response)
}

async fn live(visit: &Visit, seen: &Seen) -> Result<Markup, Response> {
    let events = visit.read(wait(visit.console.admin.store.story(&seen.address, MOST_EVENTS)).await)?;
    let body = html! {
        (stand(visit, seen))
        div.scroll tabindex="0" role="log" aria-label=(visit.tongue().say("What was said", "聊天记录")) { (story(visit, &events)) }
    };
    let path = format!("{}/fresh", path_of(&seen.address));
    Ok(kept_fresh("live", &path, "every 2s", &body))
}

/// With whom it is, and taking it or giving it away.
fn stand(visit: &Visit, seen: &Seen) -> Markup {
    let tongue = visit.tongue();
    let with = With::of(&seen.conversation);
    let mine = matches!(with, With::Person(who) if who == visit.name());
    let may = |wanted| visit.rights.may(wanted);
    let anothers = matches!(with, With::Person(_)) && !mine;
    let button = |deed: &str, label: &str, class: &str| {
        html! {
            form method="post" action=(format!("{}/{deed}", path_of(&seen.address))) {
                (visit.token()) button id=(deed) class=(class) { (label) }
            }
        }
    };
    html! {
        div.stand {
            (state(visit, &seen.conversation))
            @if let Some(hand_over) = &seen.conversation.hand_over {
                span.since { (visit.since(hand_over.since_ms)) }
            }
            div.row {
                @if may(Permission::Answer) && !mine && (!anothers || may(Permission::TakeOver)) {
                    (button("take", tongue.say(if anothers { "Take over" } else { "Take" }, if anothers { "接管" } else { "接手" }), "main"))
                }
                @if may(Permission::Answer) && seen.conversation.stage == Stage::Person && !anothers {
                    (button("return", tongue.say("Back to the clerk", "交回小二"), ""))
                    (button("close", tongue.say("Done", "结束"), ""))
                }
            }
        }
    }
}

fn reply(visit: &Visit, address: &Address, draft: &str) -> Markup {
    if !visit.rights.may(Permission::Answer) {
        return Markup::default();
    }
    let tongue = visit.tongue();
    let path = path_of(address);
    let in_force = visit.console.admin.in_force.load();
    let codes: Vec<_> = in_force.playbook.quick_codes().collect();
    html! {
        form.reply method="post" action=(format!("{path}/say")) hx-post=(format!("{path}/say"))
            hx-target="#conversation" hx-select="#conversation" hx-swap="outerHTML" hx-disabled-elt="find button" {
            (visit.token()) (once())
            label.sr for="text" { (tongue.say("Answer", "回复")) }
            textarea id="text" name="text" rows="2" required maxlength=(MOST_CHARACTERS)
                placeholder=(tongue.say("Answer the customer", "回复客户")) { (draft) }
            button.main { (tongue.say("Send", "发送")) }
        }
        @if !codes.is_empty() {
            form.phrase method="post" action=(format!("{path}/phrase")) {
                (visit.token()) (once())
                label.sr for="code" { (tongue.say("Quick phrase", "快捷短语")) }
                select id="code" name="code" { @for code in codes { option { (code) } } }
                button { (tongue.say("Send the phrase", "发送短语")) }
            }
        }
    }
}

/// What makes a form that is sent twice one deed.
fn once() -> Markup {
    html! { input type="hidden" name="once" value=(Uuid::new_v4()); }
}

/// Who the customer is, whatever they write from.
async fn contact(visit: &Visit, address: &Address) -> Result<Option<Markup>, Response> {
    let store = &visit.console.admin.store;
    if !visit.rights.may(Permission::Contacts) {
        return Ok(None);
    }
    let Some(id) = visit.read(wait(store.contact_found_by(&[ContactKey::Address(address.clone())])).await)? else {
        return Ok(None);
    };
    let Some(contact) = visit.read(wait(store.find_contact(&id)).await)? else { return Ok(None) };
    let tongue = visit.tongue();
    let others: Vec<_> = contact.addresses.iter().filter(|it| *it != address).collect();
    Ok(Some(html! {
        section.card {
            h2 { (tongue.say("Customer", "客户")) }
            dl {
                @if let Some(name) = &contact.name { dt { (tongue.say("Name", "姓名")) } dd { (name) } }
                dt { (tongue.say("Contact", "编号")) } dd { a href=(super::contacts::path_of(&contact.id)) { (contact.id) } }
                @if let Some(tier) = &contact.tier { dt { (tongue.say("Tier", "等级")) } dd { (tier) } }
                @if !contact.groups.is_empty() { dt { (tongue.say("Groups", "分组")) } dd { (contact.groups.join(", ")) } }
                @if !contact.purchases.is_empty() { dt { (tongue.say("Orders bought", "成交订单")) } dd { (contact.purchases.len()) } }
                @if !others.is_empty() {
                    dt { (tongue.say("Also at", "其他会话")) }
                    dd { @for other in others { a href=(path_of(other)) { (other.channel) } " " } }
                }
            }
            @for note in &contact.notes {
                p { span.meta { (visit.time(note.at_ms)) @if let Some(by) = &note.by { " · " (visit.called(by)) } } " " (note.text) }
            }
        }
    }))
}

/// What else is known: orders, tickets.
fn about(visit: &Visit, orders: &[Order], tickets: &[Ticket]) -> Markup {
    let tongue = visit.tongue();
    html! {
        @if visit.rights.may(Permission::Orders) && !orders.is_empty() {
            section.card {
                h2 { (tongue.say("Orders", "订单")) }
                ul.plain { @for order in orders {
                    li { (super::orders::line(visit, order)) }
                } }
            }
        }
        @if visit.rights.may(Permission::Tickets) && tickets.iter().any(Ticket::is_open) {
            section.card {
                h2 { (Place::Tickets.name(tongue)) }
                ul.plain { @for ticket in tickets.iter().filter(|it| it.is_open()) { li { (super::tickets::one(visit, ticket, false)) } } }
            }
        }
    }
}

/// What can be done with it beside answering.
fn deeds(visit: &Visit, seen: &Seen) -> Markup {
    let tongue = visit.tongue();
    let path = path_of(&seen.address);
    let may = |wanted| visit.rights.may(wanted);
    let in_force = visit.console.admin.in_force.load();
    let members: BTreeSet<_> = in_force
        .playbook
        .members()
        .filter(|name| in_force.playbook.people().can_be_told(in_force.playbook.member(name)))
        .map(str::to_owned)
        .collect();
    let form = |deed: &str, title: &str, fields: Markup, label: &str| {
        html! {
            details {
                summary { (title) }
                form.stack method="post" action=(format!("{path}/{deed}")) { (visit.token()) (once()) (fields) button { (label) } }
            }
        }
    };
    let field = |id: &str, name: &str, label: &str| html! { label for=(id) { (label) } input id=(id) name=(name) required maxlength="1000" autocomplete="off"; };
    html! {
        section.card.deeds {
            h2 { (tongue.say("More", "更多操作")) }
            @if may(Permission::Transfer) && !members.is_empty() {
                (form("transfer", tongue.say("Transfer", "转交"), html! {
                    label for="to" { (tongue.say("To", "转给")) }
                    select id="to" name="to" { @for name in &members { option value=(name) { (visit.called(name)) } } }
                    label for="transfer-note" { (tongue.say("Note for them", "给对方的备注")) }
                    input id="transfer-note" name="note" maxlength="1000" autocomplete="off";
                }, tongue.say("Transfer", "转交")))
            }
            @if may(Permission::Note) {
                (form("note", tongue.say("Note", "备注"), field("note", "text", tongue.say("For colleagues; the customer does not see it", "给同事看的，客户看不到")), tongue.say("Keep", "保存")))
            }
            @if may(Permission::Tag) {
                (form("tag", tongue.say("Add a tag", "加标签"), field("tag", "tag", tongue.say("Tag", "标签")), tongue.say("Add", "添加")))
                @if !seen.conversation.tags.is_empty() {
                    (form("untag", tongue.say("Take a tag off", "去掉标签"), html! {
                        label for="untag" { (tongue.say("Tag", "标签")) }
                        select id="untag" name="tag" { @for tag in &seen.conversation.tags { option { (tag) } } }
                    }, tongue.say("Take off", "去掉")))
                }
            }
            @if may(Permission::Remark) {
                (form("remark", tongue.say("Remark on the order", "订单备注"), field("remark", "text", tongue.say("For the warehouse", "给仓库看的")), tongue.say("Put it on", "提交")))
            }
        }
    }
}

/// What was asked for, or why not.
fn meant(sent: &Submitted, deed: &str) -> Result<StaffDeed, &'static str> {
    let tongue = sent.visit.tongue();
    let empty = tongue.say("There is nothing in it.", "内容是空的。");
    let text = |name: &str| {
        let text = sent.field(name).trim();
        if text.is_empty() || text.chars().count() > MOST_CHARACTERS { Err(empty) } else { Ok(text.to_owned()) }
    };
    Ok(match deed {
        "take" => StaffDeed::Take,
        "return" => StaffDeed::Return,
        "close" => StaffDeed::Close,
        // Browsers send each line's end as two characters.
        "say" => StaffDeed::Say { content: Content::text(text("text")?.replace("\r\n", "\n")) },
        "phrase" => StaffDeed::Phrase { code: text("code")? },
        "transfer" => {
            let to = text("to")?;
            let in_force = sent.visit.console.admin.in_force.load();
            let playbook = &in_force.playbook;
            if !playbook.people().can_be_told(playbook.member(&to)) {
                return Err(tongue.say("Nobody of that name can be told.", "没有可以通知到的这个人或团队。"));
            }
            StaffDeed::Transfer { to, note: sent.field("note").trim().to_owned() }
        }
        "note" => StaffDeed::Note { text: text("text")? },
        "remark" => StaffDeed::Remark { order: None, text: text("text")? },
        "tag" => match Contact::tag(&text("tag")?) {
            Some(tag) => StaffDeed::Tag { tag },
            None => {
                let why = "A tag is one line without “;”; tier: and group: follow from what is bought.";
                return Err(tongue.say(why, "标签只写一行，不含“;”；tier: 和 group: 由购买情况决定。"));
            }
        },
        "untag" => StaffDeed::Untag { tag: text("tag")? },
        _ => return Err(tongue.say("There is no such deed.", "没有这个操作。")),
    })
}

pub async fn deed(Path((channel, chat, name)): Path<(String, String, String)>, sent: Submitted) -> Response {
    let (visit, address) = (&sent.visit, Address::new(channel, chat));
    let outcome = async {
        let deed = match meant(&sent, &name) {
            Ok(deed) => deed,
            Err(why) => return Err(not_done(&sent, &address, StatusCode::UNPROCESSABLE_ENTITY, why).await),
        };
        if let Some(wanted) = Permission::for_deed(&deed) {
            visit.require(wanted)?;
        }
        found(visit, &address).await?;
        match done(&sent, address.clone(), deed).await? {
            Some(why) => Err(not_done(&sent, &address, StatusCode::CONFLICT, &why).await),
            None => Ok(()),
        }
    };
    match outcome.await {
        Ok(()) if visit.rights.sees_conversations() => seen(&path_of(&address)),
        Ok(()) => seen(Place::Now.path()),
        Err(response) => response,
    }
}

/// Says why something was not done, beside the conversation where they may see it.
async fn not_done(sent: &Submitted, address: &Address, status: StatusCode, why: &str) -> Response {
    let visit = &sent.visit;
    if visit.rights.sees_conversations() {
        shown(visit, address, status, Some(why), sent.field("text")).await
    } else {
        visit.refusal(status, why)
    }
}

/// A picture that a visitor of the web chat sent, or was sent.
pub async fn picture(visit: Visit, Path((visitor, file)): Path<(String, String)>, asked: Asked) -> Response {
    if !visit.rights.sees_conversations() {
        return visit.not_permitted();
    }
    let missing = || Refusal::new(StatusCode::NOT_FOUND, "there is no such picture").into_response();
    let found = pictures::shown(&visit.console.admin.pictures, &visitor, &file, asked).await;
    found.unwrap_or_else(missing)
}
