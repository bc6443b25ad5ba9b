mod interleavings;
mod quiet;

use std::collections::BTreeMap;

use super::*;
use crate::{
    engine::schedule::HoursSettings,
    model::{Address, EventKind, Money, OrderChange, Shipment},
    setting::Delay,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// `24T21:30` is half past nine in the evening of 24 November 2026, in Shanghai.
fn at(time: &str) -> i64 {
    format!("2026-11-{time}:00+08:00").parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// A store's orders, its engine timers and its clock, driven the way the inbox drives them.
struct Shop {
    book: OrderBook,
    orders: BTreeMap<String, Order>,
    timers: BTreeMap<String, TimerFired>,
    priorities: BTreeMap<String, i64>,
    now_ms: i64,
}

impl Shop {
    fn opened(toml: &str, now: &str) -> Self {
        let schedule = Schedule::compile(&HoursSettings::default()).unwrap();
        let book = OrderBook::compile(&toml::from_str(toml).unwrap(), &schedule).unwrap();
        Self { book, orders: BTreeMap::new(), timers: BTreeMap::new(), priorities: BTreeMap::new(), now_ms: at(now) }
    }

    /// The platform reports a change that happened just now.
    fn report(&mut self, id: &str, change: OrderChange) -> Vec<OrderMoment> {
        self.report_as_of(self.now_ms, bare(id, change))
    }

    fn report_as_of(&mut self, at_ms: i64, change: OrderEvent) -> Vec<OrderMoment> {
        let event = Event {
            channel: "shop".to_owned(),
            dedupe: String::new(),
            address: Address::new("chat", "ana"),
            at_ms,
            kind: EventKind::Order(change.clone()),
        };
        let step = self.book.on_event(&event, &change, self.orders.get(&change.order_id), &stranger(), self.now_ms);
        self.commit(step)
    }

    fn fire(&mut self, timer: &TimerFired) -> Vec<OrderMoment> {
        let order = timer.payload["order_id"].as_str().and_then(|id| self.orders.get(id));
        assert_eq!(timer.payload["shop"], "shop");
        let step = self.book.on_timer(timer, order, &stranger(), self.now_ms);
        self.commit(step)
    }

    /// Goes on to `now`, firing what is due on the way, each at its time.
    fn wait_until(&mut self, now: &str) -> Vec<(String, OrderMoment)> {
        let mut moments = Vec::new();
        while let Some(due_ms) = self.timers.values().map(|timer| timer.due_ms).min().filter(|due| *due <= at(now)) {
            self.now_ms = self.now_ms.max(due_ms);
            moments.extend(self.fire_due());
        }
        self.now_ms = at(now);
        moments
    }

    /// Fires what is due by now, once each, as after a start of the daemon: by due time, then priority.
    fn fire_due(&mut self) -> Vec<(String, OrderMoment)> {
        let mut due: Vec<_> = self.timers.values().filter(|timer| timer.due_ms <= self.now_ms).cloned().collect();
        due.sort_by_key(|timer| (timer.due_ms, -self.priorities[&timer.key]));
        let mut moments = Vec::new();
        for timer in due {
            self.timers.remove(&timer.key);
            let id = timer.payload["order_id"].as_str().unwrap().to_owned();
            moments.extend(self.fire(&timer).into_iter().map(|moment| (id.clone(), moment)));
        }
        moments
    }

    fn commit(&mut self, step: OrderStep) -> Vec<OrderMoment> {
        assert!(!step.trace.is_empty(), "every step says why");
        for action in step.timers {
            match action {
                Action::SetTimer { key, due_ms, priority, payload, owner, .. } => {
                    assert_eq!(owner, "engine");
                    self.priorities.insert(key.clone(), priority);
                    self.timers.insert(key.clone(), TimerFired { key, due_ms, owner, payload });
                }
                Action::CancelTimer { key, owner, .. } => {
                    assert_eq!(owner, "engine");
                    self.timers.remove(&key);
                }
                other => panic!("not a timer: {other:?}"),
            }
        }
        if let Some(order) = step.order {
            self.orders.insert(order.id.clone(), order);
        }
        step.moments
    }

    fn due(&self, key: &str) -> Option<i64> {
        self.timers.get(key).map(|timer| timer.due_ms)
    }
}

/// A customer of whom nothing else is known.
fn stranger() -> Customer<'static> {
    Customer { opted_out: false, complains: false, notices_ms: &[], reminded_ms: None, orders: &Vec::new }
}

fn bare(id: &str, change: OrderChange) -> OrderEvent {
    OrderEvent { change, order_id: id.to_owned(), addressed: true, ..OrderEvent::default() }
}

fn shipped(id: &str, number: Option<&str>) -> OrderEvent {
    let shipment = Shipment { tracking_number: number.map(str::to_owned), ..Shipment::default() };
    OrderEvent { shipments: vec![shipment], ..bare(id, OrderChange::Shipped) }
}

fn priced(id: &str, minor: i64) -> OrderEvent {
    OrderEvent { total: Some(Money { minor, currency: "CNY".to_owned() }.into()), ..bare(id, OrderChange::Placed) }
}

fn reviewed(id: &str, rating: u8) -> OrderEvent {
    OrderEvent { rating: Some(rating), ..bare(id, OrderChange::ReviewPosted) }
}

fn reminder(id: &str, attempt: u32, last: bool) -> (String, OrderMoment) {
    (id.to_owned(), OrderMoment::PaymentReminder { attempt, last })
}

#[test]
fn an_unpaid_order_is_reminded_after_the_delay_and_again_after_the_interval() {
    let mut shop = Shop::opened("[payment-reminder]\ninterval = \"2h\"", "24T12:00");
    shop.report("A1", OrderChange::Placed);
    assert_eq!(shop.due("payment:shop/A1"), Some(at("24T12:30")));
    assert_eq!(shop.wait_until("24T12:29"), []);
    assert_eq!(shop.wait_until("24T12:30"), [reminder("A1", 1, false)]);
    assert_eq!(shop.due("payment:shop/A1"), Some(at("24T14:30")));
    assert_eq!(shop.wait_until("29T12:00"), [reminder("A1", 2, true)]);
    assert_eq!(shop.orders["A1"].reminders, 2);
}

#[test]
fn an_order_paid_or_closed_meanwhile_is_never_reminded() {
    use OrderChange::*;
    for change in [Paid, Shipped, Delivered, Cancelled, RefundRequested, RefundSettled, ReviewPosted] {
        let mut shop = Shop::opened("[review-request]\nenabled = false", "24T12:00");
        shop.report("A1", Placed);
        let timer = shop.timers["payment:shop/A1"].clone();
        shop.report("A1", change);
        assert!(shop.timers.is_empty(), "{change:?} cancels the reminder");
        shop.now_ms = timer.due_ms;
        assert_eq!(shop.fire(&timer), [], "and one that fires all the same says nothing");
        assert!(shop.timers.is_empty());
    }
}

#[test]
fn an_order_paid_between_two_reminders_gets_no_second_one() {
    let mut shop = Shop::opened("", "24T09:00");
    shop.report("A1", OrderChange::Placed);
    assert_eq!(shop.wait_until("24T10:00").len(), 1);
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.wait_until("29T12:00"), []);
}

#[test]
fn a_payment_reported_before_its_order_stands() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Paid);
    shop.now_ms += MINUTE;
    shop.report("A1", OrderChange::Placed);
    assert_eq!(shop.orders["A1"].status, OrderStatus::Paid);
    assert!(shop.timers.is_empty());
}

#[test]
fn nobody_is_reminded_at_night() {
    let mut shop = Shop::opened("", "24T21:15");
    shop.report("A1", OrderChange::Placed);
    assert_eq!(shop.due("payment:shop/A1"), Some(at("25T09:00")));
    assert_eq!(shop.wait_until("25T09:00"), [reminder("A1", 1, false)]);
    let mut shop = Shop::opened("", "24T10:00");
    shop.report("A1", OrderChange::Placed);
    shop.wait_until("24T10:30");
    assert_eq!(shop.due("payment:shop/A1"), Some(at("25T09:00")), "twelve hours on, it is half past ten at night");
}

#[test]
fn a_reminder_missed_while_down_waits_for_the_morning_with_its_number() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Placed);
    shop.now_ms = at("25T02:00");
    assert_eq!(shop.fire_due(), []);
    assert_eq!(shop.due("payment:shop/A1"), Some(at("25T09:00")));
    assert_eq!(shop.wait_until("25T09:00"), [reminder("A1", 1, false)]);
}

#[test]
fn of_several_reminders_missed_while_down_one_is_sent_and_the_next_an_interval_later() {
    let mut shop = Shop::opened("[payment-reminder]\ninterval = \"1h\"\nmax = 3", "24T09:00");
    shop.report("A1", OrderChange::Placed);
    shop.now_ms = at("26T10:00");
    assert_eq!(shop.fire_due(), [reminder("A1", 1, false)]);
    assert_eq!(shop.due("payment:shop/A1"), Some(at("26T11:00")));
}

#[test]
fn large_orders_are_reminded_first_when_several_are_due_together() {
    let mut shop = Shop::opened("[payment-reminder]\nmax = 1", "24T23:00");
    for (id, minor) in [("small", 1_000), ("large", 90_000), ("middle", 9_000)] {
        shop.report_as_of(shop.now_ms, priced(id, minor));
        shop.now_ms += MINUTE;
    }
    let ids: Vec<_> = shop.wait_until("25T09:00").into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["large", "middle", "small"]);
}

#[test]
fn orders_of_one_conversation_are_followed_apart() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Placed);
    shop.report("A2", OrderChange::Placed);
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.wait_until("24T12:30"), [reminder("A2", 1, false)]);
}

#[test]
fn a_timer_that_fires_twice_reminds_once() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Placed);
    let timer = shop.timers["payment:shop/A1"].clone();
    shop.now_ms = timer.due_ms;
    assert_eq!(shop.fire(&timer).len(), 1);
    assert_eq!(shop.fire(&timer), []);
}

#[test]
fn reminders_that_were_switched_off_or_limited_since_are_not_sent() {
    let mut shop = Shop::opened("", "24T09:00");
    shop.report("A1", OrderChange::Placed);
    shop.wait_until("24T10:00");
    let next = shop.timers["payment:shop/A1"].clone();
    for toml in ["[payment-reminder]\nenabled = false", "[payment-reminder]\nmax = 1"] {
        let mut later = Shop::opened(toml, "24T21:00");
        later.orders = shop.orders.clone();
        assert_eq!(later.fire(&next), [], "{toml}");
        later.report("A2", OrderChange::Placed);
        assert_eq!(later.due("payment:shop/A2").is_some(), !toml.contains("enabled"));
    }
}

#[test]
fn a_shipment_is_announced_once_and_another_parcel_again() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.report_as_of(shop.now_ms, shipped("A1", Some("SF1"))), [OrderMoment::ShippingNotice { parcel: 0 }]);
    assert_eq!(shop.report_as_of(shop.now_ms, shipped("A1", Some("SF1"))), []);
    assert_eq!(shop.report("A1", OrderChange::Shipped), [], "without a number it is the same parcel");
    assert_eq!(
        shop.report_as_of(shop.now_ms + 1, shipped("A1", Some("SF2"))),
        [OrderMoment::ShippingNotice { parcel: 1 }]
    );
    assert_eq!(shop.report_as_of(shop.now_ms - HOUR, shipped("A1", Some("SF1"))), [], "late news of the first");
}

#[test]
fn nobody_is_told_of_a_parcel_that_arrived_or_is_not_wanted() {
    for change in [OrderChange::Delivered, OrderChange::Cancelled, OrderChange::RefundRequested] {
        let mut shop = Shop::opened("", "24T12:00");
        shop.report("A1", change);
        assert_eq!(shop.report_as_of(shop.now_ms, shipped("A1", Some("SF1"))), [], "{change:?}");
    }
    let mut off = Shop::opened("[shipping-notice]\nenabled = false", "24T12:00");
    assert_eq!(off.report_as_of(off.now_ms, shipped("A1", Some("SF1"))), []);
}

#[test]
fn a_review_is_asked_for_once_some_days_after_delivery_by_daylight() {
    let mut shop = Shop::opened("", "24T21:00");
    shop.report("A1", OrderChange::Delivered);
    assert_eq!(shop.due("review:shop/A1"), Some(at("28T10:00")));
    let timer = shop.timers["review:shop/A1"].clone();
    assert_eq!(shop.wait_until("28T10:00"), [("A1".to_owned(), OrderMoment::ReviewRequest)]);
    assert_eq!(shop.fire(&timer), []);
    shop.report("A1", OrderChange::Delivered);
    assert!(shop.timers.is_empty(), "a repeated report of the delivery starts nothing anew");
}

#[test]
fn no_review_is_asked_for_after_a_refund_a_cancellation_or_the_review_itself() {
    use OrderChange::*;
    for change in [RefundRequested, RefundSettled, Cancelled, ReviewPosted] {
        let mut shop = Shop::opened("", "24T12:00");
        shop.report("A1", Delivered);
        let timer = shop.timers["review:shop/A1"].clone();
        shop.report("A1", change);
        assert!(shop.timers.is_empty(), "{change:?} cancels the request");
        shop.now_ms = timer.due_ms;
        assert_eq!(shop.fire(&timer), []);
        shop.report("A1", Delivered);
        assert!(shop.timers.is_empty());
    }
}

#[test]
fn a_bad_review_is_told_from_a_good_one() {
    for (rating, bad) in [(1, true), (3, true), (4, false), (5, false)] {
        let mut shop = Shop::opened("", "24T12:00");
        assert_eq!(
            shop.report_as_of(shop.now_ms, reviewed("A1", rating)),
            [OrderMoment::News(NewsOf::ReviewPosted { bad })]
        );
        assert!(shop.orders["A1"].reviewed);
    }
    let mut shop = Shop::opened("", "24T12:00");
    assert_eq!(
        shop.report("A1", OrderChange::ReviewPosted),
        [OrderMoment::News(NewsOf::ReviewPosted { bad: false })],
        "words alone"
    );
}

#[test]
fn the_customer_is_told_of_a_refunds_progress_and_of_a_cancellation_once_each() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.report("A1", OrderChange::RefundRequested), [OrderMoment::News(NewsOf::RefundRequested)]);
    assert_eq!(shop.report("A1", OrderChange::RefundRequested), []);
    assert_eq!(shop.report("A1", OrderChange::Cancelled), [OrderMoment::News(NewsOf::Cancelled)]);
    assert_eq!(shop.report("A1", OrderChange::RefundSettled), [OrderMoment::News(NewsOf::RefundSettled { refund: 0 })]);
    assert_eq!(shop.report("A1", OrderChange::Cancelled), [], "late news");
    assert_eq!(shop.orders["A1"].status, OrderStatus::Refunded);
}

#[test]
fn an_older_report_fills_gaps_and_a_newer_one_overwrites() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report_as_of(at("24T11:00"), priced("A1", 9_000));
    let named = OrderEvent { customer_name: Some("Ana".to_owned()), ..priced("A1", 10_000) };
    shop.report_as_of(at("24T10:00"), named);
    let order = &shop.orders["A1"];
    assert_eq!(order.total.as_ref().unwrap().minor, 9_000);
    assert_eq!(order.customer_name.as_deref(), Some("Ana"));
    assert_eq!((order.placed_ms, order.updated_ms), (Some(at("24T10:00")), at("24T11:00")));
    shop.report_as_of(at("24T11:30"), priced("A1", 8_000));
    assert_eq!(shop.orders["A1"].total.as_ref().unwrap().minor, 8_000);
    shop.report("A1", OrderChange::Paid);
    assert_eq!(shop.orders["A1"].total.as_ref().unwrap().minor, 8_000, "an absent field leaves the order as it was");
}

#[test]
fn a_platform_whose_clock_is_ahead_neither_delays_a_reminder_nor_outweighs_later_reports() {
    let mut shop = Shop::opened("", "24T12:00");
    shop.report_as_of(at("28T12:00"), priced("A1", 9_000));
    assert_eq!(shop.due("payment:shop/A1"), Some(at("24T12:30")));
    shop.now_ms += MINUTE;
    shop.report_as_of(shop.now_ms, priced("A1", 8_000));
    assert_eq!(shop.orders["A1"].total.as_ref().unwrap().minor, 8_000);
}

#[test]
fn a_timer_of_an_unknown_order_or_purpose_does_nothing_and_says_so() {
    let shop = Shop::opened("", "24T12:00");
    let timer =
        |key: &str| TimerFired { key: key.to_owned(), due_ms: 0, owner: OWNER.to_owned(), payload: Value::Null };
    for (key, order) in [("payment:shop/A1", None), ("birthday:shop/A1", Some(Order::default()))] {
        let step = shop.book.on_timer(&timer(key), order.as_ref(), &stranger(), shop.now_ms);
        assert_eq!((step.moments, step.timers), (Vec::new(), Vec::new()));
        assert!(step.trace[0].what.to_string().contains(key), "{:?}", step.trace);
        assert_eq!(step.order, order);
    }
    // A payload that is not ours leaves the order alone.
    let step = shop.book.on_timer(&timer("payment:shop/A1"), Some(&Order::default()), &stranger(), shop.now_ms);
    assert_eq!(step.moments, []);
}

#[test]
fn settings_have_defaults_and_mistakes_are_shown() {
    let settings: OrdersSettings = toml::from_str(
        r#"
        max_age = "3d"
        [notices]
        allowed = "08:00-22:00"
        per_day = 6
        cancelled = true
        refunds = true
        reviews = true
        on_delivery = true
        [payment-reminder]
        enabled = true
        delay = "30m"
        interval = "12h"
        max = 2
        allowed = "09:00-21:30"
        [shipping-notice]
        enabled = true
        [review-request]
        enabled = true
        delay = "3d"
        allowed = "10:00-20:00"
        "#,
    )
    .unwrap();
    assert_eq!(settings, OrdersSettings::default());
    assert_eq!("1w 1d 2h".parse::<Delay>().unwrap().as_ms(), (8 * 24 + 2) * HOUR);

    for (wrong, clue) in [
        ("delay = \"soon\"", "write it like"),
        ("delay = \"1 month\"", "write it like"),
        ("delay = \"-5m\"", "negative"),
        ("delay = \"\"", "write it like"),
        ("allowed = \"9-21\"", "write it like"),
        ("dealy = \"5m\"", "unknown field"),
    ] {
        let toml = format!("[payment-reminder]\n{wrong}");
        let error = toml::from_str::<OrdersSettings>(&toml).unwrap_err();
        assert!(error.message().contains(clue), "{error}");
        assert!(error.span().unwrap().start > "[payment-reminder]".len(), "{error}");
    }

    let settings: OrdersSettings = toml::from_str("[payment-reminder]\nmax = 0").unwrap();
    let problems = OrderBook::compile(&settings, &Schedule::default()).unwrap_err();
    assert_eq!(problems[0].to_string(), "orders.toml: payment-reminder.max: no reminder would ever be sent");
    let settings: OrdersSettings = toml::from_str("[payment-reminder]\ninterval = \"0s\"").unwrap();
    let problems = OrderBook::compile(&settings, &Schedule::default()).unwrap_err();
    assert_eq!(problems[0].to_string(), "orders.toml: payment-reminder.interval: all reminders would be sent at once");
}

#[test]
fn what_is_no_news_any_more_waits_for_nobody_to_be_told() {
    let mut shop = Shop::opened("max_age = \"3d\"", "24T10:00");
    shop.report("1", OrderChange::Cancelled);
    let mut order = shop.orders["1"].clone();
    // As of one whose customer nobody knows.
    order.untold = vec![crate::model::News { what: NewsOf::Cancelled, at_ms: at("24T10:00") }];
    assert!(shop.book.is_to_be_told(&order, at("27T10:00")));
    assert!(!shop.book.is_to_be_told(&order, at("27T10:01")));
}
