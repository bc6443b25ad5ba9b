//! What happened in a conversation, as people read it.

use maud::{Markup, html};

use super::{media, orders::change_name, segment, visit::Visit};
use crate::{
    model::{Carried, Content, EventKind, FileName, Media, Message, Staff, StaffDeed},
    pictures::Place,
    store::{Logged, MessageState, Queued},
};

/// All that is shown of some events, in order.
pub fn story(visit: &Visit, events: &[Logged]) -> Markup {
    html! {
        ol.story {
            @for logged in events { (event(visit, logged)) }
        }
    }
}

fn event(visit: &Visit, logged: &Logged) -> Markup {
    let tongue = visit.tongue();
    let by = match &logged.event.kind {
        EventKind::Staff(staff) => match staff.deed {
            StaffDeed::Say { .. } | StaffDeed::Phrase { .. } => Some(staff.by.as_deref()),
            _ => None,
        },
        _ => None,
    };
    // What went to colleagues is in their own chats.
    let said: Vec<_> = logged.queued.iter().filter(|it| it.message.address == logged.event.address).collect();
    html! {
        @match &logged.event.kind {
            EventKind::Message(message) => (heard(visit, logged, message, said.is_empty())),
            EventKind::Staff(staff) => {
                @if let Some(words) = deed(visit, staff.by.as_deref(), &staff.deed) { (happened(visit, logged, &words)) }
            }
            EventKind::Opened { .. } => (happened(visit, logged, tongue.say("The customer came in", "客户进入会话"))),
            EventKind::Colleague(_) => (happened(visit, logged, tongue.say("A colleague answered on the platform itself", "同事在平台后台直接回复了"))),
            EventKind::Order(order) => (happened(visit, logged, &tongue.say(format!("Order {}: {}", order.order_id, change_name(tongue, order.change)), format!("订单 {}：{}", order.order_id, change_name(tongue, order.change))))),
            _ => {}
        }
        @for queued in said { (spoken(visit, logged, queued, by)) }
    }
}

fn heard(visit: &Visit, logged: &Logged, message: &Message, silent: bool) -> Markup {
    let tongue = visit.tongue();
    html! {
        li.line.customer {
            div.bubble {
                @if let Some(text) = message.label.as_ref().or(message.text.as_ref()) { p { (text) } }
                @for media in &message.media { (shown_media(visit, logged, message, media)) }
            }
            p.meta {
                (visit.time(logged.received_ms))
                @if silent && logged.decided {
                    " · " a href=(why(logged)) { (tongue.say("why no answer", "为什么没有回答")) }
                }
                @if !logged.decided { " · " (tongue.say("being decided", "处理中")) }
            }
        }
    }
}

/// What lies in the data folder, or with a platform that gives it to the clerk, is shown; what lies elsewhere is named, as
/// looking at it would tell who looks.
fn shown_media(visit: &Visit, logged: &Logged, message: &Message, media: &Media) -> Markup {
    let tongue = visit.tongue();
    let kind = match media.kind.as_str() {
        "image" => tongue.say("Picture", "图片"),
        "audio" | "voice" => tongue.say("Recording", "语音"),
        "video" => tongue.say("Video", "视频"),
        _ => tongue.say("File", "文件"),
    };
    let word = media.name.as_ref().map_or(kind, FileName::as_str);
    let own = media.reference.rsplit_once("/chat/pictures/").and_then(|(_, path)| path.split_once('/'));
    let own = own.and_then(|(folder, file)| Place::named(folder, file));
    let pictures = &visit.console.admin.pictures;
    let event = &logged.event;
    let place = own.or_else(|| pictures.find(&event.address, &Carried::name_of(&event.channel, media)));
    let fetched =
        Carried::all_of(&message.media, &event.channel, &event.address).iter().position(|it| it.media == *media);
    html! {
        @if let Some(place) = place {
            (kept(&place, word))
        } @else if media.reference.starts_with("https://") {
            a href=(media.reference) rel="noreferrer noopener" target="_blank" { (word) }
        } @else if let Some(index) = fetched {
            (opened(&media::path(event, logged.id, index), media.kind == "image", word))
        } @else { p { "[" (word) "]" } }
    }
}

fn kept(place: &Place, word: &str) -> Markup {
    let path = format!("/console/pictures/{}/{}", segment(&place.folder), segment(&place.name));
    opened(&path, place.kind().is_picture(), word)
}

/// A picture is shown; a recording or file can be opened.
fn opened(path: &str, is_picture: bool, word: &str) -> Markup {
    html! {
        @if is_picture { a href=(path) { img src=(path) alt=(word) loading="lazy"; } }
        @else { a href=(path) target="_blank" { (word) } }
    }
}

fn spoken(visit: &Visit, logged: &Logged, queued: &Queued, by: Option<Option<&str>>) -> Markup {
    let tongue = visit.tongue();
    let who = match by {
        None => tongue.say("Clerk", "小二").to_owned(),
        Some(Some(name)) if visit.name() == Some(name) => tongue.say("You", "您").to_owned(),
        Some(Some(name)) => visit.called(name),
        Some(None) => tongue.say("Owner", "店主").to_owned(),
    };
    html! {
        li.line.ours.person[by.is_some()] {
            div.bubble { (content(visit, logged, &queued.message.content)) }
            p.meta {
                (who) " · " (visit.time(queued.created_ms)) " · "
                @match queued.state {
                    MessageState::Pending => (tongue.say("on its way", "发送中")),
                    MessageState::Sent if queued.delivery.read_ms.is_some() => (tongue.say("read", "已读")),
                    MessageState::Sent => (tongue.say("sent", "已发送")),
                    MessageState::Dead => strong.bad { (tongue.say("not delivered", "未送达")) },
                    MessageState::Dropped => (tongue.say("dropped", "已放弃")),
                }
                @if by.is_none() { " · " a href=(why(logged)) { (tongue.say("why", "为什么")) } }
            }
        }
    }
}

fn content(visit: &Visit, logged: &Logged, said: &Content) -> Markup {
    html! {
        @match said {
            Content::Choices { text, choices } => {
                p { (text) }
                ul.choices { @for choice in choices { li { (choice.label) } } }
            }
            Content::Several { parts } => { @for part in parts { (content(visit, logged, part)) } }
            Content::Carried(carried) => {
                @let word = carried.media.name.as_ref().map_or(&*carried.media.kind, FileName::as_str);
                @if let Some(caption) = &carried.caption { p { (caption) } }
                @match visit.console.admin.pictures.find(&carried.customer, &carried.name()) {
                    Some(place) => (kept(&place, word)),
                    None => {
                        (opened(&media::path(&logged.event, logged.id, place_among(logged, carried)), carried.media.kind == "image", word))
                    }
                }
            }
            other => p { (other.to_plain_text()) },
        }
    }
}

/// Which one it is of all that a colleague sent at once.
fn place_among(logged: &Logged, carried: &Carried) -> usize {
    match &logged.event.kind {
        EventKind::Staff(Staff { deed: StaffDeed::Say { content }, .. }) => {
            content.carried().position(|it| it.media == carried.media).unwrap_or_default()
        }
        _ => 0,
    }
}

/// Something that is nobody's words.
fn happened(visit: &Visit, logged: &Logged, words: &str) -> Markup {
    html! { li.happened { (visit.time(logged.received_ms)) " " (words) } }
}

fn why(logged: &Logged) -> String {
    format!("/console/explain/{}", logged.id)
}

/// What a colleague did, where it shows nowhere else.
fn deed(visit: &Visit, by: Option<&str>, deed: &StaffDeed) -> Option<String> {
    let tongue = visit.tongue();
    let who = by.map_or_else(|| tongue.say("The owner", "店主").to_owned(), |name| visit.called(name));
    Some(match deed {
        StaffDeed::Take => tongue.say(format!("{who} took the conversation"), format!("{who} 接手了会话")),
        StaffDeed::Return => tongue.say(format!("{who} gave it back to the clerk"), format!("{who} 交回给小二")),
        StaffDeed::Close => tongue.say(format!("{who} closed it"), format!("{who} 结束了会话")),
        StaffDeed::Transfer { to, note } => {
            let to = visit.called(to);
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            tongue.say(format!("{who} transferred it to {to}{note}"), format!("{who} 转交给 {to}{note}"))
        }
        StaffDeed::Note { text } => tongue.say(format!("{who} noted: {text}"), format!("{who} 备注：{text}")),
        StaffDeed::Remark { text, .. } => {
            tongue.say(format!("{who} put a remark on the order: {text}"), format!("{who} 给订单加了备注：{text}"))
        }
        StaffDeed::Tag { tag } => tongue.say(format!("{who} added the tag {tag}"), format!("{who} 加了标签 {tag}")),
        StaffDeed::Untag { tag } => {
            tongue.say(format!("{who} took the tag {tag} off"), format!("{who} 去掉了标签 {tag}"))
        }
        StaffDeed::TakeTicket { ticket, .. } => {
            tongue.say(format!("{who} took ticket {ticket}"), format!("{who} 认领了工单 {ticket}"))
        }
        StaffDeed::CloseTicket { ticket } => {
            tongue.say(format!("{who} closed ticket {ticket}"), format!("{who} 关闭了工单 {ticket}"))
        }
        StaffDeed::HoldTicket { ticket } => {
            tongue.say(format!("{who} put ticket {ticket} on hold"), format!("{who} 挂起了工单 {ticket}"))
        }
        StaffDeed::DropTicket { ticket } => {
            tongue.say(format!("{who} dropped ticket {ticket}"), format!("{who} 作废了工单 {ticket}"))
        }
        StaffDeed::Undelivered { .. } => {
            tongue.say("A message to the customer was given up".to_owned(), "有一条发给客户的消息未能送达".to_owned())
        }
        _ => return None,
    })
}
