//! What a store owner may rely on when a shop reports twice in the same instant: nothing of one order is lost, and one
//! that was paid is never reminded, whichever report is decided first and whatever kills the daemon meanwhile.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::harness::{
    Daemon, Shop,
    generic::{replies, shop_talking_to},
    platform::Platform,
};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

/// Orders in each race; the races of the design were a thousand.
const ORDERS: usize = 1000;
/// Orders reported at once.
const AT_ONCE: usize = 16;

fn shop(platform: &Platform) -> Shop {
    let shop = shop_talking_to(platform);
    shop.edit("channels.toml", "allow_private_targets = true", "allow_private_targets = true\nper_second = 100000");
    shop
}

/// Reports that an order was placed, with all that is known of it, and, so much later, that it was paid, with nothing
/// but its number and its customer's.
async fn place_and_pay(daemon: &Daemon, number: usize, later: Duration) {
    let placed = json!({
        "id": format!("R{number}"), "chat_id": format!("chat{number}"), "customer": { "id": format!("cust{number}") },
        "total": "10", "currency": "CNY", "items": [{ "title": "Tea" }], "payment_url": "https://shop.example/pay",
    });
    let paid = json!({ "id": format!("R{number}"), "customer": { "id": format!("cust{number}") } });
    let (placed_id, paid_id) = (format!("placed{number}"), format!("paid{number}"));
    let first = daemon.webhook(&placed_id, "order.placed", placed);
    let second = async {
        tokio::time::sleep(later).await;
        daemon.webhook(&paid_id, "order.paid", paid).await
    };
    let (first, second) = tokio::join!(first, second);
    for answer in [first, second] {
        let answer = answer.unwrap();
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    }
}

/// Orders that are not as both reports together leave them.
fn wrong_orders(shop: &Shop, count: usize) -> Vec<Value> {
    let store = rusqlite::Connection::open_with_flags(
        shop.data().join("nightclerk.sqlite"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    )
    .unwrap();
    let mut statement = store.prepare("SELECT state FROM orders WHERE number LIKE 'R%'").unwrap();
    let orders: Vec<Value> = statement
        .query_map((), |row| Ok(serde_json::from_str(&row.get::<_, String>(0)?).unwrap()))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(orders.len(), count);
    let mut statement = store.prepare("SELECT payload FROM timers WHERE key LIKE 'payment:%'").unwrap();
    let reminders: Vec<String> = statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(reminders.is_empty(), "reminders wait for orders that were paid: {reminders:?}");
    let right = |order: &Value| {
        order["status"] == "paid"
            && order["items"].as_array().is_some_and(|items| items.len() == 1)
            && order["address"]["chat"] == format!("chat{}", &order["id"].as_str().unwrap()[1..])
    };
    orders.into_iter().filter(|order| !right(order)).collect()
}

async fn race(later: Duration) {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let daemon = Arc::new(shop.start().await);
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut orders = JoinSet::new();
    for number in 0..ORDERS {
        let (daemon, gate) = (daemon.clone(), gate.clone());
        orders.spawn(async move {
            let _turn = gate.acquire_owned().await.unwrap();
            place_and_pay(&daemon, number, later).await;
        });
    }
    while let Some(taken) = orders.join_next().await {
        assert!(taken.is_ok(), "a report was not taken: {}", shop.log());
    }
    let wrong = wrong_orders(&shop, ORDERS);
    assert!(wrong.is_empty(), "{} of {ORDERS} orders are wrong, such as {}", wrong.len(), wrong[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_placed_and_paid_in_the_same_instant_is_paid_and_whole() {
    race(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_paid_two_milliseconds_after_it_was_placed_is_paid_and_whole() {
    race(Duration::from_millis(2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_paid_ten_milliseconds_after_it_was_placed_is_paid_and_whole() {
    race(Duration::from_millis(10)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_paid_in_the_same_instant_is_not_asked_to_pay() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    shop.write(
        "orders.toml",
        "[payment-reminder]\ndelay = \"1s\"\ninterval = \"1s\"\nmax = 2\nallowed = \"00:00-24:00\"\n",
    );
    let daemon = shop.start().await;
    for number in 0..100 {
        place_and_pay(&daemon, number, Duration::ZERO).await;
    }
    // One that is not paid shows that reminders do go out, and that the time of all the others has passed.
    let unpaid = json!({ "id": "U1", "chat_id": "unpaid", "total": "10", "currency": "CNY" });
    daemon.order("u1", "order.placed", unpaid).await;
    crate::harness::eventually("the one reminder that is due", async || {
        replies(&platform.received()).iter().any(|(chat, _)| chat == "unpaid").then_some(())
    })
    .await;
    let asked: BTreeSet<String> = replies(&platform.after_quiet().await).into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(asked, BTreeSet::from(["unpaid".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_kills_whole() {
    let platform = Platform::start().await;
    let shop = shop(&platform);
    let mut placed = 0;
    for round in 0..8 {
        let daemon = Arc::new(shop.start().await);
        let mut orders = JoinSet::new();
        for number in placed..placed + 40 {
            let daemon = daemon.clone();
            orders.spawn(async move {
                // As a shop does: each report is sent until it is taken.
                let placed = json!({
                    "id": format!("R{number}"), "chat_id": format!("chat{number}"), "total": "10", "currency": "CNY",
                    "items": [{ "title": "Tea" }],
                });
                let paid = json!({ "id": format!("R{number}"), "customer": { "id": format!("cust{number}") } });
                let (placed_id, paid_id) = (format!("placed{number}"), format!("paid{number}"));
                let _ = tokio::join!(
                    daemon.webhook(&placed_id, "order.placed", placed),
                    daemon.webhook(&paid_id, "order.paid", paid),
                );
            });
        }
        tokio::time::sleep(Duration::from_millis(5 + 7 * round)).await;
        crate::harness::kill_9(daemon.pid());
        orders.join_all().await;
        Arc::into_inner(daemon).expect("the reports are done").kill();
        placed += 40;
    }
    // Each is reported once more, as a shop does that has heard nothing; what was taken before is known.
    let daemon = shop.start().await;
    for number in 0..placed {
        place_and_pay(&daemon, number, Duration::ZERO).await;
    }
    let wrong = wrong_orders(&shop, placed);
    assert!(wrong.is_empty(), "{} of {placed} orders are wrong, such as {}", wrong.len(), wrong[0]);
}
