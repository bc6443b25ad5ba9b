//! What a store measures, one test for each line of the table "What is measured" in docs/figures.md.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{super::share::Marks, *};

fn share(part: u64, of: u64) -> Value {
    Value::Share(Share { part, of })
}

fn yuan(minor: i64) -> Value {
    Value::Money(vec![Money { minor, currency: "CNY".to_owned() }])
}

/// What a figure comes to, of everything.
fn figure(report: &Report, key: &str) -> Value {
    report.whole().value(key).cloned().unwrap_or_else(|| panic!("there is no figure {key}"))
}

fn seconds_of(value: &Value) -> Option<f64> {
    let Value::Seconds(times) = value else { panic!("{value:?} is no time") };
    times.mean_seconds()
}

#[test]
fn first_response_time_is_of_the_first_answer_and_average_response_time_of_all() {
    let mut log = Log::new();
    log.asks(noon(), "ana", Some(4_000));
    log.asks(noon() + MINUTE, "ana", Some(20_000));
    log.asks(noon(), "bo", Some(12_000));
    let report = log.finish();
    assert_eq!(seconds_of(&figure(&report, "first_response")), Some((4.0 + 12.0) / 2.0));
    assert_eq!(figure(&report, "first_response_in_time"), share(1, 2));
    assert_eq!(seconds_of(&figure(&report, "response")), Some((4.0 + 20.0 + 12.0) / 3.0));
}

#[test]
fn reply_rate_is_conversations_answered_of_conversations_received() {
    let mut log = Log::new();
    for (number, answered) in [Some(0), None, Some(HOUR), None, Some(1)].into_iter().enumerate() {
        log.asks(noon(), &format!("customer {number}"), answered);
    }
    assert_eq!(figure(&log.finish(), "reply_rate"), share(3, 5));
}

#[test]
fn answer_ratio_is_messages_of_service_by_messages_of_customers() {
    let mut log = Log::new();
    log.take(noon(), "ana", message("hello"), &[], &[], Said { messages: 3, first_ms: Some(noon()) });
    log.asks(noon() + MINUTE, "ana", None);
    let said = Said { messages: 1, first_ms: Some(noon() + 2 * MINUTE) };
    let answer = StaffDeed::Say { content: crate::model::Content::text("it is here") };
    log.deed(noon() + 2 * MINUTE, "ana", "mei", answer, &[], said);
    assert_eq!(figure(&log.finish(), "answer_ratio"), Value::Ratio(Some(4.0 / 2.0)));
}

#[test]
fn resolution_rate_is_what_was_solved_of_all() {
    let mut log = Log::new();
    log.asks(noon(), "answered", Some(0));
    log.asks(noon(), "left alone", None);
    let open = Action::OpenTicket {
        id: "T".to_owned(),
        kind: "complaint".to_owned(),
        text: String::new(),
        urgency: Urgency::Urgent,
    };
    log.take(noon(), "open", message("broken"), &[open], &[], Said { messages: 1, first_ms: Some(noon()) });
    assert_eq!(figure(&log.finish(), "resolution_rate"), share(1, 3));
}

#[test]
fn satisfaction_is_asked_after_the_conversation_and_told_of_those_who_answered() {
    let mut log = Log::new();
    for (number, mark) in [Some(5), Some(4), Some(1), None].into_iter().enumerate() {
        let chat = format!("customer {number}");
        let asks = Action::AskSatisfaction { content: crate::model::Content::text("how was it?") };
        log.deed(noon(), &chat, "mei", StaffDeed::Close, &[asks], Said::default());
        if let Some(mark) = mark {
            let found = [TraceStep::new(Of::Routing, Finding::Satisfied { mark })];
            log.take(noon() + MINUTE, &chat, message("a mark"), &[], &found, Said::default());
        }
    }
    let report = log.finish();
    assert_eq!(figure(&report, "satisfaction"), share(2, 3));
    assert_eq!(figure(&report, "satisfaction_answered"), share(3, 4));
}

#[test]
fn inquiry_conversion_is_contacts_who_ordered_of_contacts_who_asked() {
    let mut log = Log::new();
    for chat in ["ana", "bo", "chen"] {
        log.asks(noon(), chat, Some(0));
    }
    log.placed(noon() + HOUR, "ana", "1");
    log.placed(noon() + HOUR, "nobody who asked", "2");
    assert_eq!(figure(&log.finish(), "inquiry_conversion"), share(1, 3));
}

#[test]
fn order_success_is_contacts_who_paid_of_contacts_who_ordered() {
    let mut log = Log::new();
    for (id, chat) in ["ana", "ana", "bo", "chen"].into_iter().enumerate() {
        log.placed(noon(), chat, &id.to_string());
    }
    log.sold(noon() + HOUR, "ana", "0", 100);
    log.sold(noon() + HOUR, "ana", "1", 100);
    log.sold(noon() + HOUR, "bo", "2", 100);
    assert_eq!(figure(&log.finish(), "order_success"), share(2, 3));
}

#[test]
fn payment_reminder_conversion_is_orders_paid_of_orders_reminded_by_wording_time_and_channel() {
    let mut log = Log::new();
    for (id, wording, at_ms, paid) in
        [("1", "kind", noon(), true), ("2", "kind", noon() + HOUR, false), ("3", "short", noon() + HOUR, true)]
    {
        log.placed(at_ms - HOUR, id, id);
        log.reminded(at_ms, id, id, wording);
        if paid {
            log.sold(at_ms + MINUTE, id, id, 100);
        }
    }
    let report = log.finish();
    assert_eq!(figure(&report, "reminder_conversion"), share(2, 3));
    let by = |key: fn(&str, &str, i8) -> String| {
        let all = report.groups.reminders_by(key);
        all.into_iter().map(|(name, it)| format!("{name} {}/{}", it.part, it.of)).collect::<Vec<_>>()
    };
    assert_eq!(by(|wording, _, _| wording.to_owned()), ["kind 1/2", "short 1/1"]);
    assert_eq!(by(|_, _, hour| format!("{hour}:00")), ["12:00 1/1", "13:00 1/2"]);
    assert_eq!(by(|_, channel, _| channel.to_owned()), ["shop 2/3"]);
}

#[test]
fn average_order_value_is_sales_by_paying_contacts() {
    let mut log = Log::new();
    for (id, chat, minor) in [("1", "ana", 1_000), ("2", "ana", 2_000), ("3", "bo", 3_000)] {
        log.placed(noon(), chat, id);
        log.sold(noon() + MINUTE, chat, id, minor);
    }
    assert_eq!(figure(&log.finish(), "average_order_value"), yuan(6_000 / 2));
}

#[test]
fn target_completion_is_actual_sales_of_planned_sales() {
    let mut log = Log::new();
    log.sold(noon(), "ana", "1", 50_000);
    // A day of March has a thirty-first part of what the month is to bring.
    let targets = [("CNY".to_owned(), Money { minor: 3_100_000, currency: "CNY".to_owned() })].into();
    let report = log.ledger.finish(&targets);
    assert_eq!((report.plans[0].sold.minor, report.plans[0].completion()), (50_000, Some(0.5)));
}

#[test]
fn contacts_received_share_of_sales_and_online_time_are_told_of_each_person() {
    let mut log = Log::new();
    log.deed(noon(), "desk", "mei", StaffDeed::Online, &[], Said::default());
    for chat in ["ana", "bo"] {
        log.asks(noon(), chat, None);
        let waiting_ends = Action::CancelTimer { at: None, key: String::new(), owner: "clerk:hand-over".to_owned() };
        log.deed(noon() + MINUTE, chat, "mei", StaffDeed::Take, &[waiting_ends], Said::default());
    }
    log.asks(noon(), "chen", Some(0));
    log.sold(noon() + HOUR, "ana", "1", 3_000);
    log.sold(noon() + HOUR, "chen", "2", 1_000);
    log.deed(noon() + 2 * HOUR, "desk", "mei", StaffDeed::Away, &[], Said::default());
    let report = log.finish();
    let rows = report.rows(Dimension::Agent);
    let [mei] = rows.as_slice() else { panic!("one person") };
    assert_eq!((mei.name.as_str(), mei.value("contacts")), ("mei", Some(&Value::Count(2))));
    assert_eq!(mei.share_of_sales, [("CNY".to_owned(), Some(0.75))]);
    assert_eq!(mei.value("online"), Some(&Value::Lasted(Some(2 * HOUR))));
}

#[test]
fn refunds_are_counted_with_time_to_settle_and_their_disputes_where_shops_tell_who_decided() {
    let decided = |by_platform: bool| Some(RefundReport { by_platform: Some(by_platform), ..RefundReport::default() });
    let amount = Some(Money { minor: 900, currency: "CNY".to_owned() });
    let back = OrderFinding::GaveBack { amount, asked_ms: Some(noon()) };
    let untold = || {
        let mut log = Log::new();
        log.order(noon(), "ana", "1", OrderChange::RefundRequested, &[]);
        log.order(noon() + 3 * HOUR, "ana", "1", OrderChange::RefundSettled, std::slice::from_ref(&back));
        log.order(noon(), "bo", "2", OrderChange::RefundRequested, &[]);
        log.order(noon() + HOUR, "bo", "2", OrderChange::RefundRefused, &[]);
        log
    };
    let (mut log, untold) = (untold(), untold().finish());
    for key in ["dispute_rate", "settled_without_platform"] {
        assert!(!figure(&untold, key).is_known(), "{key}: nobody said who decided");
    }
    // Of four that are told of, the platform decided one.
    for (id, by_platform) in [("3", false), ("4", false), ("5", true)] {
        let event = OrderEvent { refund: decided(by_platform), ..bare(id, OrderChange::RefundSettled) };
        log.report(noon() + 3 * HOUR, "chen", event, std::slice::from_ref(&back));
    }
    let event = OrderEvent { refund: decided(false), ..bare("6", OrderChange::RefundRefused) };
    log.report(noon() + HOUR, "dee", event, &[]);
    let report = log.finish();
    let count = |key| figure(&report, key);
    assert_eq!((count("refunds_asked"), count("refunds_settled")), (Value::Count(2), Value::Count(4)));
    assert_eq!((count("refunds_refused"), figure(&report, "refunded")), (Value::Count(2), yuan(3600)));
    assert_eq!(seconds_of(&figure(&report, "refund_time")), Some(3.0 * 3600.0));
    assert_eq!((count("dispute_rate"), count("settled_without_platform")), (share(1, 4), share(3, 4)));
}

#[test]
fn dsr_is_the_mean_of_the_three_scores_of_each_reviewed_order_and_not_known_without() {
    let unmarked = || {
        let mut log = Log::new();
        log.asks(noon(), "ana", Some(0));
        log.sold(noon(), "ana", "1", 100);
        log.order(noon(), "ana", "1", OrderChange::ReviewPosted, &[]);
        log
    };
    let (mut log, without) = (unmarked(), unmarked().finish());
    for key in ["dsr_described", "dsr_service", "dsr_shipping"] {
        assert!(!figure(&without, key).is_known(), "{key}");
    }
    let given = [("2", [Some(5), Some(4), Some(3)]), ("3", [Some(4), Some(4), None]), ("4", [Some(4), None, Some(1)])];
    for (id, [described, service, shipping]) in given {
        let review =
            || OrderEvent { scores: Scores { described, service, shipping }, ..bare(id, OrderChange::ReviewPosted) };
        log.report(noon(), "bo", review(), &[]);
        // The same report once more.
        log.report(noon() + HOUR, "bo", review(), &[]);
    }
    let report = log.finish();
    for (key, count, sum) in [("dsr_described", 3, 13), ("dsr_service", 2, 8), ("dsr_shipping", 2, 4)] {
        assert_eq!(figure(&report, key), Value::Marks(Marks { count, sum }), "{key}");
    }
}

#[test]
fn a_person_with_several_addresses_is_one_contact_and_holds_a_conversation_at_each() {
    let mut log = Log::new();
    log.are_one("C-1", &["ana by chat", "ana by phone", "9"]);
    log.asks(noon(), "ana by chat", Some(1_000));
    log.asks(noon(), "ana by phone", Some(5_000));
    log.placed(noon() + MINUTE, "ana by phone", "1");
    // Where the shop names no address, it is hers as well.
    log.placed(noon() + MINUTE, "", "9");
    log.sold(noon() + HOUR, "ana by chat", "1", 1_000);
    log.sold(noon() + HOUR, "", "9", 2_000);
    let report = log.finish();
    assert_eq!((figure(&report, "contacts"), figure(&report, "conversations")), (Value::Count(1), Value::Count(2)));
    assert_eq!((figure(&report, "inquiry_conversion"), figure(&report, "order_success")), (share(1, 1), share(1, 1)));
    assert_eq!(figure(&report, "average_order_value"), yuan(3_000));
    assert_eq!(seconds_of(&figure(&report, "first_response")), Some(3.0), "each answer is to what was asked there");
}

/// Something that happens on an invented day: at which address, and what.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Asks,
    Places,
    Pays,
}

proptest! {
    #[test]
    fn contacts_are_counted_as_sets_of_persons_are(
        day in prop::collection::vec((0..6usize, prop::sample::select(vec![Happens::Asks, Happens::Places, Happens::Pays])), 1..60)
    ) {
        const CHATS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let person = |chat: usize| match chat { 0..=2 => "first", 3 | 4 => "second", _ => "f" };
        let mut log = Log::new();
        log.are_one("first", &["a", "b", "c"]);
        log.are_one("second", &["d", "e"]);
        let (mut asked, mut ordered, mut converted, mut paid) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut sales = 0;
        for (number, (chat, what)) in day.iter().enumerate() {
            let at_ms = noon() + number as i64 * 1_000;
            let (who, order) = (person(*chat), number.to_string());
            match what {
                Happens::Asks => {
                    log.asks(at_ms, CHATS[*chat], Some(0));
                    asked.insert(who);
                }
                Happens::Places => {
                    log.placed(at_ms, CHATS[*chat], &order);
                    ordered.insert(who);
                    if asked.contains(who) {
                        converted.insert(who);
                    }
                }
                Happens::Pays => {
                    log.placed(at_ms, CHATS[*chat], &order);
                    log.sold(at_ms, CHATS[*chat], &order, 600);
                    ordered.insert(who);
                    paid.insert(who);
                    if asked.contains(who) {
                        converted.insert(who);
                    }
                    sales += 600;
                }
            }
        }
        let report = log.finish();
        let size = |set: &BTreeSet<&str>| set.len() as u64;
        prop_assert_eq!(figure(&report, "contacts"), Value::Count(size(&asked)));
        prop_assert_eq!(figure(&report, "inquiry_conversion"), share(size(&converted), size(&asked)));
        prop_assert_eq!(figure(&report, "order_success"), share(size(&paid), size(&ordered)));
        if !paid.is_empty() {
            prop_assert_eq!(figure(&report, "average_order_value"), yuan(sales / paid.len() as i64));
        }
    }
}
