//! Writes a scenario down from a real conversation, without what tells of a person.

use jiff::{Timestamp, tz::TimeZone};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{disguise::Disguise, file::OrderWord, play::BREATH_MS};
use crate::{
    model::{Action, Conversation, EventKind, OrderEvent, Staff, StaffDeed},
    rehearsal::words,
    setting::Delay,
    store::Logged,
};

/// The most characters of an answer that are expected word for word.
const EXPECTED: usize = 60;

/// One step to be.
struct Draft {
    begins_ms: i64,
    table: Table,
    told: Vec<String>,
    by: Option<String>,
    tickets: Vec<String>,
    is_deed: bool,
}

/// The scenario of a conversation: its events, oldest first, on what was known before them.
pub fn record(
    before: Option<&Conversation>,
    events: &[Logged],
    channel: Option<&str>,
    zone: &TimeZone,
) -> Option<DocumentMut> {
    let mut disguise = Disguise::default();
    for logged in events {
        know(&mut disguise, &logged.event.kind);
    }
    let first = events.first()?;
    let mut drafts: Vec<Draft> = Vec::new();
    for logged in events {
        let told = told(&mut disguise, logged);
        let tickets = logged.actions.iter().filter_map(|action| match action {
            Action::OpenTicket { kind, .. } => Some(kind.clone()),
            _ => None,
        });
        let tickets: Vec<String> = tickets.collect();
        let by = (!told.is_empty()).then(|| words::answered_by(&logged.trace));
        let table = deed(&mut disguise, &logged.event.kind);
        let is_deed = table.is_some();
        // What comes in the moments after a deed is its answer; what comes later by itself is waited for.
        let last = drafts
            .last_mut()
            .filter(|last| !is_deed && logged.received_ms - last.begins_ms < BREATH_MS && last.is_deed);
        match last {
            Some(last) => {
                last.told.extend(told);
                last.by = by.or(last.by.take());
                last.tickets.extend(tickets);
            }
            None if is_deed || !told.is_empty() => drafts.push(Draft {
                begins_ms: logged.received_ms,
                table: table.unwrap_or_default(),
                told,
                by,
                tickets,
                is_deed,
            }),
            None => {}
        }
    }
    let mut scenario = Table::new();
    scenario.insert("name", value(format!("a conversation of {}", wall(first.received_ms, zone, "%Y-%m-%d"))));
    scenario.insert("at", value(wall(first.received_ms, zone, "%Y-%m-%d %H:%M")));
    if let Some(channel) = channel {
        scenario.insert("channel", value(channel));
    }
    if let Some(before) = before.filter(|it| it.first_seen_ms.is_some()) {
        scenario.insert("known", value(true));
        if let Some(language) = &before.language {
            scenario.insert("language", value(language.as_str()));
        }
        if !before.tags.is_empty() {
            scenario.insert("tags", value(before.tags.iter().map(String::as_str).collect::<Array>()));
        }
    }
    if let Some(name) = events.iter().find_map(|it| name_of(&it.event.kind)) {
        scenario.insert("customer", value(disguise.name(name)));
    }
    let mut steps = ArrayOfTables::new();
    let mut since_ms = None;
    for draft in drafts {
        steps.push(step(draft, &mut since_ms));
    }
    scenario.insert("step", Item::ArrayOfTables(steps));
    let mut scenarios = ArrayOfTables::new();
    scenarios.push(scenario);
    let mut document = DocumentMut::new();
    document.insert("scenario", Item::ArrayOfTables(scenarios));
    Some(document)
}

fn wall(at_ms: i64, zone: &TimeZone, format: &str) -> String {
    let time = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    time.to_zoned_datetime(zone.clone()).strftime(format).to_string()
}

fn name_of(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::Message(message) => message.sender_name.as_deref(),
        EventKind::Opened { sender_name, .. } => sender_name.as_deref(),
        EventKind::Order(order) => order.customer_name.as_deref(),
        _ => None,
    }
}

/// All names and numbers come first, so that they are known wherever they stand.
fn know(disguise: &mut Disguise, kind: &EventKind) {
    if let Some(name) = name_of(kind) {
        disguise.name(name);
    }
    if let EventKind::Order(order) = kind {
        disguise.code(&order.order_id);
        let numbers = order.shipments.iter().filter_map(|it| it.tracking_number.as_ref());
        numbers.for_each(|number| drop(disguise.code(number)));
    }
}

fn told(disguise: &mut Disguise, logged: &Logged) -> Vec<String> {
    let own = logged.queued.iter().filter(|it| it.message.address == logged.event.address);
    own.map(|it| disguise.text(&it.message.content.to_plain_text())).collect()
}

/// What happens, as it is written down; `None` where it happens by itself, or a scenario has no word for it.
fn deed(disguise: &mut Disguise, kind: &EventKind) -> Option<Table> {
    let mut table = Table::new();
    match kind {
        EventKind::Message(message) => {
            if let Some(text) = &message.text {
                table.insert("says", value(disguise.text(text)));
            }
            if let Some(media) = message.media.first() {
                let known = ["image", "audio", "video", "file", "sticker", "location", "contact"];
                let kind = known.into_iter().find(|it| *it == media.kind).unwrap_or("file");
                table.insert("sends", value(kind));
            }
            if table.is_empty() {
                table.insert("says", value(""));
            }
        }
        EventKind::Opened { .. } => drop(table.insert("opens", value(true))),
        EventKind::Order(order) => drop(table.insert("order", value(report(disguise, order)))),
        EventKind::Staff(Staff { deed: StaffDeed::Take, .. }) => drop(table.insert("staff", value("takes"))),
        EventKind::Staff(Staff { deed: StaffDeed::Return, .. }) => drop(table.insert("staff", value("returns"))),
        EventKind::Staff(_)
        | EventKind::Contact(_)
        | EventKind::Morning(_)
        | EventKind::Digest { .. }
        | EventKind::Colleague(_)
        | EventKind::Status(_)
        | EventKind::Timer(_)
        | EventKind::Store { .. } => return None,
    }
    Some(table)
}

fn report(disguise: &mut Disguise, order: &OrderEvent) -> InlineTable {
    let mut report = InlineTable::new();
    report.insert("id", disguise.code(&order.order_id).into());
    report.insert("is", OrderWord::word(order.change).into());
    let amount = order.total.as_ref().or(order.refund.as_ref().and_then(|it| it.amount.as_ref()));
    if let Some(total) = &order.total {
        report.insert("total", total.text.as_str().into());
    }
    if let Some(refund) = order.refund.as_ref().and_then(|it| it.amount.as_ref()) {
        report.insert("refund", refund.text.as_str().into());
    }
    if let Some(currency) = amount.and_then(|it| it.currency.as_deref()) {
        report.insert("currency", currency.into());
    }
    if let Some(name) = &order.customer_name {
        report.insert("name", disguise.name(name).into());
    }
    if let Some(parcel) = order.shipments.first() {
        if let Some(carrier) = &parcel.carrier {
            report.insert("carrier", carrier.as_str().into());
        }
        if let Some(number) = &parcel.tracking_number {
            report.insert("tracking_number", disguise.code(number).into());
        }
    }
    if order.payment_url.is_some() {
        report.insert("payment_url", "https://example.com/pay".into());
    }
    if let Some(on_delivery) = order.on_delivery {
        report.insert("on_delivery", on_delivery.into());
    }
    if let Some(rating) = order.rating {
        report.insert("rating", Value::from(i64::from(rating)));
    }
    if let Some(text) = &order.text {
        report.insert("text", disguise.text(text).into());
    }
    report
}

/// The step, with its time after the one before, and what is expected of it.
fn step(draft: Draft, since_ms: &mut Option<i64>) -> Table {
    let Draft { begins_ms, mut table, told, by, tickets, is_deed } = draft;
    if let Some(since_ms) = *since_ms {
        // Whole seconds, and not less than it was, so that what was due by then is.
        let seconds = (begins_ms - since_ms).max(0).div_euclid(1000) + 1;
        if !(is_deed && seconds * 1000 == BREATH_MS) {
            table.insert("after", value(Delay::seconds(seconds).to_string()));
        }
    }
    *since_ms = Some(begins_ms);
    if let Some(by) = by {
        table.insert("by", value(by));
    }
    if let Some(kind) = tickets.first() {
        table.insert("ticket", value(kind.as_str()));
    }
    let lines = told.iter().filter_map(|text| text.lines().map(str::trim).find(|line| !line.is_empty()));
    let expected: Vec<String> = lines.map(|line| line.chars().take(EXPECTED).collect()).collect();
    match &expected[..] {
        [] if is_deed => drop(table.insert("silent", value(true))),
        [] => {}
        [one] => drop(table.insert("contains", value(one.as_str()))),
        several => drop(table.insert("contains", value(several.iter().map(String::as_str).collect::<Array>()))),
    }
    table
}

/// The text of a scenario without the lines in which something is expected that did not come: what depended on more than
/// the conversation itself.
pub fn without(text: &str, misses: &[usize]) -> String {
    let mut at = 0;
    let kept = text.split_inclusive('\n').filter(|line| {
        let here = at..at + line.len();
        at = here.end;
        // Names of tables stay: a step whose deed could not be played is one all the same.
        line.starts_with('[') || !misses.iter().any(|miss| here.contains(miss))
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_which_something_is_missed_goes_and_the_others_stay() {
        let text = "[[scenario]]\nname = \"a\"\n[[scenario.step]]\nsays = \"x\"\nby = \"rule:y\"\n";
        let at = text.find("\"rule:y\"").unwrap();
        assert_eq!(without(text, &[at]), text.replace("by = \"rule:y\"\n", ""));
        assert_eq!(without(text, &[0]), text);
    }
}
