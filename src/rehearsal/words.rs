//! What happens in a rehearsal, in words.

use jiff::{Timestamp, tz::TimeZone};

use super::{Answered, Played, scenario::OrderWord};
use crate::model::{Action, EventKind, Finding, Reply, Source, TraceStep};

/// An action as scenarios name it; `None` for one that is nothing done: a deliberate silence, a pause.
pub fn action(action: &Action) -> Option<String> {
    Some(match action {
        Action::Reply { .. } => "reply".to_owned(),
        Action::Notify { to, .. } => format!("notify {to}"),
        Action::Tell { room, .. } => format!("tell {room}"),
        Action::Tag { tag } => format!("tag {tag}"),
        Action::Untag { tag } => format!("untag {tag}"),
        Action::Remark { order_id, .. } => format!("remark {order_id}"),
        Action::SetTimer { key, .. } => format!("set-timer {key}"),
        Action::CancelTimer { key, .. } => format!("cancel-timer {key}"),
        Action::Assign { to } => format!("assign {to}"),
        Action::Transfer { to, .. } => format!("transfer {to}"),
        Action::OpenTicket { kind, .. } => format!("open-ticket {kind}"),
        Action::CloseTicket { id } => format!("close-ticket {id}"),
        Action::AskSatisfaction { .. } => "ask-satisfaction".to_owned(),
        Action::Pause { .. } | Action::Silence { .. } => return None,
    })
}

/// What happened, in a line.
pub fn event(kind: &EventKind) -> String {
    match kind {
        EventKind::Message(message) => {
            let media = message.media.iter().map(|media| format!("[{}]", media.kind));
            let said = message.text.iter().cloned().chain(media);
            said.collect::<Vec<_>>().join(" ")
        }
        EventKind::Opened { .. } => "(opens the conversation)".to_owned(),
        EventKind::Order(order) => format!("(order {} is {})", order.order_id, OrderWord::word(order.change)),
        EventKind::Timer(timer) => format!("(timer {})", timer.key),
        EventKind::Staff(deed) => format!("({deed})"),
        EventKind::Contact(deed) => format!("({deed})"),
        EventKind::Digest { to, .. } => format!("(the figures of a week for {to})"),
        EventKind::Morning(call) => format!("(the morning list of {})", call.to),
        EventKind::Colleague(_) => "(a person of the store answers)".to_owned(),
        EventKind::Status(status) => format!("(the platform says: {})", status.status),
        EventKind::Store { moment } => format!("(the store's moment {})", moment.hook()),
    }
}

/// The time on the store's wall.
pub fn clock(at_ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(at_ms) {
        Ok(time) => time.to_zoned_datetime(zone.clone()).strftime("%a %H:%M:%S").to_string(),
        Err(_) => at_ms.to_string(),
    }
}

/// Who answered in the end, as far as the trace shows it: a plugin that took it, a rule, a part of the clerk's own.
pub fn answered_by(trace: &[TraceStep]) -> String {
    let took = trace.iter().rev().find(|step| matches!(step.what, Finding::Took { .. }));
    let rule = || trace.iter().rev().find(|step| matches!(step.by, Source::Rule(_)));
    let any = || trace.iter().rev().find(|step| matches!(step.by, Source::Engine(_)));
    took.or_else(rule).or_else(any).map_or_else(|| "nobody".to_owned(), |step| step.by.to_string())
}

/// Who was asked outside, and what came back: the host alone, since the rest may hold a secret.
pub fn asked(asked: &Answered) -> String {
    let host = asked.question.url.split('/').nth(2).unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    match &asked.reply {
        Reply::Response { status, .. } => format!("{} {host}: {status}", asked.question.method),
        Reply::Failed(why) => format!("{} {host}: {why}", asked.question.method),
    }
}

/// What the customer of the event was told by it.
pub fn told(played: &Played) -> Vec<String> {
    played.told(&played.event.address).map(|message| message.content.to_plain_text()).collect()
}
