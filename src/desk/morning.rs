//! The list that people find when they come in: what waits, the most urgent first, and what the clerk did alone. Pure: it is
//! given what stands in the store, and says what is on the list and how it reads.

use serde::{Deserialize, Serialize};

use crate::model::{Action, Address, Alone, EventKind, Finding, Item, ItemOf, Ticket, TicketState, TraceStep, Urgency};

/// Lines that are written out; of more than that there is the number.
const MOST_LINES: usize = 30;
/// Characters of what was said.
const MOST_SAID: usize = 80;

/// Everything that may wait for a person, as it stands in the store.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    pub tickets: Vec<Ticket>,
    /// Conversations in the queue of a team.
    pub queued: Vec<Queued>,
    /// Events that were received and not decided.
    pub undecided: Vec<Undecided>,
    pub dead: Vec<DeadLetter>,
    /// Orders of which something is to be told, and nobody knows to whom.
    pub unreachable: Vec<UnreachableOrder>,
}

#[derive(Clone, Debug)]
pub struct Queued {
    pub team: String,
    pub address: Address,
    pub since_ms: i64,
    pub urgent: bool,
}

#[derive(Clone, Debug)]
pub struct Undecided {
    /// Its id in the log.
    pub id: i64,
    pub channel: String,
    pub since_ms: i64,
}

#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub id: i64,
    pub channel: String,
    pub since_ms: i64,
}

#[derive(Clone, Debug)]
pub struct UnreachableOrder {
    pub shop: String,
    pub id: String,
    pub since_ms: i64,
}

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Morning {
    pub items: Vec<Item>,
    pub alone: Alone,
}

/// Makes the list of what waits now: urgent first, then overdue, then the oldest.
pub fn list(waits: &Waits, alone: Alone, now_ms: i64) -> Morning {
    let open: Vec<&Ticket> = waits.tickets.iter().filter(|it| it.is_open()).collect();
    let has_ticket = |address: &Address| open.iter().any(|it| it.addresses().any(|at| at == address));
    let tickets = open.iter().map(|ticket| of_ticket(ticket, now_ms));
    let queued = waits.queued.iter().filter(|it| !has_ticket(&it.address)).map(|it| Item {
        kind: None,
        address: Some(it.address.clone()),
        owner: Some(it.team.clone()),
        command: format!("nightclerk conversation take {} {}", it.address.channel, it.address.chat),
        path: Some(page(&["conversations", &it.address.channel, &it.address.chat])),
        ..Item::new(ItemOf::Conversation, it.address.to_string(), &it.address.channel, it.since_ms, it.urgent)
    });
    let undecided = waits.undecided.iter().map(|it| Item {
        command: format!("nightclerk explain {}", it.id),
        path: Some(page(&["explain", &it.id.to_string()])),
        ..Item::new(ItemOf::Undecided, it.id.to_string(), &it.channel, it.since_ms, true)
    });
    let dead = waits.dead.iter().map(|it| Item {
        command: format!("nightclerk outbox retry {}", it.id),
        path: Some(page(&["mail"])),
        ..Item::new(ItemOf::DeadLetter, format!("out:{}", it.id), &it.channel, it.since_ms, false)
    });
    let orders = waits.unreachable.iter().map(|it| Item {
        command: format!("nightclerk contact show {}/{}", it.shop, it.id),
        path: Some(page(&["orders", &it.shop, &it.id])),
        ..Item::new(ItemOf::Order, it.id.clone(), &it.shop, it.since_ms, false)
    });
    let mut items: Vec<Item> = tickets.chain(queued).chain(undecided).chain(dead).chain(orders).collect();
    items.sort_by(|a, b| {
        let key = |it: &Item| (!it.urgent, !it.overdue, it.what, it.since_ms);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    Morning { items, alone }
}

/// A page of the console, by the words of its path.
fn page(words: &[&str]) -> String {
    let words = words.iter().map(|word| form_urlencoded::byte_serialize(word.as_bytes()).collect::<String>());
    let words: Vec<_> = words.map(|word| word.replace('+', "%20")).collect();
    format!("/console/{}", words.join("/"))
}

/// A ticket as it stands on the list.
pub fn of_ticket(ticket: &Ticket, now_ms: i64) -> Item {
    let said = ticket.text.lines().next().filter(|it| !it.is_empty()).map(shortened);
    let verb = if ticket.state == TicketState::Open { "take" } else { "close" };
    Item {
        kind: Some(ticket.kind.clone()),
        overdue: ticket.is_overdue(now_ms),
        address: Some(ticket.address.clone()),
        owner: ticket.owner.clone(),
        said,
        command: format!("nightclerk tickets {verb} {}", ticket.id),
        path: Some(page(&["tickets", &ticket.id])),
        ..Item::new(
            ItemOf::Ticket,
            ticket.id.clone(),
            &ticket.address.channel,
            ticket.opened_ms,
            ticket.urgency == Urgency::Urgent,
        )
    }
}

/// Counts one event of the log among what the clerk did alone.
pub fn count(alone: &mut Alone, received_ms: i64, kind: &EventKind, actions: &[Action], trace: &[TraceStep]) {
    if !(alone.since_ms..alone.until_ms).contains(&received_ms) {
        return;
    }
    let said = actions.iter().filter(|it| matches!(it, Action::Reply { .. })).count() as u64;
    match kind {
        EventKind::Message(_) | EventKind::Opened { .. } => {
            alone.answered += u64::from(said > 0);
            let handed =
                |it: &Action| matches!(it, Action::Assign { .. } | Action::Transfer { .. } | Action::OpenTicket { .. });
            alone.handed_over += u64::from(actions.iter().any(handed));
        }
        EventKind::Timer(timer) if timer.key.starts_with("payment:") => alone.reminders += u64::from(said > 0),
        EventKind::Timer(_) | EventKind::Order(_)
            if trace.iter().any(|it| matches!(it.what, Finding::Order { .. })) =>
        {
            alone.notices += said;
        }
        _ => {}
    }
}

fn shortened(said: &str) -> String {
    match said.char_indices().nth(MOST_SAID) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

/// How long something waits, in the largest whole unit.
pub fn age(since_ms: i64, now_ms: i64) -> String {
    let minutes = now_ms.saturating_sub(since_ms).max(0) / 60_000;
    match minutes {
        0..60 => format!("{minutes}m"),
        60..2880 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1440),
    }
}

/// The list in words, for a team's chat. `console`: where it is in a browser; without it, each is taken up by a command.
pub fn words(morning: &Morning, console: Option<&str>, is_chinese: bool, now_ms: i64) -> String {
    let Alone { answered, handed_over, reminders, notices, .. } = morning.alone;
    let mut lines = Vec::new();
    let waits = morning.items.len();
    lines.push(match (is_chinese, waits) {
        (true, 0) => "【早班清单】没有待办".to_owned(),
        (true, _) => format!("【早班清单】待办 {waits} 项，急的在前"),
        (false, 0) => "[Morning list] nothing waits".to_owned(),
        (false, _) => format!("[Morning list] {waits} waiting, most urgent first"),
    });
    for item in morning.items.iter().take(MOST_LINES) {
        lines.push(line(item, is_chinese, now_ms));
        lines.push(match console.zip(item.path.as_ref()) {
            Some((console, path)) => format!("   {console}{path}"),
            None => format!("   {}", item.command),
        });
    }
    if waits > MOST_LINES {
        let more = waits - MOST_LINES;
        let all = console.map_or_else(|| "nightclerk today".to_owned(), |console| format!("{console}/console/"));
        lines.push(if is_chinese {
            format!("…另有 {more} 项，见 {all}")
        } else {
            format!("… and {more} more: {all}")
        });
    }
    lines.push(if is_chinese {
        format!("小二独自处理：回复 {answered} 条，转人工 {handed_over} 条，催付 {reminders} 条，通知 {notices} 条")
    } else {
        format!(
            "The clerk alone: {answered} answered, {handed_over} handed over, {reminders} reminders, {notices} notices"
        )
    });
    lines.join("\n")
}

/// An item in a line.
pub fn line(item: &Item, is_chinese: bool, now_ms: i64) -> String {
    let mark = if item.urgent { "‼" } else { "·" };
    let kind = item.kind.as_deref().unwrap_or_default();
    let what = match (item.what, is_chinese) {
        (ItemOf::Ticket, true) => format!("工单 {} {kind}", item.id),
        (ItemOf::Ticket, false) => format!("ticket {} {kind}", item.id),
        (ItemOf::Conversation, true) => "有客户在等人接".to_owned(),
        (ItemOf::Conversation, false) => "a customer waits for a person".to_owned(),
        (ItemOf::Undecided, true) => format!("未处理的事件 {}", item.id),
        (ItemOf::Undecided, false) => format!("event {} was not decided", item.id),
        (ItemOf::DeadLetter, true) => format!("没送达的消息 {}", item.id),
        (ItemOf::DeadLetter, false) => format!("message {} did not arrive", item.id),
        (ItemOf::Order, true) => format!("订单 {} 不知道通知谁", item.id),
        (ItemOf::Order, false) => format!("order {}: nobody knows whom to tell", item.id),
    };
    let overdue = match (item.overdue, is_chinese) {
        (false, _) => "",
        (true, true) => " 已超时",
        (true, false) => " overdue",
    };
    let owner = item.owner.as_deref().map_or_else(String::new, |owner| format!(" → {owner}"));
    let said = item.said.as_deref().map_or_else(String::new, |said| format!("  {said}"));
    format!("{mark} {what} [{}] {}{overdue}{owner}{said}", item.channel, age(item.since_ms, now_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn ticket(id: &str, urgency: Urgency, opened_ms: i64, due_ms: Option<i64>) -> Ticket {
        let address = Address::new("shop", id);
        Ticket {
            id: id.to_owned(),
            kind: "refund".to_owned(),
            urgency,
            opened_ms,
            due_ms,
            address,
            ..Ticket::default()
        }
    }

    #[test]
    fn what_is_urgent_goes_first_then_what_is_overdue_then_the_oldest() {
        let waits = Waits {
            tickets: vec![
                ticket("old", Urgency::Normal, 0, None),
                ticket("late", Urgency::Normal, 5 * HOUR, Some(6 * HOUR)),
                ticket("urgent", Urgency::Urgent, 7 * HOUR, None),
                Ticket { closed_ms: Some(1), ..ticket("done", Urgency::Urgent, 0, None) },
                Ticket { state: TicketState::Waiting, ..ticket("held", Urgency::Normal, HOUR, Some(2 * HOUR)) },
            ],
            queued: vec![
                Queued { team: "sales".to_owned(), address: Address::new("shop", "old"), since_ms: 0, urgent: false },
                Queued { team: "sales".to_owned(), address: Address::new("shop", "ana"), since_ms: 0, urgent: false },
            ],
            undecided: vec![Undecided { id: 7, channel: "shop".to_owned(), since_ms: 0 }],
            dead: vec![DeadLetter { id: 9, channel: "shop".to_owned(), since_ms: 0 }],
            unreachable: vec![UnreachableOrder { shop: "shop".to_owned(), id: "A1".to_owned(), since_ms: 0 }],
        };
        let morning = list(&waits, Alone::default(), 8 * HOUR);
        let ids: Vec<_> = morning.items.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["urgent", "7", "late", "old", "held", "shop/ana", "out:9", "A1"]);
        let text = words(&morning, None, false, 8 * HOUR);
        assert!(text.contains("8 waiting") && text.contains("nightclerk tickets take urgent"), "{text}");
        assert!(!text.contains("done"), "{text}");
        let text = words(&morning, None, true, 8 * HOUR);
        assert!(text.contains("待办 8 项") && text.contains("工单 urgent refund"), "{text}");
        let text = words(&morning, Some("https://desk.example"), false, 8 * HOUR);
        for page in ["tickets/urgent", "explain/7", "conversations/shop/ana", "mail", "orders/shop/A1"] {
            assert!(text.contains(&format!("   https://desk.example/console/{page}\n")), "{page}: {text}");
        }
        assert!(!text.contains("nightclerk "), "{text}");
    }

    #[test]
    fn a_long_list_says_how_much_more_there_is() {
        let tickets = (0..40).map(|number| ticket(&format!("T{number}"), Urgency::Normal, number, None)).collect();
        let text = words(&list(&Waits { tickets, ..Waits::default() }, Alone::default(), 0), None, false, 0);
        assert!(text.contains("40 waiting") && text.contains("and 10 more"), "{text}");
    }
}
