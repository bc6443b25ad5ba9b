use super::*;
use crate::model::{Amount, OpenTicket, OrderChange, OrderEvent, RefundReport, Urgency};

fn change(change: OrderChange) -> OrderEvent {
    OrderEvent {
        change,
        order_id: "A1".to_owned(),
        addressed: true,
        payment_url: Some("https://shop.example/pay/1".to_owned()),
        ..OrderEvent::default()
    }
}

/// Lets the timer that a decision set come due.
fn ring(talk: &mut Talk, decision: &Decision) -> Decision {
    let timer = decision.actions.iter().find_map(|it| match it {
        Action::SetTimer { key, due_ms, payload, owner, .. } => {
            Some(TimerFired { key: key.clone(), due_ms: *due_ms, owner: owner.clone(), payload: payload.clone() })
        }
        _ => None,
    });
    let timer = timer.expect("a timer");
    talk.now_ms = timer.due_ms;
    talk.decide(EventKind::Timer(timer), decision.orders.first())
}

#[test]
fn an_unpaid_order_is_asked_after_with_its_number_and_where_to_pay() {
    let mut talk = Talk::met(DAY_MS);
    let placed = talk.decide(EventKind::Order(change(OrderChange::Placed)), None);
    assert_eq!(placed.replies().count(), 0);
    let first = ring(&mut talk, &placed);
    assert!(texts(&first)[0].contains("A1") && texts(&first)[0].contains("https://shop.example/pay/1"), "{first:?}");
    let last = ring(&mut talk, &first);
    assert!(texts(&last)[0].contains("快要自动关闭"), "{last:?}");
    assert!(!last.actions.iter().any(|it| matches!(it, Action::SetTimer { .. })));
}

#[test]
fn a_reminder_is_in_the_conversations_language_whatever_was_said_last() {
    let mut talk = Talk::met(DAY_MS);
    talk.say("where is my order, please");
    let odd = talk.say("谢谢你们");
    assert!(texts(&odd)[0].contains("不客气"), "a sentence is answered in its own language: {odd:?}");
    assert_eq!(odd.conversation.language.as_deref(), Some("en"), "and changes nothing by itself");
    let placed = talk.decide(EventKind::Order(change(OrderChange::Placed)), None);
    assert!(texts(&ring(&mut talk, &placed))[0].contains("is not paid yet"));
}

#[test]
fn each_moment_is_offered_to_plugins_before_the_phrase() {
    let mut talk = Talk::met(DAY_MS);
    talk.plugins = Taking::at(Hook::PaymentReminder, "Still interested?");
    let placed = talk.decide(EventKind::Order(change(OrderChange::Placed)), None);
    assert_eq!(texts(&ring(&mut talk, &placed)), ["Still interested?"]);
    let shipped = talk.decide(EventKind::Order(change(OrderChange::Shipped)), placed.orders.first());
    assert!(texts(&shipped)[0].contains("A1"), "{shipped:?}");
    let mut hooks = talk.plugins.hooks();
    hooks.dedup();
    assert_eq!(
        hooks,
        [Hook::Order, Hook::PaymentReminder, Hook::Order, Hook::ShippingNotice, Hook::Order, Hook::ShippingNotice]
    );
}

#[test]
fn a_plugin_that_takes_a_change_replaces_its_notice_and_nothing_else() {
    let mut talk = Talk::met(DAY_MS);
    talk.plugins = Taking::at(Hook::Order, "Noted.");
    let decision = talk.decide(EventKind::Order(change(OrderChange::RefundRequested)), None);
    assert_eq!(texts(&decision), ["Noted."]);
    assert_eq!(kinds(&decision), ["refund"]);
    assert!(!decision.orders.is_empty());
}

#[test]
fn a_refund_is_told_of_when_it_is_asked_for_and_when_it_is_settled() {
    let mut talk = Talk::met(DAY_MS);
    let asked = talk.decide(EventKind::Order(change(OrderChange::RefundRequested)), None);
    assert_eq!(asked.replies().count(), 1);
    assert_eq!(kinds(&asked), ["refund"]);
    let settled = talk.decide(EventKind::Order(change(OrderChange::RefundSettled)), asked.orders.first());
    assert_eq!(settled.replies().count(), 1);
    assert!(settled.conversation.tickets.is_empty());
    assert_eq!(settled.tickets[0].id, asked.tickets[0].id);
    assert_eq!(settled.tickets[0].closed_ms, Some(DAY_MS), "the one that was opened is closed");
}

#[test]
fn a_bad_review_opens_a_ticket() {
    let mut talk = Talk::met(DAY_MS);
    let mut review = change(OrderChange::ReviewPosted);
    review.rating = Some(1);
    review.text = Some("cold tea".to_owned());
    let decision = talk.decide(EventKind::Order(review), None);
    let ticket = &decision.tickets[0];
    assert_eq!((ticket.kind.as_str(), ticket.text.as_str()), ("bad-review", "order A1: cold tea"));
    assert_eq!(ticket.urgency, Urgency::Urgent);
}

/// A conversation in which a change is reported at a time of day that suits.
fn told(talk: &mut Talk, change: OrderEvent, order: Option<&Order>) -> (Vec<String>, Order) {
    let decision = talk.decide(EventKind::Order(change), order);
    (texts(&decision), decision.orders[0].clone())
}

fn parcel(number: &str) -> OrderEvent {
    let shipment = Shipment { tracking_number: Some(number.to_owned()), ..Shipment::default() };
    OrderEvent { shipments: vec![shipment], ..change(OrderChange::Shipped) }
}

fn refund(amount: &str) -> OrderEvent {
    let amount = Amount { text: amount.to_owned(), currency: None };
    let refund = RefundReport { amount: Some(amount), ..RefundReport::default() };
    OrderEvent { refund: Some(refund), ..change(OrderChange::RefundSettled) }
}

fn priced(kind: OrderChange, total: &str) -> OrderEvent {
    let total = Amount { text: total.to_owned(), currency: Some("CNY".to_owned()) };
    OrderEvent { total: Some(total), ..change(kind) }
}

#[test]
fn what_happens_at_night_is_told_in_the_morning_and_once() {
    let mut talk = Talk::met(NIGHT_MS);
    let shipped = talk.decide(EventKind::Order(parcel("SF1")), None);
    assert_eq!(texts(&shipped), Vec::<String>::new());
    let morning = ring(&mut talk, &shipped);
    assert!(texts(&morning)[0].contains("SF1"), "{morning:?}");
    let again = talk.decide(EventKind::Order(parcel("SF1")), morning.orders.first());
    assert_eq!(texts(&again), Vec::<String>::new());
}

#[test]
fn a_part_refunded_is_told_with_its_amount_and_the_rest_goes_on() {
    let mut talk = Talk::met(DAY_MS);
    let (_, order) = told(&mut talk, priced(OrderChange::Paid, "199.00"), None);
    let (first, order) = told(&mut talk, refund("5.00"), Some(&order));
    assert!(first[0].contains("¥5.00") && !first[0].contains("199"), "{first:?}");
    assert_eq!(order.total.as_ref().unwrap().to_string(), "CNY 199.00");
    let (same, order) = told(&mut talk, refund("5.00"), Some(&order));
    assert!(same.is_empty(), "the same one is told once: {same:?}");
    let (second, order) = told(&mut talk, refund("7.00"), Some(&order));
    assert!(second[0].contains("¥7.00"), "{second:?}");
    let (notice, order) = told(&mut talk, parcel("SF2"), Some(&order));
    assert!(notice[0].contains("SF2"), "{notice:?}");
    let (rest, order) = told(&mut talk, refund("187.00"), Some(&order));
    assert!(rest[0].contains("¥187.00"), "{rest:?}");
    assert_eq!(order.status, OrderStatus::Refunded, "now all of it went back");
}

#[test]
fn a_refund_without_a_readable_amount_is_told_without_one() {
    for amount in ["five", "5.001"] {
        let mut talk = Talk::met(DAY_MS);
        let (_, order) = told(&mut talk, priced(OrderChange::Paid, "199.00"), None);
        let (text, order) = told(&mut talk, refund(amount), Some(&order));
        assert!(!text[0].contains('¥'), "{text:?}");
        assert_eq!(order.status, OrderStatus::Paid, "nobody knows that it was all");
    }
}

#[test]
fn a_refund_withdrawn_or_refused_is_told_and_the_order_is_what_it_was() {
    for (end, clue) in [(OrderChange::RefundWithdrawn, "撤销"), (OrderChange::RefundRefused, "没有通过")] {
        let mut talk = Talk::met(DAY_MS);
        let (_, order) = told(&mut talk, change(OrderChange::Paid), None);
        let (_, order) = told(&mut talk, change(OrderChange::RefundRequested), Some(&order));
        assert_eq!(talk.conversation.tickets.len(), 1);
        talk.now_ms += 60_000;
        let (text, order) = told(&mut talk, change(end), Some(&order));
        assert!(text[0].contains(clue), "{text:?}");
        assert_eq!(order.status, OrderStatus::Paid);
        assert!(talk.conversation.tickets.is_empty(), "there is nothing left to decide");
        let (text, _) = told(&mut talk, parcel("SF7"), Some(&order));
        assert!(text[0].contains("SF7"), "{text:?}");
    }
}

#[test]
fn an_order_paid_after_it_was_cancelled_is_followed_again() {
    let mut talk = Talk::met(DAY_MS);
    let (_, order) = told(&mut talk, change(OrderChange::Placed), None);
    let (_, order) = told(&mut talk, change(OrderChange::Cancelled), Some(&order));
    talk.now_ms += 60_000;
    let (_, order) = told(&mut talk, change(OrderChange::Paid), Some(&order));
    assert_eq!(order.status, OrderStatus::Paid);
    let (text, _) = told(&mut talk, parcel("SF9"), Some(&order));
    assert!(text[0].contains("SF9"), "{text:?}");
}

#[test]
fn an_order_is_delivered_when_all_its_parcels_are_and_each_is_announced_once() {
    let mut talk = Talk::met(DAY_MS);
    let (first, order) = told(&mut talk, parcel("SFA"), None);
    assert!(first[0].contains("SFA"), "{first:?}");
    talk.now_ms += 60_000;
    let (nothing, order) = told(&mut talk, change(OrderChange::Delivered), Some(&order));
    assert!(nothing.is_empty());
    assert_eq!(order.status, OrderStatus::Delivered);
    talk.now_ms += 60_000;
    let (second, order) = told(&mut talk, parcel("SFB"), Some(&order));
    assert!(second[0].contains("SFB") && !second[0].contains("SFA"), "{second:?}");
    assert_eq!(order.status, OrderStatus::Shipped);
    let (update, order) = told(&mut talk, parcel("SFA"), Some(&order));
    assert!(update.is_empty(), "{update:?}");
    talk.facts.orders = vec![order];
    let status = texts(&talk.say("where is my order")).remove(0);
    assert!(status.contains("SFA") && status.contains("SFB"), "{status}");
}

#[test]
fn what_is_paid_on_delivery_is_confirmed_with_its_price_and_not_dunned() {
    let mut talk = Talk::met(DAY_MS);
    let cod = OrderEvent { on_delivery: Some(true), ..priced(OrderChange::Placed, "50") };
    let decision = talk.decide(EventKind::Order(cod), None);
    assert!(texts(&decision)[0].contains("50.00") && texts(&decision)[0].contains("货到付款"), "{decision:?}");
    let free = talk.decide(EventKind::Order(priced(OrderChange::Placed, "0.00")), None);
    for decision in [decision, free] {
        assert!(!decision.actions.iter().any(|it| matches!(it, Action::SetTimer { .. })), "{decision:?}");
    }
}

#[test]
fn who_opted_out_hears_nothing_unasked_not_even_from_plugins() {
    let mut talk = Talk::met(DAY_MS);
    talk.conversation.tags.push(Conversation::OPTED_OUT.to_owned());
    talk.plugins = Taking::at(Hook::Order, "Hello again!");
    let placed = talk.decide(EventKind::Order(change(OrderChange::Placed)), None);
    assert!(texts(&ring(&mut talk, &placed)).is_empty());
    for kind in [OrderChange::Shipped, OrderChange::Cancelled, OrderChange::RefundSettled, OrderChange::ReviewPosted] {
        assert!(told(&mut talk, change(kind), None).0.is_empty(), "{kind:?}");
    }
}

#[test]
fn nobody_is_dunned_asked_for_a_review_or_told_of_parcels_while_a_complaint_is_open() {
    let mut talk = Talk::met(DAY_MS);
    let placed = talk.decide(EventKind::Order(change(OrderChange::Placed)), None);
    let delivered = talk.decide(EventKind::Order(change(OrderChange::Delivered)), None);
    talk.conversation.tickets.push(OpenTicket { id: "T1".to_owned(), kind: "complaint".to_owned(), order: None });
    assert!(texts(&ring(&mut talk, &placed)).is_empty());
    assert!(told(&mut talk, parcel("SF1"), None).0.is_empty());
    let review = ring(&mut talk, &delivered);
    assert!(texts(&review).is_empty(), "{review:?}");
    let (refunded, _) = told(&mut talk, change(OrderChange::RefundSettled), None);
    assert_eq!(refunded.len(), 1, "what answers the complaint is told");
}

#[test]
fn several_unpaid_orders_are_asked_after_once_and_named_together() {
    let mut talk = Talk::met(DAY_MS);
    let orders: Vec<_> = (1..=6)
        .map(|number| {
            let event = OrderEvent { order_id: format!("M{number}"), ..priced(OrderChange::Placed, "9") };
            talk.decide(EventKind::Order(event), None)
        })
        .collect();
    talk.facts.orders = orders.iter().map(|it| it.orders[0].clone()).collect();
    let first = ring(&mut talk, &orders[0]);
    assert_eq!(texts(&first).len(), 1, "{first:?}");
    assert!((1..=6).all(|number| texts(&first)[0].contains(&format!("M{number}"))), "{first:?}");
    assert_eq!(first.orders.len(), 6);
    assert!(first.orders.iter().all(|it| it.reminders == 1));
    talk.facts.orders.clone_from(&first.orders);
    let mut second = orders[1].clone();
    second.orders = vec![first.orders.iter().find(|it| it.id == "M2").unwrap().clone()];
    assert!(texts(&ring(&mut talk, &second)).is_empty(), "it was named already");
}

#[test]
fn who_bought_the_same_again_and_paid_is_not_reminded_of_the_first() {
    let mut talk = Talk::met(DAY_MS);
    let first = talk.decide(EventKind::Order(priced(OrderChange::Placed, "99")), None);
    let paid = OrderEvent { order_id: "A2".to_owned(), ..priced(OrderChange::Paid, "99") };
    let again = talk.decide(EventKind::Order(paid), None);
    talk.facts.orders = vec![again.orders[0].clone(), first.orders[0].clone()];
    assert!(texts(&ring(&mut talk, &first)).is_empty());
}

#[test]
fn a_shops_history_is_recorded_and_nobody_hears_of_it() {
    let mut talk = Talk::met(DAY_MS);
    talk.plugins = Taking::at(Hook::Order, "News!");
    let long_ago_ms = DAY_MS - 60 * 24 * 3_600_000;
    for kind in [
        OrderChange::Placed,
        OrderChange::Shipped,
        OrderChange::Delivered,
        OrderChange::Cancelled,
        OrderChange::RefundRequested,
        OrderChange::RefundSettled,
        OrderChange::ReviewPosted,
    ] {
        let decision = talk.decide_as_of(long_ago_ms, EventKind::Order(change(kind)), None);
        assert!(texts(&decision).is_empty(), "{kind:?}: {decision:?}");
        assert!(!decision.actions.iter().any(|it| matches!(it, Action::SetTimer { .. })), "{kind:?}");
        assert_eq!(decision.orders.len(), 1);
    }
}

#[test]
fn no_more_is_told_in_a_day_than_the_store_allows() {
    let mut talk = Talk::met(DAY_MS);
    let mut order = None;
    let mut told = 0;
    let mut last = None;
    for number in 0..9 {
        let decision = talk.decide(EventKind::Order(parcel(&format!("SF{number}"))), order.as_ref());
        told += texts(&decision).len();
        order = decision.orders.first().cloned();
        last = Some(decision);
    }
    assert_eq!(told, 6);
    let next_day = ring(&mut talk, &last.unwrap());
    assert_eq!(texts(&next_day).len(), 3, "the rest is told the next day: {next_day:?}");
}
