//! What a shop may write in its reports of orders, and what the store owner may rely on all the same.

use crate::harness::{
    Shop, eventually,
    generic::{channel, replies, shop_talking_to},
    platform::Platform,
};
use http::StatusCode;
use serde_json::{Value, json};

const HASTY: &str = r#"
    [notices]
    allowed = "00:00-24:00"
    [payment-reminder]
    delay = "2s"
    max = 1
    allowed = "00:00-24:00"
"#;

fn hasty_shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write("orders.toml", HASTY);
    shop
}

#[tokio::test]
async fn a_payment_counts_whatever_of_its_report_cannot_be_read() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    let odd: Vec<Value> = vec![
        json!({ "total": 59.970000000000006, "currency": "USD" }),
        json!({ "total": "1,299.00", "currency": "CNY" }),
        json!({ "total": "16.24", "currency": "JPY" }),
        json!({ "total": "10.00" }),
        json!({ "total": [1], "currency": 7 }),
        json!({ "items": null, "customer": null, "shipment": null, "channel": null, "text": null }),
        json!({ "items": [{ "quantity": "x" }, null, 7, { "title": "Tea", "quantity": 1.5 }] }),
        json!({ "items": { "title": "Tea" }, "customer": "ana", "shipment": "SF1" }),
        json!({ "customer": { "id": 7, "name": 5 }, "shipment": { "tracking_number": 123456, "carrier": [] } }),
        json!({ "rating": "5", "text": 5, "payment_url": 5, "payment_method": {} }),
        json!({ "paid_at": "2026-11-25 10:00:00" }),
        json!({ "paid_at": 1_764_064_800, "placed_at": "" }),
        json!({ "paid_at": 1_764_064_800_000_i64 }),
        json!({ "paid_at": "yesterday", "refund": [] }),
    ];
    for (number, odd) in odd.iter().enumerate() {
        let id = format!("A{number}");
        let placed = json!({ "id": id, "chat_id": format!("c{number}"), "total": "9", "currency": "CNY" });
        daemon.order(&format!("placed{number}"), "order.placed", placed).await;
        let mut paid = odd.clone();
        paid["id"] = json!(id);
        daemon.order(&format!("paid{number}"), "order.paid", paid).await;
    }
    daemon.order("last", "order.placed", json!({ "id": "LAST", "chat_id": "last" })).await;
    eventually("the reminder of the one that nobody paid", async || {
        replies(&platform.received()).iter().any(|(_, text)| text.contains("LAST")).then_some(())
    })
    .await;
    let all = replies(&platform.after_quiet().await);
    assert!(all.iter().all(|(chat, _)| chat == "last"), "{all:?}");
}

#[tokio::test]
async fn an_order_on_a_channel_that_is_not_configured_is_refused_at_once_by_name() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    let data = json!({ "id": "A1", "chat_id": "ana", "channel": "shopp" });
    let answer = daemon.webhook("e1", "order.placed", data).await.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("`shopp`") && answer.text().contains("`shop`"), "{}", answer.text());
}

#[tokio::test]
async fn a_telephone_number_however_it_is_written_is_one_customer_on_whatsapp() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    let whatsapp = format!(
        r#"
        [[channel]]
        id = "wa"
        kind = "meta"
        platform = "whatsapp"
        account = "106540352242922"
        access_token = "meta-token"
        app_secret = "0123456789abcdef0123456789abcdef"
        verify_token = "meta-verify"
        api_base = "{}"
        allow_private_targets = true
        "#,
        platform.url()
    );
    shop.write("channels.toml", &format!("{}{whatsapp}", channel(&platform.url())));
    shop.write("orders.toml", HASTY);
    let daemon = shop.start().await;
    // The first report has a guess alone, which the better address takes the place of.
    daemon.order("e0", "order.paid", json!({ "id": "A0", "customer": { "id": "cust-1" } })).await;
    for (number, chat) in ["+1 650-555-1234", "0016505551234", "(1) 650 555 1234"].iter().enumerate() {
        let shipment = json!({ "tracking_number": format!("SF{number}") });
        let data = json!({ "id": format!("A{number}"), "channel": "wa", "chat_id": chat, "shipment": shipment });
        daemon.order(&format!("s{number}"), "order.shipped", data).await;
    }
    let sent = platform.wait_for(3).await;
    assert!(sent.iter().all(|it| it.json()["to"] == "16505551234"), "{sent:?}");
}

#[tokio::test]
async fn what_happened_before_the_customer_is_known_is_told_once_they_are() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    let shipment = json!({ "carrier": "SF", "tracking_number": "SF1" });
    daemon.order("e1", "order.shipped", json!({ "id": "A1", "shipment": shipment })).await;
    daemon.order("e2", "order.paid", json!({ "id": "A1", "chat_id": "ana" })).await;
    platform.wait_for(1).await;
    let all = replies(&platform.after_quiet().await);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].0 == "ana" && all[0].1.contains("SF1"), "{all:?}");
}

#[tokio::test]
async fn several_parcels_refunds_and_the_status_are_told_truthfully() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    let paid = json!({ "id": "A1", "chat_id": "ana", "total": "199.00", "currency": "CNY" });
    daemon.order("e1", "order.paid", paid).await;
    let shipments = json!([{ "tracking_number": "SFA" }, { "tracking_number": "SFB" }]);
    daemon.order("e2", "order.shipped", json!({ "id": "A1", "shipments": shipments })).await;
    daemon.order("e3", "order.shipped", json!({ "id": "A1", "shipment": { "tracking_number": "SFA" } })).await;
    daemon.order("e4", "order.refunded", json!({ "id": "A1", "refund": { "id": 1, "amount": 5 } })).await;
    daemon.order("e5", "order.refunded", json!({ "id": "A1", "refund": { "id": 1, "amount": 5 } })).await;
    platform.wait_for(3).await;
    daemon.say("m1", "ana", "so where is order a1 now?").await;
    let all = eventually("the status", async || {
        let all = replies(&platform.received());
        all.iter().any(|(_, text)| text.contains("SFA") && text.contains("SFB")).then_some(all)
    })
    .await;
    let with = |clue: &str| all.iter().filter(|(_, text)| text.contains(clue)).count();
    assert_eq!((with("SFA"), with("SFB")), (2, 2), "each is announced once, and both are in the status: {all:?}");
    // In Chinese before anything was said, in English in answer to English.
    assert_eq!((with("¥5.00"), with("CNY 5.00")), (1, 1), "told once, and in the status: {all:?}");
    assert_eq!(with("199"), 0, "{all:?}");
}

const WHATSAPP: &str = r#"
    [[channel]]
    id = "wa"
    kind = "meta"
    platform = "whatsapp"
    account = "106540352242922"
    access_token = "meta-token"
    app_secret = "0123456789abcdef0123456789abcdef"
    verify_token = "meta-verify"
    allow_private_targets = true
"#;

#[tokio::test]
async fn a_customers_telephone_number_finds_their_conversation_and_the_newest_good_address_wins() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    let whatsapp = format!("{WHATSAPP}\napi_base = \"{}\"\n", platform.url());
    shop.write("channels.toml", &format!("{}{whatsapp}", channel(&platform.url())));
    shop.write("orders.toml", HASTY);
    let daemon = shop.start().await;
    // Two customers have written before: one in Brazil, whose id lacks the ninth digit, and one whose number the shop
    // knows without its country's code.
    for (id, from) in [("m1", "551187654321"), ("m2", "8613800000000")] {
        let text = json!({ "type": "text", "text": { "body": "hello" } });
        let message = crate::harness::platforms::whatsapp_message(id, from, text);
        let webhook = crate::harness::platforms::whatsapp(json!({ "messages": [message] }));
        assert!(daemon.meta("wa", webhook).await.status.is_success());
    }
    let before = platform.wait_for(2).await.len();
    let numbers = [
        ("+86 138-0000-0000", "8613800000000"),
        ("0086 138 0000 0000", "8613800000000"),
        ("＋８６　１３８００００００００", "8613800000000"),
        ("8613800000000", "8613800000000"),
        ("+55 (11) 9 8765-4321", "551187654321"),
        ("0049 (0)151 23456789", "4915123456789"),
    ];
    for (number, (phone, _)) in numbers.iter().enumerate() {
        let customer = json!({ "id": format!("cust-{number}"), "phone": phone });
        let shipment = json!({ "tracking_number": format!("SF{number}") });
        let data = json!({ "id": format!("A{number}"), "customer": customer, "shipment": shipment });
        daemon.order(&format!("s{number}"), "order.shipped", data).await;
    }
    let sent = platform.wait_for(before + numbers.len()).await;
    for (number, (phone, id)) in numbers.iter().enumerate() {
        let parcel = format!("SF{number}");
        let notice = sent.iter().find(|it| it.json().to_string().contains(&parcel)).unwrap();
        assert_eq!(notice.json()["to"], *id, "{phone}");
    }
    // A guess first, then a number, then the chat that the shop names: each is better than the one before.
    let ship = |parcel: &str, more: Value| {
        let mut data = json!({ "id": "B1", "shipment": { "tracking_number": parcel } });
        for (key, value) in more.as_object().unwrap() {
            data[key] = value.clone();
        }
        data
    };
    daemon.order("b1", "order.paid", ship("", json!({ "customer": { "id": "cust-9" } }))).await;
    daemon.order("b2", "order.shipped", ship("P1", json!({ "customer": { "phone": "+1 650 555 1234" } }))).await;
    daemon.order("b3", "order.shipped", ship("P2", json!({}))).await;
    daemon.order("b4", "order.shipped", ship("P3", json!({ "chat_id": "web-9" }))).await;
    let to = async |parcel: &str| {
        eventually(parcel, async || {
            let all = platform.received().into_iter().map(|it| it.json());
            all.into_iter().find(|it| it.to_string().contains(parcel))
        })
        .await
    };
    assert_eq!(to("P1").await["to"], "16505551234");
    assert_eq!(to("P2").await["to"], "16505551234");
    assert_eq!(to("P3").await["data"]["chat_id"], "web-9");
}

#[tokio::test]
async fn a_number_without_its_countrys_code_is_nobodys_and_the_log_does_not_show_it() {
    let platform = Platform::start().await;
    let shop = Shop::new();
    let whatsapp = format!("{WHATSAPP}\napi_base = \"{}\"\n", platform.url());
    shop.write("channels.toml", &format!("{}{whatsapp}", channel(&platform.url())));
    shop.write("orders.toml", HASTY);
    let daemon = shop.start().await;
    let customer = json!({ "id": "cust-1", "phone": "13800000000" });
    let data = json!({ "id": "A1", "customer": customer, "shipment": { "tracking_number": "SF1" } });
    daemon.order("s1", "order.shipped", data).await;
    // Not to a stranger in America, who has this number; the shop's own name for the customer is what is left.
    let sent = platform.wait_for(1).await;
    assert_eq!(sent[0].json()["data"]["chat_id"], "cust-1");
    shop.logged("customer.phone").await;
    let log = shop.log();
    assert!(!log.contains("13800000000"), "{log}");
}
