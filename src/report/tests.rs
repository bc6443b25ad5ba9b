mod measures;

use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::model::{
    Action, Address, Event, EventKind, Finding, Message, Money, OrderChange, OrderEvent, OrderFinding, OrderStatus,
    Part as Of, RefundReport, Scores, Staff, StaffDeed, TimerFired, TraceStep, Urgency, WhySilent,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

/// A log that is written by hand.
struct Log {
    ledger: Ledger,
    id: i64,
    /// The contact of a chat, or of an order that is nobody's.
    contacts: BTreeMap<String, String>,
}

impl Log {
    /// Of the first of March 2026, in Shanghai.
    fn new() -> Self {
        Self::of(at("2026-02-28T16:00:00Z"), at("2026-03-01T16:00:00Z"))
    }

    fn of(from_ms: i64, until_ms: i64) -> Self {
        let scope = Scope {
            period: Period { from_ms, until_ms },
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            team_of: [("mei".to_owned(), "aftersales".to_owned())].into(),
            with_words: false,
        };
        Self { ledger: Ledger::new(scope), id: 0, contacts: BTreeMap::new() }
    }

    fn take(&mut self, at_ms: i64, chat: &str, kind: EventKind, actions: &[Action], trace: &[TraceStep], said: Said) {
        self.id += 1;
        let event = Event {
            channel: "shop".to_owned(),
            dedupe: self.id.to_string(),
            address: Address::new("shop", chat),
            at_ms,
            kind,
        };
        let known_by = match &event.kind {
            EventKind::Order(change) if chat.is_empty() => &change.order_id,
            _ => chat,
        };
        let contact = self.contacts.get(known_by).map(String::as_str);
        self.ledger.take(&Entry { id: self.id, received_ms: at_ms, event: &event, contact, actions, trace, said });
    }

    /// A message, answered so long after it, or not at all.
    fn asks(&mut self, at_ms: i64, chat: &str, answered_after_ms: Option<i64>) {
        let said =
            answered_after_ms.map_or(Said::default(), |after| Said { messages: 1, first_ms: Some(at_ms + after) });
        self.take(at_ms, chat, message("hello"), &[], &[], said);
    }

    fn order(&mut self, at_ms: i64, chat: &str, id: &str, change: OrderChange, found: &[OrderFinding]) {
        self.report(at_ms, chat, bare(id, change), found);
    }

    fn report(&mut self, at_ms: i64, chat: &str, event: OrderEvent, found: &[OrderFinding]) {
        let id = event.order_id.clone();
        let trace: Vec<_> = found
            .iter()
            .map(|what| TraceStep::new(Of::Orders, Finding::Order { id: id.clone(), what: what.clone() }))
            .collect();
        self.take(at_ms, chat, EventKind::Order(event), &[], &trace, Said::default());
    }

    fn placed(&mut self, at_ms: i64, chat: &str, id: &str) {
        self.order(at_ms, chat, id, OrderChange::Placed, &[OrderFinding::New { status: OrderStatus::Placed }]);
    }

    fn sold(&mut self, at_ms: i64, chat: &str, id: &str, minor: i64) {
        let total = Some(Money { minor, currency: "CNY".to_owned() });
        self.order(at_ms, chat, id, OrderChange::Paid, &[OrderFinding::Sold { total }]);
    }

    fn reminded(&mut self, at_ms: i64, chat: &str, id: &str, wording: &str) {
        let timer = TimerFired {
            key: format!("payment:shop/{id}"),
            due_ms: at_ms,
            owner: "engine".to_owned(),
            payload: serde_json::Value::Null,
        };
        let found = [OrderFinding::Reminds { attempt: 1, max: 2 }, OrderFinding::Worded { key: wording.to_owned() }];
        let trace: Vec<_> = found
            .into_iter()
            .map(|what| TraceStep::new(Of::Orders, Finding::Order { id: id.to_owned(), what }))
            .collect();
        self.take(at_ms, chat, EventKind::Timer(timer), &[], &trace, Said { messages: 1, first_ms: Some(at_ms) });
    }

    /// They are one person, as the store knows by now.
    fn are_one(&mut self, contact: &str, known_by: &[&str]) {
        self.contacts.extend(known_by.iter().map(|it| (String::from(*it), contact.to_owned())));
    }

    fn deed(&mut self, at_ms: i64, chat: &str, by: &str, deed: StaffDeed, actions: &[Action], said: Said) {
        self.take(at_ms, chat, EventKind::Staff(Staff::new(Some(by.to_owned()), deed)), actions, &[], said);
    }

    fn finish(self) -> Report {
        self.ledger.finish(&Targets::new())
    }
}

fn bare(id: &str, change: OrderChange) -> OrderEvent {
    OrderEvent { change, order_id: id.to_owned(), ..OrderEvent::default() }
}

fn message(text: &str) -> EventKind {
    EventKind::Message(Message { text: Some(text.to_owned()), ..Message::default() })
}

fn noon() -> i64 {
    at("2026-03-01T04:00:00Z")
}

#[test]
fn response_times_run_from_the_first_unanswered_word_to_the_first_answer() {
    let mut log = Log::new();
    log.asks(noon(), "ana", None);
    log.asks(noon() + 5_000, "ana", Some(3_000));
    log.asks(noon() + MINUTE, "ana", Some(1_000));
    log.asks(noon() + MINUTE, "bo", None);
    let report = log.finish();
    let answers = report.groups.total.answers;
    assert_eq!((answers.first.count, answers.first.sum_ms, answers.first_in_time), (1, 8_000, 1));
    assert_eq!((answers.all.count, answers.all.sum_ms), (2, 9_000));
    let conversations = report.groups.total.conversations;
    assert_eq!((conversations.received, conversations.answered, conversations.by_clerk_alone), (2, 1, 1));
    assert_eq!(report.groups.total.contacts, 2);
}

#[test]
fn after_hours_of_silence_another_conversation_begins_and_the_contact_is_the_same() {
    let mut log = Log::new();
    let dawn = noon() - 10 * HOUR;
    log.asks(dawn, "ana", Some(0));
    log.asks(dawn + SILENCE_MS - 1, "ana", Some(0));
    log.asks(dawn + 2 * SILENCE_MS, "ana", Some(0));
    let total = log.finish().groups.total;
    assert_eq!((total.contacts, total.conversations.received, total.conversations.solved), (1, 2, 2));
}

#[test]
fn what_wants_no_answer_is_no_unanswered_conversation() {
    let mut log = Log::new();
    let silent = [TraceStep::new(Of::Limits, Finding::Silent { reason: WhySilent::SaidAgain })];
    log.take(noon(), "ana", message("hello"), &[], &silent, Said::default());
    let colleague = [TraceStep::new(Of::Routing, Finding::Silent { reason: WhySilent::AmongColleagues })];
    log.take(noon(), "team", message("lunch?"), &[], &colleague, Said::default());
    let total = log.finish().groups.total;
    assert_eq!((total.conversations.received, total.answers.heard), (0, 1));
}

#[test]
fn a_conversation_is_solved_once_its_tickets_are_closed() {
    let open = |id: &str| Action::OpenTicket {
        id: id.to_owned(),
        kind: "complaint".to_owned(),
        text: String::new(),
        urgency: Urgency::Urgent,
    };
    for (closes, solved) in [(true, 1), (false, 0)] {
        let mut log = Log::new();
        let said = Said { messages: 1, first_ms: Some(noon()) };
        log.take(noon(), "ana", message("broken"), &[open("T1")], &[], said);
        // The same again adds to it.
        log.take(noon() + 1, "ana", message("broken!"), &[open("T1")], &[], said);
        if closes {
            let deed = Staff::new(Some("mei".to_owned()), StaffDeed::CloseTicket { ticket: "T1".to_owned() });
            let close = Action::CloseTicket { id: "T1".to_owned() };
            log.take(noon() + 20 * HOUR, "ana", EventKind::Staff(deed), &[close], &[], Said::default());
        }
        let report = log.finish();
        assert_eq!((report.groups.total.tickets_opened, report.groups.total.conversations.solved), (1, solved));
    }
}

#[test]
fn a_persons_answers_are_theirs_and_their_teams() {
    let mut log = Log::new();
    let handed = Action::SetTimer {
        at: None,
        key: "take".to_owned(),
        due_ms: 0,
        priority: 0,
        payload: serde_json::Value::Null,
        owner: "clerk:hand-over".to_owned(),
    };
    log.take(noon(), "ana", message("a person please"), &[handed], &[], Said { messages: 1, first_ms: Some(noon()) });
    let take = EventKind::Staff(Staff::new(Some("mei".to_owned()), StaffDeed::Take));
    let waiting_ends = Action::CancelTimer { at: None, key: "take".to_owned(), owner: "clerk:hand-over".to_owned() };
    // Who reaches for it in vain has no part in it.
    let vain = EventKind::Staff(Staff::new(Some("tao".to_owned()), StaffDeed::Take));
    log.take(noon() + 20_000, "ana", vain, &[], &[], Said::default());
    log.take(noon() + 30_000, "ana", take, &[waiting_ends], &[], Said { messages: 1, first_ms: Some(noon() + 30_000) });
    let with = [TraceStep::new(Of::Routing, Finding::Silent { reason: WhySilent::WithPerson { who: None } })];
    log.take(noon() + MINUTE, "ana", message("it is broken"), &[], &with, Said::default());
    log.take(
        noon() + MINUTE + 20_000,
        "ana",
        EventKind::Colleague(crate::model::Colleague::default()),
        &[],
        &[],
        Said::default(),
    );
    log.placed(noon() + 2 * MINUTE, "ana", "1");
    log.sold(noon() + 3 * MINUTE, "ana", "1", 5_000);
    log.placed(noon() + 2 * MINUTE, "bo", "2");
    log.sold(noon() + 3 * MINUTE, "bo", "2", 15_000);
    let report = log.finish();
    let total = &report.groups.total;
    assert_eq!(
        (total.conversations.handed_over, total.conversations.taken, total.conversations.by_clerk_alone),
        (1, 1, 0)
    );
    assert_eq!((total.answers.taking.sum_ms, total.answers.people.sum_ms), (30_000, 20_000));
    for by in [Dimension::Agent, Dimension::Team] {
        let rows = report.rows(by);
        let [row] = rows.as_slice() else { panic!("one line") };
        assert_eq!(row.name, if by == Dimension::Agent { "mei" } else { "aftersales" });
        assert_eq!(row.value("people_response"), Some(&Value::Seconds(total.answers.people)));
        assert_eq!(row.share_of_sales, [("CNY".to_owned(), Some(0.25))]);
    }
}

#[test]
fn conversions_count_contacts_once_and_only_what_came_after_the_question() {
    let mut log = Log::new();
    log.placed(noon(), "early", "0");
    log.asks(noon() + 1, "early", Some(0));
    log.asks(noon(), "ana", Some(0));
    log.placed(noon() + 1, "ana", "1");
    log.placed(noon() + 2, "ana", "2");
    log.asks(noon(), "bo", Some(0));
    log.placed(noon() + 3, "", "3");
    log.sold(noon() + 4, "", "3", 900);
    log.sold(noon() + 5, "ana", "1", 1_000);
    log.sold(noon() + 6, "ana", "2", 2_001);
    let report = log.finish();
    let orders = &report.groups.total.orders;
    assert_eq!((report.groups.total.contacts, orders.contacts_converted), (3, 1));
    assert_eq!((orders.placed, orders.contacts_ordered, orders.contacts_paid), (4, 3, 2));
    let row = report.whole();
    let money = |minor| Value::Money(vec![Money { minor, currency: "CNY".to_owned() }]);
    assert_eq!(row.value("sales"), Some(&money(3_901)));
    assert_eq!(row.value("average_order_value"), Some(&money(1_951)));
}

#[test]
fn a_reminder_has_the_credit_of_the_order_paid_next_and_within_three_days() {
    let mut log = Log::of(at("2026-02-28T16:00:00Z"), at("2026-03-31T16:00:00Z"));
    for (id, wording, paid_after) in
        [("1", "kind", Some(HOUR)), ("2", "kind", None), ("3", "short", Some(REMINDED_MS + 1)), ("4", "short", Some(1))]
    {
        log.placed(noon(), "ana", id);
        log.reminded(noon() + HOUR, "ana", id, wording);
        if let Some(after) = paid_after {
            log.sold(noon() + HOUR + after, "ana", id, 100);
        }
    }
    // Two reminders of one order: the second has the credit.
    log.placed(noon(), "bo", "5");
    log.reminded(noon() + HOUR, "bo", "5", "kind");
    log.reminded(noon() + 5 * HOUR, "bo", "5", "short");
    log.sold(noon() + 6 * HOUR, "bo", "5", 100);
    let report = log.finish();
    let reminders = report.groups.total.reminders;
    assert_eq!((reminders.sent, reminders.orders, reminders.orders_paid), (6, 5, 3));
    let told: Vec<_> = report.wordings().into_iter().map(|it| (it.wording, it.all.part, it.all.of)).collect();
    assert_eq!(told, [("kind".to_owned(), 1, 3), ("short".to_owned(), 2, 3)]);
    assert!(text(&report, Some(Dimension::Wording), Tongue::En).contains("too few to tell"));
}

#[test]
fn money_of_two_currencies_is_never_added_and_targets_go_by_days() {
    let mut log = Log::new();
    log.placed(noon(), "ana", "1");
    log.sold(noon(), "ana", "1", 31_000);
    let total = Some(Money { minor: 700, currency: "USD".to_owned() });
    log.order(noon(), "ana", "2", OrderChange::Paid, &[OrderFinding::Sold { total }]);
    log.order(noon(), "ana", "3", OrderChange::Paid, &[OrderFinding::Sold { total: None }]);
    let targets = [("CNY".to_owned(), Money { minor: 3_100_000, currency: "CNY".to_owned() })].into();
    let report = log.ledger.finish(&targets);
    let Some(Value::Money(sales)) = report.whole().value("sales").cloned() else { panic!("money") };
    assert_eq!(
        sales.iter().map(|it| (it.minor, it.currency.as_str())).collect::<Vec<_>>(),
        [(31_000, "CNY"), (700, "USD")]
    );
    assert_eq!(report.groups.total.orders.without_price, 1);
    assert_eq!((report.plans[0].planned.minor, report.plans[0].completion()), (100_000, Some(0.31)), "one of 31 days");
}

#[test]
fn what_is_not_on_the_log_is_not_known_rather_than_nought() {
    let report = Log::new().finish();
    let shown = text(&report, None, Tongue::En);
    for (figure, value) in FIGURES.iter().zip(report.whole().values) {
        let is_count = matches!(value, Value::Count(_));
        assert_eq!(value.is_known(), is_count, "{}", figure.key);
    }
    assert!(shown.contains("not known") && !shown.contains("NaN"), "{shown}");
    assert!(csv(&report, None).unwrap().lines().count() == 2);
}

#[test]
fn only_what_is_within_the_period_counts_and_a_question_just_before_midnight_has_its_answer_after() {
    let midnight = at("2026-03-01T16:00:00Z");
    let mut log = Log::new();
    log.asks(midnight - 10 * MINUTE, "ana", None);
    log.asks(midnight + 2_000, "ana", Some(0));
    log.asks(midnight + HOUR, "bo", Some(0));
    let total = log.finish().groups.total;
    assert_eq!((total.contacts, total.conversations.received, total.conversations.answered), (1, 1, 1));
    assert_eq!(
        (total.answers.first.count, total.answers.first.sum_ms, total.answers.heard),
        (1, 10 * MINUTE + 2_000, 1)
    );
}

#[test]
fn the_parts_of_the_day_are_those_of_the_stores_wall() {
    let mut log = Log::new();
    log.asks(at("2026-02-28T16:30:00Z"), "ana", Some(0));
    log.asks(at("2026-03-01T15:59:59Z"), "bo", Some(0));
    let report = log.finish();
    let hours: Vec<_> = report.rows(Dimension::Hour).into_iter().map(|it| it.name).collect();
    assert_eq!(hours, ["00:00", "23:00"]);
    assert_eq!(report.rows(Dimension::Day).len(), 1);
}

#[test]
fn what_is_kept_does_not_grow_with_the_events() {
    let mut log = Log::of(0, i64::MAX);
    for number in 0..200_000i64 {
        log.asks(noon() + number * 1000, &format!("c{}", number % 50), Some(10));
    }
    assert!(log.ledger.remembers() <= 150, "{}", log.ledger.remembers());
    assert_eq!(log.finish().groups.total.answers.heard, 200_000);
}

#[test]
fn every_figure_stands_in_the_documentation_with_its_formula() {
    let documented = include_str!("../../docs/figures.md");
    for figure in FIGURES {
        let line = documented.lines().find(|line| line.contains(&format!("`{}`", figure.key)));
        assert!(line.is_some_and(|line| line.starts_with('|')), "{} is not in docs/figures.md", figure.key);
    }
}
