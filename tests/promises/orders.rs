//! What a store owner may rely on about orders, over the generic channel.

use std::time::Duration;

use crate::harness::{
    Shop,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use serde_json::{Value, json};

/// A shop that reminds after a second, at any hour, and asks for a review a second after delivery.
fn hasty_shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.write(
        "orders.toml",
        r#"
        [notices]
        allowed = "00:00-24:00"
        [payment-reminder]
        delay = "1s"
        interval = "1s"
        max = 2
        allowed = "00:00-24:00"
        [review-request]
        delay = "1s"
        allowed = "00:00-24:00"
        "#,
    );
    shop
}

fn order(id: &str, chat: &str, total: &str) -> Value {
    json!({
        "id": id, "customer": { "id": chat, "name": "Ana" }, "chat_id": chat,
        "total": total, "currency": "CNY",
        "items": [{ "sku": "T1", "title": "Oolong 100g", "quantity": 2 }],
        "payment_url": "https://shop.example/pay/1",
    })
}

#[tokio::test]
async fn an_unpaid_order_is_reminded_as_often_as_allowed_and_no_more() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    daemon.order("e1", "order.placed", order("A1", "ana", "199.00")).await;
    let reminded = platform.wait_for(2).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let all = replies(&platform.after_quiet().await);
    assert_eq!(all.len(), reminded.len().max(2), "{all:?}");
    assert!(all.iter().all(|(chat, _)| chat == "ana"), "{all:?}");
    assert!(all.iter().any(|(_, text)| text.contains("A1")), "{all:?}");
}

#[tokio::test]
async fn an_order_paid_or_cancelled_meanwhile_is_never_reminded() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    daemon.order("e1", "order.placed", order("A1", "ana", "199.00")).await;
    daemon.order("e2", "order.paid", order("A1", "ana", "199.00")).await;
    daemon.order("e3", "order.placed", order("B1", "bob", "99.00")).await;
    daemon.order("e4", "order.cancelled", order("B1", "bob", "99.00")).await;
    // Also when the payment was reported before the order.
    daemon.order("e5", "order.paid", order("C1", "cem", "59.00")).await;
    daemon.order("e6", "order.placed", order("C1", "cem", "59.00")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let all = replies(&platform.after_quiet().await);
    let pay = all.iter().filter(|(_, text)| text.contains("shop.example/pay")).count();
    assert_eq!(pay, 0, "{all:?}");
}

#[tokio::test]
async fn a_report_of_a_known_order_needs_only_its_number() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    // Longer than a slow machine takes between two reports.
    shop.edit("orders.toml", "delay = \"1s\"", "delay = \"4s\"");
    let daemon = shop.start().await;
    daemon.order("e1", "order.placed", order("A1", "ana", "199.00")).await;
    daemon.order("e2", "order.paid", json!({ "id": "A1" })).await;
    daemon.order("e3", "order.placed", order("B1", "bob", "99.00")).await;
    daemon.order("e4", "order.cancelled", json!({ "id": "B1" })).await;
    // Also when the payment was reported before the order.
    daemon.order("e5", "order.paid", json!({ "id": "C1" })).await;
    daemon.order("e6", "order.placed", order("C1", "cem", "59.00")).await;
    // The reminder of an order that nobody paid comes after those of the others would have.
    daemon.order("e7", "order.placed", order("D1", "dan", "9.00")).await;
    crate::harness::eventually("the reminder of the unpaid order", async || {
        replies(&platform.received()).iter().any(|(_, text)| text.contains("D1")).then_some(())
    })
    .await;
    let all = replies(&platform.after_quiet().await);
    assert!(all.iter().all(|(chat, text)| chat == "dan" || !text.contains("shop.example/pay")), "{all:?}");
}

#[tokio::test]
async fn of_an_order_whose_customer_is_unknown_nobody_is_told() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1" });
    daemon.order("e1", "order.shipped", json!({ "id": "A1", "shipment": shipment })).await;
    assert!(platform.after_quiet().await.is_empty());
}

#[tokio::test]
async fn large_orders_are_reminded_first_and_timers_missed_while_down_fire_once() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    shop.edit("orders.toml", "max = 2", "max = 1");
    shop.edit("orders.toml", "delay = \"1s\"", "delay = \"4s\"");
    let daemon = shop.start().await;
    let placed_at = jiff::Timestamp::now().to_string();
    for (event, id, chat, total) in
        [("e1", "S", "small", "10"), ("e2", "L", "large", "900"), ("e3", "M", "middle", "90")]
    {
        // One moment for all, so that only the amount tells them apart.
        let mut data = order(id, chat, total);
        data["placed_at"] = json!(placed_at);
        daemon.order(event, "order.placed", data).await;
    }
    daemon.kill();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let daemon = shop.start().await;
    platform.wait_for(3).await;
    let chats: Vec<_> = replies(&platform.after_quiet().await).into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(chats.len(), 3, "each fires once: {chats:?}");
    assert_eq!(chats[0], "large", "{chats:?}");
    drop(daemon);
    let daemon = shop.start().await;
    assert_eq!(platform.after_quiet().await.len(), 3, "and not again after another start");
    drop(daemon);
}

#[tokio::test]
async fn a_shipped_order_is_announced_with_carrier_and_number() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    daemon.order("e1", "order.paid", order("A1", "ana", "199.00")).await;
    let mut shipped = order("A1", "ana", "199.00");
    shipped["shipment"] = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    daemon.order("e2", "order.shipped", shipped).await;
    let all = crate::harness::eventually("the notice", async || {
        let all = replies(&platform.received());
        all.iter().any(|(_, text)| text.contains("SF1234567890")).then_some(all)
    })
    .await;
    assert_eq!(all.iter().filter(|(_, text)| text.contains("SF1234567890")).count(), 1, "{all:?}");
}

#[tokio::test]
async fn a_review_is_asked_for_after_delivery_but_not_after_a_refund() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    for (prefix, id, chat) in [("a", "A1", "ana"), ("b", "B1", "bob")] {
        daemon.order(&format!("{prefix}1"), "order.paid", order(id, chat, "199.00")).await;
        daemon.order(&format!("{prefix}2"), "order.shipped", order(id, chat, "199.00")).await;
        daemon.order(&format!("{prefix}3"), "order.delivered", order(id, chat, "199.00")).await;
    }
    daemon.order("b4", "order.refund_requested", order("B1", "bob", "199.00")).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let all = replies(&platform.after_quiet().await);
    let asked = |chat: &str| {
        let asks = |text: &str| text.contains("review") || text.contains("评价") || text.contains("好评");
        all.iter().filter(|(to, text)| to == chat && asks(text)).count()
    };
    assert_eq!(asked("ana"), 1, "{all:?}");
    assert_eq!(asked("bob"), 0, "{all:?}");
}

/// The chats that heard something that `holds`, in order.
fn heard(platform: &Platform, holds: &str) -> Vec<String> {
    let all = replies(&platform.received()).into_iter();
    all.filter(|(_, text)| text.contains(holds)).map(|(chat, _)| chat).collect()
}

#[tokio::test]
async fn what_was_due_too_long_ago_when_the_clerk_comes_back_is_left_unsaid() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    shop.edit("orders.toml", "[notices]", "max_age = \"3s\"\n[notices]");
    // Not due before the clerk is down, however slow the machine.
    shop.edit("orders.toml", "delay = \"1s\"", "delay = \"4s\"");
    let daemon = shop.start().await;
    daemon.order("e1", "order.placed", order("OLD", "ana", "199.00")).await;
    daemon.kill();
    // The reminder is due after four seconds, and news for three more.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let daemon = shop.start().await;
    daemon.order("e2", "order.placed", order("NEW", "bob", "199.00")).await;
    crate::harness::eventually("the reminder of the new order", async || heard(&platform, "NEW").pop()).await;
    assert_eq!(heard(&platform, "OLD"), Vec::<String>::new());
}

#[tokio::test]
async fn one_request_for_a_review_stands_for_several_deliveries() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    let daemon = shop.start().await;
    for id in ["A1", "A2", "A3"] {
        for change in ["paid", "shipped", "delivered"] {
            daemon.order(&format!("{id}-{change}"), &format!("order.{change}"), order(id, "ana", "199.00")).await;
        }
    }
    for change in ["paid", "shipped", "delivered"] {
        daemon.order(&format!("B1-{change}"), &format!("order.{change}"), order("B1", "bob", "9.00")).await;
    }
    crate::harness::eventually("both requests", async || (heard(&platform, "好评").len() >= 2).then_some(())).await;
    platform.after_quiet().await;
    let mut asked = heard(&platform, "好评");
    asked.sort_unstable();
    assert_eq!(asked, ["ana", "bob"]);
}

#[tokio::test]
async fn of_several_currencies_the_order_that_is_worth_most_is_reminded_first() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    shop.edit("orders.toml", "max = 2", "max = 1");
    shop.edit("orders.toml", "delay = \"1s\"", "delay = \"4s\"");
    let daemon = shop.start().await;
    for (event, chat, total, currency) in
        [("e1", "yen", "10000", "JPY"), ("e2", "dollars", "90.00", "USD"), ("e3", "dinars", "30.000", "KWD")]
    {
        let mut data = order(chat, chat, total);
        data["currency"] = json!(currency);
        daemon.order(event, "order.placed", data).await;
    }
    daemon.kill();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let _daemon = shop.start().await;
    platform.wait_for(3).await;
    let chats: Vec<_> = replies(&platform.after_quiet().await).into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(chats, ["dinars", "dollars", "yen"]);
}

#[tokio::test]
async fn what_the_store_switched_off_is_not_told() {
    let platform = Platform::start().await;
    let shop = hasty_shop(&platform);
    shop.edit("orders.toml", "[notices]", "[notices]\ncancelled = false\nreviews = false\non_delivery = false");
    let daemon = shop.start().await;
    let mut on_delivery = order("A1", "ana", "9.00");
    on_delivery["payment_method"] = json!("cod");
    daemon.order("e1", "order.placed", on_delivery).await;
    daemon.order("e2", "order.cancelled", order("A1", "ana", "9.00")).await;
    let mut reviewed = order("A2", "ana", "9.00");
    reviewed["rating"] = json!(1);
    daemon.order("e3", "order.review_posted", reviewed).await;
    daemon.order("e4", "order.paid", order("A3", "ana", "9.00")).await;
    daemon.order("e5", "order.refund_requested", order("A3", "ana", "9.00")).await;
    crate::harness::eventually("what was not switched off", async || heard(&platform, "A3").pop()).await;
    let all = replies(&platform.after_quiet().await);
    assert_eq!(all.len(), 1, "{all:?}");
}
