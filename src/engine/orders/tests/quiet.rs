//! What nobody is told: what comes too late, what the store switched off.

use super::*;
use crate::engine::orders::worth::worth;

/// Why something stayed unsaid, by the words of the trace.
fn told(shop: &mut Shop, change: OrderEvent) -> (Vec<OrderMoment>, String) {
    let event = Event {
        channel: "shop".to_owned(),
        dedupe: String::new(),
        address: Address::new("chat", "ana"),
        at_ms: shop.now_ms,
        kind: EventKind::Order(change.clone()),
    };
    let step = shop.book.on_event(&event, &change, shop.orders.get(&change.order_id), &stranger(), shop.now_ms);
    let why = step.trace.iter().map(|it| it.what.to_string()).collect::<Vec<_>>().join("; ");
    (shop.commit(step), why)
}

#[test]
fn what_was_due_too_long_ago_when_the_clerk_comes_back_is_left_unsaid() {
    for (down_for, said) in [("27T12:00", 1), ("28T12:00", 0)] {
        let mut shop = Shop::opened("max_age = \"72h\"", "24T12:00");
        shop.report("A1", OrderChange::Placed);
        shop.now_ms = at(down_for);
        assert_eq!(shop.fire_due().len(), said, "a reminder, back at {down_for}");
        assert_eq!(shop.wait_until("30T12:00").len(), said, "and at most the next one after it");
    }
    // Delivered, and the request was due while the clerk was away for a week.
    let mut shop = Shop::opened("max_age = \"72h\"", "20T12:00");
    for change in [OrderChange::Paid, OrderChange::Shipped, OrderChange::Delivered] {
        shop.report("A1", change);
    }
    shop.now_ms = at("27T12:00");
    assert_eq!(shop.fire_due(), []);
    // What happened at night waits for the morning, but not for a morning a week later.
    let mut shop = Shop::opened("max_age = \"72h\"", "20T23:00");
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.report_as_of(shop.now_ms, shipped("A1", Some("SF1"))), []);
    shop.now_ms = at("27T12:00");
    assert_eq!(shop.fire_due(), []);
}

#[test]
fn what_the_store_switched_off_is_not_told_and_the_trace_says_so() {
    let on_delivery = || OrderEvent { on_delivery: Some(true), ..bare("A1", OrderChange::Placed) };
    let refunded = || bare("A1", OrderChange::RefundSettled);
    let steps = [
        ("on_delivery = false", on_delivery()),
        ("cancelled = false", bare("A1", OrderChange::Cancelled)),
        ("refunds = false", bare("A1", OrderChange::RefundRequested)),
        ("refunds = false", refunded()),
        ("reviews = false", reviewed("A1", 5)),
        ("reviews = false", reviewed("A1", 1)),
    ];
    for (switch, change) in steps {
        let mut off = Shop::opened(&format!("[notices]\n{switch}"), "24T12:00");
        let (moments, why) = told(&mut off, change.clone());
        assert_eq!(moments, [], "{switch}");
        assert!(why.contains("switched off"), "{switch}: {why}");
        let mut on = Shop::opened("", "24T12:00");
        assert_eq!(told(&mut on, change).0.len(), 1, "without `{switch}`");
    }
    // A switch is of its own kind of notice alone.
    let mut shop = Shop::opened("[notices]\ncancelled = false\nreviews = false", "24T12:00");
    assert_eq!(told(&mut shop, on_delivery()).0.len(), 1);
    assert_eq!(told(&mut shop, refunded()).0.len(), 1);
    let mut shop = Shop::opened("[shipping-notice]\nenabled = false", "24T12:00");
    let (moments, why) = told(&mut shop, shipped("A1", Some("SF1")));
    assert!(moments.is_empty() && why.contains("switched off"), "{why}");
}

#[test]
fn the_largest_order_is_the_one_that_is_worth_most_in_whatever_currency() {
    let of = |amount: &str, currency: &str| worth(&Money::parse(amount, currency).unwrap());
    for (larger, smaller) in [
        (("90", "USD"), ("10000", "JPY")),
        (("10000", "JPY"), ("50", "USD")),
        (("100", "EUR"), ("100", "USD")),
        (("3.000", "KWD"), ("900", "JPY")),
        (("100", "CNY"), ("100000", "VND")),
        (("2000000", "IDR"), ("500", "CNY")),
    ] {
        assert!(of(larger.0, larger.1) > of(smaller.0, smaller.1), "{larger:?} is more than {smaller:?}");
    }
    let mut shop = Shop::opened("", "24T02:00");
    for (id, amount, currency) in [("J", "10000", "JPY"), ("U", "90.00", "USD"), ("K", "30.000", "KWD")] {
        let total = Some(Money::parse(amount, currency).unwrap().into());
        shop.report_as_of(shop.now_ms, OrderEvent { total, ..bare(id, OrderChange::Placed) });
    }
    let reminded: Vec<_> = shop.wait_until("24T09:00").into_iter().map(|(id, _)| id).collect();
    assert_eq!(reminded, ["K", "U", "J"]);
}

#[test]
fn a_customer_abroad_is_left_in_peace_by_their_own_clock() {
    let abroad =
        |id: &str| OrderEvent { time_zone: Some("America/New_York".to_owned()), ..bare(id, OrderChange::Placed) };
    // Noon in Shanghai is eleven in the evening in New York.
    let mut shop = Shop::opened("[payment-reminder]\nallowed = \"09:00-21:30\"", "24T12:00");
    shop.report_as_of(shop.now_ms, abroad("A1"));
    assert_eq!(shop.due("payment:shop/A1"), Some(at("24T22:00")), "nine in the morning there");
    shop.report("A2", OrderChange::Placed);
    assert_eq!(shop.due("payment:shop/A2"), Some(at("24T12:30")), "who lives where the store is");
    // What the shop reports at its noon waits, too.
    shop.report_as_of(shop.now_ms, OrderEvent { change: OrderChange::Paid, ..abroad("A3") });
    assert_eq!(shop.report_as_of(shop.now_ms, shipped("A3", Some("SF1"))), []);
    assert_eq!(shop.due("news:shop/A3"), Some(at("24T21:00")), "eight in the morning there");
}
