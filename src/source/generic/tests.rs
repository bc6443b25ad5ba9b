use http::{Method, StatusCode};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    model::{Money, OrderChange, OrderEvent},
    source::{SourceSettings, build},
    webhook::testing::{NOW_MS, Post, SECRET, accepted, event, refused, standard},
};

/// The source `main` of these secrets.
fn shop_with(secrets: &[&str]) -> Result<Box<dyn Source>, String> {
    let settings = format!("secrets = {secrets:?}\nreply_url = \"https://shop.example/replies\"");
    let settings = toml::Deserializer::parse(&settings).unwrap();
    build("main", &SourceSettings::of_kind("standard-webhooks", settings).unwrap())
}

fn shop() -> Box<dyn Source> {
    shop_with(&[SECRET]).unwrap()
}

impl Post<'_> {
    fn to_shop(&self, source: &dyn Source) -> Inbound {
        self.given_to(|request| source.receive(request, &TimeZone::get("Asia/Shanghai").unwrap()))
    }
}

fn signed(body: &[u8]) -> Inbound {
    standard(SECRET, NOW_MS / 1000, body).to_shop(&*shop())
}

fn receive(body: &Value) -> Inbound {
    signed(body.to_string().as_bytes())
}

fn order(change: &str, data: Value) -> (Event, OrderEvent) {
    let event = event(receive(&json!({ "type": change, "timestamp": "2023-11-14T00:00:00Z", "data": data })));
    match event.kind.clone() {
        EventKind::Order(order) => (event, order),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_order_is_read_with_all_it_carries() {
    let (event, order) = order(
        "order.placed",
        json!({
            "id": 1001, "customer": { "id": "ana", "name": "Ana", "phone": "+86 1" }, "channel": "telegram",
            "chat_id": "42", "total": "199.00", "currency": "cny",
            "items": [{ "sku": "T1", "title": "Oolong 100g", "quantity": 2 }, { "title": "Cup" }],
            "payment_url": "https://shop.example/pay/1", "placed_at": "2023-11-14T22:13:20+08:00",
        }),
    );
    assert_eq!(event.address, Address::new("telegram", "42"), "spoken to where the customer is");
    assert_eq!(event.at_ms, 1_699_971_200_000);
    assert_eq!((order.order_id.as_str(), order.change), ("1001", OrderChange::Placed));
    assert_eq!(order.total.unwrap().money(None), Some(Money { minor: 19_900, currency: "CNY".to_owned() }));
    assert_eq!(
        order.items.iter().map(|it| (it.title.as_str(), it.quantity)).collect::<Vec<_>>(),
        [("Oolong 100g", 2), ("Cup", 1)]
    );
    assert_eq!(order.customer_name.as_deref(), Some("Ana"));
    assert_eq!(order.payment_url.as_deref(), Some("https://shop.example/pay/1"));
}

#[test]
fn every_change_of_an_order_has_its_type() {
    for (kind, change) in [
        ("order.placed", OrderChange::Placed),
        ("order.created", OrderChange::Placed),
        ("order.paid", OrderChange::Paid),
        ("order.shipped", OrderChange::Shipped),
        ("order.delivered", OrderChange::Delivered),
        ("order.cancelled", OrderChange::Cancelled),
        ("order.refund_requested", OrderChange::RefundRequested),
        ("order.refund_settled", OrderChange::RefundSettled),
        ("order.refunded", OrderChange::RefundSettled),
        ("order.review_posted", OrderChange::ReviewPosted),
    ] {
        // `placed_at` is told with every change, and is the time of one.
        let data = json!({ "id": "A1", "customer": { "id": "ana" }, "total": 59.5, "currency": "USD",
                           "placed_at": "2023-01-01T00:00:00Z", "rating": 5, "text": "good" });
        let (event, order) = order(kind, data);
        assert_eq!((order.change, order.rating), (change, Some(5)), "{kind}");
        assert_eq!(order.total.unwrap().money(None).unwrap().minor, 5_950);
        assert_eq!(event.address, Address::new("main", "ana"));
        let happened = if change == OrderChange::Placed { 1_672_531_200_000 } else { 1_699_920_000_000 };
        assert_eq!(event.at_ms, happened, "{kind}");
    }
}

#[test]
fn a_parcel_is_read_with_its_number() {
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1", "expected": "tomorrow" });
    let (_, order) = order("order.shipped", json!({ "id": "A1", "chat_id": "ana", "shipment": shipment }));
    let shipment = order.shipments.into_iter().next().unwrap();
    assert_eq!((shipment.carrier.as_deref(), shipment.tracking_number.as_deref()), (Some("SF Express"), Some("SF1")));
    assert_eq!((shipment.expected.as_deref(), shipment.tracking_url), (Some("tomorrow"), None));
}

#[test]
fn a_known_order_needs_nothing_but_its_number() {
    for kind in ["order.paid", "order.shipped", "order.delivered", "order.cancelled", "order.refund_requested"] {
        let (event, order) = order(kind, json!({ "id": "A1" }));
        assert_eq!(order.order_id, "A1");
        assert_eq!(event.address, Address::new("main", ""), "whom to tell is known from before");
    }
    let (event, _) = order("order.paid", json!({ "id": "A1", "customer": { "id": "" }, "chat_id": "" }));
    assert_eq!(event.address.chat, "", "an empty id is none");
}

#[test]
fn a_report_with_a_fast_clock_does_not_move_into_the_future() {
    let body = json!({ "type": "order.paid", "timestamp": "2099-01-01T00:00:00Z", "data": { "id": "A1" } });
    assert_eq!(event(receive(&body)).at_ms, NOW_MS);
    let data = json!({ "id": "A1", "paid_at": "2099-01-01T00:00:00Z" });
    assert_eq!(event(receive(&json!({ "type": "order.paid", "data": data }))).at_ms, NOW_MS);
}

#[test]
fn a_report_sent_again_is_the_same_report() {
    let body = json!({ "type": "order.paid", "data": { "id": "A1" } });
    let (ack, events, _) = accepted(receive(&body));
    assert_eq!((ack.status(), events[0].dedupe.as_str()), (StatusCode::ACCEPTED, "msg_1"));
    assert_eq!(events, accepted(receive(&body)).1);
}

#[test]
fn what_is_not_of_an_order_is_left_to_others() {
    for kind in ["message.received", "conversation.opened", "order.archived", "loyalty.points_expired"] {
        let inbound = receive(&json!({ "type": kind, "data": { "id": 1 } }));
        assert!(matches!(inbound, Inbound::Unclaimed { .. }), "{kind}: {inbound:?}");
    }
}

#[test]
fn a_report_that_says_too_little_is_refused_with_what_is_missing() {
    for (body, missing) in [
        ("{", "EOF"),
        (r#"{"type":"order.paid"}"#, "id"),
        (r#"{"type":"order.paid","data":{"chat_id":"c"}}"#, "id"),
        (r#"{"type":"order.paid","data":{"id":null,"chat_id":"c"}}"#, "id"),
        (r#"{"type":"order.paid","data":[]}"#, "id"),
    ] {
        let Inbound::Refused(refusal) = signed(body.as_bytes()) else { panic!("{body}") };
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{body}");
        let detail = refusal.detail.unwrap_or_default();
        assert!(detail.contains(missing), "{body}: {detail}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_its_words_are_not_kept() {
    for (data, unread) in [
        (json!({ "items": "secret words" }), vec!["items"]),
        (json!({ "total": "secret words" }), vec!["total"]),
        (json!({ "total": "16.24", "currency": "JPY" }), vec!["total"]),
        (json!({ "total": "9", "currency": "secret words" }), vec!["currency"]),
        (json!({ "total": 1e300, "currency": "USD" }), vec!["total"]),
        (json!({ "rating": 6 }), vec!["rating"]),
        (json!({ "paid_at": "secret words" }), vec!["paid_at"]),
        (
            json!({ "items": [{ "price": 1 }, { "title": "Cup", "quantity": "secret words" }] }),
            vec!["items[0].title", "items[1].quantity"],
        ),
        (json!({ "customer": { "name": "undefined" }, "shipment": 7 }), vec!["customer.name", "shipment"]),
        (json!({ "customer": null, "items": null, "total": null, "currency": "", "shipment": null }), vec![]),
    ] {
        let mut given = data.clone();
        given["id"] = json!("A1");
        let (_, order) = order("order.paid", given);
        assert_eq!(order.change, OrderChange::Paid, "{data}");
        assert_eq!(order.unread, unread, "{data}");
        assert!(!serde_json::to_string(&order).unwrap().contains("secret"), "{data}: {order:?}");
    }
}

#[test]
fn numbers_texts_and_times_are_read_as_shops_write_them() {
    let noon_ms = 1_699_934_400_000;
    for time in [
        json!("2023-11-14 12:00:00"),
        json!("2023/11/14 12:00:00"),
        json!("2023-11-14T12:00:00"),
        json!("2023-11-14T04:00:00Z"),
        json!("2023-11-14 04:00:00Z"),
        json!(1_699_934_400),
        json!("1699934400"),
        json!(1_699_934_400_000_i64),
    ] {
        let (event, _) = order("order.paid", json!({ "id": "A1", "paid_at": time }));
        assert_eq!(event.at_ms, noon_ms, "{time}");
    }
    for quantity in [json!(2), json!(2.0), json!("2"), json!("2.0000")] {
        let (_, order) =
            order("order.paid", json!({ "id": "A1", "items": [{ "title": "Tea", "quantity": quantity }] }));
        assert_eq!(order.items[0].quantity, 2, "{quantity}");
    }
    let (_, weighed) = order("order.paid", json!({ "id": "A1", "items": [{ "sku": 7, "quantity": 1.5 }] }));
    assert_eq!((weighed.items[0].title.as_str(), weighed.items[0].quantity), ("7 (1.5)", 1));
    for method in ["cod", "Cash on Delivery", "cash_on_delivery", "货到付款"] {
        let (_, order) = order("order.placed", json!({ "id": "A1", "payment_method": method }));
        assert_eq!(order.on_delivery, Some(true), "{method}");
    }
}

#[test]
fn an_unsigned_report_is_refused_before_it_is_read() {
    assert_eq!(refused(Post::new("{").to_shop(&*shop())), StatusCode::UNAUTHORIZED);
    let stranger = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";
    assert_eq!(refused(standard(stranger, NOW_MS / 1000, b"{").to_shop(&*shop())), StatusCode::UNAUTHORIZED);
    assert_eq!(refused(standard(SECRET, NOW_MS / 1000 - 301, b"{").to_shop(&*shop())), StatusCode::UNAUTHORIZED);
    let mut get = Post::new("");
    get.method = Method::GET;
    assert_eq!(refused(get.to_shop(&*shop())), StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn a_shop_without_a_usable_key_is_refused_without_showing_it() {
    assert!(shop_with(&[]).err().unwrap().contains("secrets"));
    let mistake = shop_with(&[SECRET, "AQIDBAUG"]).err().unwrap();
    assert!(mistake.contains("secrets[1]") && !mistake.contains("AQIDBAUG"), "{mistake}");
}

proptest! {
    #[test]
    fn no_report_behind_a_true_signature_makes_it_panic(data in ".{0,80}", key in "(id|chat_id|total|items|rating)") {
        drop(receive(&json!({ "type": "order.placed", "data": { "id": "A1", key: data } })));
        drop(signed(format!("{{\"type\":\"order.placed\",\"data\":{data}}}").as_bytes()));
    }
}

#[test]
fn the_zone_a_customer_lives_in_is_taken_where_there_is_such_a_zone() {
    for (told, zone, unread) in [
        (json!("Europe/Berlin"), Some("Europe/Berlin"), 0),
        (json!("america/new_york"), Some("America/New_York"), 0),
        (json!("Atlantis/Capital"), None, 1),
        (json!(8), None, 1),
        (Value::Null, None, 0),
    ] {
        let (_, order) = order("order.placed", json!({ "id": "1", "chat_id": "a", "customer": { "time_zone": told } }));
        assert_eq!((order.time_zone.as_deref(), order.unread.len()), (zone, unread), "{told}");
    }
}
