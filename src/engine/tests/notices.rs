use super::*;
use crate::model::{OrderChange, OrderEvent, Urgency};

fn change(change: OrderChange) -> OrderEvent {
    OrderEvent {
        change,
        order_id: "A1".to_owned(),
        addressed: true,
        customer_name: None,
        total: None,
        items: Vec::new(),
        payment_url: Some("https://shop.example/pay/1".to_owned()),
        shipment: None,
        rating: None,
        text: None,
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
    let mut talk = Talk::met(NIGHT_MS);
    let asked = talk.decide(EventKind::Order(change(OrderChange::RefundRequested)), None);
    assert_eq!(asked.replies().count(), 1);
    assert_eq!(kinds(&asked), ["refund"]);
    let settled = talk.decide(EventKind::Order(change(OrderChange::RefundSettled)), asked.orders.first());
    assert_eq!(settled.replies().count(), 1);
    assert!(settled.conversation.tickets.is_empty());
    assert_eq!(settled.tickets[0].id, asked.tickets[0].id);
    assert_eq!(settled.tickets[0].closed_ms, Some(NIGHT_MS), "the one that was opened is closed");
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
